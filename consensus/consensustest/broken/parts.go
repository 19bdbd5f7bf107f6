package broken

import (
	"paxon/conformance"
	"paxon/consensus/consensustest"
	"paxon/register/registertest"
	"paxon/register/registertest/stage"
	"paxon/sim"
	"paxon/sim/flawed"
)

// Part is broken consensus. The suite must find one of its properties violated.
type Part struct {
	conformance.Flaw
	Factory consensustest.Factory
	// Registers are those below.
	Registers   registertest.Factory
	Assumptions conformance.Assumptions
	// In names the composition that such consensus is a part of.
	In string
}

func part(name, broken, source string, f consensustest.Factory, properties ...string) Part {
	return Part{
		Flaw:    conformance.Flaw{Name: name, Broken: broken, Source: source, Properties: properties},
		Factory: f, Registers: consensustest.Ours(), Assumptions: conformance.CrashRecovery(), In: "paxos",
	}
}

// Parts is the gallery.
func Parts() []Part {
	return append(plain(), seasonal()...)
}

// plain are broken versions of Fig. 6.
func plain() []Part {
	return []Part{
		part("rounds-restart", "rounds restart after recovery",
			"trap 1: Fig. 13 as printed; asked of others in Tencent/phxpaxos#145",
			RoundsRestart(), sim.ConsensusAgreement),
		part("read-ignored", "the value read is ignored", "", ReadIgnored(), sim.ConsensusAgreement),
		part("decides-early", "it decides before it has written", "",
			DecidesEarly(), sim.ConsensusAgreement),
		part("own-value", "it returns what it proposed", "", OwnValue(), sim.ConsensusAgreement),
		part("invents-value", "it invents a value", "", InventsValue(), sim.ConsensusValidity),
		part("always-aborts", "it always aborts", "", AlwaysAborts(), sim.ConsensusTermination),
		part("mute", "it never returns", "", Mute(), stage.NonTriviality, stage.Progress),
		part("completes-twice", "done is called twice", "", CompletesTwice(), stage.DoneOnce),
		part("synchronous", "done is called at once", "", Synchronous(), stage.DoneLater),
		part("deaf-to-cancel", "Cancel is ignored", "", DeafToCancel(), stage.DoneWanted),
		part("nameless-abort", "an abort names no round", "", NamelessAbort(), stage.AbortLegality),
		part("accepts-own", "it has accepted what it proposed", "",
			AcceptsOwn(), sim.ConsensusAgreement),
		composed("accepted-in-any-round", sim.ConsensusAgreement),
	}
}

// seasonal is broken consensus of Fall.
func seasonal() []Part {
	fall := []Part{
		part("everybody-permitted", "everybody is permitted, so that two write fast", "",
			EverybodyPermitted(), sim.ConsensusAgreement),
		part("permission-kept", "permission is kept over a recovery", "",
			PermissionKept(), sim.ConsensusAgreement),
		part("permitted-unasked", "permission is not asked of the copies", "",
			PermittedUnasked(), sim.ConsensusAgreement),
		part("permission-repeated", "a repeated WRITE is permitted because it finds itself written",
			"trap 13", Fast(), sim.ConsensusAgreement),
	}
	fall[len(fall)-1].Registers = PermittedAnew()
	for i := range fall {
		fall[i].In = "fall"
	}
	return append(fall,
		composed("fall-minority", sim.ConsensusAgreement, sim.ConsensusTermination),
		composed("fall-round-n+1", sim.ConsensusAgreement),
	)
}

// composed is the consensus and the registers of a broken composition.
func composed(name string, properties ...string) Part {
	c, err := flawed.ByName(name)
	if err != nil {
		panic("broken: " + err.Error())
	}
	a := conformance.CrashRecovery()
	a.Processes = c.Processes
	p := Part{
		c.Flaw, consensustest.Of(c.Variant), registertest.Of(c.Variant), a, c.Variant.Name,
	}
	p.Properties = properties
	return p
}

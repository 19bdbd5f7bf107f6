package broken

import (
	"paxon/consensus/consensustest"
	"paxon/register/registertest/stage"
	"paxon/sim"
)

// Part is broken consensus and the properties of which the suite must find one violated. All are
// for conformance.CrashRecovery.
type Part struct {
	Name       string
	Factory    consensustest.Factory
	Properties []string
}

// Parts is the gallery.
func Parts() []Part {
	part := func(name string, f consensustest.Factory, properties ...string) Part {
		return Part{name, f, properties}
	}
	return []Part{
		part("trap 1: rounds restart after recovery", RoundsRestart(), sim.ConsensusAgreement),
		part("the value read is ignored", ReadIgnored(), sim.ConsensusAgreement),
		part("it decides before it has written", DecidesEarly(), sim.ConsensusAgreement),
		part("it returns what it proposed", OwnValue(), sim.ConsensusAgreement),
		part("it invents a value", InventsValue(), sim.ConsensusValidity),
		part("it always aborts", AlwaysAborts(), sim.ConsensusTermination),
		part("it never returns", Mute(), stage.NonTriviality, stage.Progress),
		part("done is called twice", CompletesTwice(), stage.DoneOnce),
		part("done is called at once", Synchronous(), stage.DoneLater),
		part("Cancel is ignored", DeafToCancel(), stage.DoneWanted),
		part("an abort names no round", NamelessAbort(), stage.AbortLegality),
		part("it has accepted what it proposed", AcceptsOwn(), sim.ConsensusAgreement),
		part("everybody is permitted (Fall)", EverybodyPermitted(), sim.ConsensusAgreement),
		part("permission is kept over a recovery (Fall)", PermissionKept(), sim.ConsensusAgreement),
		part("permission is not asked of the copies (Fall)", PermittedUnasked(), sim.ConsensusAgreement),
	}
}

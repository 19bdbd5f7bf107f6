package broken

import (
	"paxon/conformance"
	"paxon/register/registertest"
	"paxon/register/registertest/stage"
	"paxon/sim"
	"paxon/sim/flawed"
)

// Part is a broken register. The suite must find one of its properties violated.
type Part struct {
	conformance.Flaw
	Factory     registertest.Factory
	Assumptions conformance.Assumptions
	// In names the composition that such registers are a part of.
	In string
}

// Parts is the gallery.
func Parts() []Part {
	return append(append(plain(), operations()...), seasonal()...)
}

// The properties that fall when a copy forgets or mixes up values.
func safety() []string {
	return []string{sim.ReadWriteCommit, sim.WriteCommit, sim.ReadCommit, sim.ReadWriteAbort}
}

func part(name, broken, source string, f registertest.Factory, properties ...string) Part {
	return Part{
		Flaw:    conformance.Flaw{Name: name, Broken: broken, Source: source, Properties: properties},
		Factory: f, Assumptions: conformance.CrashRecovery(), In: "paxos",
	}
}

// plain are registers of Fig. 12 whose copies or quorums are broken.
func plain() []Part {
	locks := []string{sim.ReadWriteCommit, sim.WriteCommit}
	half := part("half-quorum", "n/2 of n are a majority, also of an even n",
		"integer division: async-raft/async-raft#143", HalfQuorum(), locks...)
	half.Assumptions.Processes = 4
	return []Part{
		part("forgotten-promise", "the promise is forgotten on recovery", "",
			ForgottenPromise(), sim.ReadWriteCommit),
		part("lost-state", "the state is lost on recovery", "palantir/atlasdb#1508",
			LostState(), locks...),
		part("lost-value", "the value is lost on recovery", "", LostValue(), locks...),
		part("ack-before-force", "the acknowledgement leaves before the force",
			"robustmq/robustmq#2039, deventlab/d-engine#445", AckBeforeForce(), locks...),
		part("minority", "a minority is enough", "", Minority(), locks...),
		half,
		part("one-reads", "reads are enough with one answer", "", OneReads(), locks...),
		part("read-ignored", "the value read is ignored", "", ReadIgnored(), sim.WriteCommit),
		part("lowest-wins", "the lowest write round wins", "", LowestWins(), sim.WriteCommit),
		part("last-wins", "the last answer wins", "", LastWins(), sim.WriteCommit),
		part("late-answers", "answers are matched by instance only", "luohaha/MyPaxos#18",
			LateAnswers(), safety()...),
		part("any-answer", "answers to a read count for a write", "", AnyAnswer(), locks...),
		part("counts-twice", "each answer counts, also of one process", "", CountsTwice(), locks...),
		part("round-by-number", "rounds are told apart by their numbers alone", "trap 1",
			RoundByNumber(), safety()...),
		part("deaf-to-restarts", "it does not repeat what a crash took", "Fig. 11 as printed",
			DeafToRestarts(), stage.Progress),
		part("chance", "chance decides how many answers are enough", "", Chance(), stage.Deterministic),
	}
}

// operations are registers whose operations end as they should not.
func operations() []Part {
	return []Part{
		part("completes-twice", "done is called twice", "", CompletesTwice(), stage.DoneOnce),
		part("synchronous", "done is called at once", "", Synchronous(), stage.DoneLater),
		part("deaf-to-cancel", "done is called after Cancel", "", DeafToCancel(), stage.DoneWanted),
		part("always-aborts", "it always aborts", "", AlwaysAborts(),
			sim.ReadWriteAbort, stage.NonTriviality),
		part("aborts-without-reason", "it aborts every third time", "", AbortsWithoutReason(),
			sim.ReadWriteAbort),
		part("nameless-abort", "an abort names no round", "", NamelessAbort(), stage.AbortLegality),
		part("mute", "it never returns", "", Mute(), stage.NonTriviality, stage.Progress),
		part("invents-value", "it invents a value", "", InventsValue(), sim.ReadCommit),
		part("early-bird", "it greets from the constructor", "", EarlyBird(), stage.Constructor),
		part("panics", "a nack takes the process down", "", Panics(), stage.NoPanic),
	}
}

// seasonal are registers of Winter and Summer: those of Fig. 5 where Winter's are needed, and those
// of the compositions that are broken in their registers.
func seasonal() []Part {
	forgetful := part("forgetful-copy", "a copy that forgot answers, in Winter's world",
		"trap 10; Michael et al., Recovering Shared Objects Without Stable Storage, DISC 2017",
		ForgetfulCopy(), sim.ReadWriteCommit, sim.WriteCommit)
	forgetful.Assumptions, forgetful.In = winter(), "winter"
	stuck := []string{stage.Progress, stage.NonTriviality}
	all := []Part{forgetful}
	for _, c := range []struct {
		name       string
		properties []string
	}{
		{"winter-answers", safety()},
		{"winter-nacks", append(stuck, sim.ReadWriteAbort, stage.AbortLegality)},
		{"winter-all-but-faulty", stuck},
		{"winter-one-more-than-faulty", safety()},
		{"winter-recount", safety()},
		{"summer-read-before-write", safety()},
		{"summer-one-disk", safety()},
		{"summer-blocks-forgotten", safety()},
		{"summer-others-ignored", safety()},
	} {
		all = append(all, composed(c.name, c.properties))
	}
	return all
}

// composed is the registers of a broken composition.
func composed(name string, properties []string) Part {
	c, err := flawed.ByName(name)
	if err != nil {
		panic("broken: " + err.Error())
	}
	a := conformance.CrashRecovery()
	a.Processes = c.Processes
	if c.Variant.Disks {
		a.Storage, a.Disks = conformance.Shared, 3
	} else {
		a.Storage, a.Crashes = conformance.None, c.Variant.Crashes(c.Processes)
	}
	p := Part{c.Flaw, registertest.Of(c.Variant), a, c.Variant.Name}
	p.Properties = properties
	return p
}

// winter is a world without stable storage.
func winter() conformance.Assumptions {
	a := conformance.CrashRecovery()
	a.Storage, a.Crashes = conformance.None, 1
	return a
}

package broken

import (
	"paxon/conformance"
	"paxon/register/registertest"
	"paxon/register/registertest/stage"
	"paxon/sim"
)

// Part is a broken register and the properties of which the suite must find one violated.
type Part struct {
	Name        string
	Factory     registertest.Factory
	Assumptions conformance.Assumptions
	Properties  []string
}

// Parts is the gallery.
func Parts() []Part {
	safety := []string{
		sim.ReadWriteCommit, sim.WriteCommit, sim.ReadCommit, sim.ReadWriteAbort,
	}
	locks := []string{sim.ReadWriteCommit, sim.WriteCommit}
	recovery, even := conformance.CrashRecovery(), conformance.CrashRecovery()
	even.Processes = 4
	part := func(name string, f registertest.Factory, properties ...string) Part {
		return Part{name, f, recovery, properties}
	}
	return []Part{
		part("the promise is forgotten on recovery", ForgottenPromise(), sim.ReadWriteCommit),
		part("the state is lost on recovery", LostState(), locks...),
		part("the value is lost on recovery", LostValue(), locks...),
		part("the acknowledgement leaves before the force", AckBeforeForce(), locks...),
		part("a minority is enough", Minority(), locks...),
		{"n/2 of n are a majority", HalfQuorum(), even, locks},
		part("reads are enough with one answer", OneReads(), locks...),
		part("the value read is ignored", ReadIgnored(), sim.WriteCommit),
		part("the lowest write round wins", LowestWins(), sim.WriteCommit),
		part("the last answer wins", LastWins(), sim.WriteCommit),
		part("answers are matched by instance only", LateAnswers(), safety...),
		part("answers to a read count for a write", AnyAnswer(), locks...),
		part("each answer counts, also of one process", CountsTwice(), locks...),
		part("rounds are told apart by their numbers alone", RoundByNumber(), safety...),
		part("done is called twice", CompletesTwice(), stage.DoneOnce),
		part("done is called at once", Synchronous(), stage.DoneLater),
		part("done is called after Cancel", DeafToCancel(), stage.DoneWanted),
		part("it always aborts", AlwaysAborts(), sim.ReadWriteAbort, stage.NonTriviality),
		part("it aborts every third time", AbortsWithoutReason(), sim.ReadWriteAbort),
		part("an abort names no round", NamelessAbort(), stage.AbortLegality),
		part("it never returns", Mute(), stage.NonTriviality, stage.Progress),
		part("it invents a value", InventsValue(), sim.ReadCommit),
		part("it greets from the constructor", EarlyBird(), stage.Constructor),
		part("it does not repeat what a crash took", DeafToRestarts(), stage.Progress),
		part("chance decides how many answers are enough", Chance(), stage.Deterministic),
		{"a copy that forgot answers (Winter)", ForgetfulCopy(), winter(), locks},
		part("a nack takes the process down", Panics(), stage.NoPanic),
	}
}

// winter is a world without stable storage.
func winter() conformance.Assumptions {
	a := conformance.CrashRecovery()
	a.Storage, a.Crashes = conformance.None, 1
	return a
}

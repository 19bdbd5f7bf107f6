package broken

import (
	"fmt"
	"slices"
	"strings"

	"paxon/caspaxos/caspaxostest"
	"paxon/conformance"
)

// Part is a broken CASPaxos. The suite must find one of its properties violated.
type Part struct {
	conformance.Flaw
	// Over gives what is broken over what is sound, and Factory is that over caspaxostest.Built.
	Over        func(on caspaxostest.Base) caspaxostest.Factory
	Factory     caspaxostest.Factory
	Assumptions conformance.Assumptions
}

func part(
	name, broken, source string, over func(on caspaxostest.Base) caspaxostest.Factory,
	properties ...string,
) Part {
	return Part{
		Flaw: conformance.Flaw{Name: name, Broken: broken, Source: source, Properties: properties},
		Over: over, Factory: over(caspaxostest.Built), Assumptions: conformance.CrashRecovery(),
	}
}

// lost are the properties that fall when an acknowledged change is lost.
func lost() []string {
	return []string{
		caspaxostest.Theorem1, caspaxostest.ExactlyOnce, caspaxostest.Linearizability,
		caspaxostest.Removal,
	}
}

// Parts is the gallery.
func Parts() []Part {
	return slices.Concat(rounds(), collections(), memberships(), proposers(), hygiene())
}

// ByName finds a part of the gallery.
func ByName(name string) (Part, error) {
	var names []string
	for _, p := range Parts() {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Part{}, fmt.Errorf("unknown broken CASPaxos %q: expected one of %s", name,
		strings.Join(names, ", "))
}

// rounds are broken in the two phases.
func rounds() []Part {
	return []Part{
		part("cached-over-conflict", "a promise that another has taken away counts still", "§2.2.1",
			CachedOverConflict, lost()...),
		part("disjoint-quorums", "quorums that need not meet", "appendix B", DisjointQuorums, lost()...),
		part("one-promise", "one promise is enough", "", OnePromise, lost()...),
		part("minority-accepts", "a change is acknowledged when one copy has it", "",
			MinorityAccepts, lost()...),
		part("retries-blindly", "a change that was refused is applied again where it is already",
			"the paper is silent on retries", RetriesBlindly, caspaxostest.ExactlyOnce),
		part("late-answers", "an answer to an earlier incarnation counts", "found here: trap 1 again",
			LateAnswers, caspaxostest.Linearizability),
		part("rounds-restart", "each incarnation has the rounds of the one before", "trap 1: Fig. 13 as "+
			"printed", RoundsRestart, append(lost(), caspaxostest.Ballots)...),
		part("silent-recovery", "nobody hears of a process that recovered and has nothing to say",
			"found here", SilentRecovery, caspaxostest.Progress,
			caspaxostest.Membership),
	}
}

// collections lose deletions, or what came after one.
func collections() []Part {
	return []Part{
		part("no-age-check", "copies take messages of proposers that missed a collection",
			"§3.1: lost delete", NoAgeCheck, lost()...),
		part("no-fast-forward", "rounds are not advanced beyond the tombstone's",
			"§3.1: lost update", NoFastForward, lost()...),
		part("collection-by-value", "a copy removes whatever tombstone it has", "§3.1",
			CollectionByValue, lost()...),
		part("removed-while-promised", "a copy removes a tombstone with the promise that it gave since",
			"§3.1", RemovedWhilePromised, lost()...),
		part("removed-at-a-quorum", "a tombstone is removed when an accept quorum has it", "§3.1",
			RemovedAtAQuorum, lost()...),
		part("never-removes", "no copy removes anything", "", NeverRemoves, caspaxostest.Collection),
	}
}

// memberships lose what was acknowledged in an earlier configuration.
func memberships() []Part {
	return []Part{
		part("one-key-rescan", "of all registers, that of the configurations alone is made valid",
			"§2.3.1", OneKeyRescan, lost()...),
		part("prepare-first", "the prepare quorums change before the accept quorums, and nothing is "+
			"made valid", "§2.3.1", PrepareFirst, lost()...),
		part("no-epoch-check", "copies take messages of earlier configurations", "", NoEpochCheck,
			append(lost(), caspaxostest.Membership)...),
		part("empty-learner", "a learner takes on nothing of what it pulls", "§2.3.3", EmptyLearner,
			lost()...),
		part("keeps-copies", "a process that is added again keeps the copies it had", "§2.3.3",
			KeepsCopies, lost()...),
		part("never-caught-up", "a learner does not say that it has caught up", "", NeverCaughtUp,
			caspaxostest.Membership),
		part("stale-edit", "an edit is made to the configuration that the process knows", "found here: two "+
			"commands at once, of which one was undone", StaleEdit, caspaxostest.Membership),
		part("lists-less", "a page lacks a key", "", ListsLess, caspaxostest.Listing),
	}
}

// proposers are broken where the proposers change alone.
func proposers() []Part {
	return []Part{
		part("added-not-awaited", "a collection does not wait for a proposer that was added",
			"§2.3.4, §3.1", AddedNotAwaited, lost()...),
		part("keeps-while-away", "a proposer that was none for a while goes on with its changes",
			"found here", KeepsWhileAway, caspaxostest.ExactlyOnce),
		part("never-asks", "a process does not ask whether it is to propose", "found here", NeverAsks,
			caspaxostest.Membership),
		part("keeps-tombstones", "nobody collects for copies that nobody proposes at", "found here",
			KeepsTombstones, caspaxostest.Collection),
	}
}

// hygiene are broken towards those who call.
func hygiene() []Part {
	return []Part{
		part("completes-twice", "done is called twice", "", CompletesTwice, caspaxostest.DoneOnce),
		part("synchronous", "done is called at once", "", Synchronous, caspaxostest.DoneLater),
		part("refuses", "a change is refused without a reason", "", Refuses,
			caspaxostest.NonTriviality),
		part("mute", "a change is not answered", "", Mute, caspaxostest.Progress),
		part("panics", "a refusal takes the process down", "", Panics, caspaxostest.NoPanic),
		part("chance", "it waits by another source of chance", "", Chance,
			caspaxostest.Deterministic),
	}
}

package setting

import (
	"fmt"

	"paxon/caspaxos/caspaxostest"
	"paxon/explore"
	"paxon/sim/flawed"
)

// Fallen is a search in which a property falls.
type Fallen struct {
	Setting
	Violates string
	Choices  int // Of the shortest schedules that show it.
	// Large is a search of more than some seconds. Its schedule is in explore/testdata.
	Large bool
}

// AllFallen are searches of CASPaxos that is broken on purpose.
func AllFallen() []Fallen {
	fallen := func(name, violates string, choices int, s Setting) Fallen {
		s.Variant = flawed.Prefix + name
		return Fallen{Setting: s, Violates: violates, Choices: choices}
	}
	large := func(f Fallen) Fallen {
		f.Large = true
		return f
	}
	begins := keyed("", 3, 1, "append,append")
	begins.Without = []string{"dead"} // Late answers are to operations under way here.
	deletes := func(changes string) Setting { return keyed("", 2, 0, changes).oneAccepts() }
	return []Fallen{
		fallen("disjoint-quorums", caspaxostest.Theorem1, 12, keyed("", 3, 0, "append;cas")),
		fallen("one-promise", caspaxostest.Theorem1, 12, keyed("", 3, 0, "append;cas")),
		fallen("minority-accepts", caspaxostest.Theorem1, 12, keyed("", 3, 0, "append;cas")),
		fallen("cached-over-conflict", caspaxostest.Theorem1, 25,
			keyed("", 2, 0, "append,append;append").waits(2)),
		fallen("retries-blindly", caspaxostest.ExactlyOnce, 19, keyed("", 2, 0, "append;append").waits(1)),
		fallen("late-answers", caspaxostest.Linearizability, 15, keyed("", 3, 1, "look,look;set")),
		fallen("rounds-restart", caspaxostest.Ballots, 10, begins),
		fallen("completes-twice", caspaxostest.DoneOnce, 9, keyed("", 2, 0, "append")),
		fallen("removed-at-a-quorum", caspaxostest.Removal, 32, deletes("set,delete,collect;read")),
		fallen("no-age-check", caspaxostest.Removal, 42, deletes("set;delete,collect,read")),
		fallen("no-fast-forward", caspaxostest.Theorem1, 40, deletes("set;delete,collect,set")),
		large(fallen("collection-by-value", caspaxostest.Linearizability, 45,
			deletes("set,delete,collect,read;set,delete"))),
		large(fallen("prepare-first", caspaxostest.Linearizability, 53,
			keyed("", 2, 0, "set,members=2;read").members(1))),
		large(fallen("one-key-rescan", caspaxostest.Linearizability, 70, deletes("members=1,read;set"))),
	}
}

// Check says how a result differs from the fall that is known.
func (f Fallen) Check(found explore.Result) error {
	switch {
	case found.Violation == nil:
		return fmt.Errorf("%+v: nothing is violated, expected %s", f.Setting, f.Violates)
	case found.Violation.Property != f.Violates || len(found.Schedule) != f.Choices:
		return fmt.Errorf("%+v: %w after %d choices, expected %s after %d", f.Setting, found.Violation,
			len(found.Schedule), f.Violates, f.Choices)
	}
	return nil
}

func (s Setting) waits(n int) Setting {
	s.Waits = n
	return s
}

func (s Setting) members(n int) Setting {
	s.Members = n
	return s
}

// oneAccepts has two copies be a prepare quorum, and one an accept quorum.
func (s Setting) oneAccepts() Setting {
	s.Quorums = []int{2, 1}
	return s
}

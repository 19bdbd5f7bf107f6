package setting

import (
	"fmt"

	"paxon/explore"
)

// Row is a search that is complete, and its numbers.
type Row struct {
	Setting
	States, Transitions uint64
	Depth               int
	// Large is a search of minutes; the others are tests.
	Large bool
}

// Head begins the table of results as Markdown.
const Head = `| part | variant | n | rounds | instances | crashes, recoveries ` +
	`| states | transitions | depth | time | memory |
| --- | --- | --: | --- | --: | --- | --: | --: | --: | --: | --: |`

// Line is a result as Markdown, but for time and memory.
func (r Row) Line(found explore.Result) string {
	rounds := Numbers(r.Rounds)
	if r.Part == Broadcast {
		rounds = fmt.Sprintf("up to %s; %s messages, %s elections", rounds, Numbers(r.Broadcasts),
			Numbers(r.Elections))
	}
	return fmt.Sprintf("| %s | %s | %d | %s | %d | %d, %d | %d | %d | %d |", r.Part, r.Variant,
		r.Processes, rounds, r.Instances, r.Crashes, r.Recoveries, found.States, found.Transitions,
		found.Depth)
}

// Check says how a result differs from a complete search with the numbers that are known.
func (r Row) Check(found explore.Result) error {
	switch {
	case found.Violation != nil:
		return fmt.Errorf("%+v: %w", r.Setting, found.Violation)
	case found.Cut != "":
		return fmt.Errorf("%+v: cut at %s, expected a complete search", r.Setting, found.Cut)
	case len(found.Never) > 0:
		return fmt.Errorf("%+v: in no run: %q", r.Setting, found.Never)
	case found.States != r.States || found.Transitions != r.Transitions || found.Depth != r.Depth:
		return fmt.Errorf("%+v: %d states, %d transitions, depth %d; expected %d, %d, %d", r.Setting,
			found.States, found.Transitions, found.Depth, r.States, r.Transitions, r.Depth)
	}
	return nil
}

// Table is the searches that are known to be complete. With Spring the registers and consensus are
// those without it.
func Table() []Row {
	table := []Row{
		{one(Consensus, "crash-stop", 1, 0, 1, 1), 9421, 79078, 15, false},
		{one(Consensus, "crash-stop", 1, 0, 2, 1), 96614, 1047018, 19, true},
		{one(Consensus, "paxos", 1, 1, 1), 1854, 4715, 19, false},
		{one(Consensus, "paxos", 1, 1, 1, 1), 358557, 1250311, 29, true},
		{one(Consensus, "winter", 1, 1, 1, 1), 108016, 1123539, 19, true},
		{one(Consensus, "summer", 1, 1, 1), 1122, 4620, 17, false},
		{one(Consensus, "summer", 0, 0, 1, 1), 118142, 594602, 26, true},
		{one(Consensus, "fall", 1, 1, 1, 1), 412557, 1458125, 30, true},
		{one(Register, "crash-stop", 1, 0, 1, 1), 44024, 372576, 17, false},
	}
	fast := one(Consensus, "fall", 1, 1, 1)
	fast.Instances = 2
	four := one(Consensus, "winter", 1, 1, 1)
	four.Processes = 4
	return append(table, Row{fast, 569884, 1560314, 34, true}, Row{four, 3170, 35725, 17, false})
}

// one is a search of one instance with three processes.
func one(part Part, variant string, crashes, recoveries int, rounds ...int) Setting {
	return Setting{
		Variant: variant, Part: part, Processes: 3, Rounds: rounds, Instances: 1,
		Crashes: crashes, Recoveries: recoveries,
	}
}

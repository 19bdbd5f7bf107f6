package setting

import (
	"fmt"
	"strconv"

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
	rounds, instances := Numbers(r.Rounds), strconv.Itoa(r.Instances)
	if r.Part == Broadcast {
		messages := Numbers(r.Broadcasts) + " messages"
		if r.Together > 1 {
			messages += " together"
		}
		if r.Handed > 0 {
			messages += fmt.Sprintf(", also by name at p%d", r.Handed)
		}
		rounds = fmt.Sprintf("up to %s; %s, %s elections", rounds, messages, Numbers(r.Elections))
	}
	if r.Part == CASPaxos {
		rounds, instances = r.bounds(), ""
	}
	return fmt.Sprintf("| %s | %s | %d | %s | %s | %d, %d | %d | %d | %d |", r.Part, r.Variant,
		r.Processes, rounds, instances, r.Crashes, r.Recoveries, found.States, found.Transitions,
		found.Depth)
}

// bounds are those of CASPaxos.
func (s Setting) bounds() string {
	text := "`" + s.Changes + "`"
	if s.Members > 0 {
		text += fmt.Sprintf("; members %d", s.Members)
	}
	if len(s.Quorums) > 0 {
		text += "; quorums " + Numbers(s.Quorums)
	}
	if s.Waits > 0 {
		text += fmt.Sprintf("; waits %d", s.Waits)
	}
	return text
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
		{one(Consensus, "crash-stop", 1, 0, 2, 1), 129786, 1435300, 20, true},
		{one(Consensus, "paxos", 1, 1, 1), 1854, 4715, 19, false},
		{one(Consensus, "paxos", 1, 1, 1, 1), 505528, 1859897, 31, true},
		{one(Consensus, "winter", 1, 1, 1, 1), 149736, 1621151, 20, true},
		{one(Consensus, "summer", 1, 1, 1), 1122, 4620, 17, false},
		{one(Consensus, "summer", 0, 0, 1, 1), 118142, 594602, 26, true},
		{one(Consensus, "fall", 1, 1, 1, 1), 599789, 2227472, 31, true},
		{one(Register, "crash-stop", 1, 0, 1, 1), 44024, 372576, 17, false},
		{one(Register, "paxos", 1, 1, 1), 4349, 11016, 20, false},
		{one(Register, "winter", 1, 1, 1, 1), 882305, 9677583, 22, true},
		{one(Register, "summer", 1, 1, 1), 3416, 15092, 19, false},
		{one(Register, "fall", 1, 1, 1), 4349, 11016, 20, false},
		{one(Consensus, "paxos", 1, 1, 2, 1), 9862619, 41391927, 40, true},
		{one(Consensus, "summer", 1, 1, 1, 1), 1893081, 12694143, 30, true},
		{one(Register, "paxos", 1, 1, 1, 1), 2787970, 10295491, 33, true},
		{lone("crash-stop"), 128, 720, 11, false},
		{lone("paxos"), 9586, 35890, 24, false},
		{lone("winter"), 1838, 16938, 16, false},
		{lone("summer"), 1952, 8721, 21, false},
		{lone("fall"), 9586, 35890, 24, false},
		// Messages that are broadcast together are one thing: there are as many states as of one.
		{together("crash-stop"), 128, 720, 11, false},
		{together("paxos"), 9586, 35890, 24, false},
		{together("winter"), 1838, 16938, 16, false},
		{together("summer"), 1952, 8721, 21, false},
		{together("fall"), 9586, 35890, 24, false},
		{handed("crash-stop", 1, 1), 1646, 17239, 19, false},
		{handed("paxos", 1, 1), 9524, 25117, 32, false},
		{handed("crash-stop", 2, 0, 1), 15305, 173089, 20, false},
	}
	fast := one(Consensus, "fall", 1, 1, 1)
	fast.Instances = 2
	four := one(Consensus, "winter", 1, 1, 1)
	four.Processes = 4
	table = append(table, Row{fast, 569884, 1560314, 34, true}, Row{four, 3170, 35725, 17, false})
	return append(table, changes()...)
}

// changes are the searches of CASPaxos: a key that several change, also after each other's, a collection, and
// a change of membership.
func changes() []Row {
	return []Row{
		{keyed("paxos", 3, 0, "append;cas"), 30453, 101944, 30, false},
		{keyed("paxos", 2, 1, "append;cas"), 3432, 9347, 23, false},
		{keyed("paxos", 3, 1, "append;cas"), 945861, 3746148, 35, true},
		{keyed("paxos", 3, 0, "append;cas").waits(1), 316872, 1242671, 38, true},
		{keyed("paxos", 3, 0, "append,append;set"), 146579, 530148, 35, true},
		{keyed("paxos", 3, 0, "append,look;set"), 284278, 1178816, 35, true},
		{keyed("paxos", 2, 1, "append,append;cas").waits(1), 74216, 264162, 39, true},
		{keyed("crash-stop", 3, 1, "append;cas"), 15145, 142641, 17, false},
		{keyed("winter", 3, 1, "append;cas"), 222041, 2657449, 22, true},
		{keyed("paxos", 2, 0, "set;delete,collect,read").oneAccepts(), 24212, 89611, 58, false},
		{keyed("paxos", 2, 0, "set;delete,collect,set").oneAccepts(), 22082, 80409, 54, false},
		{keyed("paxos", 2, 0, "set,look;delete,collect").oneAccepts(), 27319, 117022, 48, false},
		{keyed("paxos", 2, 1, "set;delete,collect").oneAccepts(), 33917, 129039, 51, false},
		{keyed("paxos", 2, 0, "set,delete,collect,read;set,delete").oneAccepts(), 805168, 3311566, 68, true},
		{keyed("paxos", 3, 0, "set,delete,collect,set"), 5860333, 21795846, 80, true},
		{keyed("paxos", 3, 0, "set,members=123").members(2), 7868, 42607, 106, false},
		{keyed("paxos", 2, 1, "set,members=12;").members(1), 108827, 675596, 90, true},
		{keyed("paxos", 2, 1, "set,members=12,go-on").members(1), 299790, 1715576, 100, true},
		{keyed("paxos", 2, 0, "set,members=2,look").members(1), 89604, 586291, 88, true},
		{keyed("paxos", 2, 0, "set,members=12,read;").members(1), 308177, 1869171, 106, true},
		{keyed("paxos", 2, 0, "members=1;set").oneAccepts(), 138655, 794692, 114, true},
		{keyed("paxos", 2, 0, "set,proposers=2;read"), 1939, 4871, 49, false},
	}
}

// keyed is a search of CASPaxos.
func keyed(variant string, processes, crashes int, changes string) Setting {
	return Setting{
		Variant: variant, Part: CASPaxos, Processes: processes, Instances: 1, Changes: changes,
		Crashes: crashes, Recoveries: crashes,
	}
}

// lone is a search of total order broadcast, of one message by a process that may lead, with a crash
// and a recovery.
func lone(variant string) Setting {
	s := one(Broadcast, variant, 1, 1, 1)
	s.Instances, s.Broadcasts, s.Elections = 2, []int{1}, []int{1}
	return s
}

// together is lone with two messages that are broadcast in one call.
func together(variant string) Setting {
	s := lone(variant)
	s.Broadcasts, s.Together = []int{2}, 2
	return s
}

// handed is together, with the messages handed to a process one by one as well, and without crashes.
func handed(variant string, to int, elections ...int) Setting {
	s := together(variant)
	s.Handed, s.Elections, s.Crashes, s.Recoveries = to, elections, 0, 0
	return s
}

// one is a search of one instance with three processes.
func one(part Part, variant string, crashes, recoveries int, rounds ...int) Setting {
	return Setting{
		Variant: variant, Part: part, Processes: 3, Rounds: rounds, Instances: 1,
		Crashes: crashes, Recoveries: recoveries,
	}
}

package figures

import (
	"maps"
	"slices"
	"strings"
	"time"

	"paxon/leader"
	"paxon/omega"
	"paxon/process"
	"paxon/seasons"
	"paxon/seasons/fall"
	"paxon/sim"
	"paxon/tob"
)

// elections says whom each process elects from which time on, by process.
type elections map[process.ID][]election

type election struct {
	from time.Duration
	who  process.ID
}

// scripted is the leader election of one process.
type scripted struct {
	now     func() time.Duration
	changes []election
}

func (l scripted) Leader() (process.ID, bool) {
	var now process.ID
	for _, e := range l.changes {
		if e.from <= l.now() {
			now = e.who
		}
	}
	return now, now != 0
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// perform runs a variant on five processes with the elections of a script. Then processes
// broadcast, and what is delivered within 100 ms must be all that is owed.
func (s *script) perform(
	v seasons.Variant, o seasons.Options, driver steady, elect elections, broadcasts ...broadcast,
) {
	s.stage(5, driver)
	v.Leader = func(h seasons.Host, _ omega.Part) leader.Leader {
		return scripted{s.Now, elect[h.Net.Self()]}
	}
	m := sim.NewMonitor(s.World)
	s.Build = m.Build(v, o)
	s.start()
	for _, p := range slices.Sorted(maps.Keys(elect)) {
		for _, e := range elect[p] { // A turn at each change, so that it is heard of.
			s.At(e.from, func() {
				s.Trace.Event(s.Now(), sim.TraceEvent{Event: "leader", Process: p, To: e.who})
				for _, q := range s.All() {
					s.Call(q, func() {})
				}
			})
		}
	}
	for _, b := range broadcasts {
		s.At(b.at, func() {
			s.Call(b.by, func() {
				done := m.Broadcast(b.by, b.payload, false)
				o := s.composition(b.by).TOB().Broadcast([]byte(b.payload), done)
				if o.Status != tob.Pending {
					s.fail("the broadcast of %q is %v, expected that it is taken", b.payload, o.Status)
				}
			})
		})
	}
	s.Until(ms(100))
	m.Demand()
	s.demandNone(m.Violation())
}

// broadcast is a message that a script has broadcast.
type broadcast struct {
	at      time.Duration
	by      process.ID
	payload string
}

// figure8 has p1 broadcast m under crash-stop Paxos, and tells how it comes to be delivered.
func (s *script) figure8(driver steady, elect elections) {
	s.perform(seasons.CrashStop(), seasons.DefaultOptions(), driver, elect, broadcast{0, 1, "m"})
	told := only([]string{"broadcast", "invoke", "return", "deliver"}, "FORWARD", "DECISION")
	s.tell(func(e sim.TraceEvent) bool {
		// Of invocations, those of consensus: the register's are Figure 1's subject.
		operation := e.Event == "invoke" || e.Event == "return"
		return told(e) && (!operation || strings.HasPrefix(e.Text, "propose"))
	})
}

// figure8a: p1 elects itself, and decides.
func figure8a(s *script) {
	s.figure8(steady{}, elections{1: {{0, 1}}})
}

// figure8b: p1 elects p5, sends it m, and p5 decides.
func figure8b(s *script) {
	s.figure8(steady{}, elections{1: {{0, 5}}, 5: {{0, 5}}})
}

// figure8c: p1 elects p3, which does not elect itself; later p1 elects p5.
func figure8c(s *script) {
	s.figure8(steady{}, elections{1: {{0, 3}, {ms(10), 5}}, 3: {{0, 4}}, 5: {{0, 5}}})
}

// figure8d: p1 elects p4, which does not elect itself, then p2, which proposes and aborts
// because p5, which p1 elects at last, is faster.
func figure8d(s *script) {
	s.figure8(steady{slow: map[process.ID]time.Duration{2: ms(6)}}, elections{
		1: {{0, 4}, {ms(5), 2}, {ms(8), 5}},
		2: {{ms(5), 2}, {ms(22), 5}},
		5: {{0, 5}},
	})
}

// figure19: p3 broadcasts m, which p1 decides in the regular way and so gets permission for the
// next instance. p5 broadcasts m', which p1 decides without reading. Its write leaves together
// with the decision on m.
func figure19(s *script) {
	v, err := seasons.Compose(fall.Season())
	if err != nil {
		s.fail("%w", err)
		return
	}
	o := seasons.DefaultOptions()
	o.Limits.Window, o.Limits.Ahead = 1, 4 // As in the paper: the permission is for the next instance.
	elect := elections{}
	for p := process.ID(1); p <= 5; p++ {
		elect[p] = []election{{0, 1}}
	}
	s.perform(v, o, steady{}, elect, broadcast{0, 3, "m"}, broadcast{ms(5), 5, "m'"})
	s.tell(only([]string{"broadcast", "invoke", "return", "deliver"},
		"FORWARD", "DECISION", "READ", "WRITE"))
}

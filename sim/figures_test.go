package sim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/consensus"
	"paxon/leader"
	"paxon/omega"
	"paxon/process"
	"paxon/register"
	"paxon/seasons"
	"paxon/sim"
	"paxon/tob"
)

// TestFigure1 is the paper's example of a round-based register.
func TestFigure1(t *testing.T) {
	s := newScript(t, 3, steady{})
	s.Build = buildRegisters(seasons.DefaultOptions())
	s.start()
	write := func(p process.ID, k uint64, v string) {
		s.Call(p, func() {
			on(s, p).At(1).Write(round(k, p), register.Value(v), func(ok bool, higher register.Round) {
				s.say("%v write(%d, %s) %s", p, k, v, outcome(ok, "", higher))
			})
		})
		s.until(s.Now() + 20*time.Millisecond)
	}
	read := func(p process.ID, k uint64) {
		s.Call(p, func() {
			on(s, p).At(1).Read(round(k, p), func(v register.Value, ok bool, higher register.Round) {
				s.say("%v read(%d) %s", p, k, outcome(ok, string(v), higher))
			})
		})
		s.until(s.Now() + 20*time.Millisecond)
	}
	write(1, 1, "X")
	read(2, 2)
	write(3, 1, "Y")
	write(3, 3, "Y")
	s.expect("figure1")
}

// TestFigure2 is the paper's example of round-based consensus.
func TestFigure2(t *testing.T) {
	s := newScript(t, 3, steady{})
	s.Build = buildRegisters(seasons.DefaultOptions())
	s.start()
	propose := func(p process.ID, k uint64, v string) {
		s.Call(p, func() {
			consensus.New(on(s, p)).At(1).Propose(round(k, p), register.Value(v),
				func(decision register.Value, ok bool, higher register.Round) {
					s.say("%v propose(%d, %s) %s", p, k, v, outcome(ok, string(decision), higher))
				})
		})
		s.until(s.Now() + 20*time.Millisecond)
	}
	propose(2, 2, "Y")
	propose(1, 1, "X")
	propose(1, 4, "X")
	propose(3, 3, "Z")
	s.expect("figure2")
}

func outcome(ok bool, value string, higher register.Round) string {
	if ok {
		return strings.TrimSpace("commits " + value)
	}
	return "aborts because of round " + higher.String()
}

// TestFigure3 is the paper's example of weak leader election: p1 is elected, and crashes.
func TestFigure3(t *testing.T) {
	s := newScript(t, 3, steady{})
	s.Build = sim.NewMonitor(s.World).Build(seasons.CrashStop(), seasons.DefaultOptions())
	s.start()
	ask := func() {
		for _, p := range s.All() {
			c, ok := s.Host(p).Actor().(*seasons.Process)
			if !ok {
				s.say("%v is down", p)
				continue
			}
			elected, _ := c.Leader()
			s.say("%v leader() = %v", p, elected)
		}
	}
	s.until(time.Second)
	ask()
	s.say("p1 crashes")
	s.Crash(1)
	ask()
	s.until(3 * time.Second)
	s.say("after a while")
	ask()
	s.expect("figure3")
}

// elections says whom each process elects from which time on, by process.
type elections map[process.ID][]election

type election struct {
	from time.Duration
	who  process.ID
}

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

// figure8 runs crash-stop Paxos on five processes with the elections of a script: p1 broadcasts
// m, and what is told is how it comes to be delivered.
func figure8(t *testing.T, name string, driver steady, elect elections) {
	t.Helper()
	s := newScript(t, 5, driver)
	v := seasons.CrashStop()
	v.Leader = func(h seasons.Host, _ omega.Part) leader.Leader {
		return scripted{s.Now, elect[h.Net.Self()]}
	}
	m := sim.NewMonitor(s.World)
	s.Build = m.Build(v, seasons.DefaultOptions())
	s.start()
	for _, changes := range elect {
		for _, e := range changes { // A turn at each change, so that it is heard of.
			s.At(e.from, func() {
				for _, p := range s.All() {
					s.Call(p, func() {})
				}
			})
		}
	}
	s.At(0, func() {
		s.Call(1, func() {
			c, ok := s.Host(1).Actor().(*seasons.Process)
			require.True(t, ok)
			o := c.TOB().Broadcast([]byte("m"), m.Broadcast(1, "m", false))
			require.Equal(t, tob.Pending, o.Status)
		})
	})
	s.until(100 * time.Millisecond)
	m.Demand()
	require.Nil(t, m.Violation())
	told := only([]string{"broadcast", "invoke", "return", "deliver"}, "FORWARD", "DECISION")
	s.tell(func(e sim.TraceEvent) bool {
		// Of invocations, those of consensus: the register's are Figure 1's subject.
		operation := e.Event == "invoke" || e.Event == "return"
		return told(e) && (!operation || len(e.Text) > 7 && e.Text[:7] == "propose")
	})
	s.expect(name)
}

// TestFigure8a: p1 elects itself, and decides.
func TestFigure8a(t *testing.T) {
	figure8(t, "figure8a", steady{}, elections{1: {{0, 1}}})
}

// TestFigure8b: p1 elects p5, sends it m, and p5 decides.
func TestFigure8b(t *testing.T) {
	figure8(t, "figure8b", steady{}, elections{1: {{0, 5}}, 5: {{0, 5}}})
}

// TestFigure8c: p1 elects p3, which does not elect itself; later p1 elects p5.
func TestFigure8c(t *testing.T) {
	figure8(t, "figure8c", steady{}, elections{
		1: {{0, 3}, {10 * time.Millisecond, 5}}, 3: {{0, 4}}, 5: {{0, 5}},
	})
}

// TestFigure8d: p1 elects p4, which does not elect itself, then p2, which proposes and aborts
// because p5, which p1 elects at last, is faster.
func TestFigure8d(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	figure8(t, "figure8d", steady{slow: map[process.ID]time.Duration{2: ms(6)}}, elections{
		1: {{0, 4}, {ms(5), 2}, {ms(8), 5}},
		2: {{ms(5), 2}, {ms(22), 5}},
		5: {{0, 5}},
	})
}

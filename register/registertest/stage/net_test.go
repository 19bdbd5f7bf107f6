package stage

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/conformance"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/sim"
)

// witness is a part that notes what it hears, with the incarnation that hears it.
type witness struct {
	net   retransmit.Net[register.Message]
	heard *[]string
	name  string
}

func (w witness) Receive(from process.ID, m register.Message) bool {
	*w.heard = append(*w.heard, fmt.Sprintf("%s: %v %v", w.name, from, m))
	return true
}

func (w witness) Restarted(p process.ID) {
	*w.heard = append(*w.heard, fmt.Sprintf("%s: %v restarted", w.name, p))
}

// witnesses makes a stage of them.
func witnesses(a conformance.Assumptions) (s *Stage, heard *[]string) {
	heard = &[]string{}
	return newStage(Subject{
		Build: func(
			_ *sim.Monitor, h *sim.Host, net retransmit.Net[register.Message], _ register.Config,
		) Part {
			return witness{net, heard, fmt.Sprintf("%v.%d", net.Self(), h.Incarnation())}
		},
	}, a, prompt{}, true), heard
}

// send1 has p1 s-send a message that bears a number.
func (s *Stage) send1(to process.ID, number uint64) retransmit.Ticket {
	return s.parts[0].net.SSend(to, register.Read{Instance: 1, Round: register.Round{Number: number}})
}

func TestRestartsAreAnnouncedBeforeWhatFollows(t *testing.T) {
	s, heard := witnesses(conformance.CrashRecovery())
	s.send1(2, 1)
	s.send1(1, 2)
	s.crash(1)
	s.start(1)
	s.send1(2, 3)
	require.Len(t, s.messages, 4, "what it sent to itself was not lost")
	s.arrive(3, false)
	s.Run(nil)
	require.Equal(t, []string{
		"p2.1: p1 restarted", "p2.1: p1 READ(L1,3.p0.0)", "p3.1: p1 restarted",
	}, *heard, "the message of the earlier incarnation is dropped")

	*heard = nil
	s.crash(2)
	s.start(2)
	s.Run(nil)
	require.ElementsMatch(t, []string{
		"p2.2: p1 restarted", "p1.2: p2 restarted", "p3.1: p2 restarted",
	}, *heard, "a new incarnation hears of the restarts of the others")
}

func TestWhatIsCancelledMayArrive(t *testing.T) {
	s, heard := witnesses(conformance.CrashRecovery())
	one, other := s.send1(2, 1), s.send1(2, 2)
	links := s.parts[0].net
	require.True(t, links.Waits(one))
	links.Cancel(one)
	require.False(t, links.Waits(one))
	s.lose(0)
	require.Len(t, s.messages, 1, "what is cancelled may be lost, and nothing else")
	s.arrive(0, true)
	require.True(t, links.Waits(other), "it was doubled")
	s.arrive(0, false)
	require.False(t, links.Waits(other))
	require.Equal(t, []string{"p2.1: p1 READ(L1,2.p0.0)", "p2.1: p1 READ(L1,2.p0.0)"}, *heard)
}

func TestReordering(t *testing.T) {
	for _, reordering := range []bool{false, true} {
		a := conformance.CrashRecovery()
		a.Reordering = reordering
		s, _ := witnesses(a)
		s.send1(2, 1)
		s.send1(2, 2)
		s.send1(3, 3)
		want := []int{0, 2}
		if reordering {
			want = []int{0, 1, 2}
		}
		require.Equal(t, want, s.arrivable())
		s.Isolate(3)
		require.NotContains(t, s.arrivable(), 2, "the link is cut")
		s.crash(2)
		require.Empty(t, s.arrivable(), "p2 is down")
	}
}

func TestCrashesAreBounded(t *testing.T) {
	a := conformance.CrashRecovery()
	a.Crashes = 1
	s, _ := witnesses(a)
	s.Crash(1)
	require.False(t, s.mayCrash(1), "it is down")
	require.False(t, s.mayCrash(2), "one process may crash, and has")
	s.Recover(1)
	require.True(t, s.mayCrash(1), "the same one may again")
	s.assumptions.Recovers = false
	s.Crash(1)
	s.Recover(1)
	require.Equal(t, []process.ID{2, 3}, s.Up())
}

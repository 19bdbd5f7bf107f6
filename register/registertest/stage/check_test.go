package stage

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/conformance"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/sim"
)

// idle is a subject whose attempts end after a message to the process itself, as a flaw says.
func idle(end func(a *Attempt)) Subject {
	return Subject{
		Build: func(
			_ *sim.Monitor, _ *sim.Host, net retransmit.Net[register.Message], _ register.Config,
		) Part {
			return &ending{net: net}
		},
		Attempt: func(
			s *Stage, p process.ID, l register.Instance, k register.Round, _ register.Value,
		) *Attempt {
			a := &Attempt{Round: k}
			s.Begin(p, l, k, "attempt", func(part Part, c *Call) {
				e, ok := part.(*ending)
				if !ok {
					panic("another part")
				}
				e.net.SSend(p, register.Read{Instance: l, Round: k})
				e.end = func() {
					if c.Ended(k, true, register.Round{}) {
						end(a)
					}
				}
			})
			return a
		},
		Cancel:    func(part Part, _ register.Instance) { part.(*ending).end = nil },
		Instances: 1,
	}
}

type ending struct {
	net retransmit.Net[register.Message]
	end func()
}

func (e *ending) Receive(process.ID, register.Message) bool {
	if end := e.end; end != nil {
		e.end = nil
		end()
	}
	return true
}

func (*ending) Restarted(process.ID) {}

func TestNothingFailsWithoutReason(t *testing.T) {
	sound := idle(func(a *Attempt) { a.End(nil, true, register.Round{}) })
	require.NoError(t, Check(sound, conformance.CrashRecovery()))
	require.NoError(t, Check(sound, conformance.CrashStop()))
}

// A failure is reported once for each property and layer, with the events that led to it.
func TestFailuresAreReportedOnce(t *testing.T) {
	flawed := idle(func(a *Attempt) { a.Done = true })
	err := Check(flawed, conformance.CrashRecovery())
	require.Equal(t, []string{Duplicates, NonTriviality, Progress}, conformance.Properties(err))
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok)
	seen := map[[2]string]bool{}
	for _, e := range joined.Unwrap() {
		var f *conformance.Failure
		require.ErrorAs(t, e, &f)
		require.False(t, seen[[2]string{f.Property, f.Layer}], "%s, %s", f.Property, f.Layer)
		seen[[2]string{f.Property, f.Layer}] = true
		require.Contains(t, f.Detail, "begin p")
	}
}

func TestPanicsAreFailures(t *testing.T) {
	err := Check(idle(func(*Attempt) { panic("no mercy") }), conformance.CrashStop())
	require.Contains(t, conformance.Properties(err), NoPanic)
	require.ErrorContains(t, err, "no mercy")
}

func TestTooFewProcesses(t *testing.T) {
	require.EqualError(t, Check(Subject{}, conformance.Assumptions{Processes: 2}),
		"a suite with 2 processes: expected at least 3, so that one may differ from a majority")
}

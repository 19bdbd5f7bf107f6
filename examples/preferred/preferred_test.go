package preferred

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/internal/fake"
	"paxon/omega"
	"paxon/process"
	"paxon/seasons"
	"paxon/seasons/fall"
	"paxon/seasons/spring"
	"paxon/sim"
)

func TestRuns(t *testing.T) {
	for _, others := range [][]seasons.Season{nil, {fall.Season()}} {
		v, err := seasons.Compose(append(others, Season(3, 1, 2))...)
		require.NoError(t, err)
		require.NoError(t, v.Check(3))
		for seed := range uint64(300) {
			r := sim.Run(sim.DefaultConfig(v, 3), seed, nil)
			require.Nil(t, r.Violation, "%s, seed %d", v.Name, seed)
		}
	}
}

// An unstable election is found out: WL1 needs the time-out.
func TestRunsFindAnElectionThatForgetsTimeouts(t *testing.T) {
	v := apply(seasons.Paxos(), []process.ID{3, 1, 2})
	detector := v.Omega
	v.Omega = func(
		h seasons.Host, net process.Net[omega.Heartbeat], c omega.Config, hooks omega.Hooks,
	) omega.Part {
		c.Timeout = time.Hour
		return detector(h, net, c, hooks)
	}
	for seed := range uint64(300) {
		if sim.Run(sim.DefaultConfig(v, 3), seed, nil).Violation != nil {
			return
		}
	}
	t.Fatal("expected a violation in 300 runs")
}

// part is an Ω that takes notice of nothing.
type part struct{ omega.Part }

func (part) Receive(process.ID, omega.Heartbeat) {}

func TestElection(t *testing.T) {
	clock := &fake.Clock{}
	e := &election{
		Part: part{}, order: []process.ID{3, 1, 2}, self: 2, clock: clock, timeout: 10,
		up: map[process.ID]func(){},
	}
	trusts := func(want process.ID) {
		t.Helper()
		p, ok := e.Trusted()
		require.True(t, ok)
		require.Equal(t, want, p)
	}
	fit := omega.Heartbeat{Fit: true}
	trusts(2)
	e.Receive(1, fit)
	trusts(1)
	clock.Advance(5)
	e.Receive(3, fit)
	trusts(3)
	e.Receive(1, fit)
	e.Receive(3, omega.Heartbeat{})
	trusts(1)
	e.Receive(3, fit)
	clock.Advance(9)
	trusts(3)
	clock.Advance(1)
	trusts(2)
	require.Zero(t, clock.Timers())
}

func TestRefused(t *testing.T) {
	for _, order := range [][]process.ID{nil, {1, 2}, {1, 2, 2}, {0, 1, 2}, {1, 2, 4}, {1, 2, 3, 4}} {
		v, err := seasons.Compose(Season(order...))
		require.NoError(t, err)
		require.ErrorContains(t, v.Check(3), "expected each process of 3 once", "%v", order)
	}
	_, err := seasons.Compose(Season(1, 2, 3), spring.Season())
	require.ErrorContains(t, err, "preferred assumes that no process crashes and recovers for ever; "+
		"spring assumes")
}

package explore_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/explore"
	"paxon/sim"
	"paxon/tob"
)

// one is one message by one process, which leads; two is one each by two that may both
// lead, in a single instance.
func one(crashes int) explore.BroadcastBounds {
	return explore.BroadcastBounds{
		Processes: 3, Broadcasts: []int{1}, Elections: []int{1}, Rounds: 1, Instances: 2,
		Crashes: crashes, Recoveries: crashes,
	}
}

func two() explore.BroadcastBounds {
	b := one(0)
	b.Instances = 1
	b.Broadcasts, b.Elections = []int{1, 1}, []int{1, 1}
	return b
}

func TestPinnedBroadcast(t *testing.T) {
	for _, pinned := range []struct {
		variant             string
		bounds              explore.BroadcastBounds
		states, transitions uint64
	}{
		{"crash-stop", one(1), 128, 720},
		{"crash-stop", two(), 36912, 371036},
		{"paxos", one(1), 9586, 35890},
		{"paxos", two(), 138971, 473095},
		{"winter", one(1), 1838, 16938},
		{"fall", one(1), 9586, 35890},
	} {
		r := search(t, explore.Config{
			Model:      explore.Broadcast(variant(t, pinned.variant), pinned.bounds),
			Reductions: explore.AllReductions(),
		})
		require.Nil(t, r.Violation)
		require.Empty(t, r.Cut)
		require.Empty(t, r.Never)
		require.Equal(t, []uint64{pinned.states, pinned.transitions},
			[]uint64{r.States, r.Transitions}, "%s %+v", pinned.variant, pinned.bounds)
	}
}

// Messages that are broadcast together are taken apart where somebody names them: there are states in
// which the first is delivered alone, and the rest of the run later.
func TestRunsAreTakenApart(t *testing.T) {
	b := two()
	b.Broadcasts, b.Together, b.Handed, b.Instances = []int{2}, 2, 2, 2
	rest := tob.AppendFrame(nil, tob.Broadcast{
		Client: tob.Client{Process: 1, Incarnation: 1, Born: 1}, Sequence: 2, Payload: []byte("m1.2"),
	})
	model := explore.Broadcast(variant(t, "crash-stop"), b)
	model.Sometimes = []explore.Mark{
		{Name: "the rest of a run is delivered", Seen: func(o sim.Observation, _ bool) bool {
			return o.Kind == sim.Deliver && o.Instance == 2 && bytes.Equal(o.Value, rest)
		}},
		{Name: "its process is told so", Seen: func(o sim.Observation, _ bool) bool {
			return o.Kind == sim.BroadcastEnds && o.Process == 1 && o.Payload == "m1.2" &&
				o.Outcome == tob.Outcome{Status: tob.Delivered, Position: tob.Position{Instance: 2}}
		}},
	}
	r := search(t, explore.Config{
		Model: model, Reductions: explore.AllReductions(), States: 500_000,
	})
	require.Nil(t, r.Violation)
	require.Empty(t, r.Never)
}

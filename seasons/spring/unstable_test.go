package spring_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/leader"
	"paxon/omega"
	"paxon/process"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/seasons/spring"
	"paxon/sim"
	"paxon/tob"
)

// selfish is an Ω that trusts its own process whatever happens. What Ω says at an unstable
// process is not constrained: only at the correct ones must it agree in the end.
type selfish struct {
	omega.Part
	self process.ID
}

func (s selfish) Trusted() (process.ID, bool) { return s.self, true }

func (s selfish) Outputs() []process.ID {
	outputs := s.Part.Outputs()
	outputs[0] = s.self
	return outputs
}

// selfishAt gives process p of a variant an Ω that trusts p.
func selfishAt(v seasons.Variant, p process.ID) seasons.Variant {
	elect := v.Leader
	v.Leader = func(h seasons.Host, o omega.Part) leader.Leader {
		if h.Net.Self() == p {
			o = selfish{o, p}
		}
		return elect(h, o)
	}
	return v
}

// seeded is a driver without faults, of which the seed draws the delays.
type seeded struct{ *rand.Rand }

func (s seeded) Message(process.ID, process.ID, retransmit.Packet) []time.Duration {
	return []time.Duration{time.Duration(s.Int64N(int64(4 * time.Millisecond)))}
}

func (s seeded) Disk(process.ID) time.Duration {
	return time.Duration(s.Int64N(int64(4 * time.Millisecond)))
}

func (s seeded) Survives(_ process.ID, underWay int) int { return s.IntN(underWay + 1) }

// unstable is the process that crashes and recovers for ever.
const unstable = 3

// progress runs two seconds in which p1 broadcasts a message every millisecond. The unstable
// process is up for 40 ms and down for one, for ever; it leads itself, and broadcasts as well. It
// returns how many messages of p1 were delivered, and how long that took on average and at most.
func progress(
	t *testing.T, v seasons.Variant, seed uint64,
) (delivered int, mean, most time.Duration) {
	t.Helper()
	w := sim.NewWorld(3, seeded{rand.New(rand.NewPCG(seed, 0))})
	m := sim.NewMonitor(w)
	w.Build = m.Build(v, options())
	for _, p := range w.All() {
		w.Start(p)
	}
	var flip, send func()
	flip = func() {
		if w.Host(unstable).Up() {
			w.Crash(unstable)
			w.At(time.Millisecond, flip)
		} else {
			w.Start(unstable)
			w.At(40*time.Millisecond, flip)
		}
	}
	sent := 0
	broadcast := func(from process.ID, told func(tob.Outcome)) {
		sent++
		payload := fmt.Sprintf("m%d", sent)
		done := m.Broadcast(from, payload, false)
		p, ok := w.Host(from).Actor().(*seasons.Process)
		require.True(t, ok)
		o := p.TOB().Broadcast([]byte(payload), func(o tob.Outcome) { done(o); told(o) })
		require.Equal(t, tob.Pending, o.Status)
	}
	send = func() {
		begun := w.Now()
		w.Call(1, func() {
			broadcast(1, func(tob.Outcome) {
				delivered++
				mean += w.Now() - begun
				most = max(most, w.Now()-begun)
			})
		})
		w.Call(unstable, func() { broadcast(unstable, func(tob.Outcome) {}) })
		w.At(time.Millisecond, send)
	}
	w.At(500*time.Millisecond, flip)
	w.At(500*time.Millisecond, send)
	for w.Now() < 2500*time.Millisecond && w.Step() {
	}
	require.Nil(t, m.Violation())
	return delivered, mean / time.Duration(max(1, delivered)), most
}

func options() seasons.Options {
	o := seasons.DefaultOptions()
	o.Limits.Window, o.Limits.CheckpointBatches = 1, 8
	o.Omega.Interval, o.Omega.Timeout = 5*time.Millisecond, 30*time.Millisecond
	o.Retransmit.Interval, o.Retransmit.AckDelay = 20*time.Millisecond, 5*time.Millisecond
	return o
}

// TestUnstableProcess runs plain Paxos and Spring on the same seeds beside a process that crashes
// and recovers for ever: it proposes in ever higher rounds and so aborts what the leader
// proposes, unless a majority is asked who leads.
func TestUnstableProcess(t *testing.T) {
	plain := selfishAt(seasons.Paxos(), unstable)
	withSpring, err := seasons.Compose(spring.Season())
	require.NoError(t, err)
	withSpring = selfishAt(withSpring, unstable)
	for seed := range uint64(5) {
		n1, mean1, most1 := progress(t, plain, seed)
		n2, mean2, most2 := progress(t, withSpring, seed)
		t.Logf("seed %d: plain Paxos delivers %d in %v on average and %v at most, Spring %d in %v and %v",
			seed, n1, mean1, most1, n2, mean2, most2)
		require.Greater(t, n2, 1900)
		require.Greater(t, mean1, 3*mean2, "an unstable process does not hurt plain Paxos either")
		require.Greater(t, most1, 5*most2)
	}
}

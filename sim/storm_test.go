package sim_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/sim"
)

// chatter is an actor that sends to all at its start.
type chatter struct{ host *sim.Host }

func (c chatter) Start() {
	for _, p := range c.host.Net().All() {
		c.host.Net().Send(p, retransmit.Packet{Body: "hello"})
	}
}
func (chatter) Receive(process.ID, retransmit.Packet) {}
func (chatter) Turn()                                 {}

// A storm crashes no more processes than the assumptions allow, and a seed determines it.
func TestStorm(t *testing.T) {
	c := sim.DefaultConfig(seasons.CrashStop(), 5)
	crashed := 0
	for seed := range uint64(50) {
		var traces [2]bytes.Buffer
		for i := range traces {
			s := sim.NewStorm(c, seed, sim.NewTrace(&traces[i]))
			s.World.Build = func(h *sim.Host) sim.Actor { return chatter{h} }
			s.Run()
			require.GreaterOrEqual(t, s.World.Now(), c.Duration)
			down := 0
			for _, p := range s.World.All() {
				if !s.World.Host(p).Up() {
					down++
					require.True(t, s.MayCrash(p), "it has crashed already")
				}
			}
			require.LessOrEqual(t, down, 2)
			crashed += down
		}
		require.NotZero(t, traces[0].Len())
		require.Equal(t, traces[0].String(), traces[1].String())
	}
	require.NotZero(t, crashed)
}

func TestUntil(t *testing.T) {
	w := sim.NewWorld(1, nil)
	var fired []time.Duration
	for at := time.Millisecond; at <= 3*time.Millisecond; at += time.Millisecond {
		w.At(at, func() { fired = append(fired, w.Now()) })
	}
	w.Until(2 * time.Millisecond)
	require.Equal(t, []time.Duration{time.Millisecond, 2 * time.Millisecond}, fired)
}

package caspaxos_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos"
	"paxon/process"
	"paxon/seasons"
	"paxon/sim"
)

// Where much waits to be collected because a process was down, and so all have waited for long enough
// to collect it, one does it when that is back, and the others do not come between.
func TestOneCollects(t *testing.T) {
	w := sim.NewWorld(3, prompt{})
	o := caspaxos.DefaultOptions()
	o.Limits.Batch, o.Limits.Collect = 64, 3*time.Millisecond
	w.Build = func(h *sim.Host) sim.Actor {
		offer := h.Offer()
		return caspaxos.Build(seasons.Paxos(), offer, o, caspaxos.Setting{
			Initial: caspaxos.Initial(w.All()),
			Rand:    rand.New(rand.NewPCG(1, uint64(offer.Net.Self()))),
		})
	}
	for _, p := range w.All() {
		w.Start(p)
	}
	c := &cluster{t, w}
	const keys = 4000
	for _, change := range []caspaxos.Change{caspaxos.Set{Value: []byte("x")}, caspaxos.Delete{}} {
		done := 0
		for i := range keys {
			by := process.ID(1 + i%2)
			w.Call(by, func() {
				c.at(by).Change(fmt.Sprint(i), change, func(caspaxos.Outcome) { done++ })
			})
		}
		c.until(10*time.Second, func() bool { return done == keys })
		if _, deletes := change.(caspaxos.Delete); !deletes {
			w.Crash(3)
		}
	}
	down := w.Now() + 20*time.Second
	c.until(time.Minute, func() bool { return w.Now() > down })
	w.Start(3)
	c.until(time.Hour, func() bool {
		return c.at(1).Copies()+c.at(2).Copies()+c.at(3).Copies() == 0
	})
	collections := c.at(1).Collected() + c.at(2).Collected() + c.at(3).Collected()
	require.Less(t, collections, uint64(2*keys/o.Limits.Batch))
}

package caspaxos_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos"
	"paxon/process"
)

// BenchmarkChange is a change of one key, in one round trip, and of one that others have changed since, in
// two, with all that three simulated processes do for it.
func BenchmarkChange(b *testing.B) {
	for name, proposers := range map[string]process.ID{"one": 1, "two": 2} {
		b.Run(name, func(b *testing.B) {
			c := newCluster(b, 3, 3)
			var change caspaxos.Change = caspaxos.Set{Value: []byte("value")}
			done := false
			ended := func(caspaxos.Outcome) { done = true }
			b.ReportAllocs()
			p := process.ID(1)
			for b.Loop() {
				done = false
				p = 1 + p%proposers
				c.world.Call(p, func() {
					require.Equal(b, caspaxos.Pending, c.at(p).Change("k", change, ended))
				})
				for !done {
					c.world.Step()
				}
			}
		})
	}
}

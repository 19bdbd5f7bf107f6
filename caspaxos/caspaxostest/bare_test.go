package caspaxostest_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos"
	"paxon/caspaxos/caspaxostest"
	"paxon/caspaxos/caspaxostest/broken"
	"paxon/process"
	"paxon/retransmit"
	"paxon/seasons"
)

// alone is what a process is given of which nobody answers: it counts what is sent.
type alone struct{ sent int }

func (*alone) Self() process.ID                                  { return 1 }
func (*alone) All() []process.ID                                 { return []process.ID{1, 2, 3} }
func (n *alone) Send(process.ID, retransmit.Packet)              { n.sent++ }
func (*alone) After(time.Duration, func()) (cancel func())       { return func() {} }
func (*alone) Put(process.Space, uint64, process.Record, func()) {}
func (*alone) Forget(process.Space, uint64)                      {}

func (*alone) Stored(process.Space, func(uint64, process.Record) bool) {}

// A message that was dropped on the way to a Part of Bare is nothing. Restarted is what it says: whoever
// waits for the process asks it again.
func TestBareTakesNothingForNothing(t *testing.T) {
	host := &alone{}
	h := seasons.Host{Net: host, Incarnation: 1, Clock: host, Store: host}
	p := broken.NeverRemoves(caspaxostest.Bare)(h, caspaxos.DefaultOptions(), caspaxos.Setting{
		Initial: caspaxos.Initial(host.All()), Rand: rand.New(rand.NewPCG(0, 0)),
	})
	require.Equal(t, caspaxos.Pending, p.Read("k", func(caspaxos.Outcome) {}))
	asked := host.sent
	require.Equal(t, 3, asked)
	p.Receive(2, retransmit.Packet{Body: caspaxos.Remove{}})
	p.Receive(2, retransmit.Packet{})
	require.Equal(t, asked, host.sent)
	p.Receive(2, retransmit.Packet{Body: caspaxostest.Restarted{}})
	require.Equal(t, asked+1, host.sent)
}

package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/sim"
)

// bystander is an actor that does nothing.
type bystander struct{}

func (bystander) Start()                                {}
func (bystander) Receive(process.ID, retransmit.Packet) {}
func (bystander) Turn()                                 {}

// kind is a driver with which all that was put survives.
type kind struct{}

func (kind) Message(process.ID, process.ID, retransmit.Packet) []time.Duration { return nil }
func (kind) Disk(process.ID) time.Duration                                     { return 0 }
func (kind) Survives(_ process.ID, underWay int) int                           { return underWay }

// A crash takes what was stored if the world is volatile, and only then.
func TestVolatile(t *testing.T) {
	for _, volatile := range []bool{false, true} {
		w := sim.NewWorld(1, kind{})
		w.Volatile = volatile
		w.Build = func(*sim.Host) sim.Actor { return bystander{} }
		w.Start(1)
		h := w.Host(1)
		h.Store.Put(0, 7, register.Copy{}, nil)
		h.History.Append(register.Value("a"))
		w.Crash(1)
		w.Start(1)
		kept := 0
		h.Store.Stored(0, func(uint64, process.Record) bool {
			kept++
			return true
		})
		_, next := h.History.Bounds()
		require.Equal(t, volatile, kept == 0)
		require.Equal(t, volatile, next == 1)
		require.Equal(t, process.Incarnation(2), h.Incarnation())
	}
}

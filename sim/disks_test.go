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

// idle runs as a process and does nothing.
type idle struct{}

func (idle) Start()                                {}
func (idle) Receive(process.ID, retransmit.Packet) {}
func (idle) Turn()                                 {}

// fate decides how many operations survive a crash, at most those under way.
type fate int

func (f fate) Survives(_ process.ID, underWay int) int { return min(int(f), underWay) }

func (fate) Message(process.ID, process.ID, retransmit.Packet) []time.Duration { return nil }
func (fate) Disk(process.ID) time.Duration                                     { return 0 }

// sharing is a world of two processes that share two disks.
type sharing struct {
	*sim.World
	delay time.Duration
}

func newSharing(f fate) *sharing {
	s := &sharing{World: sim.NewWorld(2, f), delay: time.Millisecond}
	s.Build = func(*sim.Host) sim.Actor { return idle{} }
	s.Disks = sim.NewDisks(s.World, 2, func(int) time.Duration { return s.delay })
	s.Start(1)
	s.Start(2)
	return s
}

func (s *sharing) of(p process.ID) process.Disks[register.Copy] { return s.Disks.Of(s.Host(p)) }

// numbered is a block that can be told from others.
func numbered(n uint64) register.Copy { return register.Copy{Read: register.Round{Number: n}} }

// run lets all happen that is under way.
func (s *sharing) run() {
	for s.Step() {
	}
}

// held gives the numbers of the blocks on a disk, as process 2 reads them.
func (s *sharing) held(disk int, key uint64) map[process.ID]uint64 {
	found := map[process.ID]uint64{}
	s.of(2).Read(disk, key, func(blocks []process.Block[register.Copy]) {
		for _, b := range blocks {
			found[b.Owner] = b.Block.Read.Number
		}
	})
	s.run()
	return found
}

func TestSharedDisksKeepBlocks(t *testing.T) {
	s := newSharing(0)
	done := 0
	s.of(1).Write(0, 5, numbered(1), func() { done++ })
	s.delay = 0 // What is asked later is not done earlier.
	s.of(1).Write(0, 5, numbered(2), func() { done++ })
	s.of(2).Write(0, 5, numbered(3), func() { done++ })
	require.Zero(t, done)
	s.run()
	require.Equal(t, 3, done)
	require.Equal(t, map[process.ID]uint64{1: 2, 2: 3}, s.held(0, 5))
	require.Empty(t, s.held(1, 5))
	require.Empty(t, s.held(0, 6))
}

func TestSharedDisksVanish(t *testing.T) {
	s := newSharing(0)
	s.of(1).Write(0, 5, numbered(1), func() {})
	s.run()
	s.Disks.Vanish(0, true)
	done := false
	s.of(1).Write(0, 5, numbered(2), func() { done = true })
	s.of(1).Write(1, 5, numbered(7), func() {})
	s.run()
	require.False(t, done)
	require.Equal(t, map[process.ID]uint64{1: 7}, s.held(1, 5))
	s.Disks.Vanish(0, false)
	s.run()
	require.True(t, done)
	require.Equal(t, map[process.ID]uint64{1: 2}, s.held(0, 5))

	s.Disks.Lose(0)
	s.Disks.Vanish(0, false)
	require.Empty(t, s.held(0, 5), "it does not come back")
}

func TestSharedDisksAtACrash(t *testing.T) {
	for survive, number := range map[fate]uint64{0: 1, 1: 2, 2: 3, 9: 3} {
		s := newSharing(survive)
		s.of(1).Write(0, 5, numbered(1), func() {})
		s.run()
		for _, n := range []uint64{2, 3} {
			s.of(1).Write(0, 5, numbered(n), func() { t.Error("done after the crash") })
		}
		s.Crash(1)
		require.Equal(t, map[process.ID]uint64{1: number}, s.held(0, 5), "%d survive", survive)
	}
}

func TestSharedDisksCancel(t *testing.T) {
	for survive, number := range map[fate]uint64{0: 1, 1: 2} {
		s := newSharing(survive)
		s.of(1).Write(0, 5, numbered(1), func() {})
		s.of(1).Write(0, 5, numbered(2), func() { t.Error("cancelled") })()
		s.of(1).Read(0, 5, func([]process.Block[register.Copy]) { t.Error("cancelled") })()
		s.run()
		require.Equal(t, map[process.ID]uint64{1: number}, s.held(0, 5))
	}
}

func TestSharedDisksForget(t *testing.T) {
	s := newSharing(0)
	for key := range uint64(4) {
		s.of(1).Write(0, key, numbered(1), func() {})
	}
	s.run()
	s.of(1).Forget(3)
	require.NotEmpty(t, s.held(0, 0), "p2 may need it")
	s.of(2).Forget(2)
	require.Empty(t, s.held(0, 1))
	require.NotEmpty(t, s.held(0, 2))
}

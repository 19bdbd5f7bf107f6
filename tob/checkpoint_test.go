package tob_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/omega"
	"paxon/register"
	"paxon/tob"
)

// every takes a checkpoint after each instance.
func every(l *tob.Limits) { l.CheckpointBatches = 1 }

// The history is durable before the checkpoint says so, and that before the registers forget.
func TestCheckpointOrder(t *testing.T) {
	e := newEnd(t, every)
	require.Equal(t, []string{"forget below 1"}, e.events)
	e.learn(1, batch(stranger(0), 1, "a"))
	require.Equal(t, []string{"force"}, e.events[1:])
	e.history.Forced()
	require.Equal(t, []string{"force", "put"}, e.events[1:])
	require.EqualValues(t, 1, e.Progress().Stable)
	e.disk.Force()
	require.Equal(t, []string{"force", "put", "forget below 2"}, e.events[1:])
	require.EqualValues(t, 2, e.Progress().Stable)
	require.Equal(t, map[uint64]tob.Checkpoint{0: {
		Next:    2,
		Clients: []tob.ClientState{{Client: stranger(0), Sequence: 1, Position: tob.Position{Instance: 1}}},
	}}, e.disk.Durable)
	e.Launch()
	require.Len(t, e.events, 4, "nothing was delivered since")
}

// A checkpoint is of when it began.
func TestCheckpointOneAtATime(t *testing.T) {
	e := newEnd(t, every)
	e.learn(1, nil)
	e.learn(2, nil)
	require.Equal(t, []string{"force"}, e.events[1:])
	e.history.Forced()
	e.disk.Force()
	require.EqualValues(t, 2, e.Progress().Stable)
	e.Launch()
	e.history.Forced()
	e.disk.Force()
	require.EqualValues(t, 3, e.Progress().Stable)
	require.Equal(t, []string{"force", "put", "forget below 2", "force", "put", "forget below 3"},
		e.events[1:])
}

// Fig. 9 has no stable storage of its own.
func TestCheckpointWithoutADisk(t *testing.T) {
	e := newEnd(t, every)
	e.start(1, nil)
	e.events = nil
	e.learn(1, nil)
	require.Equal(t, []string{"force"}, e.events)
	e.history.Forced()
	require.Equal(t, []string{"force", "forget below 2"}, e.events)
	require.EqualValues(t, 2, e.Progress().Stable)
}

func TestCheckpointWhenDue(t *testing.T) {
	frame := len(batch(stranger(0), 1, "a"))
	t.Run("by instances", func(t *testing.T) {
		e := newEnd(t, func(l *tob.Limits) { l.CheckpointBatches = 3 })
		for l, want := range []int{0, 0, 1, 1} {
			e.learn(register.Instance(l+1), nil)
			require.Len(t, e.events[1:], want)
		}
	})
	t.Run("by bytes", func(t *testing.T) {
		e := newEnd(t, func(l *tob.Limits) { l.CheckpointBytes = 2 * frame })
		for l, want := range []int{0, 1} {
			e.learn(register.Instance(l+1), batch(stranger(0), uint64(l+1), "a"))
			require.Len(t, e.events[1:], want)
		}
		e.history.Forced()
		e.disk.Force()
		e.learn(3, batch(stranger(0), 3, "a"))
		require.Len(t, e.events[1:], 3, "bytes are counted from one checkpoint to the next")
		e.learn(4, batch(stranger(0), 4, "a"))
		require.Len(t, e.events[1:], 4)
	})
}

// A checkpoint holds all clients: with many of them it has more instances to be worth it.
func TestCheckpointOfManyClients(t *testing.T) {
	const known = 33 // A 16th is two.
	e := newEnd(t, every)
	var all register.Value
	for number := range uint64(known) {
		all = append(all, batch(stranger(number), 1, "a")...)
	}
	e.learn(1, all)
	require.NotContains(t, e.events, "force")
	e.learn(2, nil)
	require.Contains(t, e.events, "force")
}

// RETRIEVE: nothing is delivered again, and duplicates are known as before.
func TestRecovery(t *testing.T) {
	e := newEnd(t, idle, func(l *tob.Limits) { l.CheckpointBatches = 3 })
	c, d := stranger(0), stranger(1)
	e.learn(1, batch(c, 1, "a"))
	e.learn(2, batch(d, 1, "x"))
	e.learn(3, batch(c, 2, "b"))
	e.history.Forced()
	e.disk.Force()
	e.learn(4, batch(c, 3, "c"))
	e.events = nil

	e.start(2, e.disk)
	require.Equal(t, []string{"forget below 4"}, e.events, "what the history has after the "+
		"checkpoint may be lost with it")
	require.EqualValues(t, 5, e.consensus.settled)
	require.Equal(t, omega.Progress{Next: 5, Stable: 4}, e.Progress())
	require.Empty(t, e.delivered)
	require.Equal(t, tob.Client{Process: 1, Incarnation: 2, Number: 1, Born: 5}, e.Client())
	again := func(client tob.Client, sequence uint64) tob.Outcome {
		return e.BroadcastAs(tob.Broadcast{Client: client, Sequence: sequence}, func(tob.Outcome) {})
	}
	require.Equal(t, delivered(4, 0), again(c, 3))
	require.Equal(t, delivered(2, 0), again(d, 1))
	require.Equal(t, tob.Outcome{Status: tob.Expired}, again(tob.Client{Born: 1}, 1),
		"the horizon is 2 since instance 4")
	require.Equal(t, tob.Outcome{Status: tob.Pending}, again(tob.Client{Born: 2}, 1))

	e.learn(5, join(batch(c, 3, "c"), batch(c, 4, "d")))
	require.Equal(t, []string{"5/0 d"}, e.delivered)
	require.Empty(t, e.events[1:], "two instances since the checkpoint")
	e.learn(6, nil)
	require.Equal(t, []string{"force"}, e.events[1:])
}

// The horizon is stored: what comes after the checkpoint may not show it.
func TestRecoveryOfTheHorizon(t *testing.T) {
	e := newEnd(t, idle, every)
	e.learn(1, noops(6)...)
	e.history.Forced()
	e.disk.Force()
	e.start(2, e.disk)
	require.Equal(t, tob.Outcome{Status: tob.Expired},
		e.BroadcastAs(tob.Broadcast{Client: tob.Client{Born: 3}, Sequence: 1}, func(tob.Outcome) {}))
	require.Equal(t, tob.Outcome{Status: tob.Pending},
		e.BroadcastAs(tob.Broadcast{Client: tob.Client{Born: 4}, Sequence: 1}, func(tob.Outcome) {}))
}

// What the history lost is delivered again from the registers or by others, as it was before.
func TestRecoveryOfAShorterHistory(t *testing.T) {
	e := newEnd(t)
	e.learn(1, batch(stranger(0), 1, "a"), batch(stranger(0), 2, "b"))
	e.history.Batches = e.history.Batches[:1]
	e.start(2, e.disk)
	require.EqualValues(t, 2, e.Next())
	e.learn(2, batch(stranger(0), 2, "b"))
	require.Equal(t, []string{"2/0 b"}, e.delivered)
}

func TestRecoveryOfStorageThatContradictsItself(t *testing.T) {
	e := newEnd(t)
	e.disk.Durable[0] = tob.Checkpoint{Next: 4}
	e.history.Batches = noops(2)
	require.PanicsWithValue(t, "tob: the history holds instances 1 to 2, but the checkpoint says "+
		"that all below 4 were durable", func() { e.start(2, e.disk) })
	e.history.First, e.history.Batches = 5, noops(2)
	require.Panics(t, func() { e.start(2, e.disk) }, "instance 4 is nowhere")
	e.history.First, e.history.Batches = 1, noops(3)
	e.start(2, e.disk)
	e.history.First, e.history.Batches = 4, noops(0)
	e.start(2, e.disk)
	require.EqualValues(t, 4, e.Next())
}

// No process is ever behind what the others can send.
func TestTruncateStopsAtTheSlowest(t *testing.T) {
	e := newEnd(t, every)
	e.learn(1, noops(9)...)
	require.EqualValues(t, 1, e.Truncate(9), "nobody is known to have delivered anything durably")
	e.history.Forced()
	e.disk.Force()
	e.Heard(2, omega.Progress{Next: 10, Stable: 7})
	require.EqualValues(t, 1, e.Truncate(9), "p3 was not heard of")
	e.Heard(3, omega.Progress{Next: 10, Stable: 4})
	require.EqualValues(t, 4, e.Truncate(9))
	first, next := e.history.Bounds()
	require.EqualValues(t, 4, first)
	require.EqualValues(t, 10, next)
	require.EqualValues(t, 4, e.Truncate(2))

	e.Heard(2, omega.Progress{Next: 99, Stable: 99})
	e.Heard(3, omega.Progress{Next: 99, Stable: 99})
	require.EqualValues(t, 6, e.Truncate(6))
	require.EqualValues(t, 10, e.Truncate(50), "this process has no more")
}

func TestTruncateKeepsWhatIsNotStableHere(t *testing.T) {
	e := newEnd(t)
	e.learn(1, noops(9)...)
	e.Heard(2, omega.Progress{Next: 10, Stable: 10})
	e.Heard(3, omega.Progress{Next: 10, Stable: 10})
	require.EqualValues(t, 1, e.Truncate(9))
}

package winter_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/seasons/winter"
	"paxon/sim"
	"paxon/tob"
)

// prompt is a driver without faults.
type prompt struct{}

func (prompt) Message(process.ID, process.ID, retransmit.Packet) []time.Duration {
	return []time.Duration{time.Millisecond}
}
func (prompt) Disk(process.ID) time.Duration { return time.Millisecond }
func (prompt) Survives(process.ID, int) int  { return 0 }

// Fig. 16: a process that lost all it had asks the others for what was delivered, which no
// truncation has taken from them, and goes on as the one it is now.
func TestFig16Recovery(t *testing.T) {
	w := sim.NewWorld(3, prompt{})
	w.Volatile = true
	monitor := sim.NewMonitor(w)
	options := seasons.DefaultOptions()
	options.Limits.CheckpointBatches = 1
	w.Build = monitor.Build(compose(t, winter.Season(1)), options)
	for _, p := range w.All() {
		w.Start(p)
	}
	at := func(p process.ID) *tob.TOB {
		running, ok := w.Host(p).Actor().(*seasons.Process)
		require.True(t, ok)
		return running.TOB()
	}
	run := func() {
		for until := w.Now() + 2*time.Second; w.Now() < until && w.Step(); {
		}
		require.Nil(t, monitor.Violation())
		require.True(t, monitor.Finished())
	}
	broadcast := func(p process.ID, payload string) {
		w.Call(p, func() {
			require.Equal(t, tob.Pending,
				at(p).Broadcast([]byte(payload), monitor.Broadcast(p, payload, false)).Status)
		})
		run()
	}
	for i := range 3 {
		broadcast(3, fmt.Sprint("before ", i))
	}
	for _, p := range w.All() {
		require.Equal(t, register.Instance(1), at(p).Truncate(at(p).Next()))
	}
	w.Crash(3)
	broadcast(2, "meanwhile")
	w.Start(3)
	require.Equal(t, register.Instance(1), at(3).Next(), "everything is lost")
	run()
	require.Equal(t, at(1).Next(), at(3).Next())
	broadcast(3, "after")
	require.Equal(t, at(1).Next(), at(3).Next())
}

package costs

import (
	"fmt"
	"time"

	"paxon/process"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/sim"
	"paxon/tob"
)

// prompt is the driver of a stable period.
type prompt struct{}

func (prompt) Message(process.ID, process.ID, retransmit.Packet) []time.Duration {
	return []time.Duration{step}
}
func (prompt) Disk(process.ID) time.Duration { return force }
func (prompt) Survives(process.ID, int) int  { return 0 }

// options are those of real processes, with one message in a batch.
func options(c Config) seasons.Options {
	o := seasons.DefaultOptions()
	o.Limits.Window, o.Limits.Ahead, o.Limits.Batch = c.Window, 4*c.Window, 1
	return o
}

func until(w *sim.World, end time.Duration) {
	reached := false
	w.At(end-w.Now(), func() { reached = true })
	for !reached && w.Step() {
	}
}

// run is a run of one process that broadcasts.
type run struct {
	world       *sim.World
	monitor     *sim.Monitor
	broadcaster process.ID
	sent        int
	refused     error
}

// load broadcasts a number of messages, of which some are on their way at a time. Each begins in
// a turn of its own.
func (r *run) load(atATime, messages int) {
	end := r.sent + messages
	var next func()
	next = func() {
		if r.sent < end {
			r.sent++
			r.world.Call(r.broadcaster, func() { r.broadcast(func() { r.world.At(0, next) }) })
		}
	}
	for range atATime {
		r.world.At(0, next)
	}
}

func (r *run) broadcast(then func()) {
	payload := fmt.Sprintf("m%d", r.sent)
	p, ok := r.world.Host(r.broadcaster).Actor().(*seasons.Process)
	if !ok {
		r.refused = fmt.Errorf("%v does not run a composition", r.broadcaster)
		return
	}
	note := r.monitor.Broadcast(r.broadcaster, payload, false)
	o := p.TOB().Broadcast([]byte(payload), func(o tob.Outcome) {
		note(o)
		then()
	})
	if o.Status != tob.Pending {
		r.refused = fmt.Errorf("a broadcast in a stable period is %v: expected that it is taken", o.Status)
	}
}

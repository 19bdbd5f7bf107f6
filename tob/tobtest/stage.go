package tobtest

import (
	"fmt"
	"time"

	"paxon/conformance"
	"paxon/consensus"
	"paxon/omega"
	"paxon/process"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/sim"
	"paxon/tob"
)

// stage is a world of compositions without faults but those that a story makes. Every message
// takes a millisecond, and so does a disk.
type stage struct {
	config  sim.Config
	by      By
	world   *sim.World
	monitor *sim.Monitor
	sent    int
	taken   int // Events.
	// consensus is that of each process, as its broadcast has it.
	consensus map[process.ID]consensus.Array
	endless   bool // More than mostEvents were not enough.

	building process.ID // Whose parts are being built, 0 if nobody's.
	silent   *conformance.Failure
	misused  *conformance.Failure // Of a call: what it did with its done.
	onDisk   func(p process.ID)   // Hears that an operation of p begins.
	lost     bool                 // A crash takes all that is under way to the disk.
}

// mostEvents bounds a run, of which none takes a tenth: no time may pass while it makes no progress.
const mostEvents = 100_000

// newStage starts all processes, with a load under way.
func newStage(c sim.Config, by By) *stage {
	s := &stage{
		config: c, by: by, onDisk: func(process.ID) {}, consensus: map[process.ID]consensus.Array{},
	}
	s.world = sim.NewWorld(c.Processes, s)
	s.world.Volatile = c.Variant.Storage == seasons.None
	if c.Variant.Disks {
		s.world.Disks = sim.NewDisks(s.world, c.Disks, func(int) time.Duration {
			return time.Millisecond
		})
	}
	s.monitor = sim.NewMonitor(s.world)
	build := s.monitor.Build(s.shown(c.Variant), options())
	s.world.Build = func(h *sim.Host) sim.Actor {
		s.building = h.Net().Self()
		defer func() { s.building = 0 }()
		return build(h)
	}
	return s
}

// shown has the stage see the consensus that the broadcast is built from.
func (s *stage) shown(v seasons.Variant) seasons.Variant {
	broadcast := v.Broadcast
	v.Broadcast = func(h seasons.Host, parts tob.Parts) *tob.TOB {
		s.consensus[parts.Net.Self()] = parts.Consensus
		return broadcast(h, parts)
	}
	return v
}

// start starts the processes and puts a load on the calendar: each broadcasts three times three
// messages, once in one call, and some messages are handed to two processes.
func (s *stage) start() {
	for _, p := range s.world.All() {
		s.world.Start(p)
		for burst := range 3 {
			s.world.At(time.Duration(5+40*burst)*time.Millisecond, func() {
				if burst == 1 {
					s.broadcastAll(p, 3)
					return
				}
				for range 3 {
					s.broadcast(p, func() {})
				}
			})
		}
	}
	s.world.At(50*time.Millisecond, func() { s.handTwice(1) })
	s.world.At(70*time.Millisecond, func() { s.handTwice(process.ID(s.config.Processes)) })
}

// Message is sim.Driver.
func (s *stage) Message(from, to process.ID, packet retransmit.Packet) []time.Duration {
	if s.building != 0 && s.silent == nil {
		s.silent = &conformance.Failure{
			Property: Silent, Layer: conformance.Hygiene, Replay: fmt.Sprintf("the start of %v", s.building),
			Detail: fmt.Sprintf("%v sends %v to %v from a constructor", from, packet.Body, to),
		}
	}
	return []time.Duration{time.Millisecond}
}

// Disk is sim.Driver.
func (s *stage) Disk(p process.ID) time.Duration {
	s.onDisk(p)
	return time.Millisecond
}

// Survives is sim.Driver.
func (s *stage) Survives(_ process.ID, underWay int) int {
	if s.lost {
		return 0
	}
	return underWay
}

// broadcast has a process broadcast, if it is up. Then is called when it is told of the delivery.
func (s *stage) broadcast(p process.ID, then func()) {
	if s.tob(p) == nil {
		return
	}
	payload := s.payload()
	s.call(p, payload, false, then, func(b Broadcaster, done func(tob.Outcome)) tob.Outcome {
		return b.Broadcast([]byte(payload), done)
	})
}

// payload is that of the next message.
func (s *stage) payload() string {
	s.sent++
	return fmt.Sprintf("m%d", s.sent)
}

// handTwice has a client hand its message to a process, a little later to all others, and to the
// first once more when it is likely to be delivered.
func (s *stage) handTwice(p process.ID) {
	t := s.tob(p)
	if t == nil {
		return
	}
	m := tob.Broadcast{Client: t.Client(), Sequence: 1, Payload: []byte(s.payload())}
	hand := func(q process.ID) {
		s.call(q, string(m.Payload), true, func() {},
			func(b Broadcaster, done func(tob.Outcome)) tob.Outcome { return b.BroadcastAs(m, done) })
	}
	for i, q := range s.world.All() {
		s.world.At(time.Duration(i)*2*time.Millisecond, func() { hand(q) })
	}
	s.world.At(30*time.Millisecond, func() { hand(p) })
}

// tob is the broadcast of a process, nil while it is down.
func (s *stage) tob(p process.ID) *tob.TOB {
	if a, up := s.world.Host(p).Actor().(*seasons.Process); up {
		return a.TOB()
	}
	return nil
}

// end lets time pass until nothing is owed, from a time on, and gives what does not hold then.
// While busy says so, the run does not end unless Bound is used up.
func (s *stage) end(from time.Duration, busy func() bool, layer, replay string) *conformance.Failure {
	s.until(from, func() bool { return false })
	s.until(from+Bound, func() bool { return !busy() && s.monitor.Finished() })
	s.until(from+2*Bound, func() bool { return !busy() })
	s.monitor.Demand()
	switch {
	case s.silent != nil:
		return s.silent
	case s.misused != nil:
		s.misused.Layer, s.misused.Replay = layer, replay
		return s.misused
	case s.endless:
		return &conformance.Failure{
			Property: Termination, Layer: layer, Replay: replay,
			Detail: fmt.Sprintf("not all is delivered after %d events", s.taken),
		}
	}
	return failure(s.monitor.Violation(), layer, replay)
}

// until lets events happen up to a time, or until a property fails or done says so.
func (s *stage) until(end time.Duration, done func() bool) {
	over := func() bool { return s.monitor.Violation() != nil || s.misused != nil || s.endless }
	for !over() && s.world.Now() < end && !done() && s.world.Step() {
		s.taken++
		s.endless = s.taken > mostEvents
	}
}

// options are small limits, so that short runs reach them, and short times.
func options() seasons.Options {
	limits := tob.Limits{
		Payload: 64, Pending: 16, PendingBytes: 1024, Batch: 80, Window: 2, Ahead: 4, Update: 96,
		CheckpointBytes: 128, CheckpointBatches: 3, ClientIdle: 60, Clients: 16,
	}
	return seasons.Options{
		Retransmit: retransmit.Config{
			Interval: 10 * time.Millisecond, MaxInterval: 80 * time.Millisecond,
			AckDelay: 3 * time.Millisecond, Burst: 8, Window: seasons.RetransmitWindow(limits),
		},
		Omega: omega.Config{
			Interval: 8 * time.Millisecond, Timeout: 30 * time.Millisecond,
			Increase: 10 * time.Millisecond, MaxTimeout: 300 * time.Millisecond,
		},
		Limits: limits,
	}
}

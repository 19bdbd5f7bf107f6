package tables

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"paxon/caspaxos"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/sim"
	"paxon/tob"
)

// path gives the delays of a world: half a round trip for each message, and nothing for disks.
type path struct {
	roundTrip func(a, b int) time.Duration
	region    [Regions]int // Of each process, by ID − 1.
}

// Message is of sim.Driver.
func (p path) Message(from, to process.ID, _ retransmit.Packet) []time.Duration {
	return []time.Duration{p.roundTrip(p.region[from-1], p.region[to-1]) / 2}
}

// Disk is of sim.Driver.
func (path) Disk(process.ID) time.Duration { return 0 }

// Survives is of sim.Driver; nobody crashes.
func (path) Survives(process.ID, int) int { return 0 }

// turn is a round of the loop of a client: it calls done when what it wrote is acknowledged.
type turn func(done func(error))

// simulation is a world with a client beside each process.
type simulation struct {
	world   *sim.World
	clients [Regions]turn // By ID − 1.
	leader  func() process.ID
}

// keyOf is the key of the client of a process.
func keyOf(p process.ID) string { return fmt.Sprintf("counter %d", p) }

// newCASPaxos makes a world of CASPaxos. In one says that the loop is a single change.
func newCASPaxos(p path, o caspaxos.Options, inOne bool) *simulation {
	w := sim.NewWorld(Regions, p)
	w.Build = func(h *sim.Host) sim.Actor {
		offer := h.Offer()
		return caspaxos.Build(seasons.Paxos(), offer, o, caspaxos.Setting{
			Initial: caspaxos.Initial(w.All()),
			Rand:    rand.New(rand.NewPCG(1, uint64(offer.Net.Self()))),
		})
	}
	s := &simulation{world: w}
	for i, p := range w.All() {
		w.Start(p)
		at := w.Host(p).Actor().(*caspaxos.Process)
		s.clients[i] = func(done func(error)) { twoOperations(at, keyOf(p), done) }
		if inOne {
			s.clients[i] = func(done func(error)) { oneChange(at, keyOf(p), done) }
		}
	}
	return s
}

// twoOperations reads, and writes one more if nobody else has written.
func twoOperations(at *caspaxos.Process, key string, done func(error)) {
	status := at.Read(key, func(o caspaxos.Outcome) {
		if o.Status != caspaxos.Done {
			done(&statusError{"a read", int(o.Status)})
			return
		}
		set := caspaxos.CompareAndSet{Version: o.State.Version, Value: more(o.State.Value)}
		status := at.Change(key, set, func(o caspaxos.Outcome) {
			if o.Status != caspaxos.Done || o.Result != true {
				done(&statusError{"a write", int(o.Status)})
				return
			}
			done(nil)
		})
		if status != caspaxos.Pending {
			done(&statusError{"a write", int(status)})
		}
	})
	if status != caspaxos.Pending {
		done(&statusError{"a read", int(status)})
	}
}

// oneChange adds one.
func oneChange(at *caspaxos.Process, key string, done func(error)) {
	status := at.Change(key, addition(), func(o caspaxos.Outcome) {
		if o.Status != caspaxos.Done {
			done(&statusError{"a change", int(o.Status)})
			return
		}
		done(nil)
	})
	if status != caspaxos.Pending {
		done(&statusError{"a change", int(status)})
	}
}

// more is the value of a counter that counted one more.
func more(value []byte) []byte {
	n, _ := binary.Uvarint(value) // 0 where there is none.
	return binary.AppendUvarint(nil, n+1)
}

// statusError says that an operation ended otherwise than it must without faults.
type statusError struct {
	what   string
	status int
}

func (e *statusError) Error() string {
	return fmt.Sprintf("tables: %s ended with status %d: expected that it is done, and its version the "+
		"one that was read", e.what, e.status)
}

// newBroadcast makes a world of a composition.
func newBroadcast(v seasons.Variant, p path, o seasons.Options) *simulation {
	w := sim.NewWorld(Regions, p)
	s := &simulation{world: w}
	var replicas [Regions]Counters
	w.Build = func(h *sim.Host) sim.Actor {
		offer := h.Offer()
		r := &replicas[offer.Net.Self()-1]
		offer.Deliver = func(_ register.Instance, batch register.Value) {
			for m := range tob.Unpack(batch) {
				r.Apply(m.Payload)
			}
		}
		return v.Build(offer, o)
	}
	for i, p := range w.All() {
		w.Start(p)
		at := w.Host(p).Actor().(*seasons.Process)
		s.clients[i] = func(done func(error)) { twoBroadcasts(at.TOB(), &replicas[i], uint64(p), done) }
	}
	s.leader = func() process.ID {
		leader, _ := w.Host(1).Actor().(*seasons.Process).Leader()
		return leader
	}
	return s
}

// twoBroadcasts reads through the log, and writes one more if nobody else has written.
func twoBroadcasts(at *tob.TOB, r *Counters, key uint64, done func(error)) {
	broadcast := func(payload []byte, then func()) {
		o := at.Broadcast(payload, func(o tob.Outcome) {
			if o.Status != tob.Delivered {
				done(&statusError{"a broadcast", int(o.Status)})
				return
			}
			then()
		})
		if o.Status != tob.Pending && o.Status != tob.Delivered {
			done(&statusError{"a broadcast", int(o.Status)})
		}
	}
	broadcast(ReadCommand(key), func() {
		was := r.Value(key)
		broadcast(SetCommand(key, was, was+1), func() {
			if r.Value(key) != was+1 {
				done(&statusError{"a write", 0})
				return
			}
			done(nil)
		})
	})
}

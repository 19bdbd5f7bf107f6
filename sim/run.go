package sim

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"paxon/omega"
	"paxon/process"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/tob"
)

// Config says what a run is made of; with the variant and the seed it determines the run.
type Config struct {
	Variant   seasons.Variant
	Processes int
	Faults    Faults
	// Disks is how many disks the processes share, if the variant has any.
	Disks int
	// Broadcasts is how often somebody broadcasts while there are faults: a message, or some together.
	Broadcasts int
	// Together is how many messages a process broadcasts at once, at most. In half of the runs, and a
	// few more, it is one, and so it is with 0.
	Together int
	// Duration is the virtual time with faults. At its end they heal: all links work, disks are
	// prompt, and if the variant recovers, all processes are up.
	Duration time.Duration
	// Bound is the virtual time after that within which all that is owed must be delivered.
	Bound time.Duration
	// Steps ends a run that has taken more events, as a violation; 0 for no limit.
	Steps uint64
	// Coverage has Marks counted.
	Coverage bool
}

// DefaultConfig is a run with all kinds of fault.
func DefaultConfig(v seasons.Variant, processes int) Config {
	return Config{
		Variant: v, Processes: processes, Faults: AllFaults(), Disks: 3, Broadcasts: 24, Together: 8,
		Duration: 400 * time.Millisecond, Bound: 5 * time.Second,
	}
}

// Result is what a run showed.
type Result struct {
	Violation *Violation // Nil if all properties held.
	Steps     uint64     // Events that happened.
	Delivered int        // Messages delivered, each counted once.
	Batches   int        // Instances delivered, each counted once.
	Received  uint64     // Messages that processes received.
	Marks     Marks      // Zero without Config.Coverage.
	Time      time.Duration
}

// runner is one run: the driver, and what it does to the world.
type runner struct {
	config  Config
	world   *World
	monitor *Monitor
	random  *rand.Rand
	runs    *rand.Rand // Draws how many messages are broadcast together.
	most    int        // Beside the first of them.
	faults  drawn
	healed  bool
	sent    int
	crashed map[process.ID]bool // Processes that have crashed, ever.
	gone    map[process.ID]bool // Those that are down for good once the faults have healed.
	clients []*outsider
	begun   int // Outsiders, ever.

	operations int       // Of storage, by all processes, while there are faults.
	point      *point    // At which a process crashes right now.
	record     *recorder // Nil if nobody wants to know what was drawn.

	arrivals []time.Duration // Of the last Message.
	memory   *Memory         // Nil if there is none of an earlier run.
}

// outsider is a client that is no process: it hands each message to some process, and if that
// does not answer, to another.
type outsider struct {
	number   int // From 1.
	client   tob.Client
	sequence uint64
	payload  string
	answered bool
}

// Run does one run. The trace may be nil.
func Run(c Config, seed uint64, trace *Trace) Result {
	return new(Memory).Run(c, seed, trace)
}

// newRunner begins a run, and draws which faults it has.
func newRunner(c Config, seed uint64) *runner {
	r := &runner{
		config: c, random: rng(seed, 1), runs: rng(seed, 5),
		crashed: map[process.ID]bool{}, gone: map[process.ID]bool{},
	}
	r.faults = c.Faults.draw(r.random)
	r.drawPoints(seed)
	r.drawTogether()
	return r
}

// prepare makes the world of a run, without anything on its calendar.
func (r *runner) prepare(driver Driver, limits tob.Limits, trace *Trace) {
	r.world = NewWorld(r.config.Processes, driver)
	r.memory.give(&r.world.events)
	r.world.Trace = trace
	if r.config.Coverage {
		r.world.Marks = &Marks{}
	}
	r.world.Volatile = r.config.Variant.Storage == seasons.None
	r.monitor = NewMonitor(r.world)
	r.world.Build = r.monitor.Build(r.config.Variant, options(limits))
}

// run does a run whose faults are drawn.
func (r *runner) run(driver Driver, limits tob.Limits, trace *Trace) Result {
	r.prepare(driver, limits, trace)
	for _, p := range r.world.all {
		at := r.within(min(10*time.Millisecond, r.config.Duration))
		r.record.note(Intervention{Act: ActStart, At: at, Process: p})
		r.world.At(at, func() { r.world.Start(p) })
	}
	r.schedule()
	r.drawGone()
	if r.config.Variant.Disks {
		r.shareDisks()
	}
	return r.finish()
}

// finish lets everything on the calendar happen, until all has healed and nothing is owed.
func (r *runner) finish() Result {
	c := r.config
	r.loop(func() bool { return r.world.now >= c.Duration })
	r.heal()
	r.loop(func() bool {
		return r.world.now >= c.Duration+c.Bound ||
			r.world.steps%8 == 0 && r.monitor.led() && r.monitor.Finished()
	})
	r.monitor.Demand()
	r.monitor.demandLeader()
	return r.result()
}

// loop lets events happen until done says so or a property is violated.
func (r *runner) loop(done func() bool) {
	for r.monitor.violation == nil && !done() && r.world.Step() {
		if r.config.Steps > 0 && r.world.steps > r.config.Steps {
			r.monitor.fail(Termination, "not all is delivered after %d events", r.world.steps)
		}
	}
}

func (r *runner) result() Result {
	result := Result{
		Violation: r.monitor.violation, Steps: r.world.steps,
		Batches: len(r.monitor.seen.broadcast.batches), Time: r.world.now,
		Received: r.world.received,
	}
	if r.world.Marks != nil {
		result.Marks = *r.world.Marks
	}
	for _, batch := range r.monitor.seen.broadcast.batches {
		for range tob.Unpack(batch) {
			result.Delivered++
		}
	}
	return result
}

// limits are small, so that short runs reach them.
func (r *runner) limits() tob.Limits {
	limits := tob.Limits{
		Payload: 64, Pending: 6, PendingBytes: 512,
		Batch: 32 + r.random.IntN(128), Window: 1 + uint64(r.random.IntN(4)),
		Update:          32 + r.random.IntN(256),
		CheckpointBytes: 128 + r.random.IntN(512), CheckpointBatches: 2 + uint64(r.random.IntN(8)),
		ClientIdle: 4 + uint64(r.random.IntN(60)), Clients: 3 + r.random.IntN(6),
	}
	if r.most > 0 {
		limits.Batch += 64 * r.runs.IntN(4) // A frame of many messages takes some room.
	}
	limits.Ahead = limits.Window * (2 + uint64(r.random.IntN(2)))
	return limits
}

// options are short times.
func options(limits tob.Limits) seasons.Options {
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

// within draws a time below most.
func (r *runner) within(most time.Duration) time.Duration {
	return time.Duration(r.random.Int64N(int64(most)))
}

// schedule puts the broadcasts and the faults of the first phase on the calendar.
func (r *runner) schedule() {
	for range r.config.Broadcasts {
		r.world.At(r.within(r.config.Duration), r.broadcast)
	}
	for range r.faults.crashes {
		r.world.At(r.within(r.config.Duration), r.crashOne)
	}
	for range r.faults.partitions {
		r.world.At(r.within(r.config.Duration), r.partition)
	}
	for range r.faults.stalls {
		r.world.At(r.within(r.config.Duration), r.stall)
	}
	for range r.faults.truncations {
		r.world.At(r.within(r.config.Duration), r.truncate)
	}
}

func (r *runner) anyone() process.ID { return process.ID(1 + r.random.IntN(r.config.Processes)) }

// broadcast has a process broadcast a message with its own client, or has an outsider do it.
func (r *runner) broadcast() {
	p := r.anyone()
	h := r.world.Host(p)
	if !h.up {
		return
	}
	payload := r.payload()
	if r.random.IntN(3) == 0 {
		r.outsider(p, payload)
		return
	}
	i := Intervention{Act: ActBroadcast, Process: p, Payload: payload}
	for range r.runs.IntN(1 + r.most) {
		i.More = append(i.More, r.payload())
	}
	r.record.note(i)
	r.own(p, i.payloads())
}

// drawTogether draws how many messages are broadcast together at most: in half of the runs one, and
// in others perhaps more than fit into a batch, or into the pool.
func (r *runner) drawTogether() {
	if r.runs.IntN(2) == 0 {
		r.most = r.runs.IntN(max(1, r.config.Together))
	}
}

// payload makes the payload of a message.
func (r *runner) payload() string {
	r.sent++
	return fmt.Sprintf("m%d", r.sent) + strings.Repeat(".", r.faults.padding)
}

// own has a process broadcast messages with its own client.
func (r *runner) own(p process.ID, payloads []string) {
	h := r.world.Host(p)
	r.world.Call(p, func() {
		t := broadcastOf(h)
		all := func(payloads [][]byte, done tob.Done) (taken int, o tob.Outcome) {
			taken, o = t.BroadcastAll(payloads, r.world.Marks.run(&taken, done))
			return taken, o
		}
		BroadcastAll(all, payloads, func(payload string) func(tob.Outcome) {
			return r.monitor.Broadcast(p, payload, false)
		})
	})
}

func broadcastOf(h *Host) *tob.TOB {
	p, ok := h.actor.(*seasons.Process)
	if !ok {
		panic(fmt.Sprintf("sim: %v runs a %T, not a composition", h.id, h.actor))
	}
	return p.TOB()
}

// outsider has one of a few clients broadcast its next message, if it waits for none.
func (r *runner) outsider(p process.ID, payload string) {
	const most = 3
	if len(r.clients) < most {
		r.begin(p, r.begun+1)
	}
	c := r.clients[r.random.IntN(len(r.clients))]
	r.record.note(
		Intervention{Act: ActBroadcast, Process: p, Client: c.number, Payload: payload})
	r.ask(c, p, payload)
}

// begin has an outsider begin as a client that a process gives out.
func (r *runner) begin(p process.ID, number int) *outsider {
	r.begun = number
	r.record.note(Intervention{Act: ActClient, Process: p, Client: number})
	c := &outsider{
		number: number, client: broadcastOf(r.world.Host(p)).Client(), answered: true,
	}
	r.clients = append(r.clients, c)
	return c
}

// ask has an outsider hand a process its next message, or the one that was not answered yet.
func (r *runner) ask(c *outsider, p process.ID, payload string) {
	if c.answered {
		c.sequence++
		c.payload, c.answered = payload, false
	}
	r.hand(c, p)
}

// hand gives an outsider's message to a process, and later perhaps to another as well.
func (r *runner) hand(c *outsider, p process.ID) {
	h := r.world.Host(p)
	message := tob.Broadcast{Client: c.client, Sequence: c.sequence, Payload: []byte(c.payload)}
	r.world.Call(p, func() {
		note := r.monitor.Broadcast(p, c.payload, true)
		done := func(o tob.Outcome) {
			note(o)
			c.answer(r, message.Sequence, o)
		}
		if o := broadcastOf(h).BroadcastAs(message, done); o.Status != tob.Pending {
			done(o)
		}
	})
	if r.random != nil && !r.healed && r.random.IntN(2) == 0 {
		delay := r.within(60 * time.Millisecond)
		noted := r.record.note(Intervention{
			Act: ActHand, At: r.world.now + delay, Client: c.number, Sequence: message.Sequence,
		})
		r.world.At(delay, func() {
			q := r.anyone()
			r.record.handed(noted, q)
			if c.sequence == message.Sequence && r.world.Host(q).up {
				r.hand(c, q)
			}
		})
	}
}

// answer notes the answer to an outsider, who begins anew as another client when it expired.
func (c *outsider) answer(r *runner, sequence uint64, o tob.Outcome) {
	switch {
	case sequence != c.sequence || c.answered || o.Status == tob.Full:
	case o.Status == tob.Expired:
		for i := range r.clients {
			if r.clients[i] == c {
				r.clients = append(r.clients[:i], r.clients[i+1:]...)
				break
			}
		}
	default:
		c.answered = true
	}
}

package explore

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"paxon/process"
	"paxon/register"
	"paxon/sim"
)

// local is a state of one process. It is a function of what the process was given since it was
// down last; of the histories that lead to it, one is kept, by which it is made again.
type local struct {
	id          uint32
	hashes      []Hash // By naming.
	process     process.ID
	incarnation process.Incarnation // The last one, if the process is down.
	up          bool

	from     *local // The state before, nil for one that is down.
	via      input  // What made this one of it.
	snapshot *snapshot

	puts, storing int // Records, and operations, that wait to be durable.
	forcing       int // Operations of the history that wait.
	unforced      int // Batches that a crash may take.
	timers        int
	busy          bool
	past          func(m process.Message) bool // Nil for none.
	leader        process.ID
	known         map[process.ID]process.Incarnation
	underWay      []Operation
	disks         [][]diskRequest

	live  atomic.Pointer[Host] // In this state, for one use.
	mu    sync.Mutex
	steps map[input]*step
}

// snapshot is what is left of a process that is down.
type snapshot struct {
	store   store
	history history
}

// diskRequest is what others have to know of a diskOperation.
type diskRequest struct {
	key       uint64
	block     *register.Copy
	cancelled bool
}

// input is what happens to one process.
type input struct {
	kind inputKind
	a, b uint32
}

type inputKind uint8

const (
	receive inputKind = iota // a is the message.
	durable                  // The oldest record is durable.
	forced                   // The oldest operation of the history is done.
	call                     // a is which.
	lead                     // a leads.
	fire                     // a is the timer.
	disk                     // a is the operation, b what it read or, for a write, whether it happens.
	crash                    // a operations of the store, and b unforced batches, survive.
	start
)

// onDisk is an input of kind disk.
func onDisk(at, operation int, result uint32) input {
	return input{disk, uint32(at<<16 | operation), result}
}

func (in input) diskOperation() (at, operation int) { return int(in.a >> 16), int(in.a & 0xffff) }

// step is what an input does to a process.
type step struct {
	to    *local
	sends []uint32 // Messages, to others and itself.
	seen  []uint32 // Observations.
	fault *sim.Violation
}

// message is one that was sent.
type message struct {
	id          uint32
	hashes      []Hash // By naming.
	from, to    process.ID
	incarnation process.Incarnation // Of from.
	body        process.Message     // Nil for the announcement of the incarnation.
}

func (m *message) String() string {
	what := "RESTARTED"
	if m.body != nil {
		what = fmt.Sprint(m.body)
	}
	if m.incarnation > 1 {
		return fmt.Sprintf("%s from %v/%d", what, m.from, m.incarnation)
	}
	return fmt.Sprintf("%s from %v", what, m.from)
}

// observation is one that was made, and its number.
type observation struct {
	sim.Observation
	hashes []Hash
}

// step gives what an input does to a process. Whoever asks again gets the same answer.
func (x *search) step(l *local, in input) *step {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.steps[in]; s != nil {
		return s
	}
	s := x.perform(l, in, nil)
	if l.steps == nil {
		l.steps = map[input]*step{}
	}
	l.steps[in] = s
	return s
}

// perform has the parts of a process take an input. A replay has it traced.
func (x *search) perform(l *local, in input, trace *tracer) *step {
	switch in.kind {
	case crash:
		trace.crash(l)
		return &step{to: x.crashed(l, int(in.a), int(in.b))}
	case start:
		h, fault := x.started(l, trace)
		s := x.outcome(l, in, h, fault)
		if h.incarnation > 1 && !x.model.Raw {
			for _, p := range x.all {
				if p != l.process {
					s.sends = append(s.sends, x.message(h, p, nil))
				}
			}
		}
		return s
	default:
	}
	h := l.live.Swap(nil)
	if h == nil {
		h = x.rebuild(l)
	}
	h.trace = trace
	return x.outcome(l, in, h, protected(func() { h.take(in, x) }))
}

// outcome is what is left of an input once the parts on a host have taken it.
func (x *search) outcome(from *local, in input, h *Host, fault *sim.Violation) *step {
	if fault == nil && x.model.Inspect != nil {
		if panicked := protected(func() { fault = x.model.Inspect(h.part) }); panicked != nil {
			fault = panicked
		}
	}
	s := &step{fault: fault}
	for _, o := range h.outbox {
		s.sends = append(s.sends, x.message(h, o.to, o.body))
	}
	for _, o := range h.seen {
		s.seen = append(s.seen, x.observation(o))
	}
	if fault != nil {
		s.to = x.failed(from, in, fault)
		return s
	}
	s.to = x.localOf(from, in, h)
	return s
}

// failed is a process whose part has failed at an input. It is told apart from all that the process
// was before, so that the failure is never taken for a state without it.
func (x *search) failed(from *local, in input, fault *sim.Violation) *local {
	l := &local{process: from.process, incarnation: from.incarnation}
	return x.intern(l, cause{from.hashes}, x.causeOf(in), fault.Detail)
}

// protected turns a panic of a part into a violation.
func protected(run func()) (fault *sim.Violation) {
	defer func() {
		if p := recover(); p != nil {
			fault = &sim.Violation{Property: NoPanic, Detail: fmt.Sprint(p)}
		}
	}()
	run()
	return nil
}

// NoPanic is the property that no message, order or crash makes a part panic.
const NoPanic = "Hygiene: no panic"

// rebuild makes a host in a state that a process that is up was in.
func (x *search) rebuild(l *local) *Host {
	var inputs []input
	for ; l.via.kind != start; l = l.from {
		inputs = append(inputs, l.via)
	}
	h, _ := x.started(l.from, nil)
	for _, in := range slices.Backward(inputs) {
		h.take(in, x)
	}
	return h
}

// started makes the host of the incarnation after one that is down.
func (x *search) started(down *local, trace *tracer) (h *Host, fault *sim.Violation) {
	h = &Host{
		model: x.model, self: down.process, all: x.all, incarnation: down.incarnation + 1,
		known: map[process.ID]process.Incarnation{},
		store: down.snapshot.store.clone(), history: down.snapshot.history.clone(),
		disks: make([][]*diskOperation, x.model.Disks), trace: trace,
	}
	h.known[h.self] = h.incarnation
	h.trace.start(h)
	fault = protected(func() {
		h.part = x.model.Build(h)
		h.turn(x)
	})
	return h, fault
}

// crashed is a process that was up and crashes.
func (x *search) crashed(l *local, stored, delivered int) *local {
	h := l.live.Load()
	if h == nil {
		h = x.rebuild(l)
	}
	left := &snapshot{history: history{first: 1}}
	if !x.model.Volatile {
		left.store, left.history = h.store.clone(), h.history.clone()
		for _, o := range h.store.pending[:stored] {
			left.store.apply(o)
		}
		kept := left.history.forced + delivered
		left.history.batches, left.history.forced = left.history.batches[:kept], kept
	}
	return x.down(l.process, h.incarnation, left)
}

func (x *search) down(p process.ID, i process.Incarnation, left *snapshot) *local {
	return x.intern(&local{process: p, incarnation: i, snapshot: left},
		p, i, left.store.durable, left.history.first, left.history.batches)
}

// localOf is the state that a host is in.
func (x *search) localOf(from *local, in input, h *Host) *local {
	l := &local{
		process: h.self, incarnation: h.incarnation, up: true, from: from, via: in,
		puts: h.store.puts(), storing: len(h.store.pending),
		forcing: len(h.history.pending), unforced: len(h.history.batches) - h.history.forced,
		timers: len(h.timers), leader: h.leader, underWay: h.underWay,
		known: maps.Clone(h.known), disks: make([][]diskRequest, len(h.disks)),
	}
	for at, operations := range h.disks {
		for _, o := range operations {
			l.disks[at] = append(l.disks[at], diskRequest{o.key, o.block, o.cancelled})
		}
	}
	l.busy = x.model.Busy != nil && x.model.Busy(h.part)
	if x.model.Past != nil {
		l.past = x.model.Past(h.part)
	}
	to := x.intern(l, h.self, h.incarnation, h.part, h.known, h.leader, h.store, h.history,
		h.disks, h.timers, h.underWay)
	h.trace = nil
	if to == l || x.config.Twins {
		l.live.Store(h)
	}
	if to != l && x.config.Twins {
		x.mu.Lock()
		x.twins = append(x.twins, twins{to, l})
		x.mu.Unlock()
	}
	return to
}

// intern gives the state that is known by what it is made of, or makes it l.
func (x *search) intern(l *local, made ...any) *local {
	l.hashes = x.hashes(append(made, l.up)...)
	id, _ := x.locals.intern(l.hashes[0], func(id uint32) *local {
		l.id = id
		return l
	})
	return x.locals.at(id)
}

// message gives the number of a message that a process sends.
func (x *search) message(h *Host, to process.ID, body process.Message) uint32 {
	hashes := x.hashes(h.self, to, h.incarnation, body)
	id, _ := x.messages.intern(hashes[0], func(id uint32) *message {
		return &message{id, hashes, h.self, to, h.incarnation, body}
	})
	return id
}

func (x *search) observation(o sim.Observation) uint32 {
	hashes := x.hashes(o)
	id, _ := x.observations.intern(hashes[0], func(uint32) *observation {
		return &observation{o, hashes}
	})
	return id
}

// hashes are the fingerprints of values under every naming of the processes.
func (x *search) hashes(values ...any) []Hash {
	e := x.encoders.Get().(*encoder) //nolint:forcetypeassert // Nothing else is put.
	defer x.encoders.Put(e)
	hashes := make([]Hash, len(x.namings))
	for i, as := range x.namings {
		e.as, e.naming = as, i
		hashes[i] = e.fingerprint(values...)
	}
	return hashes
}

// causeOf is an input as a cause.
func (x *search) causeOf(in input) cause {
	switch in.kind {
	case receive:
		return cause{x.messages.at(in.a).hashes}
	case disk:
		if in.b > 0 && in.b != dropped {
			return cause{x.reads.at(in.b).hashes}
		}
	default:
	}
	all := make([]Hash, len(x.namings))
	for i := range all {
		all[i] = Hash{Hi: uint64(in.kind), Lo: uint64(in.a)<<32 | uint64(in.b)}
	}
	return cause{all}
}

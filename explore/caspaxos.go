package explore

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"paxon/caspaxos"
	"paxon/caspaxos/caspaxostest"
	"paxon/history/keys"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/sim"
)

// CASPaxosBounds say how much happens in a search of CASPaxos.
type CASPaxosBounds struct {
	Processes int
	// Initial is the configuration that the processes begin with.
	Initial caspaxos.Configuration
	// Asked is what each process, from p1 on, is asked for, in this order.
	Asked [][]Asked
	// Waits is how often processes go on after a conflict, or look once more, together.
	Waits int
	// Crashes and Recoveries bound how often processes crash and start again.
	Crashes, Recoveries int
	// Crashing is how many different processes may ever crash; negative for all.
	Crashing int
}

// Asked is what a process is asked for: a call, or with Collect that it collects the tombstones which it
// made, or with a Target that these become the acceptors, or with Proposers that these become the
// proposers, or with GoOn that it goes on with a change of membership that nobody else is heard to drive.
type Asked struct {
	Call              caspaxostest.Call // Its number is where it is asked for among all.
	Collect, GoOn     bool
	Target, Proposers []process.ID
}

// changes says that the membership is to change.
func (a Asked) changes() bool { return a.Target != nil || a.Proposers != nil }

// Over gives what is searched on what is sound, as the gallery of package broken does.
type Over func(on caspaxostest.Base) caspaxostest.Factory

// Sound is what is sound itself.
func Sound(v seasons.Variant) Over {
	return func(on caspaxostest.Base) caspaxostest.Factory { return on(v) }
}

// CASPaxos is the model of CASPaxos: processes change and read keys, collect what was deleted, and change
// the membership as they are asked to.
func CASPaxos(over Over, b CASPaxosBounds) Model {
	m := Model{
		Processes: b.Processes, Crashes: b.Crashes, Recoveries: b.Recoveries, Crashing: b.Crashing,
		Calls: make([][]Call, b.Processes), Dead: unasked, Lost: b.lost,
		Timers: b.Waits > 0, Fires: b.Waits,
		Properties: func(only string) Properties { return &caspaxostest.Watch{Only: only} },
	}
	m.Busy = func(p Part) bool { return p.(*changer).call > 0 } //nolint:forcetypeassert // Built so.
	m.Build = func(h *Host) Part { return buildCASPaxos(h, over, b) }
	n := 0
	for i, all := range b.Asked {
		for _, a := range all {
			n++
			a.Call.Number = n
			m.Calls[i] = append(m.Calls[i], a.ask())
		}
	}
	if b.asks(Asked.changes) {
		m.Past = past
	}
	m.Sometimes = b.marks()
	return m
}

// changer is CASPaxos as a Part.
type changer struct {
	caspaxostest.Part
	host  *Host
	clock *waits
	call  int // The number of the one under way, 0 for none.
}

func (c *changer) Receive(from process.ID, m process.Message) bool {
	before := c.Copies()
	c.Part.Receive(from, retransmit.Packet{Body: m})
	if c.Copies() < before {
		collected.at(c.host)
	}
	return true
}

func (c *changer) Restarted(p process.ID) {
	c.Part.Receive(p, retransmit.Packet{Body: caspaxostest.Restarted{}})
}

func buildCASPaxos(h *Host, over Over, b CASPaxosBounds) Part {
	clock := &waits{Clock: h.Clock()}
	base := func(v seasons.Variant) caspaxostest.Factory {
		return caspaxostest.Bare(noted(v, h))
	}
	limits := caspaxos.DefaultLimits()
	limits.Collect = 2 * long
	host := seasons.Host{
		Net: packets{h}, Incarnation: h.Incarnation(), Clock: clock, Store: copies{h.Store(), h},
	}
	part := over(base)(host, caspaxos.Options{Limits: limits}, caspaxos.Setting{
		Initial: b.Initial, Rand: rand.New(always{}),
		Configured: func(c caspaxos.Configuration) {
			if b.reached(c) {
				configured.at(h)
			}
		},
	})
	part.Start()
	return &changer{Part: part, host: h, clock: clock}
}

// long is longer than any wait after a conflict, and shorter than those for collections.
const long = time.Hour

// always is a source of the same number: which wait is over first is a choice all the same.
type always struct{}

func (always) Uint64() uint64 { return 1<<64/3 - 1 }

// waits is a clock of waits after conflicts alone. What is done now and then is asked for: each time it is
// waited for anew.
type waits struct {
	process.Clock
	collect, drive func() // Nil where a process never does it.
}

// After is process.Clock. Limits.Collect and the source of chance are such that who collects waits less than
// twice as long, and who drives longer.
func (w *waits) After(d time.Duration, fire func()) (cancel func()) {
	switch {
	case d < long:
		return w.Clock.After(d, fire)
	case d < 2*long:
		w.collect = fire
	default:
		w.drive = fire
	}
	return func() {}
}

// patience is more often than a process looks whether another drives before it does itself.
const patience = 4

// copies is stable storage with the copies that are put observed.
type copies struct {
	process.Store
	host *Host
}

// Put is process.Store.
func (c copies) Put(space process.Space, key uint64, r process.Record, done func()) {
	if s, ok := caspaxostest.TakenOn(r); ok {
		c.host.Observe(s.By(c.host.Self()))
	}
	c.Store.Put(space, key, r, done)
}

// packets are links that hand over each packet's message as it is.
type packets struct{ *Host }

func (n packets) Send(to process.ID, packet retransmit.Packet) {
	if m, ok := packet.Body.(caspaxos.Message); ok {
		Links[caspaxos.Message](n.Host).Send(to, m)
	}
}

// lost says that a message asks for a configuration, as nobody has to: whoever is asked for something in
// an earlier one tells of it. Or it is of more collections than were asked for: where a tombstone was
// promised to somebody since, a process collects it again, and again.
func (b CASPaxosBounds) lost(m process.Message) bool {
	switch m := m.(type) {
	case caspaxos.Behind:
		return true
	case caspaxos.Forbid:
		return slices.ContainsFunc(m.Ages, func(a caspaxos.Age) bool { return a.Age > b.collections() })
	}
	return false
}

// collections is how many are asked for.
func (b CASPaxosBounds) collections() (n uint64) {
	for _, all := range b.Asked {
		for _, a := range all {
			if a.Collect {
				n++
			}
		}
	}
	return n
}

// past says that a message is of an earlier configuration, and without an answer.
func past(p Part) func(m process.Message) bool {
	epoch := p.(*changer).Configuration().Epoch //nolint:forcetypeassert // Built so.
	return func(m process.Message) bool {
		switch m := m.(type) {
		case caspaxos.Stale:
			return m.Configuration.Epoch <= epoch
		case caspaxos.Installed:
			return m.Epoch < epoch
		case caspaxos.Caught:
			return m.Epoch < epoch
		}
		return false
	}
}

func (b CASPaxosBounds) asks(which func(a Asked) bool) bool {
	return slices.ContainsFunc(b.Asked, func(all []Asked) bool { return slices.ContainsFunc(all, which) })
}

// reached says that what was asked for is so.
func (b CASPaxosBounds) reached(c caspaxos.Configuration) bool {
	return c.Epoch > 1 && b.asks(func(a Asked) bool {
		return a.Target != nil && slices.Equal(c.Prepare.Members(), a.Target) ||
			a.Proposers != nil && slices.Equal(c.Proposers, a.Proposers)
	})
}

func (a Asked) ask() Call {
	part := func(h *Host) *changer { return h.part.(*changer) } //nolint:forcetypeassert // Built so.
	switch number := a.Call.Number; {
	case a.Collect:
		return Call{fmt.Sprintf("collect (%d)", number), func(h *Host) {
			if collect := part(h).clock.collect; collect != nil {
				collect()
			}
		}}
	case a.GoOn:
		return Call{fmt.Sprintf("go on (%d)", number), func(h *Host) {
			for range patience {
				if drive := part(h).clock.drive; drive != nil {
					drive()
				}
			}
		}}
	case a.Target != nil:
		return Call{fmt.Sprintf("change the membership to %v (%d)", a.Target, number), func(h *Host) {
			part(h).Reconfigure(a.Target, func(caspaxos.Status) {})
		}}
	case a.Proposers != nil:
		return Call{fmt.Sprintf("change the proposers to %v (%d)", a.Proposers, number), func(h *Host) {
			part(h).ReconfigureProposers(a.Proposers, nil, func(caspaxos.Status) {})
		}}
	}
	return Call{a.Call.String(), func(h *Host) { a.call(h, part(h)) }}
}

// call has a process do a call. One that it does not take is answered with why.
func (a Asked) call(h *Host, p *changer) {
	observe := func(s caspaxostest.Sight) { h.Observe(s.By(h.Self())) }
	observe(caspaxostest.Sight{Kind: caspaxostest.Called, Call: a.Call})
	p.call = a.Call.Number
	done := func(o caspaxos.Outcome) {
		p.call = 0
		observe(caspaxostest.AnsweredBy(a.Call, o))
	}
	var status caspaxos.Status
	if a.Call.Look {
		status = p.Read(a.Call.Key, done)
	} else {
		status = p.Change(a.Call.Key, a.Call.Change(observe), done)
	}
	if status != caspaxos.Pending {
		done(caspaxos.Outcome{Status: status})
	}
}

// noted has the operations on registers noted, so that answers to none are known.
func noted(v seasons.Variant, h *Host) seasons.Variant {
	of := v.Registers
	v.Registers = func(
		s seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		array := of(s, net, c)
		return &notedArray{Array: array, only: notedRegister{host: h}}
	}
	return v
}

// notedArray is the array that the register of a key is.
type notedArray struct {
	register.Array
	only notedRegister
}

func (a *notedArray) At(l register.Instance) register.Register {
	a.only.Register = a.Array.At(l)
	return &a.only
}

// notedRegister is a register whose operations are noted.
type notedRegister struct {
	register.Register
	host  *Host
	round register.Round // Of the operation under way; zero for none.
	// refused says that a round was, and none has committed a write since.
	refused bool
	read    func(v register.Value, ok bool, higher register.Round)
	write   func(ok bool, higher register.Round)
}

func (r *notedRegister) note(kind sim.Kind) {
	// No round is used twice, so that its turn tells operations apart.
	instance := register.Instance(r.round.Incarnation)
	r.host.note(sim.Observation{Kind: kind, Instance: instance, Round: r.round})
}

func (r *notedRegister) begin(kind sim.Kind, k register.Round) {
	r.end()
	r.round = k
	r.note(kind)
}

func (r *notedRegister) end() {
	if !r.round.IsZero() {
		r.note(sim.ReturnRead)
	}
	r.round, r.read, r.write = register.Round{}, nil, nil
}

func (r *notedRegister) Read(
	k register.Round, done func(v register.Value, ok bool, higher register.Round),
) {
	r.begin(sim.InvokeRead, k)
	r.read = done
	r.Register.Read(k, func(v register.Value, ok bool, higher register.Round) {
		done := r.read
		r.refused = r.refused || !ok
		r.end()
		done(v, ok, higher)
	})
}

func (r *notedRegister) Write(
	k register.Round, v register.Value, done func(ok bool, higher register.Round),
) {
	r.begin(sim.InvokeWrite, k)
	r.write = done
	r.Register.Write(k, v, func(ok bool, higher register.Round) {
		done := r.write
		if ok && r.refused {
			afterConflict.at(r.host)
		}
		r.refused = !ok
		r.end()
		done(ok, higher)
	})
}

func (r *notedRegister) Cancel() {
	r.Register.Cancel()
	r.end()
}

// unasked says that an answer is to no operation that is under way: rounds are used once.
func unasked(m process.Message, underWay []Operation) bool {
	a, ok := m.(caspaxos.Answer)
	if !ok {
		return false
	}
	kind := sim.InvokeRead
	if a.Kind == caspaxos.Accepted || a.Kind == caspaxos.AcceptRefused {
		kind = sim.InvokeWrite
	}
	return !slices.ContainsFunc(underWay, func(o Operation) bool {
		return o.Kind == kind && o.Round == a.Round
	})
}

// marks are what the bounds must bring about.
func (b CASPaxosBounds) marks() []Mark {
	var marks []Mark
	calls := func(of int) (n int) {
		for _, a := range b.Asked[of] {
			if !a.Collect && !a.GoOn && !a.changes() {
				n++
			}
		}
		return n
	}
	callers := 0
	for i := range b.Asked {
		callers += min(calls(i), 1)
	}
	if callers > 0 {
		marks = append(marks, shows("a call is answered",
			func(caspaxostest.Sight, bool) bool { return true }))
	}
	if callers > 1 {
		marks = append(marks, shows("a call is answered with what another has made", b.others))
	}
	if callers > 0 && b.Recoveries > 0 {
		marks = append(marks, shows("a call is answered after a recovery",
			func(_ caspaxostest.Sight, recovered bool) bool { return recovered }))
	}
	if b.Waits > 0 {
		marks = append(marks, happens(afterConflict))
	}
	if b.asks(func(a Asked) bool { return a.Collect }) {
		marks = append(marks, happens(collected))
	}
	if b.asks(Asked.changes) {
		marks = append(marks, happens(configured))
	}
	return marks
}

// others says that a call was shown what another process has made, or has deleted it.
func (b CASPaxosBounds) others(s caspaxostest.Sight, _ bool) bool {
	own := map[string]bool{} // Numbers of the calls of the process, by whether they make a value.
	first := 1
	for _, all := range b.Asked {
		if first <= s.Call.Number && s.Call.Number < first+len(all) {
			for i, a := range all {
				own[strconv.Itoa(first+i)] = a.makes()
			}
		}
		first += len(all)
	}
	if !s.Exists {
		made := slices.Contains(slices.Collect(maps.Values(own)), true)
		return s.Result && s.Call.Kind == keys.Delete && !made
	}
	for _, number := range s.Way() {
		if _, ours := own[number]; !ours {
			return true
		}
	}
	return false
}

// makes says that a value is made where nothing hinders it.
func (a Asked) makes() bool {
	return !a.Collect && !a.GoOn && !a.changes() && a.Call.Kind != keys.Delete && a.Call.Kind != keys.Read
}

// shows is a mark of a call that is answered in some way.
func shows(name string, how func(s caspaxostest.Sight, recovered bool) bool) Mark {
	return Mark{name, func(o sim.Observation, recovered bool) bool {
		s, ok := o.Of.(caspaxostest.Sight)
		return ok && s.Kind == caspaxostest.Answered && s.Status == caspaxos.Done && how(s, recovered)
	}}
}

// happens is a mark of a happening.
func happens(what happening) Mark {
	return Mark{string(what), func(o sim.Observation, _ bool) bool { return o.Of == what }}
}

// happening is something that a mark is for.
type happening string

const (
	afterConflict happening = "a process writes after its round was refused"
	collected     happening = "a copy is removed"
	configured    happening = "a configuration that was asked for is taken over"
)

func (s happening) String() string                   { return string(s) }
func (happening) Event() (e sim.TraceEvent, ok bool) { return e, false }

func (s happening) at(h *Host) {
	h.Observe(sim.Observation{Kind: sim.Other, Process: h.self, Of: s})
}

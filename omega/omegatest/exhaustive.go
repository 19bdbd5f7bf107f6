package omegatest

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"paxon/conformance"
	"paxon/explore"
	"paxon/omega"
	"paxon/process"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/sim"
)

// plan is what may happen in one search of the layer exhaustive.
type plan struct {
	fires   int  // How often timers fire, together.
	crashes bool // A process may crash, and recover if the assumptions have that.
	hangs   bool // The storage of p1 may hang.
	elects  bool // Some process must come to trust another.
}

// plans are all. It takes three heartbeats beyond the first ones to hear that one is heard, and to
// tell; five are enough for an election that counts what the others trust.
func plans() []plan {
	return []plan{{fires: 5, elects: true}, {fires: 3, crashes: true}, {fires: 3, hangs: true}}
}

// states is how many there may be before a search is given up: enough for a majority of two, and
// some of a larger one, which has too many.
func states(processes int) uint64 {
	if process.Majority(processes) > 2 {
		return 3_000
	}
	return 20_000
}

// exhaustive searches all runs of a majority, in which timers fire at any time, a few times together.
// The other processes are too slow for anybody to hear of them.
func exhaustive(f Factory, a conformance.Assumptions, report *conformance.Report) {
	for i, of := range plans() {
		if of.crashes && a.Crashes == 0 || report.Over() {
			continue
		}
		report.Add(of.search(f, a, report, fmt.Sprintf("plan %d", i+1)))
	}
}

func (of plan) search(
	f Factory, a conformance.Assumptions, report *conformance.Report, name string,
) *conformance.Failure {
	var elected atomic.Bool
	r, err := explore.Run(context.Background(), explore.Config{
		Model: of.model(f, a, &elected), Reductions: explore.AllReductions(), Workers: 1,
		States: states(a.Processes),
	})
	report.Tried(max(0, int(r.States)-1)) //nolint:gosec // Not many more than the bound.
	failure := &conformance.Failure{Layer: conformance.Exhaustive}
	switch {
	case err != nil:
		failure.Property, failure.Detail, failure.Replay = Deterministic, err.Error(), name
	case r.Violation != nil:
		failure.Property, failure.Detail = r.Violation.Property, r.Violation.Detail
		failure.Replay = name + ", schedule " + strings.Join(r.Schedule, "; ")
	case of.elects && r.Cut == "" && !elected.Load():
		failure.Property, failure.Replay = NonTriviality, name
		failure.Detail = fmt.Sprintf("in no run of %d in which timers fire %d times does a process "+
			"trust another", r.States, of.fires)
	default:
		return nil
	}
	return failure
}

// model is what is searched. It notes whether a process ever trusts another, or is alone and trusts
// itself.
func (of plan) model(f Factory, a conformance.Assumptions, elected *atomic.Bool) explore.Model {
	m := explore.Model{
		Processes: a.Processes, Volatile: true, Crashing: -1, Timers: true, Fires: of.fires,
		Raw: true, Calls: make([][]explore.Call, a.Processes),
	}
	if of.crashes {
		m.Crashes = 1
		if a.Recovers {
			m.Recoveries = 1
		}
	}
	most := process.Incarnation(1 + m.Recoveries) //nolint:gosec // 1 or 2.
	m.Build = func(h *explore.Host) explore.Part { return newProbe(f, h, most) }
	if of.hangs {
		m.Calls[0] = []explore.Call{{Name: "have its storage hang", Do: func(h *explore.Host) {
			h.Part().(*probe).hangs = true //nolint:forcetypeassert // Built so.
		}}}
	}
	m.Inspect = func(p explore.Part) *sim.Violation {
		probed := p.(*probe) //nolint:forcetypeassert // Built so.
		if q := probed.trusted; q != 0 && (q != probed.self || a.Processes == 1) {
			elected.Store(true)
		}
		return probed.fault
	}
	return m
}

// probe is the host of the detector of one incarnation in a search, and looks at what it does.
type probe struct {
	self    process.ID
	part    omega.Part
	links   process.Net[omega.Heartbeat]
	most    process.Incarnation // How often a process may have started, at most.
	epochs  []process.Incarnation
	trusted process.ID
	started bool
	hangs   bool // Its storage does.
	fault   *sim.Violation
}

func newProbe(f Factory, h *explore.Host, most process.Incarnation) *probe {
	p := &probe{
		self: h.Self(), links: explore.Links[omega.Heartbeat](h), most: most,
		epochs: make([]process.Incarnation, len(h.All())),
	}
	offer := seasons.Host{
		Net: explore.Links[retransmit.Packet](h), Incarnation: h.Incarnation(), Clock: h.Clock(),
	}
	if p.slow(p.self) {
		offer.Clock = stopped{}
	}
	p.part = f(offer, p, omega.Hooks{
		Healthy:  func() bool { return !p.hangs },
		Progress: func() omega.Progress { return progressOf(p.self) },
		Heard:    p.heard,
	})
	p.epochs[p.self-1] = h.Incarnation()
	p.started = true
	p.part.Start()
	return p
}

// progressOf is what a process says of its progress whenever it is asked. Nothing is stable: not
// every variant tells of that.
func progressOf(p process.ID) omega.Progress {
	return omega.Progress{Next: uint64(p) + 2, Highest: uint64(p) + 3}
}

func (p *probe) fail(property, format string, args ...any) {
	if p.fault == nil {
		p.fault = &sim.Violation{Property: property, Detail: fmt.Sprintf(format, args...)}
	}
}

// slow says that a process is beyond the majority that is searched.
func (p *probe) slow(q process.ID) bool { return int(q) > process.Majority(len(p.epochs)) }

// Self and All are process.Net.
func (p *probe) Self() process.ID  { return p.self }
func (p *probe) All() []process.ID { return p.links.All() }

// Send is process.Net.
func (p *probe) Send(to process.ID, h omega.Heartbeat) {
	switch {
	case !p.started:
		p.fail(Silent, "%v sends %v before Start", p.self, h)
	case p.hangs:
		p.fail(Healthy, "%v sends %v while its storage hangs", p.self, h)
	}
	if !p.slow(p.self) && !p.slow(to) {
		p.links.Send(to, h)
	}
}

func (p *probe) heard(from process.ID, progress omega.Progress) {
	if progress != progressOf(from) {
		p.fail(Progress, "%v hears %+v of %v, which never said that", p.self, progress, from)
	}
}

// Receive is explore.Part.
func (p *probe) Receive(from process.ID, m process.Message) bool {
	if h, ok := m.(omega.Heartbeat); ok {
		p.part.Receive(from, h)
	}
	return true
}

// Restarted is explore.Part.
func (*probe) Restarted(process.ID) {}

// Turn looks at what the detector says.
func (p *probe) Turn() {
	all := p.links.All()
	known := func(q process.ID) bool { return q >= 1 && int(q) <= len(all) }
	trusted, ok := p.part.Trusted()
	p.trusted = 0
	if ok {
		p.trusted = trusted
	}
	if ok && !known(trusted) {
		p.fail(Output, "%v trusts %v, which is none of %v", p.self, trusted, all)
	}
	outputs := p.part.Outputs()
	if len(outputs) == 0 {
		p.fail(Output, "%v knows no outputs, not even its own", p.self)
	}
	for _, q := range outputs {
		if q != 0 && !known(q) {
			p.fail(Output, "%v knows the output %v, which is none of %v", p.self, q, all)
		}
	}
	for _, q := range all {
		was, now := p.epochs[q-1], p.part.Epoch(q)
		switch {
		case now < was:
			p.fail(Epoch, "the epoch of %v at %v is %d: expected %d at least", q, p.self, now, was)
		case now > p.most || q == p.self && now > was:
			p.fail(Epoch, "the epoch of %v at %v is %d: it never started so often", q, p.self, now)
		}
		p.epochs[q-1] = now
	}
}

// stopped is a clock on which nothing ever happens.
type stopped struct{}

// After is process.Clock.
func (stopped) After(time.Duration, func()) (cancel func()) { return func() {} }

package retransmittest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"paxon/conformance"
	"paxon/explore"
	"paxon/process"
	"paxon/retransmit"
	"paxon/sim"
)

// plan is what may happen in one search of the layer exhaustive.
type plan struct {
	calls   func() [][]explore.Call // Of p1 and p2.
	fires   int                     // How often timers fire, together.
	crashes int                     // How often a process crashes and recovers.
	// demands are properties each of which says that something happens in some run.
	demands []string
}

// plans are those that the assumptions allow.
func plans(a conformance.Assumptions) []plan {
	all := []plan{
		{calls: waiting, fires: 5, demands: []string{Delivery, Bounded}},
		{calls: pushed, fires: 4, demands: []string{NonTriviality}},
	}
	if a.Crashes != 0 && a.Recovers {
		all = append(all, plan{calls: restarts, fires: 4, crashes: 1, demands: []string{Restarted}})
	}
	return all
}

// waiting has p1 s-send two messages and cancel the first.
func waiting() [][]explore.Call {
	return [][]explore.Call{{ssends("a"), ssends("b"), cancels("a")}, {}}
}

// pushed has p2 push a message back, and p1 send to p2 and to itself what is not s-sent.
func pushed() [][]explore.Call {
	return [][]explore.Call{{ssends("a"), sends(2, "c"), sends(1, "d")}, {pushesBack()}}
}

// restarts has p1 s-send two messages, perhaps in two incarnations.
func restarts() [][]explore.Call { return [][]explore.Call{{ssends("a"), ssends("b")}, {}} }

// states is how many there may be before a search is given up.
const states = 40_000

// exhaustive searches all runs of two processes within each plan, over links that lose, double and
// reorder what they carry; if the assumptions have no such links, it does nothing.
func exhaustive(f Factory, a conformance.Assumptions, report *conformance.Report) {
	if a.Processes < 2 || !a.Loss || !a.Duplicates || !a.Reordering {
		return
	}
	for i, of := range plans(a) {
		if !report.Over() {
			of.search(f, report, fmt.Sprintf("plan %d", i+1))
		}
	}
}

func (of plan) search(f Factory, report *conformance.Report, name string) {
	seen := map[string]bool{}
	r, err := explore.Run(context.Background(), explore.Config{
		Model: of.model(f, seen), Reductions: explore.AllReductions(), Workers: 1, States: states,
	})
	report.Tried(max(0, int(r.States)-1)) //nolint:gosec // Not many more than the bound.
	add := func(property, replay, detail string) {
		report.Add(&conformance.Failure{
			Property: property, Layer: conformance.Exhaustive, Replay: replay, Detail: detail,
		})
	}
	switch {
	case err != nil:
		add(Deterministic, name, err.Error())
	case r.Violation != nil:
		add(r.Violation.Property, name+", schedule "+strings.Join(r.Schedule, "; "), r.Violation.Detail)
	default:
		report.Add(nil)
	}
	if err != nil || r.Violation != nil || r.Cut != "" {
		return
	}
	for _, demanded := range of.demands {
		if !seen[demanded] {
			add(demanded, name, fmt.Sprintf("in no run of %d %s", r.States, map[string]string{
				Delivery:      "is a message sent again",
				Bounded:       "does a message that was received wait no more",
				NonTriviality: "does p2 receive what is merely sent",
				Restarted:     "does a process hear that the other restarted",
			}[demanded]))
		}
	}
}

// model is what is searched. It notes which of the demands were seen to be met.
func (of plan) model(f Factory, seen map[string]bool) explore.Model {
	return explore.Model{
		Processes: 2, Volatile: true, Crashing: -1, Timers: true, Fires: of.fires, Raw: true,
		Crashes: of.crashes, Recoveries: of.crashes, Calls: of.calls(),
		Build: func(h *explore.Host) explore.Part { return newProbe(f, h) },
		Inspect: func(p explore.Part) *sim.Violation {
			probed := p.(*probe) //nolint:forcetypeassert // Built so.
			for _, met := range probed.met {
				seen[met] = true
			}
			return probed.fault
		},
	}
}

// frame is a packet, and what the suite knows that no packet need tell: how often its sender has
// started, and what that incarnation had received when it sent it.
type frame struct {
	retransmit.Packet
	incarnation process.Incarnation
	received    []string
}

func (f frame) String() string {
	return fmt.Sprintf("%v (number %d, ack %d)", f.Body, f.Seq, f.Ack)
}

// probe is the host of the links of one incarnation in a search, and looks at what they do.
type probe struct {
	self        process.ID
	incarnation process.Incarnation
	links       Links
	net         process.Net[frame]

	tickets   map[string]retransmit.Ticket // Of what was s-sent.
	cancelled map[string]bool
	sent      map[string]bool // A packet has carried it.
	accepted  []string        // In ascending order, once each.
	known     map[string]bool // Received by the other, as packets from there told.
	restarted bool            // The other was told to have.
	highest   process.Incarnation
	pushes    bool // The next message is pushed back.
	calling   bool // A call of Send or SSend has not returned.
	met       []string
	fault     *sim.Violation
}

func newProbe(f Factory, h *explore.Host) *probe {
	p := &probe{
		self: h.Self(), incarnation: h.Incarnation(), net: explore.Links[frame](h),
		tickets: map[string]retransmit.Ticket{}, cancelled: map[string]bool{},
		sent: map[string]bool{}, known: map[string]bool{},
	}
	links := f(p, h.Clock(), h.Incarnation())
	links.Deliver(p.receive, func(process.ID) { p.restarted = true })
	p.links = links
	return p
}

func (p *probe) fail(property, format string, args ...any) {
	if p.fault == nil {
		p.fault = &sim.Violation{Property: property, Detail: fmt.Sprintf(format, args...)}
	}
}

func (p *probe) meets(demand string) {
	if !slices.Contains(p.met, demand) {
		p.met = append(p.met, demand)
		slices.Sort(p.met)
	}
}

// Self and All are process.Net.
func (p *probe) Self() process.ID  { return p.self }
func (p *probe) All() []process.ID { return p.net.All() }

// Send is process.Net.
func (p *probe) Send(to process.ID, packet retransmit.Packet) {
	if p.links == nil {
		p.fail(Silent, "%v sends a packet to %v from its constructor", p.self, to)
	}
	if name, ok := packet.Body.(string); ok {
		if p.cancelled[name] {
			p.fail(Cancel, "%s is sent after it was cancelled", name)
		}
		if p.sent[name] {
			p.meets(Delivery)
		}
		p.sent[name] = true
	}
	p.net.Send(to, frame{packet, p.incarnation, slices.Clone(p.accepted)})
}

// Receive is explore.Part.
func (p *probe) Receive(from process.ID, m process.Message) bool {
	f, ok := m.(frame)
	if !ok {
		return true
	}
	if from != p.self {
		p.highest = max(p.highest, f.incarnation)
		for _, name := range f.received {
			p.known[name] = true
		}
	}
	p.links.Receive(from, f.Packet)
	return true
}

// receive takes a message from the links. Those of p1 that are to go to p2 are all but d.
func (p *probe) receive(from process.ID, body process.Message) bool {
	name, _ := body.(string)
	to := process.ID(2)
	if name == "d" {
		to = 1
	}
	i, again := slices.BinarySearch(p.accepted, name)
	switch {
	case p.calling:
		p.fail(Asynchronous, "%v receives %v before Send or SSend has returned", p.self, body)
	case !slices.Contains([]string{"a", "b", "c", "d"}, name):
		p.fail(NoCreation, "%v receives %v from %v, which nobody sent", p.self, body, from)
	case from != 1 || p.self != to:
		p.fail(NoCreation, "%v receives %s from %v, which p1 sent to %v", p.self, name, from, to)
	case again && name < "c":
		p.fail(Duplication, "%v receives %s again", p.self, name)
	case p.pushes && from != p.self:
		p.pushes = false
		return false
	}
	if name == "c" {
		p.meets(NonTriviality)
	}
	if !again {
		p.accepted = slices.Insert(p.accepted, i, name)
	}
	return true
}

// Restarted is explore.Part.
func (*probe) Restarted(process.ID) {}

// Turn looks at what waits no more, and at what was heard of restarts.
func (p *probe) Turn() {
	for _, name := range []string{"a", "b"} {
		ticket, sent := p.tickets[name]
		switch {
		case !sent:
		case p.cancelled[name] && p.links.Waits(ticket):
			p.fail(Cancel, "%s waits after it was cancelled", name)
		case p.cancelled[name] || p.links.Waits(ticket):
		case !p.known[name]:
			p.fail(Delivery, "%s waits no more, though p2 has not received it", name)
		default:
			p.meets(Bounded)
		}
	}
	if !p.restarted {
		return
	}
	p.meets(Restarted)
	if p.highest < 2 {
		p.fail(Restarted, "%v heard that the other restarted, before anything that it sent then",
			p.self)
	}
}

// call is something that a process does in a search.
func call(name string, do func(p *probe)) explore.Call {
	return explore.Call{Name: name, Do: func(h *explore.Host) {
		p := h.Part().(*probe) //nolint:forcetypeassert // Built so.
		p.calling = true
		do(p)
		p.calling = false
	}}
}

func ssends(name string) explore.Call {
	return call("s-send "+name, func(p *probe) { p.tickets[name] = p.links.SSend(2, name) })
}

func sends(to process.ID, name string) explore.Call {
	return call("send "+name, func(p *probe) { p.links.Send(to, name) })
}

func cancels(name string) explore.Call {
	return call("cancel "+name, func(p *probe) {
		if ticket, sent := p.tickets[name]; sent && p.links.Waits(ticket) {
			p.cancelled[name] = true
			p.links.Cancel(ticket)
		}
	})
}

func pushesBack() explore.Call {
	return call("push the next message back", func(p *probe) { p.pushes = true })
}

package explore

import (
	"fmt"
	"time"

	"paxon/process"
	"paxon/register"
	"paxon/sim"
)

// tracer writes the events of a replay. Each choice takes one millisecond. A nil tracer writes
// nothing.
type tracer struct {
	out  *sim.Trace
	now  time.Duration
	ids  map[string]uint64 // Of messages, by all that tells them apart.
	last uint64
}

// newTracer makes a tracer of processes that have started already.
func newTracer(out *sim.Trace, all []process.ID) *tracer {
	t := &tracer{out: out, ids: map[string]uint64{}}
	for _, p := range all {
		t.event(sim.TraceEvent{Event: "start", Process: p, Incarnation: 1})
	}
	return t
}

// begin goes on to the next choice.
func (t *tracer) begin() { t.now += time.Millisecond }

func (t *tracer) event(e sim.TraceEvent) {
	if t != nil {
		t.out.Event(t.now, e)
	}
}

func (t *tracer) start(h *Host) {
	t.event(sim.TraceEvent{Event: "start", Process: h.self, Incarnation: h.incarnation})
}

func (t *tracer) crash(l *local) {
	t.event(sim.TraceEvent{Event: "crash", Process: l.process})
}

func (t *tracer) put(h *Host, o put) {
	if t != nil {
		t.event(sim.TraceEvent{
			Event: "put", Process: h.self, Key: o.key, Text: fmt.Sprint(o.record),
		})
	}
}

func (t *tracer) durable(h *Host, o put) {
	if t != nil {
		t.event(sim.TraceEvent{
			Event: "durable", Process: h.self, Key: o.key, Text: fmt.Sprint(o.record),
		})
	}
}

func (t *tracer) write(h *Host, disk int, key uint64, block register.Copy) {
	if t != nil {
		t.event(sim.TraceEvent{
			Event: "write", Process: h.self, Disk: disk + 1, Key: key, Text: block.String(),
		})
	}
}

func (t *tracer) written(h *Host, disk int, key uint64) {
	t.event(sim.TraceEvent{Event: "written", Process: h.self, Disk: disk + 1, Key: key})
}

func (t *tracer) lead(h *Host) {
	t.event(sim.TraceEvent{Event: "leader", Process: h.self, To: h.leader})
}

func (t *tracer) observation(o sim.Observation) {
	if t == nil {
		return
	}
	if e, ok := o.Event(); ok {
		t.event(e)
	}
}

func (t *tracer) violation(v *sim.Violation) {
	t.event(sim.TraceEvent{Event: "violation", Text: v.Property + ": " + v.Detail})
}

// message is an event of a message. All copies of one have one number.
func (t *tracer) message(
	event string, from, to process.ID, i process.Incarnation, body process.Message,
) {
	if t == nil {
		return
	}
	text := "RESTARTED"
	if body != nil {
		text = fmt.Sprint(body)
	}
	key := fmt.Sprintf("%v %v %v %#v", from, to, i, body)
	if t.ids[key] == 0 {
		t.last++
		t.ids[key] = t.last
	}
	t.event(sim.TraceEvent{Event: event, From: from, To: to, Message: t.ids[key], Text: text})
}

func (t *tracer) receive(m *message) {
	t.message("receive", m.from, m.to, m.incarnation, m.body)
}

func (t *tracer) send(m *message) { t.message("send", m.from, m.to, m.incarnation, m.body) }

// self is a message that a process has sent itself and receives at once.
func (t *tracer) self(h *Host, body process.Message) {
	t.message("send", h.self, h.self, h.incarnation, body)
	t.message("receive", h.self, h.self, h.incarnation, body)
}

package sim

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"paxon/process"
	"paxon/register"
)

// Trace writes the events of a run as NDJSON, one event a line. A nil *Trace writes nothing.
type Trace struct {
	out *json.Encoder
	err error
}

// NewTrace makes a trace that writes to out.
func NewTrace(out io.Writer) *Trace {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return &Trace{out: encoder}
}

// Err is the first error of writing, nil if all is well.
func (t *Trace) Err() error { return t.err }

// TraceEvent is one line of a trace. Which fields it has depends on Event:
//
//	start, crash             Process, Incarnation
//	send, receive, lost      From, To, Message, Text; lost has Reason (link, cut, down)
//	put, durable             Process, Key, Text
//	write, written           Process, Message, Disk, Key; write has Text
//	link                     From, To, Reason (broken, mended)
//	broadcast, outcome       Process, Text
//	deliver                  Process, Instance, Text
//	invoke, return           Process, Instance, Text
//	leader                   Process, To (0 for none)
//	heal, violation          Text
type TraceEvent struct {
	Nanoseconds int64               `json:"t"` // Virtual time since the start of the run.
	Event       string              `json:"event"`
	Process     process.ID          `json:"process,omitempty"`
	Incarnation process.Incarnation `json:"incarnation,omitempty"`
	From        process.ID          `json:"from,omitempty"`
	To          process.ID          `json:"to,omitempty"`
	Message     uint64              `json:"message,omitempty"` // Pairs what is sent or written with its end.
	Sequence    uint64              `json:"seq,omitempty"`     // The packet's number, if s-sent.
	Instance    register.Instance   `json:"instance,omitempty"`
	Disk        int                 `json:"disk,omitempty"` // Of those that are shared, from 1.
	Key         uint64              `json:"key,omitempty"`
	Text        string              `json:"text,omitempty"`
	Reason      string              `json:"reason,omitempty"`
}

func (t *Trace) write(at time.Duration, e TraceEvent) {
	e.Nanoseconds = int64(at)
	if err := t.out.Encode(e); err != nil && t.err == nil {
		t.err = fmt.Errorf("write the trace: %w", err)
	}
}

func (t *Trace) start(at time.Duration, p process.ID, i process.Incarnation) {
	if t != nil {
		t.write(at, TraceEvent{Event: "start", Process: p, Incarnation: i})
	}
}

func (t *Trace) crash(at time.Duration, p process.ID) {
	if t != nil {
		t.write(at, TraceEvent{Event: "crash", Process: p})
	}
}

func (t *Trace) message(at time.Duration, name string, e event, reason string) {
	t.write(at, TraceEvent{
		Event: name, From: e.from, To: e.to, Message: e.id, Sequence: e.packet.Seq,
		Text: text(e.packet.Body), Reason: reason,
	})
}

func (t *Trace) send(at time.Duration, e event) {
	if t != nil {
		t.message(at, "send", e, "")
	}
}

func (t *Trace) receive(at time.Duration, e event) {
	if t != nil {
		t.message(at, "receive", e, "")
	}
}

func (t *Trace) lost(at time.Duration, e event, reason string) {
	if t != nil {
		t.message(at, "lost", e, reason)
	}
}

func (t *Trace) link(at time.Duration, from, to process.ID, broken bool) {
	if t != nil {
		reason := "mended"
		if broken {
			reason = "broken"
		}
		t.write(at, TraceEvent{Event: "link", From: from, To: to, Reason: reason})
	}
}

func (t *Trace) put(at time.Duration, p process.ID, key uint64, r process.Record) {
	if t != nil {
		t.write(at, TraceEvent{Event: "put", Process: p, Key: key, Text: text(r)})
	}
}

func (t *Trace) durable(at time.Duration, p process.ID, key uint64, r process.Record) {
	if t != nil {
		t.write(at, TraceEvent{Event: "durable", Process: p, Key: key, Text: text(r)})
	}
}

// Event writes one event, of which a checker or a driver knows, with its time since the beginning.
func (t *Trace) Event(at time.Duration, e TraceEvent) {
	if t != nil {
		t.write(at, e)
	}
}

func text(m any) string {
	if m == nil {
		return "ACK"
	}
	return fmt.Sprint(m)
}

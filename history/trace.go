package history

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"paxon/process"
	"paxon/register"
	"paxon/sim"
	"paxon/tob"
)

// FromTrace makes a history of the trace of a simulated run (sim.Trace): a broadcast with its
// outcome is a broadcast, and what a process delivers in an instance is a read of that. Its
// clock counts the lines of the trace, so that it keeps the order of events of the same virtual
// time. Values longer than a trace shows are cut as the trace cuts them; they must differ in what
// is left. The error is an *OperationError, or the reader's.
func FromTrace(r io.Reader) ([]Operation, error) {
	t := &tracer{
		starts: map[process.ID]int{}, next: map[process.ID]register.Instance{},
		waiting: map[call][]int{}, busy: map[int]bool{},
	}
	err := eachLine(r, func(text []byte) error {
		var e sim.TraceEvent
		if err := json.Unmarshal(text, &e); err != nil {
			return &OperationError{Came: err.Error(), Expected: "an event of a trace as JSON"}
		}
		t.now++
		return t.event(e)
	})
	if err != nil {
		return nil, err
	}
	return t.history, nil
}

// tracer turns events into operations.
type tracer struct {
	history []Operation
	now     int64
	starts  map[process.ID]int
	next    map[process.ID]register.Instance // That the start of a process reads from, 0 if it has not.
	waiting map[call][]int                   // Indices of broadcasts without an outcome, oldest first.
	busy    map[int]bool                     // Clients with a broadcast without an outcome.
}

// call is what an outcome says about which broadcast it is of.
type call struct {
	process process.ID
	start   int
	value   string
}

// reader is the client that reads at a process; those that broadcast come after all readers.
func reader(p process.ID) int { return int(p) - 1 }

// maxProcesses bounds the processes of a trace: sim has fewer.
const maxProcesses = 1 << 10

func (t *tracer) event(e sim.TraceEvent) error {
	switch e.Event {
	case "start", "broadcast", "outcome", "deliver":
	default:
		return nil
	}
	if e.Process < 1 || e.Process > maxProcesses {
		return &OperationError{
			Came: fmt.Sprintf("process %d", e.Process), Expected: fmt.Sprintf("1 to %d", maxProcesses),
		}
	}
	if e.Event == "start" {
		t.starts[e.Process]++
		t.next[e.Process] = 0
		return nil
	}
	if t.starts[e.Process] == 0 {
		return &OperationError{
			Came:     fmt.Sprintf("%s at %v, which has not started", e.Event, e.Process),
			Expected: "a trace from its beginning",
		}
	}
	switch e.Event {
	case "broadcast":
		return t.broadcast(e)
	case "outcome":
		return t.outcome(e)
	}
	return t.deliver(e)
}

func (t *tracer) broadcast(e sim.TraceEvent) error {
	value, rest, err := cutValue(e.Text)
	if err != nil || rest != "" {
		return &OperationError{Came: fmt.Sprintf("broadcast of %.40s", e.Text), Expected: "a quoted value"}
	}
	c := call{e.Process, t.starts[e.Process], value}
	client := maxProcesses
	for t.busy[client] {
		client++
	}
	t.busy[client] = true
	t.waiting[c] = append(t.waiting[c], len(t.history))
	t.history = append(t.history, Operation{
		Kind: Broadcast, Client: client, Process: c.process, Start: c.start, Call: t.now,
		Unknown: true, Value: value,
	})
	return nil
}

func (t *tracer) outcome(e sim.TraceEvent) error {
	value, rest, err := cutValue(e.Text)
	status, place, found := strings.Cut(strings.TrimSpace(rest), " at ")
	if err != nil || !found {
		return &OperationError{
			Came: fmt.Sprintf("outcome %.80s", e.Text), Expected: `one such as "m1" delivered at 1/0`,
		}
	}
	c := call{e.Process, t.starts[e.Process], value}
	if len(t.waiting[c]) == 0 {
		return &OperationError{
			Came:     fmt.Sprintf("the outcome of %.40q at %v", value, e.Process),
			Expected: "its broadcast before",
		}
	}
	o := &t.history[t.waiting[c][0]]
	t.waiting[c] = t.waiting[c][1:]
	switch status {
	case tob.Delivered.String():
		if o.At, err = tob.ParsePosition(place); err != nil {
			return &OperationError{Came: "an outcome", Expected: err.Error()}
		}
	case tob.Forgotten.String():
	default:
		return nil // It stays unknown, and its client has no more calls.
	}
	o.Unknown, o.Return = false, t.now
	delete(t.busy, o.Client)
	return nil
}

func (t *tracer) deliver(e sim.TraceEvent) error {
	if e.Instance == 0 {
		return &OperationError{Came: "a delivery in instance 0", Expected: "at least 1"}
	}
	values, err := batchValues(e.Text)
	if err != nil {
		return err
	}
	// A start reads on from where it was, so that an instance which is left out shows. One that
	// comes again shows in that the read ends before the last one did.
	from := min(cmp.Or(t.next[e.Process], e.Instance), e.Instance)
	t.next[e.Process] = e.Instance + 1
	o := Operation{
		Kind: Read, Client: reader(e.Process), Process: e.Process, Start: t.starts[e.Process],
		Call: t.now, Return: t.now,
		From: tob.Position{Instance: from}, To: tob.Position{Instance: e.Instance + 1},
	}
	for i, value := range values {
		o.Entries = append(o.Entries, Entry{
			tob.Position{Instance: e.Instance, Offset: uint32(i)}, value,
		})
	}
	t.history = append(t.history, o)
	return nil
}

// batchValues reads what tob.Describe writes.
func batchValues(text string) ([]string, error) {
	if text == "no-op" {
		return nil, nil
	}
	inner, opened := strings.CutPrefix(text, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	if !opened || !closed {
		return nil, &OperationError{
			Came: fmt.Sprintf("delivery of %.80s", text), Expected: `a batch such as ["m1" "m2"]`,
		}
	}
	var values []string
	for inner != "" {
		value, rest, err := cutValue(inner)
		if err != nil {
			return nil, &OperationError{
				Came: fmt.Sprintf("delivery of %.80s", text), Expected: `a batch such as ["m1" "m2"]`,
			}
		}
		values, inner = append(values, value), strings.TrimPrefix(rest, " ")
	}
	return values, nil
}

// cutValue reads one value as register.Value.String writes it, or whole, and gives it as that
// shows it.
func cutValue(text string) (value, rest string, err error) {
	empty := register.Value(nil).String()
	if rest, found := strings.CutPrefix(text, empty); found {
		return "", rest, nil
	}
	quoted, err := strconv.QuotedPrefix(text)
	if err != nil {
		return "", "", err
	}
	value, err = strconv.Unquote(quoted)
	if err != nil {
		return "", "", err
	}
	rest = text[len(quoted):]
	const cut, end = "…(", " bytes)"
	switch shown := register.Value(value).String(); {
	case strings.HasPrefix(rest, cut):
		size, after, found := strings.Cut(rest, end)
		if !found {
			return "", "", fmt.Errorf("%.40s: expected how long the value is", rest)
		}
		return quoted + size + end, after, nil
	case strings.HasSuffix(shown, end):
		return shown, rest, nil
	}
	return value, rest, nil
}

package sim

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// maxTraceLine is how long a line of a trace may be, in bytes.
const maxTraceLine = 1 << 20

// TraceError says what is wrong with a line of a trace.
type TraceError struct {
	Name   string // Of the file.
	Line   int    // From 1.
	Reason error  // What came and what was expected.
}

func (e *TraceError) Error() string { return fmt.Sprintf("%s:%d: %v", e.Name, e.Line, e.Reason) }

// Unwrap gives the reason.
func (e *TraceError) Unwrap() error { return e.Reason }

// ReadTrace gives the events of a trace, one at a time, as Trace wrote them. It ends with a
// *TraceError at the first line that is no event, or with an error of reading. Name stands in
// errors for where the trace comes from. Lines have at most 1 MiB, and times never go back.
func ReadTrace(from io.Reader, name string) iter.Seq2[TraceEvent, error] {
	return func(yield func(TraceEvent, error) bool) {
		lines := bufio.NewScanner(from)
		lines.Buffer(nil, maxTraceLine)
		number, last := 0, int64(0)
		bad := func(reason error) {
			yield(TraceEvent{}, &TraceError{Name: name, Line: number, Reason: reason})
		}
		for lines.Scan() {
			number++
			e, err := parseEvent(lines.Bytes())
			if err == nil && e.Nanoseconds < last {
				err = fmt.Errorf("t is %d: expected at least %d, as on the line before", e.Nanoseconds, last)
			}
			if err != nil {
				bad(err)
				return
			}
			last = e.Nanoseconds
			if !yield(e, nil) {
				return
			}
		}
		switch err := lines.Err(); {
		case errors.Is(err, bufio.ErrTooLong):
			number++
			bad(fmt.Errorf("more than %d bytes: expected one event a line", maxTraceLine))
		case err != nil:
			yield(TraceEvent{}, fmt.Errorf("read the trace %s: %w", name, err))
		}
	}
}

func parseEvent(line []byte) (TraceEvent, error) {
	var e TraceEvent
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&e); err != nil {
		return e, fmt.Errorf("%w: expected an event as a JSON object", err)
	}
	if rest := bytes.TrimSpace(line[decoder.InputOffset():]); len(rest) > 0 {
		return e, fmt.Errorf("%.20q follows the event: expected one event a line", rest)
	}
	return e, e.check()
}

// check says which field of an event is missing, nil if it is complete.
func (e TraceEvent) check() error {
	switch e.Event {
	case "start", "crash", "put", "durable", "broadcast", "outcome", "deliver", "invoke", "return",
		"leader":
		return e.checkProcess()
	case "write", "written":
		if e.Disk < 1 {
			return e.expected(fmt.Sprintf("disk %d", e.Disk), "at least 1")
		}
		return e.checkProcess()
	case "send", "receive", "lost":
		if e.Message == 0 {
			return e.expected("message 0", "the number of the message, from 1")
		}
		return e.checkLink("link", "cut", "down")
	case "link":
		return e.checkLink("broken", "mended")
	case "heal", "violation":
		return nil
	default:
		return fmt.Errorf("event %.20q: expected one that sim.TraceEvent lists", e.Event)
	}
}

func (e TraceEvent) checkProcess() error {
	if e.Process == 0 {
		return e.expected("process 0", "the number of a process, from 1")
	}
	return nil
}

func (e TraceEvent) checkLink(reasons ...string) error {
	if e.From == 0 || e.To == 0 {
		return e.expected(fmt.Sprintf("from %d to %d", e.From, e.To), "two processes, from 1")
	}
	if (e.Event == "lost" || e.Event == "link") && !slices.Contains(reasons, e.Reason) {
		return e.expected(fmt.Sprintf("reason %.20q", e.Reason), strings.Join(reasons, " or "))
	}
	return nil
}

func (e TraceEvent) expected(came, expected string) error {
	return fmt.Errorf("%s has %s: expected %s", e.Event, came, expected)
}

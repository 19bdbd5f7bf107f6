package torture

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"paxon/history"
)

// recorder collects the history of a round.
type recorder struct {
	begun time.Time

	mu      sync.Mutex
	history []history.Operation
	lanes   int
}

// now is the time on the clock of the history.
func (r *recorder) now() int64 { return int64(time.Since(r.begun)) }

// lane names a new client of the history.
func (r *recorder) lane() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lanes++
	return r.lanes - 1
}

func (r *recorder) add(o history.Operation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.history = append(r.history, o)
}

// all is the history so far. It must be called when nobody adds any more.
func (r *recorder) all() []history.Operation { return r.history }

// A value says how long its payload is, so that a history holds whole messages and stays small.

// newValue names message n of a caller, with a payload of a size or as much as its name takes.
func newValue(caller, n, size int) string { return fmt.Sprintf("%d.%d/%d", caller, n, size) }

// payloadOf is the payload of a value: spaces fill it up.
func payloadOf(value string) []byte {
	_, size, _ := strings.Cut(value, "/")
	n, _ := strconv.Atoi(size) // A value has been made by newValue, or it fits nothing anyway.
	return fmt.Appendf(nil, "%-*s", n, value)
}

// valueOf is the value of a payload. One that no value has is given as it is, quoted.
func valueOf(payload []byte) string {
	const most = 200
	value, _, _ := strings.Cut(string(payload[:min(most, len(payload))]), " ")
	_, size, _ := strings.Cut(value, "/")
	n, err := strconv.Atoi(size)
	if err != nil || len(payload) != max(n, len(value)) || !bytes.Equal(payloadOf(value), payload) {
		return fmt.Sprintf("not a message: %.*q of %d bytes", most, payload, len(payload))
	}
	return value
}

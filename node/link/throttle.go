package link

import (
	"sync"
	"time"

	"github.com/sirupsen/logrus"
)

// throttle lets one log line in a second pass, since strangers can cause any number.
type throttle struct {
	mu   sync.Mutex
	next time.Time
	held int
}

// pass reports whether a line may be written now, and how many were held back before it.
func (t *throttle) pass(now time.Time) (held int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Before(t.next) {
		t.held++
		return 0, false
	}
	held, t.held, t.next = t.held, 0, now.Add(time.Second)
	return held, true
}

// warn writes the line if it may pass.
func (t *throttle) warn(entry *logrus.Entry, line string) {
	held, ok := t.pass(time.Now())
	if !ok {
		return
	}
	if held > 0 {
		entry = entry.WithField("held_back", held)
	}
	entry.Warn(line)
}

package cluster

import (
	"sync/atomic"
	"time"
)

// kept is how many of its latest lines a client knows the time of.
const kept = 1 << 16

// times is when a client's lines were first sent. One goroutine stamps, any may ask.
type times struct {
	begun  time.Time
	newest atomic.Uint64
	ring   [kept]atomic.Int64 // Nanoseconds after begun, by sequence modulo kept.
}

// stamp notes that a line is sent now, if it is not sent again.
func (t *times) stamp(sequence uint64) {
	if sequence <= t.newest.Load() {
		return
	}
	t.ring[sequence%kept].Store(int64(time.Since(t.begun)))
	t.newest.Store(sequence)
}

// since is how long ago a line was first sent. If that is no longer known, it is how long ago
// the oldest line was sent that is known: too little, for a process that was down for long.
func (t *times) since(sequence uint64) time.Duration {
	newest := t.newest.Load()
	if newest >= kept {
		sequence = max(sequence, newest-kept+1+kept/8) // The first ones are about to be replaced.
	}
	return time.Since(t.begun) - time.Duration(t.ring[sequence%kept].Load())
}

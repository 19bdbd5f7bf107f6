package link

import (
	"math/rand/v2"
	"time"
)

// backoff paces attempts: each wait is drawn between half of a bound and the bound, which
// doubles from start to max.
type backoff struct {
	start, max time.Duration
	bound      time.Duration
}

// next returns how long to wait before the next attempt.
func (b *backoff) next() time.Duration {
	b.bound = min(max(2*b.bound, b.start), b.max)
	return b.bound - rand.N(b.bound/2+1)
}

// reset begins again at start.
func (b *backoff) reset() { b.bound = 0 }

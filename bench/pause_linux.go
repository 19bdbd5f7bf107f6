package bench

import (
	"time"

	"golang.org/x/sys/unix"
)

// pause waits, more precisely than a timer of Go, which may be a millisecond late. A signal may cut
// it short.
func pause(d time.Duration) {
	if d > 0 {
		t := unix.NsecToTimespec(int64(d))
		_ = unix.Nanosleep(&t, nil) // Whoever pauses looks at the clock anyway.
	}
}

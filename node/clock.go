package node

import "time"

// clock implements process.Clock: timers fire on the loop.
type clock struct{ post func(call func()) bool }

// After calls fire on the loop once d has passed. The cancel of a timer that has fired, but
// waits in the inbox, still counts.
func (c clock) After(d time.Duration, fire func()) (cancel func()) {
	cancelled := false // Belongs to the loop.
	timer := time.AfterFunc(d, func() {
		c.post(func() {
			if !cancelled {
				fire()
			}
		})
	})
	return func() {
		cancelled = true
		timer.Stop()
	}
}

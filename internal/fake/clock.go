package fake

import "time"

// Clock stands still until it is advanced.
type Clock struct {
	now    time.Duration
	timers []*timer
}

type timer struct {
	at   time.Duration
	fire func()
}

// After is process.Clock.
func (c *Clock) After(d time.Duration, fire func()) (cancel func()) {
	t := &timer{c.now + d, fire}
	c.timers = append(c.timers, t)
	return func() { c.remove(t) }
}

// Advance lets time pass, and fires what is due in the order of time.
func (c *Clock) Advance(d time.Duration) {
	until := c.now + d
	for t := c.earliest(); t != nil && t.at <= until; t = c.earliest() {
		c.now = t.at
		c.remove(t)
		t.fire()
	}
	c.now = until
}

// Timers is how many timers run.
func (c *Clock) Timers() int { return len(c.timers) }

func (c *Clock) earliest() *timer {
	var first *timer
	for _, t := range c.timers {
		if first == nil || t.at < first.at {
			first = t
		}
	}
	return first
}

func (c *Clock) remove(gone *timer) {
	for i, t := range c.timers {
		if t == gone {
			c.timers = append(c.timers[:i:i], c.timers[i+1:]...)
			return
		}
	}
}

package model

import (
	"errors"
	"fmt"
	"time"
)

// How long runs are, in virtual time.
const (
	warmUp   = 3 * time.Second
	measured = 10 * time.Second
	longest  = time.Hour
)

// Run has a cluster work, and returns how many messages a second it delivered where they
// were broadcast: of a closed or open loop while ten seconds pass, of a burst until all are.
func Run(s Setting) (perSecond float64, err error) {
	c, err := newCluster(s)
	if err != nil {
		return 0, err
	}
	all := c.broadcasters()
	if len(all) == 0 {
		return 0, errors.New("no process to broadcast at: expected more processes")
	}
	switch {
	case s.Outstanding > 0:
		for _, a := range all {
			a.want(s.Outstanding)
		}
	case s.Rate > 0:
		interval := time.Duration(float64(time.Second) / s.Rate)
		for i, a := range all {
			// Spread evenly, so that they are not due at once everywhere.
			a.machine.later(interval*time.Duration(i)/time.Duration(len(all)), func() {
				a.want(1)
				a.every(interval)
			})
		}
	case s.Burst > 0:
		return c.burst(all)
	default:
		return 0, errors.New("no load: expected Outstanding, Rate or Burst above 0")
	}
	c.run(c.now + warmUp)
	before := done(all)
	c.run(c.now + measured)
	return float64(done(all)-before) / measured.Seconds(), nil
}

func done(all []*application) (messages int) {
	for _, a := range all {
		messages += a.done
	}
	return messages
}

// burst broadcasts all messages at once.
func (c *cluster) burst(all []*application) (perSecond float64, err error) {
	messages := c.setting.Burst
	for i, a := range all {
		a.want(messages*(i+1)/len(all) - messages*i/len(all))
	}
	from := c.now
	for done(all) < messages {
		if !c.step(from + longest) {
			return 0, fmt.Errorf("%d of %d messages delivered in an hour of virtual time",
				done(all), messages)
		}
	}
	return float64(messages) / (c.now - from).Seconds(), nil
}

// Recovery is what a process that crashed went through.
type Recovery struct {
	Records int           // That it read from its disk,
	Bytes   int           // and how large they were.
	Read    time.Duration // Until it had read them and could take part.
	Total   time.Duration // Until it had delivered all that it had before, or had it from others.
}

// Recover broadcasts Burst messages, crashes the last process when all have delivered them, and
// has it recover.
func Recover(s Setting) (Recovery, error) {
	c, err := newCluster(s)
	if err != nil {
		return Recovery{}, err
	}
	if _, err := c.burst(c.broadcasters()); err != nil {
		return Recovery{}, err
	}
	c.run(c.now + 2*heartbeat)
	m := c.machines[len(c.machines)-1]
	reached := m.process.TOB().Next()
	m.crash()
	crashed := c.now
	m.build()
	r := Recovery{Records: m.store.records, Bytes: m.store.bytes}
	r.Read = c.costs.read(r.Records, r.Bytes)
	m.busy = true // Nothing is received meanwhile.
	m.later(r.Read, func() {
		m.busy = false
		m.begin()
	})
	for m.process.TOB().Next() < reached {
		if !c.step(crashed + longest) {
			return r, fmt.Errorf("p%d has not recovered in an hour of virtual time", m.id)
		}
	}
	r.Total = c.now - crashed
	return r, nil
}

// crash takes all that is not durable.
func (m *machine) crash() {
	m.life++
	m.queue, m.busy, m.spent, m.waiting = nil, false, 0, 0
	m.store.waiting, m.store.writing = nil, false
	m.store.records, m.store.bytes = 0, 0
	m.history.batches = m.history.batches[:m.history.forced]
	m.app.due, m.app.calling, m.app.closed = 0, false, false
}

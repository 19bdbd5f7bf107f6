package costs

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"paxon/process"
	"paxon/register"
	"paxon/sim"
)

// count reads the costs off the trace of a stable period in which one process broadcasts.
func count(trace io.Reader, broadcaster process.ID) (Costs, error) {
	c := counter{broadcaster: broadcaster}
	for decoder := json.NewDecoder(trace); decoder.More(); {
		var e sim.TraceEvent
		if err := decoder.Decode(&e); err != nil {
			return Costs{}, fmt.Errorf("read the trace: %w", err)
		}
		if err := c.event(e); err != nil {
			return Costs{}, err
		}
	}
	return c.costs()
}

// counter is what the events so far come to.
type counter struct {
	broadcaster process.ID

	messages, forced int
	lives            []life
	first            register.Instance // That of lives[0], 0 before it is known.
}

// life is when what happened to one message. Messages of one process are decided in the order
// in which they are broadcast, here each in an instance of its own.
type life struct{ broadcast, proposed, decided, delivered, everywhere int64 }

func (c *counter) event(e sim.TraceEvent) error {
	switch e.Event {
	case "send":
		if e.From != e.To && !paced(e) {
			c.messages++
		}
	case "put", "write":
		c.forced++
	case "broadcast":
		c.lives = append(c.lives, life{broadcast: e.Nanoseconds})
	case "invoke", "return", "deliver":
		return c.progress(e)
	}
	return nil
}

// paced says whether a packet is sent because of time.
func paced(e sim.TraceEvent) bool {
	return e.Text == "ACK" || strings.HasPrefix(e.Text, "HEARTBEAT")
}

// progress notes an event in the life of a message.
func (c *counter) progress(e sim.TraceEvent) error {
	if e.Event != "deliver" && !strings.HasPrefix(e.Text, "propose") {
		return nil // An operation of the register.
	}
	if c.first == 0 {
		c.first = e.Instance
	}
	if e.Instance < c.first || e.Instance >= c.first+register.Instance(len(c.lives)) {
		return fmt.Errorf("%s in L%d: expected the %d messages in instances of their own, from L%d on",
			e.Text, e.Instance, len(c.lives), c.first)
	}
	l := &c.lives[e.Instance-c.first]
	switch e.Event {
	case "invoke":
		l.proposed = e.Nanoseconds
	case "return":
		l.decided = e.Nanoseconds
	default:
		l.everywhere = e.Nanoseconds
		if e.Process == c.broadcaster {
			l.delivered = e.Nanoseconds
		}
	}
	return nil
}

// costs are the averages, and the paths, which must be the same for all.
func (c *counter) costs() (Costs, error) {
	if len(c.lives) != counted {
		return Costs{}, fmt.Errorf("%d messages were broadcast: expected %d", len(c.lives), counted)
	}
	costs := c.lives[0].costs()
	for i, l := range c.lives {
		if other := l.costs(); other != costs {
			return Costs{}, fmt.Errorf("message %d costs %v, the first one %v: expected a stable period",
				i+1, other, costs)
		}
	}
	costs.Messages = float64(c.messages) / counted
	costs.Forced = float64(c.forced) / counted
	return costs, nil
}

func (l life) costs() Costs {
	return Costs{
		Decision:  path(l.decided - l.proposed),
		Delivery:  path(l.delivered - l.broadcast),
		Elsewhere: path(l.everywhere - l.broadcast),
	}
}

func path(nanoseconds int64) Path {
	d := time.Duration(nanoseconds)
	return Path{Steps: int(d / step), Forced: int(d % step / force), Reads: int(d % force / read)}
}

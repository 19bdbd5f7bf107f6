package tob

import (
	"container/list"

	"paxon/process"
	"paxon/register"
)

// ClientState is what is kept of one client: the sequence of its last delivered message, and
// where that was delivered.
type ClientState struct {
	Client   Client
	Sequence uint64
	Position Position
}

// clients tells which messages of a decided batch are delivered and which are passed over. It
// is a function of the decided batches alone, so that all processes pass over the same.
//
// A client is forgotten when idle instances have gone by without a message of it, and the one
// that has been silent longest when there are more than most. No message of a client that was
// forgotten is delivered again: a message of an unknown client must be its first, and the client
// must be born at or after horizon. A client that was forgotten at instance F had delivered
// something before F − idle (or horizon was set to F), was born no later than that, and so is
// born before horizon.
type clients struct {
	idle    register.Instance
	most    int
	horizon register.Instance
	known   map[Client]*list.Element // of *ClientState, those in order.
	order   list.List                // Silent longest first.
	// recent is the element that was looked up last: messages of one client come in a row.
	recent process.Derived[*list.Element]
}

func newClients(idle register.Instance, most int) *clients {
	c := &clients{idle: idle, most: most, known: map[Client]*list.Element{}}
	c.order.Init()
	return c
}

// get is what is kept of a client, nil if nothing.
func (c *clients) get(client Client) *ClientState {
	e := c.find(client)
	if e == nil {
		return nil
	}
	return state(e)
}

// find is the element of a client in order, nil if it is not known.
func (c *clients) find(client Client) *list.Element {
	if e := c.recent.Value; e != nil && state(e).Client == client {
		return e
	}
	e := c.known[client]
	if e != nil {
		c.recent.Value = e
	}
	return e
}

func state(e *list.Element) *ClientState {
	s, ok := e.Value.(*ClientState)
	if !ok {
		panic("tob: the list of clients holds something else")
	}
	return s
}

// last is the sequence of the last message delivered, 0 if the client is unknown.
func (c *clients) last(client Client) uint64 {
	if s := c.get(client); s != nil {
		return s.Sequence
	}
	return 0
}

// forgotten says that no message of the client will ever be delivered again.
func (c *clients) forgotten(client Client) bool {
	return client.Born < c.horizon && c.find(client) == nil
}

// begin moves the horizon on to the instance that is about to be delivered, and forgets who
// has been silent for idle instances.
func (c *clients) begin(l register.Instance) {
	if l <= c.idle {
		return
	}
	c.horizon = max(c.horizon, l-c.idle)
	for e := c.order.Front(); e != nil && state(e).Position.Instance < l-c.idle; {
		next := e.Next()
		c.forget(e)
		e = next
	}
}

// deliver decides which messages of a run decided in an instance are delivered, the first of them at
// the position given: those from a sequence on, or none. The others are passed over.
func (c *clients) deliver(r *run, at Position) (from uint64, some bool) {
	e := c.find(r.client)
	if e == nil {
		if r.first != 1 || r.client.Born < c.horizon || r.client.Born > at.Instance {
			return 0, false
		}
		c.add(ClientState{r.client, r.count, at.plus(r.count - 1)})
		if len(c.known) > c.most {
			c.forget(c.order.Front())
			c.horizon = at.Instance + 1
		}
		return 1, true
	}
	s := state(e)
	from = s.Sequence + 1
	if from < r.first || from > r.last() {
		return 0, false
	}
	s.Sequence, s.Position = r.last(), at.plus(r.last()-from)
	c.order.MoveToBack(e)
	return from, true
}

func (c *clients) add(s ClientState) { c.known[s.Client] = c.order.PushBack(&s) }

func (c *clients) forget(e *list.Element) {
	if c.recent.Value == e {
		c.recent.Value = nil
	}
	c.order.Remove(e)
	delete(c.known, state(e).Client)
}

// all copies what is kept, silent longest first.
func (c *clients) all() []ClientState {
	states := make([]ClientState, 0, len(c.known))
	for e := c.order.Front(); e != nil; e = e.Next() {
		states = append(states, *state(e))
	}
	return states
}

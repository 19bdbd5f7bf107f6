package clienttest

import (
	"net/http/httptest"
	"sync"
	"time"

	"paxon/client"
	"paxon/process"
	"paxon/register"
	"paxon/tob"
)

// perInstance is how many messages the fake delivers in one instance, so that offsets count.
const perInstance = 3

// Cluster is the sequence that all members share.
type Cluster struct {
	mu      sync.Mutex
	changed *sync.Cond
	named   uint64
	log     []client.Delivery
	last    map[tob.Client]client.Delivery
	members map[process.ID]*Member
}

// Member is one process of a Cluster.
type Member struct {
	ID      process.ID
	cluster *Cluster
	server  *httptest.Server

	// Those below are guarded by the cluster's lock.
	down    bool
	stalled bool
	mute    bool
	tamper  func(client.Delivery) []client.Delivery
	limit   int
}

// New makes a Cluster without members.
func New() *Cluster {
	c := &Cluster{last: map[tob.Client]client.Delivery{}, members: map[process.ID]*Member{}}
	c.changed = sync.NewCond(&c.mu)
	return c
}

// Start runs a member, or runs it again after Kill, at another address than before.
func (c *Cluster) Start(id process.ID) *Member {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := &Member{ID: id, cluster: c, limit: 8 << 20}
	if earlier := c.members[id]; earlier != nil {
		m.tamper = earlier.tamper
	}
	c.members[id] = m
	m.server = httptest.NewServer(m.handler())
	return m
}

// Close kills all members.
func (c *Cluster) Close() {
	c.mu.Lock()
	members := make([]*Member, 0, len(c.members))
	for _, m := range c.members {
		members = append(members, m)
	}
	c.mu.Unlock()
	for _, m := range members {
		m.Kill()
	}
}

// Log is what was delivered so far.
func (c *Cluster) Log() []client.Delivery {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]client.Delivery(nil), c.log...)
}

// URL is the base of the member's API.
func (m *Member) URL() string { return m.server.URL }

// Kill breaks the member's connections and ends it. A second call does nothing.
func (m *Member) Kill() {
	m.set(func() { m.down = true })
	closed := make(chan struct{})
	go func() {
		m.server.Close()
		close(closed)
	}()
	// A connection may have come just before the listener was closed. Its handler gives up, and
	// then waits for the rest of the request, which does not come.
	for ended := false; !ended; {
		m.server.CloseClientConnections()
		select {
		case <-closed:
			ended = true
		case <-time.After(time.Millisecond):
		}
	}
}

// Stall has the member deliver nothing of what is broadcast at it from now on.
func (m *Member) Stall() { m.set(func() { m.stalled = true }) }

// Mute has the member answer no message of a stream any more, though it delivers them.
func (m *Member) Mute() { m.set(func() { m.mute = true }) }

// Tamper has the member show for each delivery what change returns for it. It lasts beyond
// Kill.
func (m *Member) Tamper(change func(client.Delivery) []client.Delivery) {
	m.set(func() { m.tamper = change })
}

func (m *Member) set(change func()) {
	m.cluster.mu.Lock()
	defer m.cluster.mu.Unlock()
	change()
	m.cluster.changed.Broadcast()
}

func (c *Cluster) newClient(at process.ID) tob.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.named++
	return tob.Client{Process: at, Incarnation: 1, Number: c.named, Born: c.next().Instance}
}

func (c *Cluster) next() tob.Position {
	n := len(c.log)
	return tob.Position{
		Instance: register.Instance(n/perInstance + 1),
		Offset:   uint32(n % perInstance),
	}
}

// deliver settles one message, which waits until it follows on the last of its client. It
// returns false if the member goes down, or gone, before that.
func (m *Member) deliver(b tob.Broadcast, gone func() bool) (client.Answer, bool) {
	c := m.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		last := c.last[b.Client]
		a := client.Answer{Sequence: b.Sequence, Status: tob.Forgotten}
		switch {
		case m.down || gone():
			return client.Answer{}, false
		case len(b.Payload) > m.limit:
			a.Status = tob.TooLarge
			return a, true
		case b.Sequence < last.Sequence:
			return a, true
		case b.Sequence == last.Sequence && b.Sequence > 0:
			a.Status, a.Position = tob.Delivered, last.Position
			return a, true
		case b.Sequence == last.Sequence+1 && !m.stalled:
			d := client.Delivery{Position: c.next(), Broadcast: b}
			c.last[b.Client] = d
			c.log = append(c.log, d)
			c.changed.Broadcast()
			a.Status, a.Position = tob.Delivered, d.Position
			return a, true
		}
		c.changed.Wait()
	}
}

// from waits until there is a delivery at index i, and shows it as the member does. It returns
// false if the member goes down, or gone, before that, or at the end if it is not to follow.
func (m *Member) from(i int, follow bool, gone func() bool) ([]client.Delivery, bool) {
	c := m.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	for i >= len(c.log) || m.down || gone() {
		if !follow || m.down || gone() {
			return nil, false
		}
		c.changed.Wait()
	}
	if m.tamper != nil {
		return m.tamper(c.log[i]), true
	}
	return c.log[i : i+1], true
}

func (m *Member) isMute() bool {
	m.cluster.mu.Lock()
	defer m.cluster.mu.Unlock()
	return m.mute
}

package model

import (
	"math/rand/v2"
	"time"

	"paxon/bench"
	"paxon/process"
	"paxon/register"
	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/tob"
)

// Setting is a cluster and a load on it.
type Setting struct {
	Variant   string // A name of package catalog, without shared disks.
	Processes int    // At least 1, and 2 for others than the leader to broadcast.
	Window    uint64 // Instances that the leader has open at a time, at least 1.
	Messages  int    // In a batch, at most: at least 1.
	Size      int    // Bytes of a payload.
	At        bench.At
	Costs     Costs
	Seed      uint64
	// Checkpoint is how many instances are delivered from one checkpoint to the next, 0 for as many
	// as a run has.
	Checkpoint uint64

	// One of these is above 0.
	Outstanding int     // A closed loop: on their way at each process that broadcasts.
	Rate        float64 // An open loop: due at each, a second.
	Burst       int     // Due at once, in total.
}

// cluster is machines in virtual time.
type cluster struct {
	calendar
	setting  Setting
	costs    Costs
	options  seasons.Options
	variant  seasons.Variant
	size     int // Bytes of a message with its frame, about.
	all      []process.ID
	machines []*machine
}

// The rhythm of Ω and of retransmission is slow: nothing is lost, and p1 stays.
const (
	heartbeat = time.Second
	patience  = time.Minute
	settled   = 2500 * time.Millisecond // All have heard of each other, and p1 leads.
)

func newCluster(s Setting) (*cluster, error) {
	v, err := catalog.ByName(s.Variant)
	if err == nil {
		err = v.Check(s.Processes)
	}
	if err != nil {
		return nil, err
	}
	c := &cluster{setting: s, costs: s.Costs, variant: v, options: s.options()}
	c.size = len(tob.AppendFrame(nil, tob.Broadcast{Payload: make([]byte, s.Size)}))
	for i := range s.Processes {
		c.all = append(c.all, process.ID(i+1))
	}
	for _, p := range c.all {
		m := &machine{cluster: c, id: p, rand: rand.New(rand.NewPCG(s.Seed, uint64(p)))}
		m.store = &store{machine: m, durable: map[process.Space]map[uint64]process.Record{}}
		m.history = &history{machine: m}
		m.app = application{machine: m, payload: make([]byte, s.Size), closed: s.Outstanding > 0}
		c.machines = append(c.machines, m)
	}
	for _, m := range c.machines {
		m.build()
		m.begin()
	}
	c.run(settled)
	return c, nil
}

func (s Setting) options() seasons.Options {
	o := seasons.DefaultOptions()
	o.Omega.Interval, o.Omega.Timeout, o.Omega.MaxTimeout = heartbeat, patience, 2*patience
	o.Retransmit.Interval, o.Retransmit.MaxInterval = patience, 2*patience
	o.Retransmit.AckDelay = heartbeat
	l := &o.Limits
	const frame = 32 // More than the frame of a message takes besides its payload.
	l.Window, l.Batch = s.Window, s.Messages*(s.Size+frame)
	if s.Messages == 1 {
		l.Batch = 1
	}
	l.Ahead = max(l.Ahead, 2*l.Window)
	l.CheckpointBytes, l.CheckpointBatches = 1<<40, 1<<40
	if s.Checkpoint > 0 {
		l.CheckpointBatches = s.Checkpoint
	}
	o.Retransmit.Window = max(o.Retransmit.Window, seasons.RetransmitWindow(*l))
	return o
}

// build makes the parts of an incarnation of what is stored.
func (m *machine) build() {
	m.life++
	m.process = m.variant.Build(seasons.Host{
		Net: m, Incarnation: process.Incarnation(m.life), Clock: m, Store: m.store, History: m.history,
		Deliver: m.deliver,
	}, m.options)
}

// begin starts the parts that were built.
func (m *machine) begin() {
	m.do(0, m.process.Start)
}

// deliver charges for each message of a batch.
func (m *machine) deliver(_ register.Instance, batch register.Value) {
	for b := range tob.Unpack(batch) {
		m.spent += m.vary(m.costs.Deliver)
		if m.id == b.Client.Process || m.leads() {
			m.waiting--
		}
	}
}

func (m *machine) leads() bool {
	p, ok := m.process.Leader()
	return ok && p == m.id
}

// broadcasters are the applications that broadcast.
func (c *cluster) broadcasters() []*application {
	var all []*application
	for _, m := range c.machines {
		at, leads := c.setting.At, m.leads()
		if at == bench.AtAll || at == bench.AtLeader && leads || at != bench.AtLeader && !leads &&
			(at != bench.AtOther || len(all) == 0) {
			all = append(all, &m.app)
		}
	}
	return all
}

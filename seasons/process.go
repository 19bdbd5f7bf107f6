package seasons

import (
	"fmt"
	"time"

	"paxon/consensus"
	"paxon/leader"
	"paxon/omega"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/tob"
)

// Host is what a host gives to one incarnation of a process.
type Host struct {
	Net         process.Net[retransmit.Packet]
	Incarnation process.Incarnation
	Clock       process.Clock
	// Store is stable storage, of which Build takes notice only if the variant has it.
	Store process.Store
	// Disks are the shared disks, for variants with Disks alone.
	Disks   process.Disks[register.Copy]
	History tob.History
	// Healthy says whether the storage makes progress; nil for always.
	Healthy func() bool
	// Deliver gets the batches in order: see tob.Parts.
	Deliver func(l register.Instance, batch register.Value)
	// LeaderChanged hears that the failure detector trusts another process; it may be nil.
	LeaderChanged func()
}

// Options are the knobs of all parts. Limits that tob.Limits marks must be equal at all
// processes.
type Options struct {
	Retransmit retransmit.Config
	Omega      omega.Config
	Limits     tob.Limits
}

// DefaultOptions suit processes on one network with a round trip of some milliseconds at most.
func DefaultOptions() Options {
	limits := tob.Limits{
		Payload: 8 << 20, Pending: 1 << 16, PendingBytes: 64 << 20,
		Batch: 1 << 20, Window: 16, Ahead: 64, Update: 1 << 20,
		CheckpointBytes: 4 << 20, CheckpointBatches: 1024,
		ClientIdle: 1 << 20, Clients: 1 << 16,
	}
	return Options{
		Retransmit: retransmit.Config{
			Interval: 200 * time.Millisecond, MaxInterval: 2 * time.Second,
			AckDelay: 50 * time.Millisecond, Burst: 64, Window: RetransmitWindow(limits),
		},
		Omega: omega.Config{
			Interval: 50 * time.Millisecond, Timeout: 300 * time.Millisecond,
			Increase: 100 * time.Millisecond, MaxTimeout: 5 * time.Second,
		},
		Limits: limits,
	}
}

// RetransmitWindow is how many messages may wait for one peer if all parts keep to limits: a
// READ or WRITE for each open instance, an answer for each admitted one, and the FORWARDs.
func RetransmitWindow(l tob.Limits) int { return int(2*l.Window + l.Ahead) }

// Agreed is what must be the same at all processes of a cluster, as text to compare.
func (o Options) Agreed() string {
	l := o.Limits
	return fmt.Sprintf("window=%d client-idle=%d clients=%d", l.Window, l.ClientIdle, l.Clients)
}

// Check says what is wrong with the options, nil if nothing is.
func (o Options) Check() error {
	l := o.Limits
	switch {
	case l.Window == 0 || l.Ahead < 2*l.Window:
		return fmt.Errorf("window %d and ahead %d: expected a window of at least 1, and ahead at "+
			"least twice as large", l.Window, l.Ahead)
	case o.Retransmit.Window < RetransmitWindow(l):
		return fmt.Errorf("retransmission keeps %d messages per peer: a window of %d and ahead "+
			"of %d need %d", o.Retransmit.Window, l.Window, l.Ahead, RetransmitWindow(l))
	case l.Payload <= 0 || l.Pending <= 0 || l.PendingBytes <= 0 || l.Batch <= 0 || l.Update <= 0 ||
		l.CheckpointBytes <= 0 || l.CheckpointBatches == 0 || l.ClientIdle == 0 || l.Clients <= 0:
		return fmt.Errorf("limits %+v: expected all above 0", l)
	case l.ClientIdle <= 2*l.Ahead:
		return fmt.Errorf("clients are forgotten after %d instances: expected more than %d, twice "+
			"ahead, so that a message is decided before its client is forgotten",
			l.ClientIdle, 2*l.Ahead)
	case o.Omega.Interval <= 0 || o.Omega.Increase <= 0 || o.Omega.Timeout <= o.Omega.Interval ||
		o.Omega.MaxTimeout < o.Omega.Timeout:
		return fmt.Errorf("a heartbeat every %v, a time-out of %v to %v: expected ascending times "+
			"above 0",
			o.Omega.Interval, o.Omega.Timeout, o.Omega.MaxTimeout)
	case o.Retransmit.Interval <= 0 || o.Retransmit.MaxInterval < o.Retransmit.Interval:
		return fmt.Errorf("retransmission after %v to %v: expected ascending times above 0",
			o.Retransmit.Interval, o.Retransmit.MaxInterval)
	case o.Retransmit.AckDelay <= 0 || o.Retransmit.AckDelay >= o.Retransmit.Interval:
		return fmt.Errorf("acknowledgements wait for %v: expected more than 0, and less than the "+
			"%v after which messages are sent again", o.Retransmit.AckDelay, o.Retransmit.Interval)
	case o.Retransmit.Burst <= 0:
		return fmt.Errorf("retransmission of %d messages at a time: expected at least 1",
			o.Retransmit.Burst)
	}
	return nil
}

// Process is one incarnation of a process: the parts of a variant, put together.
type Process struct {
	links     *retransmit.Links
	registers register.Array
	consensus consensus.Array
	omega     omega.Part
	leader    leader.Leader
	broadcast *tob.TOB
	refused   uint64
}

// Needs is what the variant takes notice of: no storage and no disks that it assumes nothing of.
func (v Variant) Needs(h Host) Host {
	if v.Storage == None {
		h.Store = nil
	}
	if !v.Disks {
		h.Disks = nil
	}
	return h
}

// Build puts the parts of one incarnation together (RETRIEVE happens here). Nothing is sent
// before Start.
func (v Variant) Build(h Host, o Options) *Process {
	h = v.Needs(h)
	p := &Process{links: retransmit.New(h.Net, h.Clock, h.Incarnation, o.Retransmit)}
	all := h.Net.All()
	config := register.Config{
		Members: func(register.Instance) []process.ID { return all },
		Ahead:   o.Limits.Ahead, Window: o.Limits.Window, Permission: v.Permission,
	}
	p.registers = v.Registers(h, retransmit.For[register.Message](p.links), config)
	p.consensus = v.Consensus(h, p.registers, config)
	p.omega = v.Omega(h, retransmit.For[omega.Heartbeat](p.links), o.Omega, omega.Hooks{
		Healthy:  h.Healthy,
		Progress: func() omega.Progress { return p.broadcast.Progress() },
		Heard: func(from process.ID, progress omega.Progress) {
			p.broadcast.Heard(from, progress)
		},
		Changed: h.LeaderChanged,
	})
	p.leader = v.Leader(h, p.omega)
	p.broadcast = v.Broadcast(h, tob.Parts{
		Net: retransmit.For[tob.Message](p.links), Incarnation: h.Incarnation,
		Consensus: p.consensus, Leader: p.leader, History: h.History,
		Limits: o.Limits, Deliver: h.Deliver,
	})
	p.links.Deliver(p.route, p.restarted)
	return p
}

// Start begins to send.
func (p *Process) Start() { p.omega.Start() }

// Receive takes a packet from another process, or from this one.
func (p *Process) Receive(from process.ID, packet retransmit.Packet) {
	p.links.Receive(from, packet)
}

// Reconnected hears from a host with connections that the one to another process is back.
func (p *Process) Reconnected(to process.ID) { p.links.Reconnected(to) }

// Turn evaluates the guards of the tasks, as at the end of every turn of the loop.
func (p *Process) Turn() { p.broadcast.Launch() }

// TOB is the total order broadcast of this process.
func (p *Process) TOB() *tob.TOB { return p.broadcast }

// Leader is the leader as this process sees it, and whether there is one.
func (p *Process) Leader() (process.ID, bool) { return p.leader.Leader() }

// Epoch is how often a process has recovered as far as this one knows.
func (p *Process) Epoch(of process.ID) process.Incarnation { return p.omega.Epoch(of) }

// Refused is how many messages were pushed back, to come again later.
func (p *Process) Refused() uint64 { return p.refused }

// Kept is the number of messages kept for another process.
func (p *Process) Kept(by process.ID) int { return p.links.Kept(by) }

// route hands a message to the part it is for.
func (p *Process) route(from process.ID, m process.Message) (accepted bool) {
	switch m := m.(type) {
	case register.Message:
		accepted = p.consensus.Receive(from, m)
	case omega.Heartbeat:
		p.omega.Receive(from, m)
		accepted = true
	case tob.Message:
		accepted = p.broadcast.Receive(from, m)
	default:
		panic(fmt.Sprintf("seasons: a message of type %T, which no part of the composition knows", m))
	}
	if !accepted {
		p.refused++
	}
	return accepted
}

func (p *Process) restarted(q process.ID) {
	p.consensus.Restarted(q)
	p.broadcast.Restarted(q)
}

package caspaxos

import (
	"fmt"
	"time"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
)

// The spaces of this part in the Store of a process. Those of total order broadcast stay free.
const (
	cellSpace process.Space = iota + 2
	standingSpace
)

// Records lists the types of record, for codecs.
func Records() []process.Record { return []process.Record{Cell{}, Standing{}} }

// Options are the knobs of a process.
type Options struct {
	Retransmit retransmit.Config
	Limits     Limits
}

// DefaultOptions suit processes on one network with a round trip of some milliseconds at most.
func DefaultOptions() Options {
	o := Options{Retransmit: seasons.DefaultOptions().Retransmit, Limits: DefaultLimits()}
	o.Retransmit.Window = o.Limits.RetransmitWindow()
	return o
}

// Setting is what a process is told of the cluster, and what it tells.
type Setting struct {
	// Initial is the configuration that the cluster began with.
	Initial Configuration
	// Rand is the process's own source of randomness.
	Rand process.Rand
	// Watch, Configured, Next and Removable are those of Parts.
	Watch      func(key string, s State)
	Configured func(c Configuration)
	Next       func(c Configuration) (next Configuration, need Need, done bool)
	Removable  func(c register.Copy, tombstone register.Round) bool
}

// Process is one incarnation of a process: CASPaxos on the registers of a variant.
type Process struct {
	*CASPaxos
	links   *retransmit.Links
	refused uint64
}

// Check says why CASPaxos cannot be on the registers of a variant, nil if it can.
func Check(v seasons.Variant) error {
	if v.Permission {
		return fmt.Errorf("caspaxos: on the registers of %s: expected a variant without fall: its "+
			"permission is for the next instance of a sequence, and here there is none", v.Name)
	}
	return nil
}

// Build puts a process together. Of the variant, which must have passed Check, it uses the registers
// alone.
func Build(v seasons.Variant, h seasons.Host, o Options, s Setting) *Process {
	p := &Process{links: retransmit.New(h.Net, h.Clock, h.Incarnation, o.Retransmit)}
	p.CASPaxos = Over(v, h, retransmit.For[Message](p.links), p.links.Kept, o.Limits, s)
	p.links.Deliver(p.route, p.Restarted)
	return p
}

// Over is what Build puts together, over links that there are. Kept is that of Parts.
func Over(
	v seasons.Variant, h seasons.Host, net retransmit.Net[Message], kept func(by process.ID) int,
	l Limits, s Setting,
) *CASPaxos {
	h = v.Needs(h)
	parts := Parts{
		Net: net, Incarnation: h.Incarnation, Clock: h.Clock,
		Rand: s.Rand, Initial: s.Initial, Limits: l, Kept: kept,
		Watch: s.Watch, Configured: s.Configured, Next: s.Next,
		Removable: s.Removable,
		Shared:    v.Disks,
		Registers: func(
			key string, net retransmit.Net[register.Message], disk process.Disk[register.Copy],
			c register.Config,
		) register.Array {
			h := h
			h.Store = nil
			if disk != nil {
				h.Store = oneDisk{disk}
			}
			if v.Disks {
				h.Disks, h.Clock = oneOfDisks{h.Disks, sharedNumber(key)}, stopped{}
			}
			return v.Registers(h, net, c)
		},
	}
	if h.Store != nil && !v.Disks {
		parts.Cells = process.DiskOf[Cell](h.Store, cellSpace)
		parts.Standings = process.DiskOf[Standing](h.Store, standingSpace)
	}
	return New(parts)
}

func (p *Process) route(from process.ID, m process.Message) (accepted bool) {
	of, ok := m.(Message)
	if !ok {
		panic("caspaxos: a message of another part")
	}
	accepted = p.CASPaxos.Receive(from, of)
	if !accepted {
		p.refused++
	}
	return accepted
}

// Receive takes a packet from another process, or from this one.
func (p *Process) Receive(from process.ID, packet retransmit.Packet) {
	p.links.Receive(from, packet)
}

// Reconnected hears from a host with connections that the one to another process is back.
func (p *Process) Reconnected(to process.ID) { p.links.Reconnected(to) }

// Turn ends a turn of the loop.
func (*Process) Turn() {}

// Refused is how many messages were pushed back, to come again later.
func (p *Process) Refused() uint64 { return p.refused }

// oneDisk is a Store with the stable storage of one register alone.
type oneDisk struct{ process.Disk[register.Copy] }

func (d oneDisk) Put(_ process.Space, key uint64, record process.Record, done func()) {
	d.Disk.Put(key, record.(register.Copy), done)
}

func (d oneDisk) Forget(_ process.Space, below uint64) { d.Disk.Forget(below) }

func (d oneDisk) Stored(_ process.Space, yield func(key uint64, record process.Record) bool) {
	d.Disk.Stored(func(key uint64, c register.Copy) bool { return yield(key, c) })
}

// oneOfDisks are the Disks as one register sees them, which takes the blocks of a number for those of
// its only instance.
type oneOfDisks struct {
	process.Disks[register.Copy]
	number uint64
}

func (d oneOfDisks) Write(disk int, _ uint64, b register.Copy, done func()) (cancel func()) {
	return d.Disks.Write(disk, d.number, b, done)
}

func (d oneOfDisks) Read(
	disk int, _ uint64, done func(blocks []process.Block[register.Copy]),
) (cancel func()) {
	return d.Disks.Read(disk, d.number, done)
}

func (oneOfDisks) Forget(uint64) {}

// stopped is a clock for registers that look at the next instance now and then: here is none, and they
// would take the only one for it, again and again.
type stopped struct{}

func (stopped) After(time.Duration, func()) (cancel func()) { return func() {} }

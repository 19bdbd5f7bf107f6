package omega

import (
	"fmt"
	"slices"
	"time"

	"paxon/process"
)

// Omega is what the parts above see of the failure detector.
type Omega interface {
	// Trusted is the process that Ω trusts, and whether there is one.
	Trusted() (process.ID, bool)
}

// Part is a failure detector as a composition sees it.
type Part interface {
	Omega
	// Start begins the heartbeats.
	Start()
	// Receive takes a heartbeat.
	Receive(from process.ID, h Heartbeat)
	// Epoch is how often p has recovered as far as this process knows.
	Epoch(p process.ID) process.Incarnation
	// Outputs are the outputs of the Ω of all processes on the trust list, this one included,
	// as far as this process knows: 0 for each that trusts nobody. The caller may change
	// them, and the next call does.
	Outputs() []process.ID
}

// Heartbeat is the one message of Ω.
type Heartbeat struct {
	// Epochs is how often each process has recovered as far as the sender knows, by ID − 1.
	// The sender's own is its incarnation.
	Epochs []process.Incarnation
	// Hears is the sender's trust list: those it has heard from in time.
	Hears []process.ID
	// Fit says that the sender could lead.
	Fit bool
	// Trusts is the output of the sender's Ω, 0 if it trusts nobody (§6.2: Spring).
	Trusts process.ID
	// Progress is how far the sender's total order broadcast has come.
	Progress Progress
}

// String shows the heartbeat in traces.
func (h Heartbeat) String() string {
	return fmt.Sprintf("HEARTBEAT(%v,hears=%v,fit=%v,next=%d)",
		h.Epochs, h.Hears, h.Fit, h.Progress.Next)
}

// Messages lists the types of message of this part, for the codec.
func Messages() []process.Message { return []process.Message{Heartbeat{}} }

// Progress rides on heartbeats, so that who missed the last decision hears of it, and the leader
// hears of an instance that others have begun.
type Progress struct {
	Next    uint64 // The sender's nextBatch.
	Highest uint64 // The highest instance that the sender knows to be begun.
	Stable  uint64 // All instances below are delivered durably at the sender.
}

// Config holds the times of Ω.
type Config struct {
	// Interval is the time between two heartbeats.
	Interval time.Duration
	// Timeout is how long a process may stay silent at first; a few times Interval.
	Timeout time.Duration
	// Increase is by how much the time-out of a process that was suspected wrongly grows, up
	// to MaxTimeout.
	Increase, MaxTimeout time.Duration
	// Alone says that a process need not be heard by a majority to lead (§6.3: Summer).
	Alone bool
}

// Hooks connect Ω to its surroundings. Each may be nil.
type Hooks struct {
	// Healthy says whether the storage makes progress; without it this process stays silent
	// and does not lead.
	Healthy func() bool
	// Progress is asked for what the next heartbeat carries.
	Progress func() Progress
	// Heard hears what a heartbeat carried.
	Heard func(from process.ID, p Progress)
	// Changed hears that Trusted has changed.
	Changed func()
}

// Detector implements Omega (Fig. 28).
type Detector struct {
	net    process.Net[Heartbeat]
	clock  process.Clock
	config Config
	hooks  Hooks

	epochs  []process.Incarnation // By ID − 1. Heartbeats share it: a change makes another.
	others  []*other              // By ID − 1, nil for this process.
	hears   []process.ID          // The trust list if it is known; heartbeats share it, too.
	healthy bool
	trusted process.ID   // 0 if none.
	outputs []process.ID // Of Outputs.
}

// other is what is known of another process.
type other struct {
	id        process.ID
	onList    bool                // It is on the trust list.
	suspected process.Incarnation // Its epoch when it left the list.
	timeout   time.Duration
	suspect   func() // For its time-out.
	stop      func() // Cancels it.
	fit       bool
	hearsMe   bool
	trusts    process.ID
}

// New makes the detector of one process. It does nothing before Start.
func New(
	net process.Net[Heartbeat], clock process.Clock, incarnation process.Incarnation,
	config Config, hooks Hooks,
) *Detector {
	all := net.All()
	size := all[len(all)-1]
	d := &Detector{
		net: net, clock: clock, config: config, hooks: hooks,
		epochs: make([]process.Incarnation, size), others: make([]*other, size),
	}
	d.epochs[net.Self()-1] = incarnation
	for _, p := range all {
		if p != net.Self() {
			o := &other{id: p, timeout: config.Timeout}
			o.suspect = func() { d.suspect(o) }
			d.others[p-1] = o
		}
	}
	return d
}

// Start begins the heartbeats.
func (d *Detector) Start() { d.beat() }

// Trusted is the smallest (epoch, id) of the fit processes on the trust list.
func (d *Detector) Trusted() (process.ID, bool) { return d.trusted, d.trusted != 0 }

// Epoch is what heartbeats told of p's recoveries.
func (d *Detector) Epoch(p process.ID) process.Incarnation { return d.epochs[p-1] }

// Outputs are those of the processes on the trust list.
func (d *Detector) Outputs() []process.ID {
	d.outputs = append(d.outputs[:0], d.trusted)
	for _, o := range d.others {
		if o != nil && o.onList {
			d.outputs = append(d.outputs, o.trusts)
		}
	}
	return d.outputs
}

// beat sends a heartbeat to all others, now and then every Interval.
func (d *Detector) beat() {
	d.healthy = d.hooks.Healthy == nil || d.hooks.Healthy()
	d.update()
	if d.healthy {
		h := Heartbeat{
			Epochs: d.epochs, Hears: d.trustList(), Fit: d.fit(), Trusts: d.trusted,
		}
		if d.hooks.Progress != nil {
			h.Progress = d.hooks.Progress()
		}
		for _, p := range d.net.All() {
			if p != d.net.Self() {
				d.net.Send(p, h)
			}
		}
	}
	d.clock.After(d.config.Interval, d.beat)
}

// Receive takes a heartbeat: its sender is up, so it (re)joins the trust list, and epochs
// merge by maximum.
func (d *Detector) Receive(from process.ID, h Heartbeat) {
	for i, epoch := range h.Epochs[:min(len(h.Epochs), len(d.epochs))] {
		if epoch > d.epochs[i] {
			d.epochs = slices.Clone(d.epochs)
			d.epochs[i] = epoch
		}
	}
	o := d.others[from-1]
	if !o.onList && o.suspected != 0 && o.suspected == d.epochs[from-1] {
		o.timeout = min(o.timeout+d.config.Increase, d.config.MaxTimeout)
	}
	if !o.onList {
		o.onList, d.hears = true, nil
	}
	o.fit, o.trusts = h.Fit, h.Trusts
	o.hearsMe = slices.Contains(h.Hears, d.net.Self())
	if o.stop != nil {
		o.stop()
	}
	o.stop = d.clock.After(o.timeout, o.suspect)
	d.update()
	if d.hooks.Heard != nil {
		d.hooks.Heard(from, h.Progress)
	}
}

// suspect takes a process that has been silent for its time-out off the trust list.
func (d *Detector) suspect(o *other) {
	o.onList, o.fit, o.hearsMe = false, false, false
	d.hears = nil
	o.suspected = d.epochs[o.id-1]
	d.update()
}

func (d *Detector) trustList() []process.ID {
	if d.hears != nil {
		return d.hears
	}
	for _, p := range d.net.All() {
		if o := d.others[p-1]; o == nil || o.onList {
			d.hears = append(d.hears, p)
		}
	}
	return d.hears
}

// fit says whether this process could lead: healthy, and heard by a majority if that matters.
func (d *Detector) fit() bool {
	heardBy := 1
	for _, o := range d.others {
		if o != nil && o.onList && o.hearsMe {
			heardBy++
		}
	}
	return d.healthy && (d.config.Alone || heardBy >= process.Majority(len(d.net.All())))
}

// update computes Trusted anew and tells of a change.
func (d *Detector) update() {
	var best process.ID
	for _, p := range d.net.All() {
		o := d.others[p-1]
		candidate := o != nil && o.onList && o.fit || o == nil && d.fit()
		if candidate && (best == 0 || d.epochs[p-1] < d.epochs[best-1]) {
			best = p
		}
	}
	if best == d.trusted {
		return
	}
	d.trusted = best
	if d.hooks.Changed != nil {
		d.hooks.Changed()
	}
}

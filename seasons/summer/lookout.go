package summer

import (
	"time"

	"paxon/process"
	"paxon/register"
)

// Interval is the time between two looks at the disks.
const Interval = 50 * time.Millisecond

// lookout is the look that is under way. What a process decided and delivered alone before it
// crashed for good, nobody else may have heard of; it is on a majority of the disks. A process
// delivers instances in order, so it is enough to look at the first that is not known here to be
// begun, and when that is, at the next.
type lookout struct {
	at      register.Instance // 0 if no look is under way.
	disks   int               // How many had nothing.
	cancels []func()
}

// Watch has registers look every Interval, and does so for ever. Only this part of Summer has a
// clock; no property but progress depends on it.
func Watch(r *Registers, clock process.Clock) {
	clock.After(Interval, func() {
		r.Look()
		Watch(r, clock)
	})
}

// Look has the disks read where the first instance would be that nobody here knows of. A look
// that is under way there already goes on.
func (r *Registers) Look() {
	l := max(r.highest+1, r.next)
	if r.watch.at == l {
		return
	}
	r.watch.stop()
	r.watch.at = l
	for disk := range r.disks.Count() {
		r.watch.cancels = append(r.watch.cancels,
			r.disks.Read(disk, uint64(l), func(blocks []process.Block[Block]) {
				r.looked(l, len(blocks) > 0)
			}))
	}
}

func (r *Registers) looked(l register.Instance, touched bool) {
	r.watch.disks++
	switch {
	case touched:
		r.highest = max(r.highest, l)
		r.watch.stop()
		r.Look()
	case r.watch.disks == r.majority():
		r.watch.stop()
	}
}

func (w *lookout) stop() {
	for _, cancel := range w.cancels {
		cancel()
	}
	*w = lookout{}
}

package preferred

import (
	"fmt"
	"slices"
	"time"

	"paxon/leader"
	"paxon/omega"
	"paxon/process"
	"paxon/seasons"
)

// Season has the first process of the order that is up lead. The order has every process once.
func Season(order ...process.ID) seasons.Season {
	return seasons.Season{
		Name:     "preferred",
		Assumes:  "that no process crashes and recovers for ever",
		Excludes: []string{"spring"},
		Check: func(processes int) error {
			sorted := slices.Sorted(slices.Values(order))
			for i, p := range sorted {
				if p != process.ID(i+1) {
					sorted = nil
				}
			}
			if len(sorted) != processes {
				return fmt.Errorf("the order %v: expected each process of %d once", order, processes)
			}
			return nil
		},
		Apply: func(v seasons.Variant) seasons.Variant { return apply(v, order) },
	}
}

func apply(v seasons.Variant, order []process.ID) seasons.Variant {
	detector := v.Omega
	v.Omega = func(
		h seasons.Host, net process.Net[omega.Heartbeat], c omega.Config, hooks omega.Hooks,
	) omega.Part {
		return &election{
			Part: detector(h, net, c, hooks), order: order, self: net.Self(), clock: h.Clock,
			timeout: c.Timeout, up: map[process.ID]func(){},
		}
	}
	v.Leader = func(_ seasons.Host, o omega.Part) leader.Leader { return leader.New(o) }
	return v
}

// election is an Ω that trusts by its own order, and so a leader election (Fig. 7).
type election struct {
	omega.Part
	order   []process.ID
	self    process.ID
	clock   process.Clock
	timeout time.Duration
	up      map[process.ID]func() // Those that are up; the function cancels their time-out.
}

// Receive takes note of who is up and could lead: its disk works, and a majority hears it.
func (e *election) Receive(from process.ID, h omega.Heartbeat) {
	e.Part.Receive(from, h)
	if stop := e.up[from]; stop != nil {
		stop()
		delete(e.up, from)
	}
	if h.Fit {
		e.up[from] = e.clock.After(e.timeout, func() { delete(e.up, from) })
	}
}

// Trusted is the first that is up, or this process.
func (e *election) Trusted() (process.ID, bool) {
	for _, p := range e.order {
		if p == e.self || e.up[p] != nil {
			return p, true
		}
	}
	return 0, false
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// cell is one measurement to make, and the part of it that a child process is started for.
type cell struct {
	System      string
	Fsync       bool
	Outstanding int
	Size        int
	Processes   int // 1 or members.
	goal
	Dir     string // For all members, empty but for what was there if Again is set.
	Profile string // A file for a CPU profile of the process that leads, or empty.

	// What the parent adds for each child.
	Members   []int // Which members are in it, from 0.
	Addresses [members]string
	Again     bool // To open members on what they have, and put no load on them.
}

// An order is what the parent wants of a child, a line of JSON on its standard input.
type order struct {
	Do    string // One of those below.
	Count uint64 // Messages to settle for.
}

const (
	doFollow = "follow" // Tell whom the members here follow.
	doLoad   = "load"   // Put load on the member here that leads. There is a reply at each mark.
	doUsage  = "usage"  // Tell what was used.
	doSettle = "settle" // Wait until all is applied, and tell the digests.
	doClose  = "close"  // Close the members and end.
)

// reply is what a child answers, a line of JSON on its standard output. The first one comes
// when its members are open.
type reply struct {
	Error   string
	Opened  []time.Duration // How long each member took.
	Follow  []int
	Mark    *mark
	Usage   usage
	Load    *loaded
	Digests []string
}

// loaded is what came of a load. Times are in seconds.
type loaded struct {
	Messages      int64
	Elapsed       float64
	P50, P99, Max float64
	Given         uint64 // Messages submitted, the warm-up included.
}

// childVariable is set, to a cell as JSON, in the environment of a process that is to hold
// members of a measurement.
const childVariable = "PAXON_PEERS_CELL"

// child is the talk with the parent.
type child struct {
	cell   cell
	group  *group
	orders *json.Decoder
	say    *json.Encoder
}

// serveChild opens the members that the parent asked for, and does what it orders.
func serveChild(ctx context.Context, asked string, orders io.Reader, replies io.Writer) error {
	var c cell
	if err := json.Unmarshal([]byte(asked), &c); err != nil {
		return fmt.Errorf("%s is not a cell: %w: it is set by this program for itself only",
			childVariable, err)
	}
	found, err := chosen([]string{c.System})
	if err != nil {
		return err
	}
	g, err := openGroup(ctx, found[0], c)
	if err != nil {
		return fmt.Errorf("%s did not start: %w", c.System, err)
	}
	h := child{cell: c, group: g, orders: json.NewDecoder(orders), say: json.NewEncoder(replies)}
	err = h.serve(ctx)
	if err = errors.Join(err, g.close()); err != nil {
		return fmt.Errorf("%s: %w", c.System, err)
	}
	return h.say.Encode(reply{}) // It is closed.
}

// serve carries out orders until the one to close.
func (h child) serve(ctx context.Context) error {
	if err := h.say.Encode(reply{Opened: h.group.opened}); err != nil {
		return err
	}
	for {
		var o order
		if err := h.orders.Decode(&o); err != nil {
			return fmt.Errorf("the parent gives no order any more: %w", err)
		}
		var r reply
		var err error
		switch o.Do {
		case doFollow:
			r.Follow, err = h.group.leaders()
		case doLoad:
			r.Load, err = h.load(ctx)
		case doUsage:
			r.Usage, err = used()
		case doSettle:
			if err = h.group.settle(ctx, o.Count); err == nil {
				r.Digests, err = h.group.digests(o.Count)
			}
		case doClose:
			return nil
		default:
			err = fmt.Errorf("order %q: expected one that this program gives itself", o.Do)
		}
		if err == nil {
			err = h.say.Encode(r)
		}
		if err != nil {
			return err
		}
	}
}

// load puts load on the member here that leads.
func (h child) load(ctx context.Context) (*loaded, error) {
	leaders, err := h.group.leaders()
	if err != nil {
		return nil, err
	}
	leader, err := h.group.at(leaders[0])
	if err != nil {
		return nil, err
	}
	l := newLoad(leader, h.cell.Outstanding, h.cell.Size)
	var failed error
	profiled := func() error { return nil }
	last := h.cell.marks()
	note := func(m mark) {
		var err, sayErr, profileErr error
		if m.Messages == 0 {
			profiled, profileErr = profile(h.cell.Profile)
		}
		r := reply{Mark: &m}
		r.Usage, err = used()
		sayErr = h.say.Encode(r)
		if last--; last < 0 {
			profileErr = profiled()
		}
		failed = errors.Join(failed, err, sayErr, profileErr)
	}
	histogram, elapsed, err := l.run(ctx, h.cell.goal, note)
	if err = errors.Join(err, failed); err != nil {
		return nil, err
	}
	quantile := func(percent float64) float64 {
		return time.Duration(histogram.ValueAtQuantile(percent)).Seconds()
	}
	return &loaded{
		Messages: histogram.TotalCount(), Elapsed: elapsed.Seconds(),
		P50: quantile(50), P99: quantile(99), Max: quantile(100), Given: l.given,
	}, nil
}

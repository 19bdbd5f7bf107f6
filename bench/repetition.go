package bench

import (
	"context"
	"fmt"
	"time"

	"paxon/internal/wait"
	"paxon/process"
)

// measurement is what a cluster says of one measurement.
type measurement struct {
	before, after []reply // begin and end.
	stopped       []reply
	loads         []loadResult
	settled       []settledReply
	leaderChanged bool
}

// measure makes one measurement with a new cluster. profile names files for CPU profiles, by
// process, unless it is nil.
func (c *cluster) measure(
	ctx context.Context, warmUp, duration time.Duration, profile func(process.ID) string,
) (m measurement, err error) {
	leader, err := c.leader(ctx)
	if err != nil {
		return m, err
	}
	at := c.setting.broadcasters(leader)
	if _, err := c.ask(ctx, "loads", 0, func(*remote) request {
		return request{Do: doLoad, At: at}
	}); err != nil {
		return m, err
	}
	if err := wait.For(ctx, warmUp); err != nil {
		return m, err
	}
	if m.before, err = c.ask(ctx, "the begin", 0, func(r *remote) request {
		return request{Do: doBegin, Profile: profile(r.nodes[0])}
	}); err != nil {
		return m, err
	}
	if err := wait.For(ctx, duration); err != nil {
		return m, err
	}
	if m.after, err = c.ask(ctx, "a delivery", 0, simply(doEnd)); err != nil {
		return m, err
	}
	if m.stopped, err = c.ask(ctx, "all answers", duration, simply(doStop)); err != nil {
		return m, err
	}
	after, err := c.agreed(ctx)
	if err != nil {
		return m, err
	}
	m.leaderChanged = after != leader
	err = c.settle(ctx, &m, readTimes*(warmUp+duration))
	return m, err
}

// settle waits until everything is delivered everywhere, and compares (B3).
func (c *cluster) settle(ctx context.Context, m *measurement, extra time.Duration) error {
	var given uint64
	for _, r := range m.stopped {
		m.loads = append(m.loads, r.Loads...)
	}
	for _, l := range m.loads {
		given += l.Given
	}
	replies, err := c.ask(ctx, "all deliveries", extra, func(*remote) request {
		return request{Do: doSettle, Given: given}
	})
	if err != nil {
		return err
	}
	for _, r := range replies {
		m.settled = append(m.settled, r.Settled...)
	}
	return compare(m.settled)
}

// compare says whether all processes delivered the same sequence, with a *DigestError if not.
func compare(settled []settledReply) error {
	for _, s := range settled[1:] {
		if first := settled[0]; s.Digest != first.Digest || s.Count != first.Count {
			return &DigestError{s.Process, first.Process, s.digest(), first.digest()}
		}
	}
	return nil
}

func (s settledReply) digest() string { return fmt.Sprintf("%016x", s.Digest) }

// repetition puts together what the processes and the broadcasters measured.
func (m measurement) repetition(s Setting) (Repetition, error) {
	r := Repetition{
		LeaderChanged: m.leaderChanged,
		Delivered:     m.settled[0].Count, Digest: m.settled[0].digest(),
	}
	all := NewHistogram()
	for _, l := range m.loads {
		if l.Counted <= 0 || l.Elapsed <= 0 {
			return r, fmt.Errorf("%v measured %d messages in %v: expected some in more than none",
				l.At, l.Counted, l.Elapsed)
		}
		if err := unpackHistogram(all, l.Latency); err != nil {
			return r, err
		}
		r.Messages += l.Counted
		r.Late += l.Late
		r.PerSecond += float64(l.Counted) / l.Elapsed.Seconds()
		r.Elapsed = max(r.Elapsed, l.Elapsed.Seconds())
	}
	r.MBPerSecond = r.PerSecond * float64(s.Size) / 1e6
	r.P50, r.P99 = Quantile(all, 50), Quantile(all, 99)
	r.P999, r.Max = Quantile(all, 99.9), Quantile(all, 100)
	var sum usage
	for i := range m.after {
		u := m.after[i].Used.since(m.before[i].Used)
		sum.CPU += u.CPU
		sum.Allocs += u.Allocs
		sum.Forces += u.Forces
		sum.WireBytes += u.WireBytes
		peak := m.stopped[i].Peak
		r.PeakMemory += peak
		r.PeakLargest = max(r.PeakLargest, peak)
	}
	messages := float64(r.Messages)
	r.CPU = sum.CPU.Seconds() / messages * 1e6
	r.Allocations = float64(sum.Allocs) / messages * 1e6
	if s.Fsync { // Otherwise a force is none, though it may be counted as one.
		r.Forces = float64(sum.Forces) / messages
	}
	r.WireBytes = float64(sum.WireBytes) / messages
	return r, nil
}

package torture

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"paxon/client"
	"paxon/history"
	"paxon/tob"
)

// How callers behave.
const (
	longestThink  = 30 * time.Millisecond // Between one call and the next.
	shortestCall  = 20                    // Times the shortest patience with a call is the longest.
	longestRead   = time.Second
	tries         = 4 // Of a message under a name.
	smallPayload  = 200
	largePayload  = 64 << 10
	oneInHedged   = 4  // Messages that are handed to two processes at a time.
	oneInLarge    = 25 // Messages that are large.
	betweenLooks  = 10 * time.Millisecond
	nobodyAnswers = 50 * time.Millisecond
)

// caller is one client: plain, or named.
type caller struct {
	round  *round
	number int
	random *rand.Rand
	named  bool
	lanes  [2]int // The second for the second of two calls at a time.

	name     tob.Client // Zero if there is none.
	sequence uint64     // Of the last message under the name.
	sent     int
}

func newCaller(r *round, number int) *caller {
	return &caller{
		round: r, number: number, named: number%2 == 1,
		random: rand.New(rand.NewPCG(r.Seed, uint64(number)+1)),
		lanes:  [2]int{r.recorder.lane(), r.recorder.lane()},
	}
}

// run broadcasts until ctx ends, and lets the last call end.
func (c *caller) run(ctx context.Context) error {
	for ctx.Err() == nil {
		var err error
		if c.named {
			err = c.broadcastNamed(ctx)
		} else {
			err = c.broadcastPlain(ctx)
		}
		if err != nil {
			return err
		}
		wait(ctx, within(c.random, 0, longestThink))
	}
	return nil
}

// value names the next message.
func (c *caller) value() string {
	c.sent++
	size := c.random.IntN(smallPayload)
	if c.random.IntN(oneInLarge) == 0 {
		size = c.random.IntN(largePayload)
	}
	return newValue(c.number, c.sent, size)
}

// session chooses a process that runs, nil if none does.
func (c *caller) session() *session {
	members := c.round.members
	from := c.random.IntN(len(members))
	for i := range members {
		if s := members[(from+i)%len(members)].enter(); s != nil {
			return s
		}
	}
	return nil
}

// patience is how long the next call waits for its answer.
func (c *caller) patience() time.Duration {
	return within(c.random, c.round.Patience/shortestCall, c.round.Patience)
}

func (c *caller) broadcastPlain(ctx context.Context) error {
	s := c.session()
	if s == nil {
		wait(ctx, nobodyAnswers)
		return nil
	}
	defer s.leave()
	_, err := c.try(s, 0, c.value(), false, c.patience())
	return err
}

// broadcastNamed broadcasts the next message under the name, at one process after the other until
// one answers.
func (c *caller) broadcastNamed(ctx context.Context) error {
	if c.name == (tob.Client{}) && !c.rename(ctx) {
		wait(ctx, nobodyAnswers)
		return nil
	}
	value := c.value()
	for range tries {
		answered, err := c.broadcastAs(value)
		if err != nil {
			return err
		}
		if answered {
			c.sequence++
			return nil
		}
		if !wait(ctx, within(c.random, 0, longestThink)) {
			break
		}
	}
	c.name = tob.Client{} // Nobody knows which sequence is next.
	return nil
}

// rename asks a process for a name.
func (c *caller) rename(ctx context.Context) bool {
	s := c.session()
	if s == nil {
		return false
	}
	defer s.leave()
	ctx, cancel := context.WithTimeout(ctx, longestRead)
	defer cancel()
	stop := context.AfterFunc(s.ctx, cancel)
	defer stop()
	name, err := s.client.NewClient(ctx)
	if err == nil {
		c.name, c.sequence = name, 0
	}
	return err == nil
}

// broadcastAs makes one call under the name, or two at a time.
func (c *caller) broadcastAs(value string) (answered bool, err error) {
	calls := 1
	if c.random.IntN(oneInHedged) == 0 {
		calls = 2
	}
	var results [2]struct {
		answered bool
		err      error
	}
	var group sync.WaitGroup
	for i := range calls {
		s := c.session()
		if s == nil {
			break
		}
		timeout := c.patience()
		group.Go(func() {
			defer s.leave()
			results[i].answered, results[i].err = c.try(s, i, value, true, timeout)
		})
	}
	group.Wait()
	return results[0].answered || results[1].answered, errors.Join(results[0].err, results[1].err)
}

// try makes one call in a session and records it in a lane. The error is one that no fault explains.
func (c *caller) try(s *session, lane int, value string, named bool, timeout time.Duration) (bool, error) {
	ctx, cancel := context.WithTimeout(s.ctx, timeout)
	defer cancel()
	o := history.Operation{
		Kind: history.Broadcast, Client: c.lanes[lane], Process: s.process, Start: s.start, Value: value,
		Call: c.round.recorder.now(),
	}
	var err error
	if named {
		o.At, err = s.client.BroadcastAs(ctx, tob.Broadcast{
			Client: c.name, Sequence: c.sequence + 1, Payload: payloadOf(value),
		})
	} else {
		o.At, err = s.client.Broadcast(ctx, payloadOf(value))
	}
	o.Return = c.round.recorder.now()
	if o.Unknown, err = unknown(err); err != nil {
		return false, err
	}
	if o.Unknown {
		o.At, c.lanes[lane] = tob.Position{}, c.round.recorder.lane()
	}
	c.round.recorder.add(o)
	return !o.Unknown, nil
}

// unknown says what the error of a broadcast leaves open; if nothing explains it, it comes back.
func unknown(err error) (bool, error) {
	if err == nil {
		return false, nil
	}
	refused, ok := errors.AsType[*client.RefusedError](err)
	switch {
	case ok && refused.Status == tob.Forgotten.String():
		return false, nil // It is delivered, at a place that is not known any more.
	case ok && refused.Status == tob.Expired.String(), client.Retryable(err):
		return true, nil
	}
	return true, err
}

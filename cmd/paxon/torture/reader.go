package torture

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"time"

	"paxon/client"
	"paxon/history"
	"paxon/tob"
)

// reader asks one process what it has delivered.
type reader struct {
	round  *round
	member *member
	lane   int
	random *rand.Rand
	start  int          // Of the session in which next is where to read on.
	next   tob.Position // The zero Position for the beginning.
}

func newReader(r *round, m *member) *reader {
	return &reader{
		round: r, member: m, lane: r.recorder.lane(),
		random: rand.New(rand.NewPCG(r.Seed, 1<<32+uint64(m.id))),
	}
}

// run reads until ctx ends. A read that fails shows nothing.
func (r *reader) run(ctx context.Context) error {
	for ctx.Err() == nil {
		if s := r.member.enter(); s != nil {
			_, err := r.read(s, longestRead)
			s.leave()
			if err != nil && !client.Retryable(err) {
				return err
			}
		}
		wait(ctx, within(r.random, 0, 2*longestThink))
	}
	return nil
}

// read reads what is new in a session, all of it if the session is, and records it.
func (r *reader) read(s *session, timeout time.Duration) ([]history.Entry, error) {
	ctx, cancel := context.WithTimeout(s.ctx, timeout)
	defer cancel()
	if r.start != s.start {
		r.start, r.next = s.start, tob.Position{Instance: 1}
	}
	o := history.Operation{
		Kind: history.Read, Client: r.lane, Process: s.process, Start: s.start, From: r.next,
		Call: r.round.recorder.now(),
	}
	next := r.next
	for d, err := range s.client.Deliveries(ctx, r.next, false) {
		if err != nil {
			return nil, err
		}
		o.Entries = append(o.Entries, history.Entry{At: d.Position, Value: valueOf(d.Payload)})
		next = d.Next()
	}
	o.Return = r.round.recorder.now()
	r.round.recorder.add(o)
	r.next = next
	return o.Entries, nil
}

// whole reads everything once more, and gives its digest.
func (r *reader) whole(s *session, timeout time.Duration) (string, error) {
	r.start = 0
	entries, err := r.read(s, timeout)
	hash := sha256.New()
	for _, e := range entries {
		_, _ = fmt.Fprintf(hash, "%v %q\n", e.At, e.Value) // A hash never fails.
	}
	return fmt.Sprintf("%d messages, SHA-256 %s", len(entries), hex.EncodeToString(hash.Sum(nil))), err
}

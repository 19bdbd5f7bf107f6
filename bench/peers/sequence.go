package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sync/atomic"

	"github.com/zeebo/xxh3"
)

// minSize is the fewest bytes of a payload: its number.
const minSize = 8

// writePayload makes the payload of message number n, from 0: the number, and after it bytes
// that differ from their neighbours.
func writePayload(p []byte, n uint64) {
	binary.LittleEndian.PutUint64(p, n)
	for i := minSize; i < len(p); i++ {
		p[i] = byte(i*167 + i>>8)
	}
}

// Sequence is what one member applied: a digest over their numbers in order, and whether each message
// came once and unaltered. One goroutine calls add and show; the other methods are safe for concurrent
// use. A member shows what it has applied after each batch, because to do so after each message costs as
// much as the checks.
type Sequence struct {
	expected []byte // A payload, but for the number.
	seen     []uint64
	digest   uint64
	applied  uint64        // How many messages were added,
	shown    atomic.Uint64 // and shown.
	err      atomic.Pointer[error]
}

func newSequence(size int) *Sequence {
	s := &Sequence{expected: make([]byte, size)}
	writePayload(s.expected, 0)
	return s
}

// add takes the next message. It keeps nothing of the payload.
func (s *Sequence) add(payload []byte) {
	if len(payload) != len(s.expected) || !bytes.Equal(payload[minSize:], s.expected[minSize:]) {
		s.fail(fmt.Errorf("message %d of those applied is altered: its %d bytes are %.40x…",
			s.applied, len(payload), payload))
		return
	}
	n := binary.LittleEndian.Uint64(payload)
	if n > s.applied+maxOutstanding {
		s.fail(fmt.Errorf("message %d was applied after %d: expected none that far ahead",
			n, s.applied))
		return
	}
	for n/64 >= uint64(len(s.seen)) {
		s.seen = append(s.seen, 0)
	}
	if s.seen[n/64]>>(n%64)&1 != 0 {
		s.fail(fmt.Errorf("message %d was applied twice: expected once", n))
		return
	}
	s.seen[n/64] |= 1 << (n % 64)
	s.digest = xxh3.HashSeed(payload[:minSize], s.digest) // The rest is as expected.
	s.applied++
}

// show lets others see, by Count, what was added.
func (s *Sequence) show() { s.shown.Store(s.applied) }

// fail notes the first thing that is wrong.
func (s *Sequence) fail(err error) { s.err.CompareAndSwap(nil, &err) }

// Count is how many messages were applied, as far as it was shown.
func (s *Sequence) Count() uint64 { return s.shown.Load() }

// Err says what was applied wrongly, nil if nothing was.
func (s *Sequence) Err() error {
	if err := s.err.Load(); err != nil {
		return *err
	}
	return nil
}

// whole checks, when nothing is applied any more, that what was applied are messages 0 to
// count − 1, each once. It returns the digest.
func (s *Sequence) whole(count uint64) (string, error) {
	if err := s.Err(); err != nil {
		return "", fmt.Errorf("went wrong: %w", err)
	}
	if s.applied != count {
		return "", fmt.Errorf("applied %d messages: expected %d", s.applied, count)
	}
	for n := range count {
		if s.seen[n/64]>>(n%64)&1 == 0 {
			return "", fmt.Errorf("never applied message %d", n)
		}
	}
	return fmt.Sprintf("%016x", s.digest), nil
}

// same checks that all members applied the same sequence, and gives its digest.
func same(digests []string) (string, error) {
	for i, d := range digests {
		if d != digests[0] {
			return "", fmt.Errorf("a member applied a sequence with digest %s: expected %s as the "+
				"first (%d of %d differs)", d, digests[0], i+1, len(digests))
		}
	}
	if len(digests) != members {
		return "", fmt.Errorf("%d members told a digest: expected %d", len(digests), members)
	}
	return digests[0], nil
}

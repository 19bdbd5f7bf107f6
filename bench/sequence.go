package bench

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sync/atomic"

	"github.com/zeebo/xxh3"

	"paxon/process"
	"paxon/tob"
)

// idShift is where the broadcaster's id begins in the number of a message, above its count.
const idShift = 56

// writeNumber writes which message it is of its broadcaster, from 0, to the beginning of a payload.
func writeNumber(payload []byte, at process.ID, n uint64) {
	binary.LittleEndian.PutUint64(payload, uint64(at)<<idShift|n)
}

// newPayload makes a payload that has no number yet: bytes that differ from their neighbours.
func newPayload(size int) []byte {
	p := make([]byte, size)
	for i := MinSize; i < len(p); i++ {
		p[i] = byte(i*167 + i>>8)
	}
	return p
}

// sequence checks what one process delivers, in order (B3), and is a digest of it. take is for one
// goroutine; count is safe for concurrent use.
type sequence struct {
	process  process.ID
	expected []byte // A payload, but for the number.
	next     [MaxProcesses + 1]uint64
	last     tob.Position
	digest   uint64
	taken    atomic.Uint64
}

func newSequence(id process.ID, size int) *sequence {
	return &sequence{process: id, expected: newPayload(size)}
}

// take checks one delivery. The error is a *DeliveryError.
func (s *sequence) take(at tob.Position, payload []byte) error {
	wrong := func(came, expected string) error {
		return &DeliveryError{s.process, at, came, expected}
	}
	if len(payload) != len(s.expected) || !bytes.Equal(payload[MinSize:], s.expected[MinSize:]) {
		return wrong(fmt.Sprintf("%d bytes, %.40x…", len(payload), payload),
			fmt.Sprintf("the %d bytes that were broadcast", len(s.expected)))
	}
	if !s.last.Less(at) {
		return wrong("a message", "none up to "+s.last.String())
	}
	s.last = at
	number := binary.LittleEndian.Uint64(payload)
	from, n := number>>idShift, number&(1<<idShift-1)
	if from >= uint64(len(s.next)) || n != s.next[from] {
		return wrong(fmt.Sprintf("message %d of %v", n, process.ID(from)),
			fmt.Sprintf("message %d", s.next[min(from, MaxProcesses)]))
	}
	s.next[from]++
	// The position is part of the digest: it goes in by the seed.
	seed := s.digest ^ (uint64(at.Instance)<<20 + uint64(at.Offset))
	s.digest = xxh3.HashSeed(payload, seed)
	s.taken.Store(s.taken.Load() + 1)
	return nil
}

// count is how many messages were taken.
func (s *sequence) count() uint64 { return s.taken.Load() }

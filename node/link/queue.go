package link

import (
	"encoding/binary"
	"fmt"

	"paxon/retransmit"
	"paxon/wire"
)

// apartBytes is from how many bytes on a value is written from where it is, and not copied first.
const apartBytes = 2 << 10

// queue is frames that wait to be written to one peer. Its zero value is empty.
type queue struct {
	own     []byte  // What was encoded.
	apart   []apart // The values that stand between pieces of own, in order.
	packets int
	size    int // Bytes in all.
}

// apart is a value that comes before own[at:].
type apart struct {
	at    int
	value []byte
}

// add encodes a packet as a frame, unless that makes the queue larger than room: then it is
// left out and full. The error says that it can never be sent.
func (q *queue) add(
	c *wire.Codec, p retransmit.Packet, maxFrame, room int,
) (full bool, err error) {
	begin := len(q.own)
	b, cut, value, err := c.AppendPacketApart(append(q.own, 0, 0, 0, 0), p, apartBytes)
	size := len(b) - begin + len(value)
	switch {
	case err != nil:
		return false, err
	case size > maxFrame:
		return false, fmt.Errorf("it takes %d bytes, expected at most the %d of Limits.MaxFrame",
			size, maxFrame)
	case size > room:
		return true, nil
	}
	binary.BigEndian.PutUint32(b[begin:], uint32(size-frameHeader))
	q.own = b
	if value != nil {
		q.apart = append(q.apart, apart{cut, value})
	}
	q.packets++
	q.size += size
	return false, nil
}

// pieces appends what is to be written, in order.
func (q *queue) pieces(to [][]byte) [][]byte {
	from := 0
	for _, a := range q.apart {
		to = append(to, q.own[from:a.at], a.value)
		from = a.at
	}
	if from < len(q.own) {
		to = append(to, q.own[from:])
	}
	return to
}

// empty takes everything out, and keeps the buffers for what comes unless they are large.
func (q *queue) empty() {
	clear(q.apart)
	*q = queue{own: q.own[:0], apart: q.apart[:0]}
	if cap(q.own) > keptBuffer {
		q.own = nil
	}
}

// after drops the first n bytes of pieces.
func after(pieces [][]byte, n int) [][]byte {
	for len(pieces) > 0 && n >= len(pieces[0]) {
		n -= len(pieces[0])
		pieces[0] = nil
		pieces = pieces[1:]
	}
	if n > 0 {
		pieces[0] = pieces[0][n:]
	}
	return pieces
}

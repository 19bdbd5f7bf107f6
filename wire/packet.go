package wire

import (
	"fmt"
	"math"

	"paxon/process"
	"paxon/retransmit"
)

// packetFields is the length of the array that a packet is, and packetShape its part in the
// fingerprint.
const (
	packetFields = 6
	packetShape  = "packet{From:u64 To:u64 Seq:u64 Base:u64 Ack:u64 Body:value}"
)

// AppendPacket appends the encoding of p to dst. Errors are those of Append, for the body.
func (c *Codec) AppendPacket(dst []byte, p retransmit.Packet) ([]byte, error) {
	b, _, _, err := c.AppendPacketApart(dst, p, math.MaxInt)
	return b, err
}

// AppendPacketApart is AppendPacket, but a byte slice of at least apart bytes, which some messages
// have, is not copied: it belongs between out[:cut] and out[cut:], and is nil if there is none.
func (c *Codec) AppendPacketApart(
	dst []byte, p retransmit.Packet, apart int,
) (out []byte, cut int, value []byte, err error) {
	s := sink{buf: dst, apart: apart}
	s.array(packetFields)
	s.uint(uint64(p.From))
	s.uint(uint64(p.To))
	s.uint(p.Seq)
	s.uint(p.Base)
	s.uint(p.Ack)
	if p.Body == nil {
		return append(s.buf, formNil), 0, nil, nil
	}
	if err := c.append(&s, p.Body); err != nil {
		return dst, 0, nil, err
	}
	return s.buf, s.cut, s.value, nil
}

// DecodePacket returns the packet that b is the encoding of. Byte slices of at least share bytes
// in it may share the memory of b, and shared says whether one does. The error is a *DecodeError.
func (c *Codec) DecodePacket(b []byte, share int) (p retransmit.Packet, shared bool, err error) {
	n, rest, bad := readArrayHeader(b)
	if bad == nil && n != packetFields {
		bad = &DecodeError{
			Came:     fmt.Sprintf("an array of %d", n),
			Expected: fmt.Sprintf("one of %d", packetFields),
		}
	}
	if bad != nil {
		return retransmit.Packet{}, false, bad.at("packet", 0)
	}
	var header [packetFields - 1]uint64
	for i := range header {
		offset := len(b) - len(rest)
		if header[i], rest, bad = readUint(rest); bad != nil {
			return retransmit.Packet{}, false, bad.at("packet header", offset)
		}
	}
	p = retransmit.Packet{
		From: process.Incarnation(header[0]),
		To:   process.Incarnation(header[1]),
		Seq:  header[2],
		Base: header[3],
		Ack:  header[4],
	}
	if len(rest) > 0 && rest[0] == formNil {
		if len(rest) > 1 {
			return retransmit.Packet{}, false,
				trailing(len(rest)-1).at("packet", len(b)-len(rest)+1)
		}
		return p, false, nil
	}
	p.Body, shared, err = c.decode(rest, len(b), share)
	if err != nil {
		return retransmit.Packet{}, false, err
	}
	return p, shared, nil
}

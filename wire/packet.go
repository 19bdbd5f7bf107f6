package wire

import (
	"fmt"

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
	b := AppendArrayHeader(dst, packetFields)
	b = AppendUint(b, uint64(p.From))
	b = AppendUint(b, uint64(p.To))
	b = AppendUint(b, p.Seq)
	b = AppendUint(b, p.Base)
	b = AppendUint(b, p.Ack)
	if p.Body == nil {
		return append(b, formNil), nil
	}
	b, err := c.Append(b, p.Body)
	if err != nil {
		return dst, err
	}
	return b, nil
}

// DecodePacket returns the packet that b is the encoding of. It shares no memory with b. The
// error is a *DecodeError.
func (c *Codec) DecodePacket(b []byte) (retransmit.Packet, error) {
	n, rest, bad := readArrayHeader(b)
	if bad == nil && n != packetFields {
		bad = &DecodeError{
			Came:     fmt.Sprintf("an array of %d", n),
			Expected: fmt.Sprintf("one of %d", packetFields),
		}
	}
	if bad != nil {
		return retransmit.Packet{}, bad.at("packet", 0)
	}
	var header [packetFields - 1]uint64
	for i := range header {
		offset := len(b) - len(rest)
		if header[i], rest, bad = readUint(rest); bad != nil {
			return retransmit.Packet{}, bad.at("packet header", offset)
		}
	}
	p := retransmit.Packet{
		From: process.Incarnation(header[0]),
		To:   process.Incarnation(header[1]),
		Seq:  header[2],
		Base: header[3],
		Ack:  header[4],
	}
	if len(rest) > 0 && rest[0] == formNil {
		if len(rest) > 1 {
			return retransmit.Packet{}, trailing(len(rest)-1).at("packet", len(b)-len(rest)+1)
		}
		return p, nil
	}
	body, err := c.decode(rest, len(b))
	if err != nil {
		return retransmit.Packet{}, err
	}
	p.Body = body
	return p, nil
}

package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"time"

	"paxon/client"
	"paxon/process"
	"paxon/tob"
)

// lookAgain is how long an observer waits for a process that has not delivered everything yet.
const lookAgain = 10 * time.Millisecond

// observer checks what one process delivers of the run's clients (B3).
type observer struct {
	process process.ID
	client  *client.Client
	payload []byte // Of every message.

	next      tob.Position
	delivered map[tob.Client]uint64 // The last sequence.
	count     uint64
	hash      hash.Hash // Over position, client and sequence; the payload is compared.
}

func newObserver(id process.ID, c *client.Client, payload []byte) *observer {
	return &observer{
		process: id, client: c, payload: payload, next: tob.Position{Instance: 1},
		delivered: map[tob.Client]uint64{}, hash: sha256.New(),
	}
}

// catchUp reads until everything given is delivered, and then once more, in case something is
// delivered again. given is how many messages each client of the run has broadcast.
func (o *observer) catchUp(ctx context.Context, given map[tob.Client]uint64) error {
	var all uint64
	for _, n := range given {
		all += n
	}
	ticker := time.NewTicker(lookAgain)
	defer ticker.Stop()
	for {
		complete := o.count == all
		for d, err := range o.client.Deliveries(ctx, o.next, false) {
			if err != nil {
				return err
			}
			if err := o.take(d, given); err != nil {
				return err
			}
		}
		if complete {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// take checks one delivery. Those of clients that are not the run's are passed over.
func (o *observer) take(d client.Delivery, given map[tob.Client]uint64) error {
	wrong := func(came, expected string) error {
		return &DeliveryError{o.process, d.Position, came, expected}
	}
	if d.Position.Less(o.next) {
		return wrong("a message", "none before "+o.next.String())
	}
	o.next = d.Next()
	most, ours := given[d.Client]
	if !ours {
		return nil
	}
	came := fmt.Sprintf("message %d of client %v", d.Sequence, d.Client)
	switch expected := o.delivered[d.Client] + 1; {
	case d.Sequence != expected:
		return wrong(came, fmt.Sprintf("message %d", expected))
	case d.Sequence > most:
		return wrong(came, fmt.Sprintf("none after message %d", most))
	case !bytes.Equal(d.Payload, o.payload):
		return wrong(came+" with another payload", "the one that was broadcast")
	}
	o.delivered[d.Client] = d.Sequence
	o.count++
	o.add(d)
	return nil
}

// add adds a delivery to the digest.
func (o *observer) add(d client.Delivery) {
	var b [48]byte
	text := binary.BigEndian.AppendUint64(b[:0], uint64(d.Position.Instance))
	text = binary.BigEndian.AppendUint32(text, d.Position.Offset)
	text = binary.BigEndian.AppendUint32(text, uint32(d.Client.Process))
	text = binary.BigEndian.AppendUint64(text, uint64(d.Client.Incarnation))
	text = binary.BigEndian.AppendUint64(text, d.Client.Number)
	text = binary.BigEndian.AppendUint64(text, uint64(d.Client.Born))
	o.hash.Write(binary.BigEndian.AppendUint64(text, d.Sequence)) // A hash never fails.
}

// digest is the SHA-256 over what was delivered so far.
func (o *observer) digest() string { return hex.EncodeToString(o.hash.Sum(nil)) }

// compare says whether all observers saw the same sequence, with a *DigestError if not.
func compare(observers []*observer) error {
	first := observers[0]
	for _, o := range observers[1:] {
		if came, expected := o.digest(), first.digest(); came != expected {
			return &DigestError{o.process, first.process, came, expected}
		}
	}
	return nil
}

package bench

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
	"paxon/tob"
)

// delivered is a message, by its broadcaster and number, at a place.
type delivered struct {
	l      register.Instance
	offset uint32
	from   process.ID
	n      uint64
}

// sequenceOf takes deliveries, up to the first that is wrong.
func sequenceOf(id process.ID, all ...delivered) (*sequence, error) {
	s := newSequence(id, 16)
	payload := newPayload(16)
	for _, d := range all {
		writeNumber(payload, d.from, d.n)
		if err := s.take(tob.Position{Instance: d.l, Offset: d.offset}, payload); err != nil {
			return s, err
		}
	}
	return s, nil
}

// TestSequence gives each violation its error: B3.
func TestSequence(t *testing.T) {
	for want, all := range map[string][]delivered{
		"p7 delivered message 1 of p2 at 1/0, expected message 0": {{1, 0, 2, 1}},
		"message 0 of p1 at 1/1, expected message 1":              {{1, 0, 1, 0}, {1, 1, 1, 0}},
		"expected none up to 1/1":                                 {{1, 1, 1, 0}, {1, 1, 2, 0}},
		"expected none up to 2/0":                                 {{2, 0, 1, 0}, {1, 9, 2, 0}},
		"message 0 of p21":                                        {{1, 0, 21, 0}},
	} {
		_, err := sequenceOf(7, all...)
		var wrong *DeliveryError
		require.ErrorAs(t, err, &wrong, want)
		require.ErrorContains(t, err, want)
	}
	for _, altered := range [][]byte{make([]byte, 16), newPayload(17), nil} {
		err := newSequence(7, 16).take(tob.Position{Instance: 1}, altered)
		require.ErrorContains(t, err, "expected the 16 bytes that were broadcast")
	}
}

// TestDigest tells sequences apart that differ in their order or their positions alone.
func TestDigest(t *testing.T) {
	digest := func(all ...delivered) uint64 {
		s, err := sequenceOf(1, all...)
		require.NoError(t, err)
		require.EqualValues(t, len(all), s.count())
		return s.digest
	}
	first := digest(delivered{1, 0, 1, 0}, delivered{1, 1, 2, 0})
	require.Equal(t, first, digest(delivered{1, 0, 1, 0}, delivered{1, 1, 2, 0}))
	for name, other := range map[string]uint64{
		"order":    digest(delivered{1, 0, 2, 0}, delivered{1, 1, 1, 0}),
		"instance": digest(delivered{1, 0, 1, 0}, delivered{2, 1, 2, 0}),
		"offset":   digest(delivered{1, 0, 1, 0}, delivered{1, 2, 2, 0}),
		"less":     digest(delivered{1, 0, 1, 0}),
	} {
		require.NotEqual(t, first, other, name)
	}
}

func TestCompare(t *testing.T) {
	a := settledReply{1, 5, 0xabc}
	require.NoError(t, compare([]settledReply{a, {2, 5, 0xabc}}))
	for _, b := range []settledReply{{2, 5, 0xabd}, {2, 6, 0xabc}} {
		var wrong *DigestError
		require.ErrorAs(t, compare([]settledReply{a, b}), &wrong)
		require.EqualValues(t, 2, wrong.Process)
		require.ErrorContains(t, wrong, "expected 0000000000000abc as p1")
	}
}

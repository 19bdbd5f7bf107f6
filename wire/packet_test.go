package wire

import (
	"math"
	"math/rand"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/retransmit"
)

func TestPacketRoundTrip(t *testing.T) {
	v, h := newCodec(t, Vmihailenco), newCodec(t, Hashicorp)
	r := rand.New(rand.NewSource(2))
	for range 300 {
		p := randomPacket(t, r)
		a, err := v.AppendPacket([]byte("before"), p)
		require.NoError(t, err)
		b, err := h.AppendPacket([]byte("before"), p)
		require.NoError(t, err)
		require.Equal(t, a, b)
		for _, c := range []*Codec{v, h} {
			got, _, err := c.DecodePacket(a[6:], math.MaxInt)
			require.NoError(t, err)
			require.Equal(t, p, got)
		}
	}
}

// TestPacketHasNoOtherFields fails when a field is added that the codec does not carry.
func TestPacketHasNoOtherFields(t *testing.T) {
	var names []string
	for f := range reflect.TypeFor[retransmit.Packet]().Fields() {
		names = append(names, f.Name)
	}
	require.Equal(t, []string{"From", "To", "Seq", "Base", "Ack", "Body"}, names)
}

func TestDecodePacketStrict(t *testing.T) {
	c := newCodec(t, Vmihailenco)
	cases := map[string]struct {
		input  []byte
		what   string
		offset int
	}{
		"empty":           {nil, "packet", 0},
		"array of 5":      {[]byte{0x95, 1, 2, 3, 4, 5}, "packet", 0},
		"header negative": {[]byte{0x96, 1, 2, 0xff, 4, 5, 0xc0}, "packet header", 3},
		"no body":         {[]byte{0x96, 1, 2, 3, 4, 0xcc, 200}, "value", 7},
		"bad body":        {[]byte{0x96, 1, 2, 3, 4, 5, 0x92, 4, 0x91, 0}, "wire.empty", 8},
		"trailing nil":    {[]byte{0x96, 1, 2, 3, 4, 5, 0xc0, 0}, "packet", 7},
		"trailing body":   {[]byte{0x96, 1, 2, 3, 4, 5, 0x92, 4, 0x90, 0}, "wire.empty", 9},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, _, err := c.DecodePacket(test.input, math.MaxInt)
			var bad *DecodeError
			require.ErrorAs(t, err, &bad)
			require.Equal(t, test.what, bad.What, bad.Error())
			require.Equal(t, test.offset, bad.Offset, bad.Error())
		})
	}
}

func TestAppendPacketUnknownBody(t *testing.T) {
	c := newCodec(t, Vmihailenco)
	dst, err := c.AppendPacket([]byte("x"), retransmit.Packet{Body: 7})
	var unknown *UnknownTypeError
	require.ErrorAs(t, err, &unknown)
	require.Equal(t, "x", string(dst))
}

package wire

import (
	"errors"
	"math"
	"math/rand"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// seed gives a fuzz test valid inputs, and ones with a bit flipped.
func seed(f *testing.F, encode func(r *rand.Rand) ([]byte, error)) {
	f.Helper()
	r := rand.New(rand.NewSource(4))
	for range 50 {
		b, err := encode(r)
		require.NoError(f, err)
		if len(b) > 1000 {
			continue
		}
		f.Add(b)
		flipped := append([]byte(nil), b...)
		flipped[r.Intn(len(b))] ^= 1 << r.Intn(8)
		f.Add(flipped)
	}
}

// FuzzDecode shows W2, W3 and W4 for a value.
func FuzzDecode(f *testing.F) {
	v, h := newCodec(f, Vmihailenco), newCodec(f, Hashicorp)
	seed(f, func(r *rand.Rand) ([]byte, error) { return v.Append(nil, random(f, r)) })
	f.Fuzz(func(t *testing.T, b []byte) {
		fuzz(t, b, func(c *Codec, b []byte) ([]byte, any, error) {
			value, err := c.Decode(b)
			if err != nil {
				return nil, nil, err
			}
			again, err := c.Append(nil, value)
			return again, value, err
		}, v, h)
	})
}

// FuzzDecodePacket shows W2, W3 and W4 for a packet.
func FuzzDecodePacket(f *testing.F) {
	v, h := newCodec(f, Vmihailenco), newCodec(f, Hashicorp)
	seed(f, func(r *rand.Rand) ([]byte, error) { return v.AppendPacket(nil, randomPacket(f, r)) })
	f.Fuzz(func(t *testing.T, b []byte) {
		fuzz(t, b, func(c *Codec, b []byte) ([]byte, any, error) {
			p, _, err := c.DecodePacket(b, math.MaxInt)
			sharing, _, sharingErr := c.DecodePacket(b, 0)
			require.Equal(t, p, sharing)
			require.Equal(t, err, sharingErr)
			if err != nil {
				return nil, nil, err
			}
			again, err := c.AppendPacket(nil, p)
			return again, p, err
		}, v, h)
	})
}

// fuzz decodes b with both codecs and encodes again what came out.
func fuzz(
	t *testing.T, b []byte, turn func(c *Codec, b []byte) ([]byte, any, error), v, h *Codec,
) {
	t.Helper()
	again, value, err := turn(v, b)
	other, same, otherErr := turn(h, b)
	require.Equal(t, value, same)
	require.Equal(t, err, otherErr)
	if err != nil {
		var bad *DecodeError
		require.True(t, errors.As(err, &bad), "%v", err)
		require.LessOrEqual(t, bad.Offset, len(b))
		return
	}
	require.Equal(t, b, again)
	require.Equal(t, b, other)
}

// TestW4Allocation decodes short inputs that announce much.
func TestW4Allocation(t *testing.T) {
	inputs := [][]byte{
		{0x92, 1, 0x94, 0xc3, 0xdb, 0x7f, 0xff, 0xff, 0xff},
		{0x92, 1, 0x94, 0xc3, 0xa0, 0xc6, 0x7f, 0xff, 0xff, 0xff},
		{0x92, 2, 0x97, 0xdd, 0x7f, 0xff, 0xff, 0xff},
		{0x92, 2, 0x97, 0xc0, 0xc0, 0xc0, 0xdd, 0x00, 0xff, 0xff, 0xff},
	}
	const turns = 100
	for _, kind := range kinds() {
		c := newCodec(t, kind)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range turns {
			for _, b := range inputs {
				_, err := c.Decode(b)
				require.Error(t, err)
			}
		}
		runtime.ReadMemStats(&after)
		perInput := (after.TotalAlloc - before.TotalAlloc) / uint64(turns*len(inputs))
		require.Less(t, perInput, uint64(4096), kind)
	}
}

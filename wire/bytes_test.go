package wire

import (
	"bytes"
	"math"
	"math/rand"
	"testing"

	"github.com/hashicorp/go-msgpack/v2/codec"
	"github.com/stretchr/testify/require"
	"github.com/vmihailenco/msgpack/v5"
)

// byLibraries encodes v with each library's plain interface.
func byLibraries(t *testing.T, v any) (vmihailenco, hashicorp []byte) {
	t.Helper()
	var out bytes.Buffer
	e := msgpack.NewEncoder(&out)
	e.UseCompactInts(true)
	require.NoError(t, e.Encode(v))
	handle := &codec.MsgpackHandle{PositiveIntUnsigned: true, WriteExt: true}
	require.NoError(t, codec.NewEncoderBytes(&hashicorp, handle).Encode(v))
	return out.Bytes(), hashicorp
}

func TestUintAsTheLibraries(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	values := []uint64{
		0, 127, 128, 255, 256, 65535, 65536, math.MaxUint32, math.MaxUint32 + 1, math.MaxUint64,
	}
	for range 200 {
		values = append(values, r.Uint64()>>r.Intn(64))
	}
	for _, value := range values {
		b := AppendUint(nil, value)
		v, h := byLibraries(t, value)
		require.Equal(t, v, b)
		require.Equal(t, h, b)
		got, rest, err := ReadUint(append(b, "rest"...))
		require.NoError(t, err)
		require.Equal(t, value, got)
		require.Equal(t, "rest", string(rest))
	}
}

func TestBytesAsTheLibraries(t *testing.T) {
	for _, n := range []int{-1, 0, 1, 255, 256, 65535, 65536} {
		var value []byte
		if n >= 0 {
			value = bytes.Repeat([]byte{7}, n)
		}
		b := AppendBytes(nil, value)
		v, h := byLibraries(t, value)
		require.Equal(t, v, b)
		require.Equal(t, h, b)
		got, rest, err := ReadBytes(append(b, "rest"...))
		require.NoError(t, err)
		require.Equal(t, value, got)
		require.Equal(t, "rest", string(rest))
	}
}

func TestArrayHeaderAsTheLibraries(t *testing.T) {
	for _, n := range []int{0, 1, 15, 16, 65535, 65536} {
		b := AppendArrayHeader(nil, n)
		for range n {
			b = append(b, formFalse)
		}
		v, h := byLibraries(t, make([]bool, n))
		require.Equal(t, v, b)
		require.Equal(t, h, b)
		got, rest, err := ReadArrayHeader(b)
		require.NoError(t, err)
		require.Equal(t, n, got)
		require.Len(t, rest, n)
	}
}

func TestReadErrors(t *testing.T) {
	var bad *DecodeError
	for _, b := range [][]byte{nil, {0xcc}, {0xcc, 127}, {0xcf, 0, 0, 0, 0, 1}, {0xc0}, {0xff}} {
		_, _, err := ReadUint(b)
		require.ErrorAs(t, err, &bad, "%x", b)
	}
	for _, b := range [][]byte{nil, {0xc4}, {0xc4, 1}, {0xc5, 0, 255}, {0xc6, 255, 255, 255, 255}, {0xa0}} {
		_, _, err := ReadBytes(b)
		require.ErrorAs(t, err, &bad, "%x", b)
	}
	for _, b := range [][]byte{nil, {0x91}, {0xdc, 0, 15}, {0xdd, 255, 255, 255, 255}, {0xc0}, {0x80}} {
		_, _, err := ReadArrayHeader(b)
		require.ErrorAs(t, err, &bad, "%x", b)
	}
}

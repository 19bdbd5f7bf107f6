package wire

import (
	"bytes"
	"fmt"
	"math"
	"math/rand"
	"reflect"
	"testing"
	"testing/quick"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos"
	"paxon/register"
	"paxon/retransmit"
	"paxon/tob"
)

// randomByHand gives a random value of each type whose bytes are set by hand.
func randomByHand(t *testing.T, r *rand.Rand) []any {
	t.Helper()
	values := typesByHand()
	for i, zero := range values {
		v, ok := quick.Value(reflect.TypeOf(zero), r)
		require.True(t, ok)
		sharpen(v, r)
		values[i] = v.Interface()
	}
	return values
}

// TestByHandAsTheLibraries has each library read what is set by hand, and the other way round.
func TestByHandAsTheLibraries(t *testing.T) {
	r := rand.New(rand.NewSource(5))
	libraries := []library{newVmihailenco(), newHashicorp()}
	for range 200 {
		for _, v := range randomByHand(t, r) {
			s := sink{apart: math.MaxInt}
			require.True(t, s.putByHand(v), "%T", v)
			for _, l := range libraries {
				b, err := l.encode(nil, v)
				require.NoError(t, err)
				require.Equal(t, b, s.buf, "%T", v)
				into := reflect.New(reflect.TypeOf(v))
				require.NoError(t, l.decode(s.buf, into.Interface()))
				require.Equal(t, v, into.Elem().Interface())
			}
			in := source{rest: s.buf, share: math.MaxInt}
			got, ok := in.getByHand(reflect.Zero(reflect.TypeOf(v)).Interface())
			require.True(t, ok, "%T", v)
			require.Equal(t, v, got)
			require.False(t, in.shared)
		}
	}
}

// TestByHandStrict has what is read by hand agree with the check of the layout on damaged bytes:
// what one takes, the other takes.
func TestByHandStrict(t *testing.T) {
	r := rand.New(rand.NewSource(6))
	for range 300 {
		for _, v := range randomByHand(t, r) {
			l, err := layoutOf(reflect.TypeOf(v), "v")
			require.NoError(t, err)
			s := sink{apart: math.MaxInt}
			s.putByHand(v)
			for range 5 {
				b := bytes.Clone(s.buf)
				b[r.Intn(min(len(b), 40))] ^= 1 << r.Intn(8)
				b = b[:len(b)-r.Intn(2)*r.Intn(len(b))]
				rest, bad := l.check(b, len(b))
				in := source{rest: b, share: math.MaxInt}
				_, ok := in.getByHand(v)
				require.Equal(t, bad == nil && len(rest) == 0, ok, "%T % x", v, b)
			}
		}
	}
}

// TestApart shows that what is left out, put in at its place, gives the whole.
func TestApart(t *testing.T) {
	c := newCodec(t, Vmihailenco)
	value := register.Value("a value of some length")
	for _, v := range []any{
		register.Write{Instance: 7, Value: value},
		register.AckRead{Value: value},
		register.Copy{Value: value},
		tob.Forward{Frames: value},
		tob.Decision{Value: value},
		caspaxos.Ask{Key: "k", Value: value},
		caspaxos.Answer{Key: "k", Value: value},
		caspaxos.Seen{Value: value},
		caspaxos.Page{Records: []caspaxos.Record{{Key: "j"}, {Key: "k", Value: value}}},
		caspaxos.Cell{Key: "k", Copy: register.Copy{Value: value}},
	} {
		p := retransmit.Packet{From: 1, Body: v}
		whole, err := c.AppendPacket([]byte("before"), p)
		require.NoError(t, err)
		out, cut, apart, err := c.AppendPacketApart([]byte("before"), p, len(value))
		require.NoError(t, err)
		require.Same(t, &value[0], &apart[0])
		require.Equal(t, whole, bytes.Join([][]byte{out[:cut], apart, out[cut:]}, nil), "%T", v)

		whole, err = c.Append(nil, v)
		require.NoError(t, err)
		out, cut, apart, err = c.AppendApart(nil, v, 0)
		require.NoError(t, err)
		require.Equal(t, whole, bytes.Join([][]byte{out[:cut], apart, out[cut:]}, nil), "%T", v)

		out, _, apart, err = c.AppendApart(nil, v, len(value)+1)
		require.NoError(t, err)
		require.Nil(t, apart)
		require.Equal(t, whole, out)
	}
	_, _, apart, err := c.AppendApart(nil, register.Copy{}, 0)
	require.NoError(t, err)
	require.Nil(t, apart)
	dst, _, _, err := c.AppendApart([]byte("x"), 7, 0)
	require.Error(t, err)
	require.Equal(t, "x", string(dst))
	dst, _, _, err = c.AppendPacketApart([]byte("x"), retransmit.Packet{Body: 7}, 0)
	require.Error(t, err)
	require.Equal(t, "x", string(dst))
}

// TestShare shows that long byte slices share the memory of the input, and short ones do not.
func TestShare(t *testing.T) {
	c := newCodec(t, Vmihailenco)
	value := register.Value("a value of some length")
	b, err := c.AppendPacket(nil, retransmit.Packet{Body: register.Write{Value: value}})
	require.NoError(t, err)
	for _, share := range []int{len(value), len(value) + 1} {
		p, shared, err := c.DecodePacket(b, share)
		require.NoError(t, err)
		require.Equal(t, share == len(value), shared)
		w, ok := p.Body.(register.Write)
		require.True(t, ok)
		require.Equal(t, value, w.Value)
		at := bytes.Index(b, value)
		require.Equal(t, shared, &w.Value[0] == &b[at])
	}
}

func BenchmarkByHand(b *testing.B) {
	for _, n := range []int{0, 256, 65536} {
		c := newCodec(b, Vmihailenco)
		p := retransmit.Packet{From: 3, To: 4, Seq: 70_000, Body: register.Write{
			Instance: 1_000_000, Round: register.Round{Number: 12, Process: 2, Incarnation: 3},
			Value: make([]byte, n),
		}}
		var encoded []byte
		b.Run(fmt.Sprintf("append/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				encoded, _, _, _ = c.AppendPacketApart(encoded[:0], p, 1024)
			}
		})
		encoded, err := c.AppendPacket(nil, p)
		require.NoError(b, err)
		b.Run(fmt.Sprintf("decode/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := c.DecodePacket(encoded, 1024); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

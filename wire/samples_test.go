package wire

import (
	"math/rand"
	"reflect"
	"testing"
	"testing/quick"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/tob"
)

// The samples have every shape that a field can have.

type number uint16

type integers struct {
	U   uint
	U8  uint8
	U16 number
	U32 process.ID
	U64 process.Incarnation
	I   int
	I8  int8
	I16 int16
	I32 int32
	I64 int64
}

type texts struct {
	Flag  bool
	Name  string
	Bytes []byte
	Value register.Value
}

type lists struct {
	Names   []string
	Numbers []uint64
	Small   []number
	Batches []register.Value
	Rounds  []register.Round
	Nested  [][]int8
	Flags   []bool
}

type nested struct {
	Instance register.Instance
	Round    register.Round
	Value    register.Value
	Empty    empty
}

type empty struct{}

func samples() []any {
	return append([]any{integers{}, texts{}, lists{}, nested{}, empty{}}, typesByHand()...)
}

// typesByHand are the types whose bytes are set and read by hand.
func typesByHand() []any {
	return []any{
		register.Write{},
		register.AckWrite{},
		register.Read{},
		register.AckRead{},
		register.Copy{},
		tob.Forward{},
		tob.Decision{},
		caspaxos.Ask{},
		caspaxos.Answer{},
		caspaxos.Look{},
		caspaxos.Seen{},
		caspaxos.Cell{},
		caspaxos.Page{},
	}
}

func newCodec(t testing.TB, kind Kind) *Codec {
	t.Helper()
	c, err := New(kind, samples()...)
	require.NoError(t, err)
	return c
}

func kinds() []Kind { return []Kind{Vmihailenco, Hashicorp} }

// random gives a random value of a random sample type, with edges of integers and lengths.
func random(t testing.TB, r *rand.Rand) any {
	t.Helper()
	types := samples()
	v, ok := quick.Value(reflect.TypeOf(types[r.Intn(len(types))]), r)
	require.True(t, ok)
	sharpen(v, r)
	return v.Interface()
}

// sharpen replaces some of the integers, which quick draws almost always large, by ones of
// any number of bits, and some slices by empty and by longer ones.
func sharpen(v reflect.Value, r *rand.Rand) {
	switch {
	case v.CanUint():
		v.SetUint(r.Uint64() >> r.Intn(64) & (1<<(v.Type().Bits()-1)<<1 - 1))
	case v.CanInt():
		unused := 64 - v.Type().Bits()
		v.SetInt(int64(r.Uint64()) >> (unused + r.Intn(64-unused)))
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		v.Set(reflect.MakeSlice(v.Type(), length(r), 1<<17))
		r.Read(v.Bytes())
		fallthrough
	case v.Kind() == reflect.Slice:
		if r.Intn(8) == 0 {
			v.SetZero()
		} else if r.Intn(8) == 0 {
			v.SetLen(0)
		}
		for i := range v.Len() {
			sharpen(v.Index(i), r)
		}
	case v.Kind() == reflect.String:
		b := make([]byte, length(r))
		r.Read(b)
		v.SetString(string(b))
	case v.Kind() == reflect.Struct:
		for _, f := range v.Fields() {
			sharpen(f, r)
		}
	}
}

// length draws a length near the limits of the forms.
func length(r *rand.Rand) int {
	edges := []int{0, 1, 15, 31, 255, 1 << 16}
	return edges[r.Intn(len(edges))] + r.Intn(3)
}

func randomPacket(t testing.TB, r *rand.Rand) retransmit.Packet {
	t.Helper()
	p := retransmit.Packet{
		From: process.Incarnation(r.Uint64() >> r.Intn(64)),
		To:   process.Incarnation(r.Uint64() >> r.Intn(64)),
		Seq:  r.Uint64() >> r.Intn(64),
		Base: r.Uint64() >> r.Intn(64),
		Ack:  r.Uint64() >> r.Intn(64),
	}
	if r.Intn(4) > 0 {
		p.Body = random(t, r)
	}
	return p
}

package wire

import (
	"bytes"
	"errors"
	"math/rand"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/register"
)

// TestW1W3RoundTrip encodes random values with each kind and decodes them with the other.
func TestW1W3RoundTrip(t *testing.T) {
	v, h := newCodec(t, Vmihailenco), newCodec(t, Hashicorp)
	r := rand.New(rand.NewSource(1))
	for range 500 {
		value := random(t, r)
		a, err := v.Append([]byte("before"), value)
		require.NoError(t, err)
		b, err := h.Append([]byte("before"), value)
		require.NoError(t, err)
		require.True(t, bytes.Equal(a, b), "%T: both kinds must write the same bytes", value)
		require.Equal(t, "before", string(a[:6]))

		for _, c := range []*Codec{v, h} {
			got, err := c.Decode(a[6:])
			require.NoError(t, err)
			require.Equal(t, value, got)
		}
	}
}

func TestW5DecodedSharesNothing(t *testing.T) {
	want := lists{
		Names:   []string{"a name"},
		Batches: []register.Value{{1, 2, 3}, make([]byte, 1000)},
	}
	for _, kind := range kinds() {
		c := newCodec(t, kind)
		b, err := c.Append(nil, want)
		require.NoError(t, err)
		got, err := c.Decode(b)
		require.NoError(t, err)
		for i := range b {
			b[i] = 0xff
		}
		_, err = c.Decode(b)
		require.Error(t, err)
		require.Equal(t, want, got, kind)
	}
}

// TestScratchIsClean decodes a large value before a small one of the same type.
func TestScratchIsClean(t *testing.T) {
	for _, kind := range kinds() {
		c := newCodec(t, kind)
		first := texts{Flag: true, Name: "x", Bytes: []byte{1, 2}, Value: register.Value{3, 4}}
		for _, value := range []texts{first, {}, {Bytes: []byte{}, Value: register.Value{9}}} {
			b, err := c.Append(nil, value)
			require.NoError(t, err)
			got, err := c.Decode(b)
			require.NoError(t, err)
			require.Equal(t, value, got, kind)
		}
		require.Equal(t, []byte{1, 2}, first.Bytes)
	}
}

func TestW4Strict(t *testing.T) {
	body := []byte{0x94, 0xc3, 0xa1, 'x', 0xc4, 1, 7, 0xc0} // texts{true, "x", {7}, nil}
	valid := append([]byte{0x92, 1}, body...)
	with := func(at int, by ...byte) []byte {
		return append(append(append([]byte{}, valid[:at]...), by...), valid[at+1:]...)
	}
	zeros := func(b ...byte) []byte { return append(b, make([]byte, 10)...) }
	integers := func(fields ...byte) []byte {
		return zeros(append([]byte{0x92, 0, 0x9a}, fields...)...)
	}
	cases := map[string]struct {
		input  []byte
		what   string
		offset int
	}{
		"empty":              {nil, "value", 0},
		"not an array":       {with(0, 0x01), "value", 0},
		"array of 3":         {with(0, 0x93), "value", 0},
		"tag unknown":        {with(1, 100), "value", 1},
		"tag negative":       {with(1, 0xff), "value", 1},
		"tag not shortest":   {with(1, 0xcc, 1), "value", 1},
		"struct as map":      {with(2, 0x84), "wire.texts", 2},
		"struct as nil":      {[]byte{0x92, 1, 0xc0}, "wire.texts", 2},
		"a field less":       {with(2, 0x93), "wire.texts", 2},
		"a field more":       {with(2, 0x95), "wire.texts", 2},
		"bool as integer":    {with(3, 1), "wire.texts.Flag", 3},
		"bool as nil":        {with(3, 0xc0), "wire.texts.Flag", 3},
		"string as bin":      {with(4, 0xc4, 1), "wire.texts.Name", 4},
		"string not short":   {with(4, 0xd9, 1), "wire.texts.Name", 4},
		"bytes as string":    {append(with(6, 0xa1)[:7], 7, 0xc0), "wire.texts.Bytes", 6},
		"bytes not short":    {with(6, 0xc5, 0), "wire.texts.Bytes", 6},
		"bytes beyond input": {with(7, 200), "wire.texts.Bytes", 6},
		"4 GiB of bytes":     {with(6, 0xc6, 0xff, 0xff, 0xff, 0xff), "wire.texts.Bytes", 6},
		"trailing":           {append(append([]byte{}, valid...), 0), "wire.texts", 10},
		"integer negative":   {integers(0, 0xff), "wire.integers.U8", 4},
		"list beyond input":  {zeros(0x92, 2, 0x97, 0xdd, 0xff, 0xff, 0xff, 0xff), "wire.lists.Names", 3},
		"int64 too large": {
			integers(0, 0, 0, 0, 0, 0xcf, 0x80, 0, 0, 0, 0, 0, 0, 0), "wire.integers.I", 8,
		},
		"int64 not shortest": {integers(0, 0, 0, 0, 0, 0xd1, 0xff, 0xff), "wire.integers.I", 8},
		"int64 by float":     {integers(0, 0, 0, 0, 0, 0xca, 0, 0, 0, 0), "wire.integers.I", 8},
		"uint8 too large":    {integers(0, 0xcd, 1, 0), "wire.integers.U8", 4},
		"uint32 too large":   {integers(0, 0, 0, 0xcf, 0, 0, 0, 1, 0, 0, 0, 0), "wire.integers.U32", 6},
		"int8 too large":     {integers(0, 0, 0, 0, 0, 0, 0xcc, 128), "wire.integers.I8", 9},
		"int8 too small":     {integers(0, 0, 0, 0, 0, 0, 0xd1, 0xff, 0x7f), "wire.integers.I8", 9},
	}
	for _, kind := range kinds() {
		c := newCodec(t, kind)
		got, err := c.Decode(valid)
		require.NoError(t, err)
		require.Equal(t, texts{Flag: true, Name: "x", Bytes: []byte{7}}, got)
		for name, test := range cases {
			t.Run(string(kind)+" "+name, func(t *testing.T) {
				_, err := c.Decode(test.input)
				var bad *DecodeError
				require.ErrorAs(t, err, &bad)
				require.Equal(t, test.what, bad.What, bad.Error())
				require.Equal(t, test.offset, bad.Offset, bad.Error())
				require.NotEmpty(t, bad.Came)
				require.NotEmpty(t, bad.Expected)
			})
		}
		for n := range valid {
			_, err := c.Decode(valid[:n])
			require.Error(t, err, "the first %d bytes", n)
		}
	}
}

type brokenLibrary struct{}

func (brokenLibrary) encode(dst []byte, _ any) ([]byte, error) {
	return append(dst, "half"...), errors.New("no")
}
func (brokenLibrary) decode([]byte, any) error { return errors.New("no") }

// TestLibraryErrors shows that an error of the library comes out typed.
func TestLibraryErrors(t *testing.T) {
	c := newCodec(t, Vmihailenco)
	b, err := c.Append(nil, empty{})
	require.NoError(t, err)
	c.library = brokenLibrary{}

	_, err = c.Decode(b)
	var bad *DecodeError
	require.ErrorAs(t, err, &bad)
	dst, err := c.Append([]byte("x"), empty{})
	var failed *EncodeError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, "x", string(dst))
	require.EqualError(t, errors.Unwrap(err), "no")
}

// TestLibrariesDoNotPanic gives the libraries what the check would have kept from them.
func TestLibrariesDoNotPanic(t *testing.T) {
	for _, l := range []library{newVmihailenco(), newHashicorp()} {
		for _, b := range [][]byte{{0x94}, {0x94, 0xc3, 0xc3}, {0x94, 0xc3, 0xa1}, {0xc1}} {
			require.Error(t, l.decode(b, &texts{}))
		}
	}
}

func TestAppendUnknownType(t *testing.T) {
	c := newCodec(t, Vmihailenco)
	for _, v := range []any{nil, 7, &texts{}, struct{ A int }{}} {
		dst, err := c.Append([]byte("x"), v)
		var unknown *UnknownTypeError
		require.ErrorAs(t, err, &unknown)
		require.Equal(t, "x", string(dst))
	}
}

func TestNewRefuses(t *testing.T) {
	type tagged struct {
		A int `json:"a"`
	}
	type embedding struct{ register.Round }
	type hidden struct{ a int }
	type deep struct{ List []struct{ M map[string]int } }
	cases := map[string]any{
		"<nil>":                nil,
		"int":                  7,
		"*wire.texts":          &texts{},
		"wire.tagged.A":        tagged{},
		"wire.embedding":       embedding{},
		"wire.hidden.a":        hidden{a: 1},
		"wire.deep.List[].M":   deep{},
		"wire.recursive":       recursive{},
		"time.Time":            time.Time{},
		"struct { F float64":   struct{ F float64 }{},
		"struct { A interface": struct{ A any }{},
		"struct { P *int":      struct{ P *int }{},
		"struct { T time":      struct{ T time.Time }{},
	}
	for name, v := range cases {
		_, err := New(Vmihailenco, v)
		var bad *TypeError
		require.ErrorAs(t, err, &bad, name)
		require.Contains(t, bad.Type, name)
	}
	_, err := New(Vmihailenco, texts{}, empty{}, texts{})
	var bad *TypeError
	require.ErrorAs(t, err, &bad)
	_, err = New("protobuf")
	var kind *KindError
	require.ErrorAs(t, err, &kind)
	require.Contains(t, err.Error(), `"protobuf"`)
}

type recursive struct{ Children []recursive }

func TestFingerprint(t *testing.T) {
	seen := map[string]string{}
	add := func(name string, types ...any) {
		v, err := New(Vmihailenco, types...)
		require.NoError(t, err)
		h, err := New(Hashicorp, types...)
		require.NoError(t, err)
		require.Equal(t, v.Fingerprint(), h.Fingerprint())
		require.Len(t, v.Fingerprint(), 16)
		require.Empty(t, seen[v.Fingerprint()], name)
		seen[v.Fingerprint()] = name
	}
	type a struct{ X uint32 }
	add("no types")
	add("samples", samples()...)
	add("a", a{})
	add("a, empty", a{}, empty{})
	add("empty, a", empty{}, a{})
	{
		type a struct{ X uint64 }
		add("another size", a{})
	}
	{
		type a struct{ Y uint32 }
		add("another name", a{})
	}
	{
		type a struct{ X []uint32 }
		add("a slice", a{})
	}
	{
		type a struct{ X register.Round }
		add("a struct", a{})
	}
}

// TestParallel lets the race detector see the pools.
func TestParallel(t *testing.T) {
	for _, kind := range kinds() {
		c := newCodec(t, kind)
		var workers sync.WaitGroup
		for i := range 4 {
			workers.Go(func() {
				want := nested{Instance: register.Instance(i), Value: make([]byte, 100*i+1)}
				for range 200 {
					b, err := c.Append(nil, want)
					if err == nil {
						var got any
						got, err = c.Decode(b)
						if err == nil && got.(nested).Instance != want.Instance {
							err = errors.New("mixed up")
						}
					}
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		workers.Wait()
	}
}

package tob_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"

	hashicorp "github.com/hashicorp/go-msgpack/v2/codec"
	"github.com/stretchr/testify/require"
	vmihailenco "github.com/vmihailenco/msgpack/v5"

	"paxon/process"
	"paxon/register"
	"paxon/tob"
)

// limitsOfForms are where MessagePack's forms of an integer begin and end.
func limitsOfForms() []uint64 {
	return []uint64{
		0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, math.MaxUint32, math.MaxUint32 + 1,
		math.MaxUint64,
	}
}

// samples are messages with every form of an integer in every place, and of a payload.
func samples() []tob.Broadcast {
	var all []tob.Broadcast
	for _, v := range limitsOfForms() {
		all = append(all,
			tob.Broadcast{Client: tob.Client{Process: process.ID(min(v, math.MaxUint32))}},
			tob.Broadcast{Client: tob.Client{Incarnation: process.Incarnation(v)}},
			tob.Broadcast{Client: tob.Client{Number: v}},
			tob.Broadcast{Client: tob.Client{Born: register.Instance(v)}},
			tob.Broadcast{Sequence: v})
	}
	for _, size := range []int{1, 0xff, 0x100, 0xffff, 0x10000, 100_000} {
		all = append(all, tob.Broadcast{
			Client: tob.Client{1, 2, 3, 4}, Sequence: 5, Payload: bytes.Repeat([]byte{0xc1}, size),
		})
	}
	for i := range all {
		if all[i].Payload == nil {
			all[i].Payload = []byte{}
		}
	}
	return all
}

func TestFramesRoundTrip(t *testing.T) {
	for _, m := range samples() {
		frame := tob.AppendFrame([]byte("before"), m)
		require.Equal(t, "before", string(frame[:6]))
		frame = frame[6:]
		got, n, err := tob.ParseFrame(append(slices.Clone(frame), "after"...))
		require.NoError(t, err)
		require.Equal(t, len(frame), n)
		require.Equal(t, m, got)
		require.Equal(t, len(got.Payload), cap(got.Payload), "appending to it would write on")
	}
}

// numbers is what a frame holds besides the payload.
func numbers(m tob.Broadcast) []uint64 {
	return []uint64{
		uint64(m.Client.Process), uint64(m.Client.Incarnation), m.Client.Number,
		uint64(m.Client.Born), m.Sequence,
	}
}

func TestFramesAreMessagePackToVmihailenco(t *testing.T) {
	for _, m := range samples() {
		d := vmihailenco.NewDecoder(bytes.NewReader(tob.AppendFrame(nil, m)))
		length, err := d.DecodeArrayLen()
		require.NoError(t, err)
		require.Equal(t, 6, length)
		for _, want := range numbers(m) {
			v, err := d.DecodeUint64()
			require.NoError(t, err)
			require.Equal(t, want, v)
		}
		payload, err := d.DecodeBytes()
		require.NoError(t, err)
		require.True(t, bytes.Equal(m.Payload, payload))
		_, err = d.DecodeInterface()
		require.Error(t, err, "the frame goes on")
	}
}

func TestFramesAreMessagePackToHashicorp(t *testing.T) {
	for _, m := range samples() {
		var f struct {
			_struct bool `codec:",toarray"`

			Process, Incarnation, Number, Born, Sequence uint64

			Payload []byte
		}
		d := hashicorp.NewDecoderBytes(tob.AppendFrame(nil, m), &hashicorp.MsgpackHandle{})
		require.NoError(t, d.Decode(&f))
		require.Equal(t, numbers(m), []uint64{f.Process, f.Incarnation, f.Number, f.Born, f.Sequence})
		require.True(t, bytes.Equal(m.Payload, f.Payload))
		require.Equal(t, len(tob.AppendFrame(nil, m)), d.NumBytesRead())
	}
}

func TestRunsAreMessagePackToHashicorp(t *testing.T) {
	var f struct {
		_struct bool `codec:",toarray"`

		Process, Incarnation, Number, Born, Sequence, Count uint64

		Payloads []byte
	}
	frame := tob.AppendRun(nil, tob.Client{1, 2, 3, 4}, 5, [][]byte{[]byte("a"), []byte("bc")})
	d := hashicorp.NewDecoderBytes(frame, &hashicorp.MsgpackHandle{})
	require.NoError(t, d.Decode(&f))
	require.Equal(t, []uint64{1, 2, 3, 4, 5, 2},
		[]uint64{f.Process, f.Incarnation, f.Number, f.Born, f.Sequence, f.Count})
	var payloads [][]byte
	for d = hashicorp.NewDecoderBytes(f.Payloads, &hashicorp.MsgpackHandle{}); len(payloads) < 2; {
		var p []byte
		require.NoError(t, d.Decode(&p))
		payloads = append(payloads, p)
	}
	require.Equal(t, [][]byte{[]byte("a"), []byte("bc")}, payloads)
	require.Equal(t, len(f.Payloads), d.NumBytesRead())
}

func TestParseFrameSaysWhatIsWrong(t *testing.T) {
	whole := tob.AppendFrame(nil, tob.Broadcast{
		Client: tob.Client{1, 0x80, 0x100, 0x10000}, Sequence: math.MaxUint64, Payload: []byte("ab"),
	})
	for n := range whole {
		_, _, err := tob.ParseFrame(whole[:n])
		var frame *tob.FrameError
		require.ErrorAs(t, err, &frame, "the first %d bytes", n)
	}
	for want, b := range map[string][]byte{
		"an array of 6 or 7":                   {0x95, 1, 1, 1, 1, 1},
		"an unsigned integer":                  {0x96, 1, 1, 0xff, 1, 1, 0xc4, 0},
		"a process of at most 32 bits":         {0x96, 0xcf, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0xc4, 0},
		"a payload that ends within the frame": {0x96, 1, 1, 1, 1, 1, 0xc4, 2, 'a'},
	} {
		_, _, err := tob.ParseFrame(b)
		require.EqualError(t, err, "not a message frame: expected "+want)
	}
	for _, header := range [][]byte{{0xa0}, {0xc5, 0}, {0xc6, 0, 0, 0}, {0xc6, 0xff, 0xff, 0xff, 0xff}} {
		_, _, err := tob.ParseFrame(append([]byte{0x96, 1, 1, 1, 1, 1}, header...))
		require.EqualError(t, err, "not a message frame: expected a payload that ends within the frame")
	}
}

// Where a frame ends within its numbers, the payload is what is missing after the last whole one.
func TestParseFrameOfNumbersAlone(t *testing.T) {
	for _, v := range limitsOfForms() {
		frame := tob.AppendFrame(nil, tob.Broadcast{Sequence: v})
		_, _, err := tob.ParseFrame(frame[:len(frame)-2])
		require.EqualError(t, err, "not a message frame: expected a payload that ends within the frame",
			"sequence %d", v)
		_, _, err = tob.ParseFrame(frame[:len(frame)-3])
		require.EqualError(t, err, "not a message frame: expected an unsigned integer", "sequence %d", v)
	}
}

// A frame with a payload of nothing may end the batch, in every form of its length.
func TestParseFrameOfNoPayload(t *testing.T) {
	for _, header := range [][]byte{{0xc4, 0}, {0xc5, 0, 0}, {0xc6, 0, 0, 0, 0}} {
		frame := append([]byte{0x96, 1, 2, 3, 4, 5}, header...)
		m, n, err := tob.ParseFrame(frame)
		require.NoError(t, err)
		require.Equal(t, len(frame), n)
		require.Equal(t, tob.Broadcast{
			Client: tob.Client{1, 2, 3, 4}, Sequence: 5, Payload: []byte{},
		}, m)
	}
}

// Every integer and every length has the shortest form there is for it.
func TestFramesAreShort(t *testing.T) {
	shortest := len(tob.AppendFrame(nil, tob.Broadcast{}))
	require.Equal(t, 1+5+2, shortest)
	for i, more := range []int{0, 0, 0, 1, 1, 2, 2, 4, 4, 8, 8} {
		v := limitsOfForms()[i]
		require.Len(t, tob.AppendFrame(nil, tob.Broadcast{Sequence: v}), shortest+more, "sequence %d", v)
	}
	for size, more := range map[int]int{0xff: 0, 0x100: 1, 0xffff: 1, 0x10000: 3} {
		require.Len(t, tob.AppendFrame(nil, tob.Broadcast{Payload: make([]byte, size)}),
			shortest+size+more, "a payload of %d bytes", size)
	}
}

func FuzzParseFrame(f *testing.F) {
	for _, m := range samples() {
		f.Add(tob.AppendFrame(nil, m))
	}
	f.Add([]byte{0x96, 1, 1, 1, 1, 1, 0xc6, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, n, err := tob.ParseFrame(b)
		if err != nil {
			var frame *tob.FrameError
			require.True(t, errors.As(err, &frame))
			require.Zero(t, n)
			return
		}
		require.LessOrEqual(t, n, len(b))
		require.Positive(t, n)
		again, _, err := tob.ParseFrame(tob.AppendFrame(nil, m))
		require.NoError(t, err)
		require.Equal(t, m, again)
	})
}

func TestUnpack(t *testing.T) {
	var batch register.Value
	all := samples()
	for _, m := range all {
		batch = tob.AppendFrame(batch, m)
	}
	i := 0
	for m := range tob.Unpack(batch) {
		require.Equal(t, all[i], m)
		require.Equal(t, len(m.Payload), cap(m.Payload), "appending to it would write on")
		i++
	}
	require.Len(t, all, i)

	for range tob.Unpack(batch) {
		break
	}
	for range tob.Unpack(nil) {
		t.Fatal("there is nothing in nothing")
	}
	for range tob.Unpack(register.Value{0xc0}) {
		t.Fatal("there is nothing in a no-op")
	}
	require.PanicsWithValue(t, "tob: a batch of 11 bytes is damaged 3 bytes from its end: "+
		"not a message frame: expected an array of 6 or 7", func() {
		for range tob.Unpack(append(tob.AppendFrame(nil, tob.Broadcast{}), "abc"...)) {
			continue
		}
	})
}

func TestClientsAreReadAsTheyAreWritten(t *testing.T) {
	for _, c := range []tob.Client{
		{}, {1, 2, 3, 4}, {math.MaxUint32, math.MaxUint64, math.MaxUint64, math.MaxUint64},
	} {
		got, err := tob.ParseClient(c.String())
		require.NoError(t, err)
		require.Equal(t, c, got)
	}
	require.Equal(t, "p1.2.3.4", tob.Client{1, 2, 3, 4}.String())
	for _, s := range []string{
		"", "p", "1.2.3.4", "p1.2.3", "p1.2.3.4.5", "pp1.2.3.4", "p1.2.3.-4", "p1.2.3.+4", "p1.2.3.",
		"p4294967296.2.3.4", "p1.18446744073709551616.3.4", "p1.2.3.4 ", "P1.2.3.4",
	} {
		c, err := tob.ParseClient(s)
		require.ErrorContains(t, err, "expected the form p1.2.3.4", s)
		require.ErrorContains(t, err, `client "`+s+`"`)
		require.Zero(t, c)
	}
}

func TestPositionsAreReadAsTheyAreWritten(t *testing.T) {
	for _, p := range []tob.Position{{1, 0}, {17, 3}, {math.MaxUint64, math.MaxUint32}} {
		got, err := tob.ParsePosition(p.String())
		require.NoError(t, err)
		require.Equal(t, p, got)
	}
	require.Equal(t, "17/3", tob.Position{Instance: 17, Offset: 3}.String())
	for _, s := range []string{
		"", "/", "17", "17/", "/3", "0/0", "-1/0", "1/4294967296", "18446744073709551616/0", "1/0/0", "1.0",
	} {
		p, err := tob.ParsePosition(s)
		require.EqualError(t, err, `position "`+s+`": expected instance/offset, such as 17/0, `+
			"with an instance of at least 1")
		require.Zero(t, p)
	}
}

func FuzzParseClient(f *testing.F) {
	f.Add("p1.2.3.4")
	f.Add("p01.2.3.4")
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := tob.ParseClient(s); err == nil {
			again, err := tob.ParseClient(c.String())
			require.NoError(t, err)
			require.Equal(t, c, again)
		}
	})
}

func FuzzParsePosition(f *testing.F) {
	f.Add("17/3")
	f.Add("0/0")
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := tob.ParsePosition(s); err == nil {
			require.Positive(t, p.Instance)
			again, err := tob.ParsePosition(p.String())
			require.NoError(t, err)
			require.Equal(t, p, again)
		}
	})
}

func TestPositionsAreOrdered(t *testing.T) {
	ascending := []tob.Position{{1, 0}, {1, 1}, {2, 0}, {2, 5}, {3, 1}}
	for i, p := range ascending {
		for j, q := range ascending {
			require.Equal(t, i < j, p.Less(q), "%v and %v", p, q)
		}
	}
}

func TestTraceForms(t *testing.T) {
	k := register.Round{Number: 3, Process: 1, Incarnation: 2}
	for want, m := range map[string]interface{ String() string }{
		"FORWARD(5 bytes)":      tob.Forward{Frames: []byte("12345")},
		"DECISION(L7,3.p1.2)":   tob.Decision{Instance: 7, Round: k},
		"PULL(L7)":              tob.Pull{Next: 7},
		"UPDATE(L7+2,next=L11)": tob.Update{First: 7, Batches: make([]register.Value, 2), Next: 11},
		"pending":               tob.Pending,
		"delivered":             tob.Delivered,
		"forgotten":             tob.Forgotten,
		"expired":               tob.Expired,
		"full":                  tob.Full,
		"too large":             tob.TooLarge,
		"Status(6)":             tob.Status(6),
		"Status(-1)":            tob.Status(-1),
	} {
		require.Equal(t, want, m.String())
	}
	require.Equal(t, []process.Message{tob.Forward{}, tob.Decision{}, tob.Pull{}, tob.Update{}},
		tob.Messages())
}

func TestDescribe(t *testing.T) {
	for want, b := range map[string]register.Value{
		"[]":             nil,
		"no-op":          {0xc0},
		`["a" "b"]`:      batch(stranger(0), 1, "a", "b"),
		`[⊥]`:            batch(stranger(0), 1, ""),
		`"\xc1"`:         {0xc1},
		`"\xc0\xc0"`:     {0xc0, 0xc0},
		`"\x96\x01\x02"`: {0x96, 1, 2},
	} {
		require.Equal(t, want, tob.Describe(b))
	}
}

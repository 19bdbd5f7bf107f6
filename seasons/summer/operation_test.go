package summer_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
	"paxon/seasons/summer"
)

// k is the round of a process in its second incarnation.
func k(number uint64, p process.ID) register.Round {
	return register.Round{Number: number, Process: p, Incarnation: 2}
}

func value(v string) register.Value { return register.Value(v) }

// outcome is what done was told.
type outcome struct {
	calls  int
	value  string
	ok     bool
	higher register.Round
}

func (o *outcome) read(v register.Value, ok bool, higher register.Round) {
	*o = outcome{o.calls + 1, string(v), ok, higher}
}

func (o *outcome) write(ok bool, higher register.Round) { o.read(nil, ok, higher) }

func newRegisters(s *shelf, permission bool) *summer.Registers {
	return summer.NewRegisters(s.self, s, register.Config{Window: 2, Permission: permission})
}

// The own block is on a disk before the blocks of all are read there, and a majority is enough.
func TestWriteThenRead(t *testing.T) {
	s := newShelf(1, 3)
	r := newRegisters(s, false)
	var o outcome
	r.At(1).Read(k(1, 1), o.read)
	require.EqualValues(t, 1, r.Highest())
	require.Equal(t, []string{"0: read L1", "1: read L1", "2: read L1"}, s.took(), "retrieval")
	s.run(0)
	require.Empty(t, s.took(), "one of three is no majority")
	require.True(t, s.one(1))
	block := "write L1 copy(read=1.p1.2,written=0,⊥)"
	require.Equal(t, []string{"0: " + block, "1: " + block, "2: " + block}, s.took())
	require.True(t, s.one(1))
	require.Equal(t, []string{"1: read L1"}, s.took(), "no read is asked for where it is not written")
	s.run(1)
	require.Zero(t, o.calls)
	s.run(0)
	require.Equal(t, outcome{calls: 1, ok: true}, o)
	require.Zero(t, s.waits(), "disk 2 is not needed any more")

	s.took()
	r.At(1).Write(k(1, 1), value("v"), o.write)
	block = `write L1 copy(read=1.p1.2,written=1.p1.2,"v")`
	require.Equal(t, []string{"0: " + block, "1: " + block, "2: " + block}, s.took())
	s.run(0, 1)
	require.Equal(t, outcome{calls: 2, ok: true}, o)
	require.False(t, r.At(1).Permitted(), "it was not configured")
}

// RC, WC: a read returns the value of the highest write, the own included.
func TestReadReturnsTheLastWritten(t *testing.T) {
	for _, own := range []uint64{1, 9} {
		s := newShelf(1, 3)
		s.put(0, 1, 1, register.Copy{Read: k(own, 1), Written: k(own, 1), Value: value("own")})
		s.put(0, 1, 2, register.Copy{Read: k(2, 2), Written: k(2, 2), Value: value("low")})
		s.put(1, 1, 3, register.Copy{Read: k(8, 3), Written: k(3, 3), Value: value("high")})
		r := newRegisters(s, false)
		var o outcome
		r.At(1).Read(k(10, 1), o.read)
		s.run(0, 1)
		expected := map[uint64]string{1: "high", 9: "own"}[own]
		require.Equal(t, outcome{calls: 1, ok: true, value: expected}, o)
	}
}

// RWA: a higher round, read or written, ends an operation at once and is named.
func TestHigherRoundsAbort(t *testing.T) {
	for _, b := range []register.Copy{
		{Read: k(5, 2)},
		{Read: k(5, 2), Written: k(2, 2), Value: value("v")},
		{Written: k(5, 2), Value: value("v")},
	} {
		s := newShelf(1, 3)
		s.put(2, 1, 2, b)
		r := newRegisters(s, true)
		var o outcome
		r.At(1).Read(k(4, 1), o.read)
		s.run(0)
		s.run(2)
		require.Equal(t, outcome{calls: 1, higher: k(5, 2)}, o)
		require.Zero(t, s.waits())
		r.At(1).Write(k(4, 1), value("w"), o.write)
		s.run(2)
		require.Equal(t, outcome{calls: 2, higher: k(5, 2)}, o)
		require.False(t, r.At(1).Permitted())
	}
}

// RWC: an operation below one of an earlier incarnation aborts, and leaves the own block as it is.
func TestOwnRoundsAbort(t *testing.T) {
	s := newShelf(1, 1)
	earlier := register.Copy{Read: k(5, 1), Written: k(3, 1), Value: value("v")}
	s.put(0, 1, 1, earlier)
	r := newRegisters(s, false)
	var o outcome
	r.At(1).Write(k(4, 1), value("w"), o.write)
	s.run(0)
	require.Equal(t, outcome{calls: 1, higher: k(5, 1)}, o)
	require.Equal(t, earlier, s.held[0][1][1])
}

// WC: after a crash the highest write round is taken, though another own block may have a higher
// read round: one that reached a minority of the disks and was not found by a later incarnation.
func TestRetrieval(t *testing.T) {
	s := newShelf(1, 3)
	s.put(0, 1, 1, register.Copy{Read: k(9, 1)})
	s.put(1, 1, 1, register.Copy{Read: k(4, 1), Written: k(4, 1), Value: value("v")})
	r := newRegisters(s, false)
	var o outcome
	r.At(1).Read(k(10, 1), o.read)
	s.run(0, 1)
	require.Equal(t, outcome{calls: 1, ok: true, value: "v"}, o)
	require.Equal(t, register.Copy{Read: k(10, 1), Written: k(4, 1), Value: value("v")},
		s.held[0][1][1])

	v, known := r.Written(1, k(4, 1))
	require.True(t, known)
	require.Equal(t, value("v"), v)
	_, known = r.Written(1, k(5, 1))
	require.False(t, known)
	_, known = r.Written(1, register.Round{})
	require.False(t, known)
	_, known = r.Written(2, k(1, 1))
	require.False(t, known)
}

func TestPermission(t *testing.T) {
	for name, c := range map[string]struct {
		prepare   func(s *shelf, r *summer.Registers)
		permitted bool
	}{
		"all is empty": {func(*shelf, *summer.Registers) {}, true},
		"a promise of another": {func(s *shelf, _ *summer.Registers) {
			s.put(1, 1, 2, register.Copy{Read: k(1, 2)})
		}, true},
		"a value of another": {func(s *shelf, _ *summer.Registers) {
			s.put(1, 1, 2, register.Copy{Read: k(1, 2), Written: k(1, 2), Value: value("x")})
		}, false},
		"a value of an earlier incarnation": {func(s *shelf, _ *summer.Registers) {
			s.put(1, 1, 1, register.Copy{Read: k(1, 1), Written: k(1, 1), Value: value("x")})
		}, false},
		"another was in the instance ahead": {func(s *shelf, _ *summer.Registers) {
			s.put(1, 3, 2, register.Copy{Read: k(1, 2)})
		}, false},
		"an earlier incarnation was in the instance ahead": {func(s *shelf, _ *summer.Registers) {
			s.put(1, 3, 1, register.Copy{Read: k(1, 1)})
		}, false},
		"this incarnation is in the instance ahead": {func(s *shelf, r *summer.Registers) {
			r.At(3).Read(k(1, 1), func(register.Value, bool, register.Round) {})
			s.run(2)
		}, false},
		"this incarnation has cancelled a read of the instance ahead": {
			func(s *shelf, r *summer.Registers) {
				r.At(3).Read(k(1, 1), func(register.Value, bool, register.Round) {})
				s.one(0)
				s.one(1)
				r.At(3).Cancel()
			}, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShelf(1, 3)
			r := newRegisters(s, true)
			c.prepare(s, r)
			var o outcome
			r.At(1).Write(k(2, 1), value("v"), o.write)
			s.run(0, 1)
			require.Equal(t, outcome{calls: 1, ok: true}, o)
			require.Equal(t, c.permitted, r.At(1).Permitted())
		})
	}
}

// With permission the instance ahead is written at once: there is nothing to retrieve. It gives
// permission in turn.
func TestFastWrite(t *testing.T) {
	s := newShelf(1, 1)
	r := newRegisters(s, true)
	var o outcome
	r.At(1).Write(k(1, 1), value("v"), o.write)
	s.run(0)
	s.took()
	r.At(3).Write(k(0, 1), value("w"), o.write)
	s.run(0)
	require.Equal(t, []string{
		`0: write L3 copy(read=0.p1.2,written=0.p1.2,"w")`, "0: read L3", "0: read L5",
	}, s.took())
	require.Equal(t, outcome{calls: 2, ok: true}, o)
	require.True(t, r.At(3).Permitted())
	r.At(3).Read(k(1, 1), o.read)
	require.False(t, r.At(3).Permitted(), "another operation has begun")
	s.run(0)
	require.Equal(t, outcome{calls: 3, ok: true, value: "w"}, o)
	r.At(3).Write(k(1, 1), value("w"), o.write)
	s.run(0)
	require.Equal(t, outcome{calls: 4, ok: true}, o)
	require.False(t, r.At(3).Permitted(), "the permission of an instance is given once")
}

// Two processes cannot both be permitted to write one instance without reading it.
func TestPermissionOfTwo(t *testing.T) {
	for schedule := range 1 << 6 {
		one := newShelf(1, 1)
		two := newShelf(2, 1)
		two.held = one.held
		a, b := newRegisters(one, true), newRegisters(two, true)
		var o, p outcome
		a.At(1).Write(k(1, 1), value("a"), o.write)
		b.At(1).Write(k(1, 2), value("b"), p.write)
		for i := range 6 {
			if schedule>>i&1 == 0 {
				one.one(0)
			} else {
				two.one(0)
			}
		}
		one.run(0)
		two.run(0)
		require.Equal(t, 1, o.calls)
		require.Equal(t, 1, p.calls)
		require.False(t, a.At(1).Permitted() && b.At(1).Permitted(), "schedule %06b", schedule)
	}
}

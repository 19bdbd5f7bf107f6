package summer_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/internal/fake"
	"paxon/register"
	"paxon/seasons/summer"
)

func TestCancelAndReplace(t *testing.T) {
	s := newShelf(1, 3)
	r := newRegisters(s, false)
	var first, second outcome
	r.At(1).Read(k(1, 1), first.read)
	s.run(0)
	r.At(1).Read(k(2, 1), second.read)
	require.Equal(t, 3, s.waits())
	s.run(0, 1)
	require.Zero(t, first.calls)
	require.Equal(t, outcome{calls: 1, ok: true}, second)
	r.At(1).Read(k(3, 1), first.read)
	r.At(1).Cancel()
	r.At(1).Cancel()
	require.Zero(t, s.waits())
	s.run(0, 1, 2)
	require.Zero(t, first.calls)
}

func TestSettleAndForget(t *testing.T) {
	s := newShelf(1, 1)
	r := newRegisters(s, false)
	var o outcome
	r.At(1).Write(k(1, 1), value("v"), o.write)
	s.run(0)
	r.At(2).Read(k(1, 1), o.read)
	r.At(3).Read(k(1, 1), o.read)
	r.Settle(3)
	require.Equal(t, 1, s.waits(), "instance 3 goes on")
	require.Empty(t, s.forgets)
	_, known := r.Written(1, k(1, 1))
	require.False(t, known)
	r.At(1).Read(k(2, 1), o.read)
	s.run(0)
	require.Equal(t, "v", o.value, "what is settled is on the disks all the same")

	r.Forget(3)
	r.Forget(2)
	require.Equal(t, []uint64{3}, s.forgets)
	require.PanicsWithValue(t,
		"summer: instance 2 is operated on, but all below 3 are forgotten", func() { r.At(2) })
	require.EqualValues(t, 3, r.Highest())
	require.True(t, r.Receive(2, register.Read{}))
	r.Restarted(2)
}

// What another began, decided and took to its grave is seen on a majority of the disks, one
// instance after the other.
func TestLook(t *testing.T) {
	s := newShelf(1, 3)
	s.put(1, 1, 2, register.Copy{Read: k(1, 2)})
	s.put(2, 2, 2, register.Copy{Read: k(1, 2)})
	r := newRegisters(s, false)
	clock := &fake.Clock{}
	summer.Watch(r, clock)
	clock.Advance(summer.Interval)
	require.Equal(t, []string{"0: read L1", "1: read L1", "2: read L1"}, s.took())
	clock.Advance(summer.Interval)
	require.Empty(t, s.took(), "a look there is under way")
	s.run(0)
	require.Zero(t, r.Highest())
	require.True(t, s.one(1))
	require.EqualValues(t, 1, r.Highest())
	require.Equal(t, []string{"0: read L2", "1: read L2", "2: read L2"}, s.took())
	s.run(0)
	require.EqualValues(t, 1, r.Highest())
	s.run(2)
	require.EqualValues(t, 2, r.Highest())
	s.run(0, 2)
	require.Zero(t, s.waits(), "there is nothing on a majority")
	s.took()
	clock.Advance(summer.Interval)
	require.Equal(t, []string{"0: read L3", "1: read L3", "2: read L3"}, s.took(), "it may come later")

	r.Settle(9)
	clock.Advance(summer.Interval)
	require.Equal(t, []string{"0: read L9", "1: read L9", "2: read L9"}, s.took())
	require.Equal(t, 3, s.waits(), "the look at what is decided has ended")
}

package register_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
)

func TestAheadPushesBack(t *testing.T) {
	e := newCrashStop(t)
	at := func(l register.Instance) register.Read { return register.Read{Instance: l, Round: round(1, 2)} }
	e.receive(2, at(100))
	require.False(t, e.Receive(2, at(101)))
	require.Equal(t, register.Instance(100), e.Highest())
	e.Settle(2)
	e.receive(2, at(101))
	require.False(t, e.Receive(2, at(102)))
	e.Settle(1)
	e.receive(2, at(101))
}

func TestHighest(t *testing.T) {
	e := newCrashStop(t)
	require.Zero(t, e.Highest())
	e.receive(2, register.Read{Instance: 4, Round: round(1, 2)})
	require.Equal(t, register.Instance(4), e.Highest())
	e.receive(2, register.Read{Instance: 3, Round: round(1, 2)})
	require.Equal(t, register.Instance(4), e.Highest())
	e.At(6)
	require.Equal(t, register.Instance(4), e.Highest(), "nothing was done there")
	e.read(6, round(1, 1))
	e.write(5, round(1, 1), "a")
	require.Equal(t, register.Instance(6), e.Highest())
}

func TestSettleEndsOperations(t *testing.T) {
	e := newCrashStop(t)
	k := round(5, 1)
	var settled []*outcome
	for l := register.Instance(1); l <= 3; l++ {
		settled = append(settled, e.read(l, k))
	}
	left := e.read(4, k)
	e.Settle(4)
	require.Equal(t, []process.Message{register.Read{Instance: 4, Round: k}}, e.links.Stubborn(2))
	for l := register.Instance(1); l <= 4; l++ {
		for p := process.ID(1); p <= 3; p++ {
			e.receive(p, register.AckRead{Instance: l, Round: k})
		}
	}
	for _, o := range settled {
		require.Zero(t, o.calls)
	}
	require.Equal(t, 1, left.calls)
}

func TestSettleEndsAnswers(t *testing.T) {
	e := newEnd(t)
	for l := register.Instance(1); l <= 3; l++ {
		for p := process.ID(2); p <= 3; p++ {
			e.receive(p, register.Read{Instance: l, Round: round(uint64(p), p)})
		}
	}
	e.disk.Force()
	e.disk.Force()
	e.Settle(3)
	require.Empty(t, e.links.Stubborn(2))
	require.Empty(t, e.links.Stubborn(3))
	e.links.Take()
	e.disk.ForceAll()
	for p := process.ID(2); p <= 3; p++ {
		want := register.AckRead{Instance: 3, Round: round(uint64(p), p)}
		require.Equal(t, []process.Message{want}, e.links.Stubborn(p), "instance 2 needs no answer")
	}
}

// The value of a settled instance is still needed: decisions are by reference.
func TestSettledCopiesAreKept(t *testing.T) {
	e := newCrashStop(t)
	e.receive(2, write(round(3, 2), "a"))
	e.Settle(2)
	v, ok := e.Written(1, round(3, 2))
	require.True(t, ok)
	require.Equal(t, register.Value("a"), v)
}

func TestForgetDropsAndFallsSilent(t *testing.T) {
	e := newEnd(t)
	for l := register.Instance(1); l <= 4; l++ {
		e.receive(2, register.Write{Instance: l, Round: round(3, 2), Value: register.Value("a")})
	}
	e.disk.ForceAll()
	e.read(2, round(4, 1))
	e.Forget(3)
	require.Len(t, e.disk.Durable, 2)
	require.Len(t, e.links.Stubborn(2), 2, "the answers in instances 3 and 4")
	e.links.Take()
	for l, want := range []bool{false, false, false, true, true} {
		_, ok := e.Written(register.Instance(l), round(1, 1))
		require.Equal(t, want, ok, "instance %d", l)
	}

	e.receive(3, register.Read{Instance: 2, Round: round(9, 3)},
		register.Write{Instance: 2, Round: round(9, 3), Value: register.Value("b")},
		register.Read{Instance: 0, Round: round(9, 3)})
	require.Empty(t, e.disk.Pending(), "a forgotten register came back")
	require.Empty(t, e.links.Take())
	require.PanicsWithValue(t,
		"register: instance 2 is operated on, but all below 3 are forgotten", func() { e.At(2) })

	e.receive(3, register.Read{Instance: 3, Round: round(9, 3)})
	require.Len(t, e.disk.Pending(), 1)
	e.Forget(1)
	require.Panics(t, func() { e.At(2) }, "what is forgotten came back")
}

// A process that learned of many decisions at once settles far beyond what it has copies of.
func TestForgetAndSettleAcrossAGap(t *testing.T) {
	e := newCrashStop(t)
	for _, l := range []register.Instance{1, 99} {
		e.receive(2, register.Write{Instance: l, Round: round(3, 2), Value: register.Value("a")})
		e.read(l, round(4, 1))
	}
	e.Settle(99)
	require.Len(t, e.links.Stubborn(3), 1)
	e.Forget(99)
	_, ok := e.Written(1, round(3, 2))
	require.False(t, ok)
	_, ok = e.Written(99, round(3, 2))
	require.True(t, ok)
	e.Forget(1 << 40)
	_, ok = e.Written(99, round(3, 2))
	require.False(t, ok)
	require.Empty(t, e.links.Stubborn(3))
}

func TestForgottenWhileForced(t *testing.T) {
	e := newEnd(t)
	e.receive(2, write(round(3, 2), "a"))
	e.Forget(2)
	e.disk.ForceAll()
	require.Empty(t, e.links.Take())
}

func TestNothingIsLeftOfWhatIsForgotten(t *testing.T) {
	e := newEnd(t)
	for l := register.Instance(1); l <= 5; l++ {
		e.receive(2, register.Write{Instance: l, Round: round(3, 2), Value: register.Value("a")})
		e.read(l, round(4, 1))
	}
	e.Settle(4)
	copies, operations := e.Held()
	require.Equal(t, []int{5, 2}, []int{copies, operations})
	e.Forget(5)
	copies, operations = e.Held()
	require.Equal(t, []int{1, 1}, []int{copies, operations})
}

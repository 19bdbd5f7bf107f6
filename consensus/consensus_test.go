package consensus_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/consensus"
	"paxon/process"
	"paxon/register"
)

// fakeRegister is a register that returns when the test says so.
type fakeRegister struct {
	reads     []register.Round
	writes    []writing
	cancelled int
	read      func(v register.Value, ok bool, higher register.Round)
	written   func(ok bool, higher register.Round)
}

type writing struct {
	round register.Round
	value string
}

func (r *fakeRegister) Read(
	k register.Round, done func(v register.Value, ok bool, higher register.Round),
) {
	r.reads, r.read = append(r.reads, k), done
}

func (r *fakeRegister) Write(
	k register.Round, v register.Value, done func(ok bool, higher register.Round),
) {
	r.writes, r.written = append(r.writes, writing{k, string(v)}), done
}

func (r *fakeRegister) Cancel() { r.cancelled++ }

func (r *fakeRegister) Permitted() bool { return false }

// fakeArray is an array that notes what is asked of it.
type fakeArray struct {
	at         register.Instance
	reg        fakeRegister
	settled    register.Instance
	forgotten  register.Instance
	received   []register.Message
	restarted  process.ID
	writtenAt  register.Instance
	writtenIn  register.Round
	acceptNext bool
}

func (a *fakeArray) At(l register.Instance) register.Register {
	a.at = l
	return &a.reg
}

func (a *fakeArray) Written(l register.Instance, k register.Round) (register.Value, bool) {
	a.writtenAt, a.writtenIn = l, k
	return register.Value("w"), true
}

func (a *fakeArray) Highest() register.Instance     { return 42 }
func (a *fakeArray) Settle(next register.Instance)  { a.settled = next }
func (a *fakeArray) Forget(below register.Instance) { a.forgotten = below }
func (a *fakeArray) Restarted(p process.ID)         { a.restarted = p }

func (a *fakeArray) Receive(_ process.ID, m register.Message) bool {
	a.received = append(a.received, m)
	return a.acceptNext
}

var (
	k      = register.Round{Number: 5, Process: 1, Incarnation: 1}
	higher = register.Round{Number: 6, Process: 3, Incarnation: 2}
)

// outcome is how a propose ended.
type outcome struct {
	calls    int
	decision string
	ok       bool
	higher   register.Round
}

func propose(a *fakeArray) *outcome {
	o := &outcome{}
	consensus.New(a).At(7).Propose(k, register.Value("mine"),
		func(d register.Value, ok bool, higher register.Round) {
			*o = outcome{o.calls + 1, string(d), ok, higher}
		})
	return o
}

// Fig. 6: what was read wins, and the own value only where nothing was read.
func TestFig6WritesWhatWasReadOrItsOwn(t *testing.T) {
	for read, want := range map[string]string{"": "mine", "theirs": "theirs"} {
		a := &fakeArray{}
		o := propose(a)
		require.Equal(t, register.Instance(7), a.at)
		require.Equal(t, []register.Round{k}, a.reg.reads)
		require.Empty(t, a.reg.writes, "it wrote before the read returned")

		a.reg.read(register.Value(read), true, register.Round{})
		require.Equal(t, []writing{{k, want}}, a.reg.writes)
		require.Zero(t, o.calls, "it decided before the write committed")

		a.reg.written(true, register.Round{})
		require.Equal(t, outcome{calls: 1, decision: want, ok: true}, *o)
	}
}

func TestCTAbortNamesTheRoundThatWonTheRead(t *testing.T) {
	a := &fakeArray{}
	o := propose(a)
	a.reg.read(nil, false, higher)
	require.Equal(t, outcome{calls: 1, higher: higher}, *o)
	require.Empty(t, a.reg.writes)
}

func TestCTAbortNamesTheRoundThatWonTheWrite(t *testing.T) {
	a := &fakeArray{}
	o := propose(a)
	a.reg.read(nil, true, register.Round{})
	a.reg.written(false, higher)
	require.Equal(t, outcome{calls: 1, higher: higher}, *o)
}

func TestCancelEndsTheOperation(t *testing.T) {
	a := &fakeArray{}
	consensus.New(a).At(3).Cancel()
	require.Equal(t, register.Instance(3), a.at)
	require.Equal(t, 1, a.reg.cancelled)
}

func TestTheRestIsThatOfTheRegisters(t *testing.T) {
	a := &fakeArray{}
	c := consensus.New(a)
	v, ok := c.Accepted(9, k)
	require.True(t, ok)
	require.Equal(t, register.Value("w"), v)
	require.Equal(t, register.Instance(9), a.writtenAt)
	require.Equal(t, k, a.writtenIn)

	require.Equal(t, register.Instance(42), c.Highest())
	c.Settle(4)
	c.Forget(3)
	c.Restarted(2)
	require.Equal(t, register.Instance(4), a.settled)
	require.Equal(t, register.Instance(3), a.forgotten)
	require.Equal(t, process.ID(2), a.restarted)
	require.False(t, c.Receive(2, register.Read{Instance: 1}))
	a.acceptNext = true
	require.True(t, c.Receive(2, register.Read{Instance: 2}))
	require.Len(t, a.received, 2)
}

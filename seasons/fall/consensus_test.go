package fall_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/consensus"
	"paxon/internal/fake"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons/fall"
)

const window = 2

var (
	fast    = register.Round{Process: 1, Incarnation: 1}
	regular = register.Round{Number: 1, Process: 1, Incarnation: 1}
	none    register.Round
)

// end is process p1 of 3 with fast consensus on the registers of Fig. 5.
type end struct {
	consensus.Array
	t     *testing.T
	links *fake.Links
}

func newEnd(t *testing.T) *end {
	t.Helper()
	links := fake.NewLinks(1, 3)
	registers := register.NewCrashStop(retransmit.For[register.Message](links.Links), register.Config{
		Members:    func(register.Instance) []process.ID { return []process.ID{1, 2, 3} },
		Ahead:      100,
		Window:     window,
		Permission: true,
	})
	return &end{fall.New(consensus.New(registers), registers, window), t, links}
}

// outcome is how a propose ended.
type outcome struct {
	calls    int
	decision string
	ok       bool
	higher   register.Round
}

// propose begins propose(k, "v") in an instance.
func (e *end) propose(l register.Instance, k register.Round) *outcome {
	o := &outcome{}
	e.At(l).Propose(k, register.Value("v"), func(d register.Value, ok bool, higher register.Round) {
		*o = outcome{o.calls + 1, string(d), ok, higher}
	})
	return o
}

// asked requires that p2 was sent m, and nothing else, since the last call.
func (e *end) asked(m register.Message) {
	e.t.Helper()
	require.Equal(e.t, []process.Message{m}, e.links.Stubborn(2))
	e.links.Take()
}

// read answers a READ of nothing.
func (e *end) read(l register.Instance, k register.Round) {
	e.asked(register.Read{Instance: l, Round: k})
	for _, p := range []process.ID{2, 3} {
		e.Receive(p, register.AckRead{Instance: l, Round: k})
	}
}

// written answers a WRITE, with the permission of p2 and p3.
func (e *end) written(l register.Instance, k register.Round, second, third bool) {
	e.asked(register.Write{Instance: l, Round: k, Value: register.Value("v")})
	e.Receive(2, register.AckWrite{Instance: l, Round: k, Permitted: second})
	e.Receive(3, register.AckWrite{Instance: l, Round: k, Permitted: third})
}

// permitted lists the instances up to 9 in which the process may propose fast.
func (e *end) permitted() []register.Instance {
	all := []register.Instance{}
	for l := register.Instance(1); l < 10; l++ {
		if e.Permitted(l) {
			all = append(all, l)
		}
	}
	return all
}

// Fig. 21: a propose that commits with permission permits the instance that is W further.
func TestFig21PermissionIsForTheInstanceAWindowAhead(t *testing.T) {
	e := newEnd(t)
	o := e.propose(3, regular)
	e.read(3, regular)
	require.Empty(t, e.permitted())
	e.written(3, regular, true, true)
	require.Equal(t, outcome{1, "v", true, none}, *o)
	require.Equal(t, []register.Instance{3 + window}, e.permitted())
}

func TestFig21NoPermissionWithoutThatOfAll(t *testing.T) {
	for _, second := range []bool{true, false} {
		e := newEnd(t)
		e.propose(3, regular)
		e.read(3, regular)
		e.written(3, regular, second, !second)
		require.Empty(t, e.permitted())
	}
}

func TestFig21NoPermissionWithAnAbort(t *testing.T) {
	e := newEnd(t)
	higher := register.Round{Number: 7, Process: 3, Incarnation: 1}
	o := e.propose(3, regular)
	e.read(3, regular)
	e.Receive(2, register.AckWrite{Instance: 3, Round: regular, Permitted: true})
	e.Receive(3, register.NackWrite{Instance: 3, Round: regular, Higher: higher})
	require.Equal(t, outcome{1, "", false, higher}, *o)
	require.Empty(t, e.permitted())
}

// Fig. 22: fastpropose writes without a read, uses the permission up, and may give the next.
func TestFig22FastProposeWritesAtOnce(t *testing.T) {
	e := newEnd(t)
	e.propose(3, regular)
	e.read(3, regular)
	e.written(3, regular, true, true)

	o := e.propose(3+window, fast)
	require.Empty(t, e.permitted(), "it may be used once")
	e.written(3+window, fast, true, true)
	require.Equal(t, outcome{1, "v", true, none}, *o)
	require.Equal(t, []register.Instance{3 + 2*window}, e.permitted())
}

func TestFig22FastProposeThatAborts(t *testing.T) {
	e := newEnd(t)
	o := e.propose(3, fast)
	e.Receive(2, register.AckWrite{Instance: 3, Round: fast, Permitted: true})
	e.Receive(3, register.NackWrite{Instance: 3, Round: fast, Higher: regular})
	require.Equal(t, outcome{1, "", false, regular}, *o)
	require.Empty(t, e.permitted())
}

// Permissions for what is decided go, and no others.
func TestSettleDropsPermissions(t *testing.T) {
	e := newEnd(t)
	for l := register.Instance(1); l <= 3; l++ {
		e.propose(l, regular)
		e.read(l, regular)
		e.written(l, regular, true, true)
	}
	require.Equal(t, []register.Instance{3, 4, 5}, e.permitted())
	e.Settle(4)
	require.Equal(t, []register.Instance{4, 5}, e.permitted())
	_, accepted := e.Accepted(1, regular)
	require.False(t, accepted)
}

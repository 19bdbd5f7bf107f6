package winter_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/internal/fake"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/seasons/winter"
	"paxon/sim/flawed"
)

// group is the registers of four processes of which at most one is faulty. Messages wait until they
// are moved by hand.
type group struct {
	t       *testing.T
	variant seasons.Variant
	links   map[process.ID]*fake.Links
	arrays  map[process.ID]register.Array
	waiting map[[2]process.ID][]process.Message // From, to.
}

func newGroup(t *testing.T, v seasons.Variant) *group {
	t.Helper()
	g := &group{
		t: t, variant: v, links: map[process.ID]*fake.Links{},
		arrays: map[process.ID]register.Array{}, waiting: map[[2]process.ID][]process.Message{},
	}
	for p := range process.ID(4) {
		g.start(p+1, 1)
	}
	return g
}

// start builds the registers of an incarnation of a process, which has nothing stored.
func (g *group) start(p process.ID, incarnation process.Incarnation) {
	g.links[p] = fake.NewLinks(p, 4)
	g.arrays[p] = g.variant.Registers(
		seasons.Host{Incarnation: incarnation},
		retransmit.For[register.Message](g.links[p].Links),
		register.Config{Ahead: 1, Members: func(register.Instance) []process.ID {
			return []process.ID{1, 2, 3, 4}
		}})
}

// exchange moves what one process has sent to others, to each in turn, and their answers.
func (g *group) exchange(from process.ID, with ...process.ID) {
	for _, p := range with {
		g.move(from, p)
		g.move(p, from)
	}
}

func (g *group) move(from, to process.ID) {
	for _, s := range g.links[from].Take() {
		g.waiting[[2]process.ID{from, s.To}] = append(g.waiting[[2]process.ID{from, s.To}], s.Message)
	}
	link := [2]process.ID{from, to}
	moved := g.waiting[link]
	g.waiting[link] = nil
	for _, m := range moved {
		m, ok := m.(register.Message)
		require.True(g.t, ok)
		require.True(g.t, g.arrays[to].Receive(from, m))
	}
}

// play has a write of "a" commit in round 1, and a read of round 2 that began before it end after.
// In between p1 and p2 crash; the reader hears of p2 alone. It returns what was read.
func (g *group) play() (read *register.Value) {
	low, high := register.Round{Number: 1, Process: 3, Incarnation: 1},
		register.Round{Number: 2, Process: 4, Incarnation: 1}
	writer, reader := g.arrays[3].At(1), g.arrays[4].At(1)
	began, wrote := false, false

	writer.Read(low, func(_ register.Value, ok bool, _ register.Round) { began = ok })
	g.exchange(3, 3, 1)
	require.False(g.t, began, "two answers are too few while nobody is known to have recovered")
	g.exchange(3, 2)
	require.True(g.t, began)

	reader.Read(high, func(v register.Value, ok bool, _ register.Round) {
		require.True(g.t, ok)
		read = &v
	})
	g.exchange(4, 4, 1)
	require.Nil(g.t, read)

	g.start(1, 2)
	g.arrays[3].Restarted(1)
	writer.Write(low, register.Value("a"), func(ok bool, _ register.Round) { wrote = ok })
	g.exchange(3, 1, 3)
	require.False(g.t, wrote, "a recovered process answered")
	g.exchange(3, 2)
	require.True(g.t, wrote)

	g.start(2, 2)
	g.arrays[4].Restarted(2)
	g.exchange(4, 4, 1, 2)
	if read == nil {
		g.exchange(4, 3)
	}
	return read
}

// The scenario of the rule's comment: an attempt that is made anew finds the value.
func TestANewAttemptFindsTheValue(t *testing.T) {
	read := newGroup(t, compose(t, winter.Season(1))).play()
	require.NotNil(t, read)
	require.Equal(t, register.Value("a"), *read)
}

// With the answers to the earlier attempt counted the value is lost.
func TestCountingAgainLosesTheValue(t *testing.T) {
	recounts, err := flawed.ByName("winter-recount")
	require.NoError(t, err)
	read := newGroup(t, recounts.Variant).play()
	require.NotNil(t, read)
	require.Empty(t, *read)
}

// A process that recovered knows it of itself: its own copy is silent, and it waits for one answer
// less.
func TestARecoveredProcessIsInItsOwnR(t *testing.T) {
	g := newGroup(t, compose(t, winter.Season(1)))
	g.start(4, 2)
	read := false
	k := register.Round{Number: 1, Process: 4, Incarnation: 2}
	g.arrays[4].At(1).Read(k, func(_ register.Value, ok bool, _ register.Round) { read = ok })
	g.exchange(4, 4, 1)
	require.False(t, read)
	g.exchange(4, 2)
	require.True(t, read)
}

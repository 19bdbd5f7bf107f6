package caspaxos_test

import (
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos"
	"paxon/process"
)

// set is some processes, a bit for each.
type set uint64

func setOf(ids []process.ID) set {
	var s set
	for _, p := range ids {
		s |= 1 << p
	}
	return s
}

func (s set) ids() []process.ID {
	var ids []process.ID
	for p := range process.ID(64) {
		if s>>p&1 == 1 {
			ids = append(ids, p)
		}
	}
	return ids
}

// minimal are the quorums that hold no other one.
func minimal(q caspaxos.Quorums) []set {
	var all []set
	if len(q.Sets) > 0 {
		for _, s := range q.Sets {
			all = append(all, setOf(s))
		}
		return all
	}
	for s := range subsets(setOf(q.Among)) {
		if bits.OnesCount64(uint64(s)) == q.Least {
			all = append(all, s)
		}
	}
	return all
}

// subsets are all of a set, with itself and the empty one.
func subsets(of set) func(yield func(s set) bool) {
	return func(yield func(s set) bool) {
		for s := of; yield(s) && s != 0; {
			s = (s - 1) & of
		}
	}
}

// walk is a chain of configurations, and who holds what was acknowledged: each value is at all of one of
// the sets of holders, or a descendant of it is.
type walk struct {
	c       caspaxos.Configuration
	holders map[set]bool
	lost    string // Why a value is lost, "" while none is.
	careful bool   // Needs are met.
}

// acknowledge has values be acknowledged in the present configuration.
func (w *walk) acknowledge() {
	for _, q := range minimal(w.c.Accept) {
		w.holders[q] = true
	}
}

// seen says that who prepares sees every value.
func (w *walk) seen() {
	for _, prepare := range minimal(w.c.Prepare) {
		for holders := range w.holders {
			if prepare&holders == 0 && w.lost == "" {
				w.lost = fmt.Sprintf("%v prepare in epoch %d, %v hold a value",
					prepare.ids(), w.c.Epoch, holders.ids())
			}
		}
	}
}

// meet does what is needed before the next configuration.
func (w *walk) meet(need caspaxos.Need) {
	switch {
	case !w.careful:
	case need == caspaxos.NeedScan:
		w.holders = map[set]bool{}
		w.acknowledge()
	case need == caspaxos.NeedReplica:
		var learners set
		for _, l := range w.c.Learners {
			learners |= 1 << l.Process
		}
		now := map[set]bool{}
		for holders := range w.holders {
			now[holders|learners] = true
		}
		w.holders = now
	}
}

// enter takes over the next configuration. Who is no member any more, or begins to learn, has nothing.
func (w *walk) enter(n caspaxos.Configuration) {
	begun := set(0)
	for _, l := range n.Learners {
		if l.Since == n.Epoch {
			begun |= 1 << l.Process
		}
	}
	now := map[set]bool{}
	for holders := range w.holders {
		now[holders&setOf(n.Members())&^begun] = true
	}
	if w.c, w.holders = n, now; n.Valid {
		for holders := range w.holders {
			if !n.Accept.Enough(holders.ids()) && w.lost == "" {
				w.lost = fmt.Sprintf("epoch %d is said to be valid, %v hold a value", n.Epoch, holders.ids())
			}
		}
	}
	w.seen()
	w.acknowledge()
	w.seen()
}

// chain walks to the target.
func chain(t *testing.T, initial caspaxos.Configuration, target []process.ID, careful bool) *walk {
	t.Helper()
	w := &walk{c: initial, holders: map[set]bool{}, careful: careful}
	w.acknowledge()
	w.enter(initial.Toward(target))
	for range 200 {
		n, need, done := w.c.Next()
		if done {
			return w
		}
		require.Equal(t, w.c.Epoch+1, n.Epoch)
		require.NoError(t, n.Follows(w.c), "from %+v to %+v", w.c, n)
		require.NoError(t, n.Check())
		w.meet(need)
		w.enter(n)
	}
	require.Fail(t, "the chain has no end", "at %+v", w.c)
	return nil
}

// initials are majorities of 1 to so many processes, and other quorums of theirs.
func initials(most int) []caspaxos.Configuration {
	var all []caspaxos.Configuration
	for n := 1; n <= most; n++ {
		ids := set(1<<(n+1) - 2).ids()
		for least := 1; least <= n; least++ {
			all = append(all, caspaxos.Flexible(ids, caspaxos.Quorums{Among: ids, Least: least},
				caspaxos.Quorums{Among: ids, Least: n + 1 - least}))
		}
		all = append(all, caspaxos.Initial(ids))
	}
	grid := caspaxos.Flexible([]process.ID{1, 2, 3, 4},
		caspaxos.Quorums{Sets: [][]process.ID{{1, 3}, {2, 4}}},
		caspaxos.Quorums{Sets: [][]process.ID{{1, 2}, {3, 4}}})
	return append(all, grid)
}

// Of any two configurations that can be in force at a time the quorums meet, both ways; a value that
// was acknowledged is seen by all who prepare, and where all values are said to be valid they are; and
// the chain ends at the target.
func TestEveryStepMeets(t *testing.T) {
	const most = 7
	for _, initial := range initials(most) {
		for s := range subsets(1<<(most+1) - 2) {
			if s == 0 {
				continue
			}
			target := s.ids()
			w := chain(t, initial, target, true)
			require.Empty(t, w.lost, "from %+v to %v", initial, target)
			require.Equal(t, target, w.c.Acceptors())
			require.Equal(t, target, w.c.Proposers)
			require.True(t, w.c.Valid)
			require.Empty(t, w.c.Learners)
			require.Equal(t, caspaxos.MajorityOf(target), w.c.Prepare)
			require.Equal(t, caspaxos.MajorityOf(target), w.c.Accept)
		}
	}
}

// A change of mind on the way, at every step, ends at the new target.
func TestEveryStepCanTurn(t *testing.T) {
	first := []process.ID{3, 4, 5}
	for steps := range 30 {
		w := &walk{c: caspaxos.Initial([]process.ID{1, 2, 3}), holders: map[set]bool{}, careful: true}
		w.acknowledge()
		w.enter(w.c.Toward(first))
		for range steps {
			n, need, done := w.c.Next()
			if done {
				break
			}
			w.meet(need)
			w.enter(n)
		}
		require.Empty(t, w.lost)
		for _, target := range [][]process.ID{{1, 2}, {1, 2, 3, 6}, first} {
			end := &walk{c: w.c, holders: maps.Clone(w.holders), careful: true}
			end.enter(end.c.Toward(target))
			for range 200 {
				n, need, done := end.c.Next()
				if done {
					break
				}
				require.NoError(t, n.Follows(end.c))
				end.meet(need)
				end.enter(n)
			}
			require.Empty(t, end.lost, "%d steps to %v, then to %v", steps, first, target)
			require.Equal(t, target, end.c.Acceptors())
		}
	}
}

// Who does not do what is needed loses a value, so that the test above can fail.
func TestNeedsAreNeeded(t *testing.T) {
	for _, of := range []struct{ from, to []process.ID }{
		{[]process.ID{1}, []process.ID{1, 2, 3}},
		{[]process.ID{1, 2, 3}, []process.ID{1, 2, 3, 4, 5}},
		{[]process.ID{1, 2, 3}, []process.ID{3, 4, 5}},
	} {
		w := chain(t, caspaxos.Initial(of.from), of.to, false)
		require.NotEmpty(t, w.lost, "from %v to %v", of.from, of.to)
	}
}

// random is quorums of some of six processes.
func random(draw func(n int) int) caspaxos.Quorums {
	some := func() []process.ID {
		return set(2 * (1 + draw(63))).ids()
	}
	if draw(2) == 0 {
		among := some()
		return caspaxos.Quorums{Among: among, Least: 1 + draw(len(among))}
	}
	var q caspaxos.Quorums
	for range 1 + draw(3) {
		q.Sets = append(q.Sets, some())
	}
	return q
}

func TestQuorums(t *testing.T) {
	state := uint64(1)
	draw := func(n int) int { // Of Knuth's MMIX.
		state = state*6364136223846793005 + 1442695040888963407
		return int(state>>33) % n
	}
	for range 2000 {
		a, b := random(draw), random(draw)
		disjoint := false
		for _, s := range minimal(a) {
			for _, o := range minimal(b) {
				disjoint = disjoint || s&o == 0
			}
		}
		ofA, ofB, found := caspaxos.Disjoint(a, b)
		require.Equal(t, disjoint, found, "%+v, %+v", a, b)
		if found {
			require.Zero(t, setOf(ofA)&setOf(ofB), "%+v, %+v", a, b)
			require.True(t, a.Enough(ofA))
			require.True(t, b.Enough(ofB))
		}
		for s := range subsets(1<<7 - 2) {
			enough := slices.ContainsFunc(minimal(a), func(q set) bool { return q&s == q })
			require.Equal(t, enough, a.Enough(s.ids()), "%+v, %v", a, s.ids())
			blocks := !slices.ContainsFunc(minimal(a), func(q set) bool { return q&s == 0 })
			require.Equal(t, blocks, a.Blocks(s.ids()), "%+v, %v", a, s.ids())
		}
		if a.Holds(b) {
			for _, q := range minimal(a) {
				require.True(t, b.Enough(q.ids()), "%+v, %+v", a, b)
			}
		}
	}
}

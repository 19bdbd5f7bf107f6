package caspaxos_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos"
	"paxon/process"
)

// edit has a process begin an edit.
func (c *cluster) edit(p process.ID, e caspaxos.Edit) *caspaxos.Status {
	c.t.Helper()
	status := caspaxos.Pending
	c.world.Call(p, func() {
		require.Equal(c.t, caspaxos.Pending, c.at(p).Edit(e, func(s caspaxos.Status) { status = s }))
	})
	return &status
}

// settles waits until no change of membership is under way at a process, and gives its configuration.
func (c *cluster) settles(p process.ID, epoch uint64) (now caspaxos.Configuration) {
	c.t.Helper()
	c.until(time.Minute, func() bool {
		now = c.at(p).Configuration()
		return now.Epoch >= epoch && len(now.Target) == 0
	})
	return now
}

func ids(of ...process.ID) []process.ID { return of }

// Edits that are asked for at once, at two processes, are both made.
func TestEditsAtOnce(t *testing.T) {
	for _, of := range []struct {
		one, other           caspaxos.Edit
		acceptors, proposers []process.ID
	}{
		{
			caspaxos.Edit{Add: ids(4)},
			caspaxos.Edit{Remove: ids(3)},
			ids(1, 2, 4), ids(1, 2, 4),
		},
		{caspaxos.Edit{Add: ids(4)}, caspaxos.Edit{Add: ids(5)}, ids(1, 2, 3, 4, 5), ids(1, 2, 3, 4, 5)},
		{
			caspaxos.Edit{Propose: ids(4)},
			caspaxos.Edit{Abstain: ids(3)},
			ids(1, 2, 3), ids(1, 2, 4),
		},
		{
			caspaxos.Edit{Add: ids(4), Remove: ids(3)},
			caspaxos.Edit{Add: ids(4), Remove: ids(3)},
			ids(1, 2, 4), ids(1, 2, 4),
		},
	} {
		c := newCluster(t, 5, 3)
		one, other := c.edit(1, of.one), c.edit(2, of.other)
		c.ends(one)
		c.ends(other)
		now := c.settles(1, c.at(2).Configuration().Epoch)
		require.Equal(t, of.acceptors, now.Acceptors())
		require.Equal(t, of.proposers, now.Proposers)
	}
}

// An edit is made to what was decided, also at a process that has heard of nothing.
func TestEditAtOldConfiguration(t *testing.T) {
	c := newCluster(t, 5, 3)
	at := func(p process.ID, address string) []caspaxos.Address {
		return []caspaxos.Address{{Process: p, At: address}}
	}
	c.cutOff(3, true)
	c.ends(c.edit(1, caspaxos.Edit{Add: ids(4, 5)}))
	c.settles(1, 2)
	c.ends(c.edit(1, caspaxos.Edit{Add: ids(1), At: at(1, "new")}))
	require.EqualValues(t, 1, c.at(3).Configuration().Epoch)
	status := c.edit(3, caspaxos.Edit{Remove: ids(2), Known: at(1, "old")})
	c.cutOff(3, false)
	c.ends(status)
	now := c.settles(3, 2)
	require.Equal(t, ids(1, 3, 4, 5), now.Acceptors())
	require.Equal(t, at(1, "new"), now.Addresses)
}

// An edit that was made in a run that others have broken off is not made again to what they made of it,
// unless it is asked for again since.
func TestEditIsMadeOnce(t *testing.T) {
	require.Equal(t, ids(1, 2, 3), undoneUnheard(t, false))
	require.Equal(t, ids(1, 2, 3, 4), undoneUnheard(t, true))
}

// undoneUnheard gives the acceptors after process 4 was added by one that does not hear of it, and removed by
// another one, and the first hears of that, having been asked to add it again or not.
func undoneUnheard(t *testing.T, again bool) []process.ID {
	t.Helper()
	c, s := steeredCluster(t, caspaxos.Initial([]process.ID{1, 2, 3}), 4, nil)
	accepted := 0
	s.lost = func(from, to process.ID, m caspaxos.Message) bool {
		a, accept := m.(caspaxos.Ask)
		if accept && from == 1 && to != 1 && a.Kind == caspaxos.Accept {
			accepted++
		}
		_, stale := m.(caspaxos.Stale)
		_, answer := m.(caspaxos.Answer)
		return to == 1 && from != 1 && accepted > 0 && (answer || stale)
	}
	status := c.edit(1, caspaxos.Edit{Add: ids(4)})
	c.until(time.Second, func() bool { return accepted >= 2 })
	c.pass(5 * time.Millisecond) // The others have it, and process 1 does not know.
	c.ends(c.edit(2, caspaxos.Edit{Remove: ids(4)}))
	require.Equal(t, caspaxos.Pending, *status)
	if again {
		status = c.edit(1, caspaxos.Edit{Add: ids(4)})
	}
	s.lost = nil
	c.ends(status)
	return c.settles(1, c.at(2).Configuration().Epoch).Acceptors()
}

// Who did not propose for a while does not make an edit again that may be made and undone.
func TestEditOfWhoWasAway(t *testing.T) {
	c, s := steeredCluster(t, caspaxos.Initial([]process.ID{1, 2, 3}), 4, nil)
	accepted, epoch := 0, uint64(0)
	s.lost = func(from, to process.ID, m caspaxos.Message) bool {
		a, asks := m.(caspaxos.Ask)
		if asks && from == 1 && to != 1 && a.Kind == caspaxos.Accept {
			accepted++
		}
		_, answers := m.(caspaxos.Answer)
		back := epoch > 0 && (!answers || c.at(1).Configuration().Epoch == epoch)
		return to == 1 && from != 1 && accepted > 0 && !back
	}
	status := c.edit(1, caspaxos.Edit{Add: ids(4)})
	c.until(time.Second, func() bool { return accepted >= 2 })
	c.pass(5 * time.Millisecond) // The others have it, and process 1 does not know.
	c.ends(c.edit(2, caspaxos.Edit{Remove: ids(4)}))
	c.settles(2, 2)
	c.ends(c.edit(2, caspaxos.Edit{Abstain: ids(1)}))
	c.ends(c.edit(2, caspaxos.Edit{Propose: ids(1)}))
	require.Equal(t, caspaxos.Pending, *status)
	epoch = c.at(2).Configuration().Epoch
	c.until(time.Minute, func() bool { return *status != caspaxos.Pending })
	require.Equal(t, caspaxos.NotMember, *status)
	require.Equal(t, ids(1, 2, 3), c.settles(1, epoch).Acceptors())
}

// Of two edits which together would leave nobody who keeps copies and proposes, one is refused.
func TestSomebodyLeads(t *testing.T) {
	for _, of := range [][2]caspaxos.Edit{
		{{Abstain: ids(2, 3)}, {Abstain: ids(1)}},
		{{Abstain: ids(3)}, {Abstain: ids(1, 2)}},
		{{Remove: ids(2, 3)}, {Remove: ids(1)}},
	} {
		c := newCluster(t, 5, 3)
		c.ends(c.edit(1, caspaxos.Edit{Propose: ids(4, 5)}))
		c.until(time.Minute, func() bool {
			return c.at(4).Configuration().Epoch == 2 && c.at(5).Configuration().Epoch == 2
		})
		one, other := c.edit(4, of[0]), c.edit(5, of[1])
		c.until(time.Minute, func() bool {
			return *one != caspaxos.Pending && *other != caspaxos.Pending
		})
		statuses := []caspaxos.Status{*one, *other}
		require.True(t, *one == caspaxos.Done || *other == caspaxos.Done, statuses)
		require.Contains(t, statuses, caspaxos.Unled)
		now := c.settles(4, 3)
		led := false
		for _, p := range now.Acceptors() {
			for _, q := range now.Proposers {
				led = led || p == q
			}
		}
		require.True(t, led, "%+v", now)
	}
	for _, e := range []caspaxos.Edit{
		{Remove: ids(1, 2, 3)},
		{Add: ids(4), Abstain: ids(1, 2, 3)}, // Nobody would have it propose.
	} {
		c := newCluster(t, 4, 3)
		status := c.edit(1, e)
		c.until(time.Minute, func() bool { return *status != caspaxos.Pending })
		require.Equal(t, caspaxos.Unled, *status)
	}
}

// Who asks for what is asked for waits with the others; for something else there is one place.
func TestSameEdit(t *testing.T) {
	c := newCluster(t, 4, 3)
	one := c.edit(1, caspaxos.Edit{Abstain: ids(3)})
	again := c.edit(1, caspaxos.Edit{Abstain: ids(3)})
	c.world.Call(1, func() {
		none := func(caspaxos.Status) { require.Fail(t, "it was not taken") }
		require.Equal(t, caspaxos.Full, c.at(1).Edit(caspaxos.Edit{Add: ids(4)}, none))
		for _, e := range []caspaxos.Edit{
			{},
			{Add: ids(2, 1)},
			{Add: ids(0)},
			{Add: ids(9)},
			{Propose: ids(2), Remove: ids(2)},
			{Target: ids(1), Add: ids(2)},
			{Target: ids(1), Proposers: ids(1)},
		} {
			require.Equal(t, caspaxos.Invalid, c.at(1).Edit(e, none))
		}
	})
	c.ends(one)
	c.ends(again)
	before := c.at(1).Configuration().Epoch
	c.ends(c.edit(1, caspaxos.Edit{Abstain: ids(3)}))
	require.Equal(t, before, c.at(1).Configuration().Epoch, "there was nothing to change")
	c.ends(c.edit(1, caspaxos.Edit{Add: ids(3)}))
	require.Equal(t, ids(1, 2, 3), c.at(1).Configuration().Proposers, "an acceptor becomes a member")
}

// The proposers do not change while the acceptors do, also if who is asked has not heard of that.
func TestProposersWhileAcceptorsChange(t *testing.T) {
	c, s := steeredCluster(t, caspaxos.Initial([]process.ID{1, 2, 3}), 4, nil)
	deaf := true
	s.lost = func(_, to process.ID, m caspaxos.Message) bool {
		switch m.(type) {
		case caspaxos.Catch:
			return true
		case caspaxos.Install, caspaxos.Stale:
			return to == 2 && deaf
		}
		return false
	}
	c.ends(c.edit(1, caspaxos.Edit{Add: ids(4)}))
	require.EqualValues(t, 1, c.at(2).Configuration().Epoch)
	status := c.edit(2, caspaxos.Edit{Proposers: ids(1, 2)})
	deaf = false
	c.until(time.Minute, func() bool { return *status == caspaxos.Full })
	status = c.edit(1, caspaxos.Edit{Propose: ids(4)})
	c.until(time.Minute, func() bool { return *status == caspaxos.Full })
	s.lost = nil
	require.Equal(t, ids(1, 2, 3, 4), c.settles(1, 3).Acceptors())
}

// Parts that are on their way in or out can turn around in every step.
func TestEditsOnTheWay(t *testing.T) {
	for epoch := uint64(3); epoch < 10; epoch++ {
		for _, of := range [][2]caspaxos.Edit{
			{{Add: ids(4)}, {Remove: ids(4)}},
			{{Remove: ids(3)}, {Add: ids(3)}},
			{{Add: ids(5), Remove: ids(3)}, {Add: ids(3), Remove: ids(5)}},
		} {
			c := newCluster(t, 5, 3)
			c.ends(c.edit(1, caspaxos.Edit{Propose: ids(4)}))
			c.ends(c.edit(1, of[0]))
			c.until(time.Minute, func() bool {
				now := c.at(1).Configuration()
				return now.Epoch >= epoch || len(now.Target) == 0
			})
			c.ends(c.edit(1, of[1]))
			now := c.settles(1, epoch)
			require.Equal(t, ids(1, 2, 3), now.Acceptors(), "%v at %d", of, epoch)
			for _, p := range of[1].Add {
				require.Contains(t, now.Proposers, p)
			}
			for _, p := range of[1].Remove {
				require.NotContains(t, now.Proposers, p)
			}
		}
	}
}

// Who asks again does not have a scan begin anew.
func TestAskingAgainInAScan(t *testing.T) {
	c := newCluster(t, 5, 5)
	left := 0
	for i := range 2000 {
		left++
		c.world.Call(1, func() {
			c.at(1).Change(fmt.Sprint(i), caspaxos.Set{Value: []byte("x")}, func(caspaxos.Outcome) { left-- })
		})
	}
	c.until(time.Minute, func() bool { return left == 0 })
	e := caspaxos.Edit{Remove: ids(5)}
	c.ends(c.edit(1, e))
	most := 0
	for range 100 {
		if len(c.at(1).Configuration().Target) == 0 {
			require.Greater(t, most, 1000, "registers that were scanned")
			require.Zero(t, c.at(1).Scanned(), "it is over")
			return
		}
		most = max(most, c.at(1).Scanned())
		c.ends(c.edit(1, e))
	}
	require.Fail(t, "it begins anew, again and again")
}

// What is asked for again in a scan is made again if others have undone it, and have told nobody yet.
func TestAskingAgainForWhatWasUndone(t *testing.T) {
	c, s := steeredCluster(t, caspaxos.Initial([]process.ID{1, 2, 3, 4, 5}), 5, nil)
	c.change(1, "k", caspaxos.Set{Value: []byte("x")})
	s.lost = func(from, _ process.ID, m caspaxos.Message) bool {
		a, asks := m.(caspaxos.Ask)
		return asks && from == 1 && a.Key == "k"
	}
	e := caspaxos.Edit{Remove: ids(5)}
	c.ends(c.edit(1, e))
	c.pass(100 * time.Millisecond)
	epoch := c.at(1).Configuration().Epoch
	c.until(time.Minute, func() bool { return c.at(2).Configuration().Epoch == epoch })
	require.NotEmpty(t, c.at(1).Configuration().Target, "it scans")
	held := s.lost
	s.lost = func(from, to process.ID, m caspaxos.Message) bool {
		_, stale := m.(caspaxos.Stale)
		i, install := m.(caspaxos.Install)
		tells := stale || install && i.Configuration.Epoch > epoch
		return held(from, to, m) || tells && from == 2 && to != 2
	}
	other := c.edit(2, caspaxos.Edit{Add: ids(5)})
	c.until(time.Minute, func() bool { return c.at(2).Configuration().Epoch > epoch })
	require.Equal(t, epoch, c.at(1).Configuration().Epoch)
	again := c.edit(1, e)
	c.until(time.Minute, func() bool { return *again != caspaxos.Pending })
	s.lost = nil
	c.until(time.Minute, func() bool { return *other != caspaxos.Pending })
	require.Equal(t, ids(1, 2, 3, 4), c.settles(1, epoch+2).Acceptors())
}

// An edit is made to no configuration that may not be in force yet, whenever it is asked for.
func TestEditAwaitsForce(t *testing.T) {
	for steps := range 100 {
		c, s := steeredCluster(t, caspaxos.Initial([]process.ID{1, 2, 3}), 5, nil)
		s.lost = func(_, _ process.ID, m caspaxos.Message) bool {
			i, installed := m.(caspaxos.Installed)
			return installed && i.Epoch == 2
		}
		one, other := c.edit(1, caspaxos.Edit{Add: ids(4)}), caspaxos.Pending
		for range steps {
			c.world.Step()
		}
		done := func(s caspaxos.Status) { other = s }
		c.world.Call(1, func() { c.at(1).Edit(caspaxos.Edit{Add: ids(5)}, done) }) // Or it is full.
		c.pass(200 * time.Millisecond)
		require.LessOrEqual(t, c.at(1).Configuration().Epoch, uint64(2), "after %d steps", steps)
		require.Equal(t, caspaxos.Pending, *one)
		require.Equal(t, caspaxos.Pending, other)
		s.lost = nil
		c.ends(one)
	}
}

// What is asked for by one who is told of something is made.
func TestAskingWhenTold(t *testing.T) {
	for _, first := range []caspaxos.Edit{
		{Add: ids(3)}, // It is so already.
		{Abstain: ids(3)},
		{Remove: ids(1, 2, 3)}, // It is refused.
		{Target: ids(1, 2, 3)},
	} {
		c := newCluster(t, 4, 3)
		told, status := caspaxos.Pending, caspaxos.Pending
		c.world.Call(1, func() {
			c.at(1).Edit(first, func(s caspaxos.Status) {
				told = s
				c.at(1).Edit(caspaxos.Edit{Add: ids(4)}, func(s caspaxos.Status) { status = s })
			})
		})
		c.until(time.Minute, func() bool { return status != caspaxos.Pending })
		require.NotEqual(t, caspaxos.Pending, told)
		require.Equal(t, caspaxos.Done, status)
		require.Equal(t, ids(1, 2, 3, 4), c.settles(1, 2).Acceptors(), "after %v", first)
	}
}

// Who is on the way out, is to stay, and is to go all the same, is gone in the end.
func TestEditsBackAndForth(t *testing.T) {
	for members := process.ID(2); members < 6; members++ {
		for steps := range 5 {
			all := ids(1, 2, 3, 4, 5)[:members]
			c, _ := caspaxos.Edit{Remove: ids(members)}.On(caspaxos.Initial(all))
			for range steps {
				c, _, _ = c.Next()
			}
			c, _ = caspaxos.Edit{Add: ids(members)}.On(c)
			c, _ = caspaxos.Edit{Remove: ids(members)}.On(c)
			for done := false; !done; {
				c, _, done = c.Next()
			}
			require.NotContains(t, c.Members(), members, "it goes after %d steps", steps)
		}
	}
}

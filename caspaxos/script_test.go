package caspaxos_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos"
	"paxon/process"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/seasons/summer"
	"paxon/sim"
)

// steered is a driver that a test directs. What it is told nothing of is prompt.
type steered struct {
	prompt
	lost     func(from, to process.ID, m caspaxos.Message) bool
	disk     func(p process.ID) time.Duration
	survives int // Of the Puts under way at a crash.
	// forgotten has storage watched for keys below those that were forgotten, if it is not nil.
	forgotten map[process.ID]map[process.Space]uint64
}

func (s *steered) Message(from, to process.ID, packet retransmit.Packet) []time.Duration {
	if m, ok := packet.Body.(caspaxos.Message); ok && s.lost != nil && s.lost(from, to, m) {
		return nil
	}
	return s.prompt.Message(from, to, packet)
}

func (s *steered) Disk(p process.ID) time.Duration {
	if s.disk != nil {
		return s.disk(p)
	}
	return s.prompt.Disk(p)
}

func (s *steered) Survives(_ process.ID, underWay int) int { return min(s.survives, underWay) }

// steeredCluster is a cluster with a steered driver, and options that may be changed.
func steeredCluster(
	t *testing.T, initial caspaxos.Configuration, processes int, change func(o *caspaxos.Options),
) (*cluster, *steered) {
	t.Helper()
	s := &steered{}
	w := sim.NewWorld(processes, s)
	o := caspaxos.DefaultOptions()
	if change != nil {
		change(&o)
	}
	w.Build = func(h *sim.Host) sim.Actor {
		offer := h.Offer()
		if s.forgotten != nil {
			p := offer.Net.Self()
			if s.forgotten[p] == nil {
				s.forgotten[p] = map[process.Space]uint64{}
			}
			offer.Store = stored{offer.Store, t, s.forgotten[p]}
		}
		return caspaxos.Build(seasons.Paxos(), offer, o, caspaxos.Setting{
			Initial: initial, Rand: rand.New(rand.NewPCG(1, uint64(offer.Net.Self()))),
		})
	}
	for _, p := range w.All() {
		w.Start(p)
	}
	return &cluster{t, w}, s
}

// cutOff breaks, or mends, all links of a process.
func (c *cluster) cutOff(p process.ID, broken bool) {
	for _, q := range c.world.All() {
		if q != p {
			c.world.Cut(p, q, broken)
			c.world.Cut(q, p, broken)
		}
	}
}

// pass lets time pass.
func (c *cluster) pass(d time.Duration) {
	c.t.Helper()
	over := false
	c.world.At(d, func() { over = true })
	c.until(d+time.Second, func() bool { return over })
}

// ask has a process begin a change of membership.
func (c *cluster) ask(p process.ID, target ...process.ID) *caspaxos.Status {
	c.t.Helper()
	status := caspaxos.Pending
	c.world.Call(p, func() {
		require.Equal(c.t, caspaxos.Pending,
			c.at(p).Reconfigure(target, func(s caspaxos.Status) { status = s }))
	})
	return &status
}

// ends waits for it to be done.
func (c *cluster) ends(status *caspaxos.Status) {
	c.t.Helper()
	c.until(time.Minute, func() bool { return *status != caspaxos.Pending })
	require.Equal(c.t, caspaxos.Done, *status)
}

// A value that one process accepted, in a round which a quorum had promised long ago, does not win
// against what was written since by acceptors that have never heard of that round.
func TestRoundsOfEarlierMembers(t *testing.T) {
	c, s := steeredCluster(t, caspaxos.Initial([]process.ID{1, 2, 3}), 7, nil)
	for range 40 { // They are cheap: nothing is written.
		c.change(2, "k", caspaxos.Read{})
	}
	accepting := false
	s.lost = func(from, to process.ID, m caspaxos.Message) bool {
		a, ok := m.(caspaxos.Ask)
		lost := ok && from == 2 && a.Key == "k" && (a.Kind == caspaxos.Accept) == (to == 1)
		accepting = accepting || lost && to == 1
		return lost
	}
	c.world.Call(2, func() {
		c.at(2).Change("k", caspaxos.Set{Value: []byte("old")}, func(caspaxos.Outcome) {})
	})
	c.until(time.Second, func() bool { return accepting })
	c.world.Crash(2)
	c.pass(5 * time.Millisecond) // Process 3 has it alone.
	c.cutOff(3, true)
	c.world.Start(2)
	s.lost = nil
	c.ends(c.ask(1, 1, 2, 3, 4, 5, 6, 7))
	c.cutOff(2, true)
	c.until(time.Minute, func() bool {
		return c.at(4).Configuration().Epoch == c.at(1).Configuration().Epoch
	})
	c.ends(c.ask(4, 3, 4, 5, 6, 7))
	c.change(5, "k", caspaxos.Set{Value: []byte("new")})
	c.cutOff(3, false)
	c.cutOff(6, true)
	c.cutOff(7, true)
	require.Equal(t, "new", string(c.read(4, "k").Value))
}

// Who tells that it has a configuration has it after a crash: otherwise it would take part in one that
// has been replaced.
func TestInstalledIsDurable(t *testing.T) {
	c, s := steeredCluster(t, caspaxos.Initial([]process.ID{1, 2, 3}), 4, nil)
	s.disk = func(p process.ID) time.Duration {
		if p == 3 {
			return 20 * time.Millisecond // Another one comes before the first is durable.
		}
		return time.Millisecond
	}
	told := uint64(0)
	s.lost = func(from, _ process.ID, m caspaxos.Message) bool {
		if installed, ok := m.(caspaxos.Installed); ok && from == 3 {
			told = max(told, installed.Epoch)
		}
		return false
	}
	c.ask(1, 1, 2, 3, 4)
	c.until(time.Second, func() bool { return told > 0 })
	c.world.Crash(3)
	c.world.Start(3)
	require.GreaterOrEqual(t, c.at(3).Configuration().Epoch, told)
}

// A process that was to join and is down does not hold up going back.
func TestBackFromWhoIsDown(t *testing.T) {
	c, _ := steeredCluster(t, caspaxos.Initial([]process.ID{1, 2, 3}), 5, nil)
	c.world.Crash(4)
	c.ask(1, 1, 2, 3, 4)
	c.pass(100 * time.Millisecond)
	c.ends(c.ask(1, 1, 2, 3, 5))
	require.Equal(t, []process.ID{1, 2, 3, 5}, c.at(1).Configuration().Acceptors())
}

// Who begins to learn anew begins with nothing: it asks for everything again, not for what has changed
// since it learned before.
func TestLearningAnew(t *testing.T) {
	c, s := steeredCluster(t, caspaxos.Initial([]process.ID{1, 2, 3}), 4, nil)
	for i := range 20 {
		c.change(1, fmt.Sprint(i), caspaxos.Set{Value: []byte("x")})
	}
	caught := false
	s.lost = func(_, _ process.ID, m caspaxos.Message) bool {
		_, is := m.(caspaxos.Caught)
		caught = caught || is
		return is
	}
	c.ask(1, 1, 2, 3, 4)
	c.until(time.Second, func() bool { return caught })
	c.cutOff(4, true)
	s.lost = nil
	c.ends(c.ask(1, 1, 2, 3))
	again := c.ask(1, 1, 2, 3, 4)
	c.pass(50 * time.Millisecond)
	c.cutOff(4, false)
	c.ends(again)
	require.GreaterOrEqual(t, c.at(4).Copies(), 20)
}

// A process drops its copies once it durably has the configuration that says so, and whatever a crash
// in between leaves: before, they are needed, and after, none of them may come back.
func TestCrashWhileCopiesAreDropped(t *testing.T) {
	for survives := range 4 {
		t.Run(fmt.Sprint(survives), func(t *testing.T) {
			c, s := steeredCluster(t, caspaxos.Initial([]process.ID{1, 2, 3}), 3, nil)
			s.survives = survives
			c.change(1, "k", caspaxos.Set{Value: []byte("v")})
			member := func() bool {
				config := c.at(3).Configuration()
				return slices.Contains(config.Members(), process.ID(3))
			}
			c.ask(1, 1, 2)
			c.until(time.Second, func() bool { return !member() })
			c.world.Crash(3)
			c.world.Start(3)
			require.Equal(t, member(), c.at(3).Copies() > 0)
		})
	}
}

// The same for a process that was away meanwhile, and drops them when it learns anew.
func TestCrashWhileCopiesOfOldAreDropped(t *testing.T) {
	for survives := range 4 {
		t.Run(fmt.Sprint(survives), func(t *testing.T) {
			c, s := steeredCluster(t, caspaxos.Initial([]process.ID{1, 2, 3}), 3, nil)
			s.survives = survives
			c.change(1, "k", caspaxos.Set{Value: []byte("v")})
			c.cutOff(3, true)
			c.ends(c.ask(1, 1, 2))
			c.ask(1, 1, 2, 3)
			c.pass(50 * time.Millisecond)
			c.cutOff(3, false)
			learns := func() bool { return len(c.at(3).Configuration().Learners) > 0 }
			c.until(time.Minute, learns)
			c.world.Crash(3)
			c.world.Start(3)
			require.Equal(t, learns(), c.at(3).Copies() == 0)
		})
	}
}

// stored is a Store that sees what is forgotten, over all incarnations of a process.
type stored struct {
	process.Store
	t         *testing.T
	forgotten map[process.Space]uint64
}

func (s stored) Put(space process.Space, key uint64, r process.Record, done func()) {
	require.GreaterOrEqual(s.t, key, s.forgotten[space], "a lower key could bring others back")
	s.Store.Put(space, key, r, done)
}

func (s stored) Forget(space process.Space, below uint64) {
	s.forgotten[space] = max(s.forgotten[space], below)
	s.Store.Forget(space, below)
}

// A slot below those that were forgotten is not given again, not even after a crash: storage that is told
// of a key below its floor may bring back others that are below it.
func TestSlotsAscend(t *testing.T) {
	c, s := steeredCluster(t, caspaxos.Initial([]process.ID{1, 2, 3}), 3, nil)
	s.forgotten = map[process.ID]map[process.Space]uint64{}
	for _, p := range c.world.All() {
		c.world.Crash(p)
		c.world.Start(p)
	}
	for round := range 3 {
		c.change(1, fmt.Sprint(round), caspaxos.Set{Value: []byte("x")})
		c.change(1, fmt.Sprint(round), caspaxos.Delete{})
		c.until(10*time.Second, func() bool {
			return c.at(1).Copies()+c.at(2).Copies()+c.at(3).Copies() == 0
		})
		c.pass(50 * time.Millisecond)
		c.world.Crash(2)
		c.world.Start(2)
	}
}

// hangingCluster is three processes with small limits, of which the disk of one hangs for five seconds.
func hangingCluster(t *testing.T, hangs process.ID) *cluster {
	t.Helper()
	c, s := steeredCluster(t, caspaxos.Initial([]process.ID{1, 2, 3}), 3, func(o *caspaxos.Options) {
		o.Limits.Kept, o.Limits.Keys = 128, 16
		o.Retransmit.Window = o.Limits.RetransmitWindow()
	})
	s.disk = func(p process.ID) time.Duration {
		if p == hangs {
			return max(5*time.Second-c.world.Now(), time.Millisecond)
		}
		return time.Millisecond
	}
	return c
}

// A disk that hangs holds back answers. They are as many as were asked for, and no more than the
// links have room for when it goes on.
func TestHangingDisk(t *testing.T) {
	c := hangingCluster(t, 3)
	for i := range 300 {
		c.change(1, fmt.Sprint(i), caspaxos.Set{Value: []byte("x")})
		c.read(1, "0")
	}
	c.pass(5 * time.Second)
	c.change(3, "0", caspaxos.Append{Value: []byte("y")})
}

// Who leads a change of membership and was cut off while others went on with it hears of how it ended,
// though nobody asks anything of it.
func TestOvertakenDriver(t *testing.T) {
	c, s := steeredCluster(t, caspaxos.Initial([]process.ID{1, 2, 3, 4, 5}), 6, nil)
	s.lost = func(from, to process.ID, m caspaxos.Message) bool {
		install, is := m.(caspaxos.Install)
		return is && from == 1 && to != 2 && install.Configuration.Epoch > 1
	}
	status := c.ask(1, 1, 2, 3, 4, 5, 6)
	c.until(time.Second, func() bool { return c.at(2).Configuration().Epoch == 2 })
	c.cutOff(1, true)
	c.until(time.Minute, func() bool {
		config := c.at(2).Configuration()
		return len(config.Acceptors()) == 6 && len(config.Target) == 0
	})
	c.pass(time.Second) // Now nobody has anything to tell it any more.
	s.lost = nil
	c.cutOff(1, false)
	c.ends(status)
}

// A process that nobody asks anything of leaves shared disks alone.
func TestSharedDisksRest(t *testing.T) {
	v, err := seasons.Compose(summer.Season())
	require.NoError(t, err)
	c := newClusterOf(t, v, 3, 3)
	c.change(1, "k", caspaxos.Set{Value: []byte("x")})
	c.pass(time.Second)
	before := c.world.Steps()
	c.pass(time.Second)
	require.Equal(t, before+1, c.world.Steps(), "the one is that the time is over")
}

// A read is answered while others go on changing the key, faster than some disks follow.
func TestReadAmongChanges(t *testing.T) {
	all := []process.ID{1, 2, 3, 4}
	initial := caspaxos.Flexible(all,
		caspaxos.Quorums{Among: all, Least: 3}, caspaxos.Quorums{Among: all, Least: 2})
	c, s := steeredCluster(t, initial, 4, nil)
	s.disk = func(p process.ID) time.Duration {
		return time.Duration(1+p/3*20) * time.Millisecond
	}
	var again func(caspaxos.Outcome)
	again = func(caspaxos.Outcome) {
		c.at(1).Change("k", caspaxos.Append{Value: []byte("x")}, again)
	}
	c.world.Call(1, func() { again(caspaxos.Outcome{}) })
	c.pass(100 * time.Millisecond)
	require.NotEmpty(t, c.read(2, "k").Value)
}

// What a process asks of itself is not refused, for it would not come again.
func TestOwnHangingDisk(t *testing.T) {
	c := hangingCluster(t, 1)
	for i := range 100 {
		c.change(1, fmt.Sprint(i), caspaxos.Set{Value: []byte("x")})
	}
	c.cutOff(3, true)
	c.change(1, "k", caspaxos.Set{Value: []byte("x")})
}

// A key that a process goes on changing does not hold up the collection of others.
func TestCollectionBesideChanges(t *testing.T) {
	c, s := steeredCluster(t, caspaxos.Initial([]process.ID{1, 2, 3}), 3, nil)
	for i := range 10 {
		c.change(1, fmt.Sprint(i), caspaxos.Set{Value: []byte("x")})
		c.change(1, fmt.Sprint(i), caspaxos.Delete{})
	}
	changing, advancing := false, false
	s.lost = func(_, to process.ID, m caspaxos.Message) bool {
		_, is := m.(caspaxos.Advance)
		advancing = advancing || is
		return is && to == 2 && !changing
	}
	c.until(5*time.Second, func() bool { return advancing })
	bury := caspaxos.Func(func(caspaxos.State) caspaxos.Next { return caspaxos.Next{Changes: true} })
	var again func(caspaxos.Outcome)
	again = func(caspaxos.Outcome) { c.at(2).Change("0", bury, again) }
	c.world.Call(2, func() { again(caspaxos.Outcome{}) })
	c.pass(20 * time.Millisecond)
	changing = true
	c.until(2*time.Second, func() bool { return c.at(2).Copies() == 1 })
}

// Limits with which processes could wait for each other for ever are refused: what each asks of the
// other would keep it from answering.
func TestLimitsLeaveRoomForAnswers(t *testing.T) {
	l := caspaxos.DefaultLimits()
	require.NoError(t, l.Check())
	l.Kept = 2 * l.Keys
	require.ErrorContains(t, l.Check(), "answers would not get through")
}

// The window has room for all lists that may be under way, and for what is asked beside.
func TestManyLists(t *testing.T) {
	c, _ := steeredCluster(t, caspaxos.Initial([]process.ID{1, 2, 3}), 3, func(o *caspaxos.Options) {
		o.Limits.Kept, o.Limits.Keys = 10, 2
		o.Retransmit.Window = o.Limits.RetransmitWindow()
	})
	c.cutOff(1, true)
	ended := 0
	c.world.Call(1, func() {
		for range 100 {
			c.at(1).List(caspaxos.Place{Whole: true},
				func([]caspaxos.Listed, caspaxos.Place, bool) { ended++ })
		}
	})
	c.cutOff(1, false)
	c.until(time.Minute, func() bool { return ended == 100 })
}

// propose has the proposers changed, and waits until that is done.
func (c *cluster) propose(p process.ID, proposers ...process.ID) {
	c.t.Helper()
	status := caspaxos.Pending
	c.world.Call(p, func() {
		require.Equal(c.t, caspaxos.Pending,
			c.at(p).ReconfigureProposers(proposers, nil, func(s caspaxos.Status) { status = s }))
	})
	c.ends(&status)
}

// A proposer that was added, and was told nothing, hears of it: nobody else has anything to send to it.
func TestProposerHearsOfIt(t *testing.T) {
	c, s := steeredCluster(t, caspaxos.Initial([]process.ID{1, 2, 3}), 4, nil)
	s.lost = func(_, to process.ID, m caspaxos.Message) bool {
		_, install := m.(caspaxos.Install)
		return install && to == 4
	}
	c.propose(1, 1, 4)
	s.lost = nil
	c.until(time.Minute, func() bool { return c.at(4).Configuration().Epoch == 2 })
	o, _ := c.change(4, "k", caspaxos.Set{Value: []byte("x")})
	require.Equal(t, caspaxos.Done, o.Status)
}

// A proposer that removes itself has decided that, and nobody else may have heard of it.
func TestProposerRemovesItself(t *testing.T) {
	c := newCluster(t, 4, 3)
	status := caspaxos.Pending
	c.world.Call(1, func() {
		require.Equal(t, caspaxos.Pending, c.at(1).ReconfigureProposers([]process.ID{4}, nil,
			func(s caspaxos.Status) { status = s }))
	})
	c.until(time.Minute, func() bool { return status != caspaxos.Pending })
	require.Equal(t, caspaxos.NotMember, status)
	for p := range process.ID(4) {
		c.until(time.Minute, func() bool { return c.at(p+1).Configuration().Epoch == 2 })
	}
	c.change(4, "k", caspaxos.Set{Value: []byte("x")})
}

// Somebody proposes when the only proposer is removed as an acceptor.
func TestLastProposerIsRemoved(t *testing.T) {
	c := newCluster(t, 3, 3)
	c.propose(1, 1)
	status := caspaxos.Pending
	c.world.Call(1, func() {
		require.Equal(t, caspaxos.Pending,
			c.at(1).Reconfigure([]process.ID{2, 3}, func(s caspaxos.Status) { status = s }))
	})
	c.until(time.Minute, func() bool { return status != caspaxos.Pending })
	c.until(time.Minute, func() bool {
		now := c.at(2).Configuration()
		return len(now.Acceptors()) == 2 && len(now.Target) == 0
	})
	require.Equal(t, []process.ID{2, 3}, c.at(2).Configuration().Proposers)
	c.change(3, "k", caspaxos.Set{Value: []byte("x")})
}

// What was deleted is collected also where nobody both proposes and holds copies.
func TestCollectionForCopies(t *testing.T) {
	c := newCluster(t, 5, 3)
	c.propose(1, 1, 4, 5)
	c.propose(4, 4, 5)
	c.change(4, "k", caspaxos.Set{Value: []byte("x")})
	c.change(5, "k", caspaxos.Delete{})
	c.until(time.Minute, func() bool { return c.at(4).Collected()+c.at(5).Collected() == 1 })
	for p := range process.ID(3) {
		require.Equal(t, 1, c.at(p+1).Copies(), "that of the configurations")
	}
}

// A proposer that was none for a while, and has not heard of that, does not make a change again that
// was made, deleted and collected meanwhile.
func TestAwayForACollection(t *testing.T) {
	c, s := steeredCluster(t, caspaxos.Initial([]process.ID{1, 2, 3}), 4, nil)
	c.propose(1, 1, 4)
	c.until(time.Minute, func() bool { return c.at(4).Configuration().Epoch == 2 })
	accepted := false
	s.lost = func(from, to process.ID, m caspaxos.Message) bool {
		a, ok := m.(caspaxos.Ask)
		lost := ok && from == 4 && a.Kind == caspaxos.Accept && to != 2
		accepted = accepted || ok && from == 4 && a.Kind == caspaxos.Accept && to == 2
		return lost
	}
	var told []caspaxos.Outcome
	c.world.Call(4, func() {
		c.at(4).Change("k", caspaxos.Append{Value: []byte("x")}, func(o caspaxos.Outcome) {
			told = append(told, o)
		})
	})
	c.until(time.Second, func() bool { return accepted })
	c.pass(2 * time.Millisecond) // Process 2 has it.
	c.cutOff(4, true)
	s.lost = nil
	o, _ := c.change(1, "k", caspaxos.Append{Value: []byte("y")})
	require.Equal(t, "xy", string(o.State.Value))
	c.propose(1, 1)
	c.change(1, "k", caspaxos.Delete{})
	c.until(time.Minute, func() bool { return c.at(3).Copies() == 1 })
	c.propose(1, 1, 4)
	require.Empty(t, told)
	c.cutOff(4, false)
	c.until(time.Minute, func() bool { return len(told) > 0 })
	require.False(t, c.read(1, "k").Exists, "it was made twice")
	require.Equal(t, caspaxos.NotMember, told[0].Status)
}

package tob_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/omega"
	"paxon/process"
	"paxon/register"
	"paxon/tob"
)

// heard is a heartbeat of a process that has delivered all below next.
func (e *end) heard(from process.ID, next uint64) {
	e.Heard(from, omega.Progress{Next: next, Stable: 1})
}

// Trap 5: who is behind by a heartbeat or more pulls.
func TestPullWhenBehindForAHeartbeat(t *testing.T) {
	e := newEnd(t)
	e.heard(2, 3)
	require.Empty(t, e.sent(), "what is missing may be on its way")
	e.heard(2, 3)
	require.Equal(t, []string{"p2 PULL(L1)"}, e.sent())
	require.Empty(t, e.links.Stubborn(2))
	e.heard(2, 4)
	require.Equal(t, []string{"p2 PULL(L1)"}, e.sent(), "the PULL or the UPDATE was lost")
}

func TestNoPullWithoutNeed(t *testing.T) {
	e := newEnd(t)
	e.heard(2, 1)
	e.heard(2, 2)
	e.learn(1, batch(stranger(0), 1, "a"))
	e.sent()
	e.heard(2, 2)
	e.heard(2, 3)
	require.Empty(t, e.sent())
	e.heard(2, 1)
	e.heard(2, 3)
	require.Empty(t, e.sent(), "a heartbeat was overtaken")
}

// One process is asked at a time; another gets its turn when the first brings nothing.
func TestPullFromAnother(t *testing.T) {
	e := newEnd(t)
	e.heard(2, 9)
	e.heard(3, 9)
	e.heard(2, 9)
	require.Equal(t, []string{"p2 PULL(L1)"}, e.sent())
	for range 2 {
		e.heard(3, 9)
		require.Empty(t, e.sent())
		e.heard(2, 9)
		require.Equal(t, []string{"p2 PULL(L1)"}, e.sent(), "what it is asked for may be lost")
	}
	e.heard(3, 9)
	require.Equal(t, []string{"p3 PULL(L1)"}, e.sent(), "the first beats, and never answers")
	e.heard(2, 9)
	require.Empty(t, e.sent())
}

// Fig. 9, line 41: q is behind, so it gets what it misses, as much as an UPDATE holds.
func TestUpdateIsServedInParts(t *testing.T) {
	e := newEnd(t)
	require.Len(t, batch(stranger(0), 1, "a"), 9, "two of them fit into limits().Update")
	for l := register.Instance(1); l <= 5; l++ {
		e.learn(l, batch(stranger(0), uint64(l), "a"))
	}
	e.Receive(3, tob.Pull{Next: 2})
	require.Empty(t, e.sent(), "it waits for the disk")
	e.Receive(3, tob.Pull{Next: 2})
	require.Equal(t, 1, e.history.Serve(), "one UPDATE at a time for each process")
	require.Equal(t, []string{"p3 UPDATE(L2+2,next=L6)"}, e.sent())
	require.Empty(t, e.links.Stubborn(3))
	e.Receive(3, tob.Pull{Next: 4})
	e.Receive(2, tob.Pull{Next: 5})
	require.Equal(t, 2, e.history.Serve())
	require.Equal(t, []string{"p3 UPDATE(L4+2,next=L6)", "p2 UPDATE(L5+1,next=L6)"}, e.sent())
}

func TestPullOfWhatIsNotThere(t *testing.T) {
	e := newEnd(t)
	e.learn(1, noops(3)...)
	e.Receive(2, tob.Pull{Next: 4})
	require.Zero(t, e.history.Serve(), "it has all that this process has")
	e.history.Truncate(3)
	e.Receive(2, tob.Pull{Next: 1})
	require.Equal(t, 1, e.history.Serve())
	require.Empty(t, e.sent(), "an UPDATE of nothing")
	e.Receive(2, tob.Pull{Next: 3})
	require.Equal(t, 1, e.history.Serve())
	require.Equal(t, []string{"p2 UPDATE(L3+1,next=L4)"}, e.sent())
}

// TO2: what another has delivered is delivered, from where this process is, and no more.
func TestTO2UpdateIsDelivered(t *testing.T) {
	e := newEnd(t)
	e.Receive(2, tob.Update{First: 2, Batches: []register.Value{batch(stranger(0), 1, "x")}, Next: 3})
	require.Empty(t, e.delivered, "instance 1 is missing")
	batches := []register.Value{
		batch(stranger(0), 1, "a"), batch(stranger(0), 2, "b"), batch(stranger(0), 3, "c"),
	}
	e.Receive(2, tob.Update{First: 1, Batches: batches[:2], Next: 3})
	e.Receive(3, tob.Update{First: 1, Batches: batches, Next: 4})
	require.Equal(t, []string{"1/0 a", "2/0 b", "3/0 c"}, e.delivered)
	require.EqualValues(t, 4, e.consensus.settled)
	require.Empty(t, e.sent())
}

func TestUpdateIsFollowedByTheNextPull(t *testing.T) {
	e := newEnd(t)
	e.Receive(2, tob.Update{First: 1, Batches: noops(2), Next: 9})
	require.Equal(t, []string{"p2 PULL(L3)"}, e.sent())
	e.Receive(2, tob.Update{First: 1, Batches: noops(2), Next: 9})
	require.Empty(t, e.sent(), "it brought nothing")
}

func TestUpdateThatIsDamagedStops(t *testing.T) {
	e := newEnd(t)
	good := batch(stranger(0), 1, "a")
	e.Receive(2, tob.Update{First: 1, Batches: []register.Value{good, good[1:], good}, Next: 4})
	require.EqualValues(t, 2, e.Next())
}

// An UPDATE also sets free what waits behind it.
func TestUpdateFreesWhatIsKnown(t *testing.T) {
	e := newEnd(t)
	e.learnLater(2, batch(stranger(0), 2, "b"))
	e.Receive(2, tob.Update{First: 1, Batches: []register.Value{
		batch(stranger(0), 1, "a"), batch(stranger(0), 2, "b"), batch(stranger(0), 3, "c"),
	}, Next: 4})
	require.Equal(t, []string{"1/0 a", "2/0 b", "3/0 c"}, e.delivered)
}

// What was passed over in the instances that were missed is not in the histories: once all
// is learned, what waits here is sent again.
func TestCaughtUpSendsAgain(t *testing.T) {
	e := newEnd(t)
	e.lead(3)
	e.broadcast("a")
	e.sent()
	e.Receive(2, tob.Update{First: 1, Batches: noops(2), Next: 5})
	e.Launch()
	require.Equal(t, []string{"p2 PULL(L3)"}, e.sent(), "more is to come")
	e.Receive(2, tob.Update{First: 3, Batches: noops(2), Next: 5})
	e.Launch()
	require.Equal(t, []string{"p3 FORWARD[a]"}, e.sent())
}

// The rest of what was missed may come as decisions.
func TestCaughtUpByDecisions(t *testing.T) {
	e := newEnd(t)
	e.lead(3)
	e.broadcast("a")
	e.Receive(2, tob.Update{First: 1, Batches: noops(2), Next: 4})
	e.sent()
	e.learnOnly(3, nil)
	require.Equal(t, []string{"p3 FORWARD[a]"}, e.sent())
	e.learnOnly(4, nil)
	require.Empty(t, e.sent())
}

func TestCaughtUpGivesUpWhatIsForgotten(t *testing.T) {
	e := newEnd(t, idle)
	e.lead(3)
	c, later := stranger(0), tob.Client{Process: 2, Incarnation: 1, Born: 3}
	var o, waits tob.Outcome
	e.BroadcastAs(tob.Broadcast{Client: c, Sequence: 1, Payload: []byte("a")}, once(t, &o))
	e.BroadcastAs(tob.Broadcast{Client: later, Sequence: 1, Payload: []byte("b")}, once(t, &waits))
	e.learn(1, noops(4)...)
	require.Equal(t, tob.Outcome{Status: tob.Expired}, o)
	require.Equal(t, tob.Outcome{}, waits)
	require.Equal(t, []string{"p3 FORWARD[b]"}, e.sent())
}

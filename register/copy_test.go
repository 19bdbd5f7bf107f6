package register_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
)

var none register.Round

// Fig. 5, "on [READ,k]": nack if a higher round has read or written here, else promise and ack.
func TestFig5Read(t *testing.T) {
	e := newCrashStop(t)
	e.receive(2, read(round(3, 2)))
	e.sends(2, ackRead(round(3, 2), none, ""))
	e.receive(3, read(round(2, 3)))
	e.sends(3, nackRead(round(2, 3), round(3, 2)))
	e.receive(2, write(round(3, 2), "a"))
	e.sends(2, ackWrite(round(3, 2)))
	e.receive(3, read(round(2, 3)))
	e.sends(3, nackRead(round(2, 3), round(3, 2)))
	e.receive(3, read(round(4, 3)))
	e.sends(3, ackRead(round(4, 3), round(3, 2), "a"))
	require.Empty(t, e.disk.Pending())
}

// Fig. 5, "on [WRITE,k,v]": nack if a higher round has read or written here, else write and ack.
func TestFig5Write(t *testing.T) {
	e := newCrashStop(t)
	e.receive(2, write(round(3, 2), "a"))
	e.sends(2, ackWrite(round(3, 2)))
	e.receive(3, write(round(2, 3), "b"))
	e.sends(3, nackWrite(round(2, 3), round(3, 2)))
	e.receive(3, read(round(5, 3)))
	e.sends(3, ackRead(round(5, 3), round(3, 2), "a"))
	e.receive(2, write(round(4, 2), "c"))
	e.sends(2, nackWrite(round(4, 2), round(5, 3)))
	e.receive(3, write(round(5, 3), "d"))
	e.sends(3, ackWrite(round(5, 3)))
	e.receive(2, read(round(6, 2)))
	e.sends(2, ackRead(round(6, 2), round(5, 3), "d"))
}

// A write may come before the READ of its round, or without one, and binds like a promise.
func TestWriteOfARoundThatNeverRead(t *testing.T) {
	e := newCrashStop(t)
	e.receive(3, read(round(1, 3)), write(round(5, 3), "a"))
	e.links.Take()
	e.receive(2, read(round(4, 2)))
	e.sends(2, nackRead(round(4, 2), round(5, 3)))
}

// Fig. 12: STORE ends before the ack leaves, and the acks leave in order.
func TestFig12AckOnlyWhenDurable(t *testing.T) {
	e := newEnd(t)
	k := round(3, 2)
	e.receive(2, read(k))
	require.Empty(t, e.links.Take())
	require.Equal(t, []register.Copy{{Read: k}}, e.disk.Pending())
	e.disk.Force()
	e.sends(2, ackRead(k, none, ""))

	e.receive(2, write(k, "a"))
	require.Empty(t, e.links.Take())
	require.Equal(t, []register.Copy{{Read: k, Written: k, Value: register.Value("a")}},
		e.disk.Pending())
	e.disk.Force()
	e.sends(2, ackWrite(k))
	require.Equal(t, map[uint64]register.Copy{1: {Read: k, Written: k, Value: register.Value("a")}},
		e.disk.Durable)
}

// A nack promises nothing, so that nothing need be durable.
func TestFig12NackAtOnce(t *testing.T) {
	e := newEnd(t)
	e.receive(2, read(round(3, 2)))
	e.receive(3, read(round(1, 3)))
	e.sends(3, nackRead(round(1, 3), round(3, 2)))
	e.receive(3, write(round(2, 3), "b"))
	e.sends(3, nackWrite(round(2, 3), round(3, 2)))
	require.Len(t, e.disk.Pending(), 1)
}

// An ack tells what the copy held when it promised, not what came while that was forced.
func TestFig12AckTellsWhatWasPromised(t *testing.T) {
	e := newEnd(t)
	e.receive(2, read(round(1, 2)))
	e.receive(3, write(round(2, 3), "b"))
	e.disk.ForceAll()
	require.Equal(t, []process.Message{ackRead(round(1, 2), none, "")}, e.links.Stubborn(2))
}

// RETRIEVE: promises and values survive a crash as far as they were acknowledged.
func TestFig12Recovery(t *testing.T) {
	e := newEnd(t)
	e.receive(2, read(round(3, 2)), write(round(3, 2), "a"))
	e.disk.ForceAll()
	e.receive(3, read(round(7, 3)))
	e.receive(3, register.Write{Instance: 6, Round: round(7, 3), Value: register.Value("z")})
	e.disk.Force()
	e.recover()
	require.Equal(t, register.Instance(1), e.Highest(), "instance 6 was not durable")

	e.receive(2, read(round(5, 2)))
	e.sends(2, nackRead(round(5, 2), round(7, 3)))
	e.receive(3, write(round(7, 3), "b"))
	e.disk.ForceAll()
	e.sends(3, ackWrite(round(7, 3)))
	e.recover()
	e.receive(2, read(round(8, 2)))
	e.disk.ForceAll()
	e.sends(2, ackRead(round(8, 2), round(7, 3), "b"))
	v, ok := e.Written(1, round(7, 3))
	require.True(t, ok)
	require.Equal(t, register.Value("b"), v)
}

func TestHighestIsRetrieved(t *testing.T) {
	e := newEnd(t)
	for _, l := range []register.Instance{2, 11, 5} {
		e.receive(2, register.Read{Instance: l, Round: round(1, 2)})
	}
	e.disk.ForceAll()
	require.Equal(t, register.Instance(11), e.Highest())
	e.recover()
	require.Equal(t, register.Instance(11), e.Highest())
}

// A duplicate gets the same answer again, and changes nothing.
func TestDuplicatesAreHarmless(t *testing.T) {
	e := newEnd(t)
	k := round(3, 2)
	e.receive(2, read(k), read(k))
	e.disk.ForceAll()
	require.Equal(t, []process.Message{ackRead(k, none, "")}, e.links.Stubborn(2))
	e.links.Take()

	e.receive(2, write(k, "a"), write(k, "a"))
	e.disk.ForceAll()
	require.Equal(t, []process.Message{ackWrite(k)}, e.links.Stubborn(2))
	e.links.Take()

	e.receive(2, read(k))
	require.Empty(t, e.disk.Pending(), "a force for nothing")
	require.Empty(t, e.links.Take(), "the READ was answered before its WRITE was sent")
	require.Equal(t, []process.Message{ackWrite(k)}, e.links.Stubborn(2))
}

// Each process gets the answer to its last operation only.
func TestAnswersOfEarlierOperationsAreCancelled(t *testing.T) {
	e := newEnd(t)
	e.receive(2, read(round(3, 2)))
	e.receive(3, read(round(3, 3)))
	e.disk.ForceAll()
	e.receive(2, read(round(4, 2)), write(round(4, 2), "a"))
	e.disk.ForceAll()
	require.Equal(t, []process.Message{ackWrite(round(4, 2))}, e.links.Stubborn(2))
	require.Equal(t, []process.Message{ackRead(round(3, 3), none, "")}, e.links.Stubborn(3))
}

// An ack that becomes durable late is not sent when a later operation was answered meanwhile.
func TestLateAckIsNotSent(t *testing.T) {
	e := newEnd(t)
	e.receive(3, read(round(9, 3)))
	e.disk.ForceAll()
	e.links.Take()
	e.receive(2, read(round(10, 2)))
	e.receive(3, read(round(12, 3)))
	e.receive(2, read(round(11, 2)))
	e.sends(2, nackRead(round(11, 2), round(12, 3)))
	e.disk.Force()
	require.Empty(t, e.links.Take(), "round 10 of p2 has ended")
}

// The same within one round: the READ has ended once its WRITE is here.
func TestLateAckOfTheReadDoesNotReplaceTheAnswerToTheWrite(t *testing.T) {
	e := newEnd(t)
	e.receive(2, read(round(5, 2)))
	e.receive(3, read(round(6, 3)))
	e.receive(2, write(round(5, 2), "a"))
	e.sends(2, nackWrite(round(5, 2), round(6, 3)))
	e.disk.Force()
	e.receive(2, read(round(5, 2)))
	require.Equal(t, []process.Message{nackWrite(round(5, 2), round(6, 3))}, e.links.Stubborn(2))
}

// A process whose rounds begin anew lower after a restart still gets answers.
func TestLowerRoundsOfANewIncarnationAreAnswered(t *testing.T) {
	e := newEnd(t)
	e.receive(2, read(round(9, 2)))
	e.disk.ForceAll()
	e.links.Take()
	k := register.Round{Number: 1, Process: 2, Incarnation: 2}
	e.receive(2, read(k))
	e.sends(2, nackRead(k, round(9, 2)))
	e.receive(2, read(round(9, 2)))
	e.disk.ForceAll()
	require.Equal(t, []process.Message{nackRead(k, round(9, 2))}, e.links.Stubborn(2),
		"a message of the earlier incarnation was answered")
}

func TestInstancesAreApart(t *testing.T) {
	e := newCrashStop(t)
	e.receive(2, write(round(9, 2), "a"))
	e.links.Take()
	e.receive(3, register.Read{Instance: 2, Round: round(1, 3)})
	e.sends(3, register.AckRead{Instance: 2, Round: round(1, 3)})
}

func TestWritten(t *testing.T) {
	e := newCrashStop(t)
	for _, k := range []register.Round{none, round(1, 1)} {
		_, ok := e.Written(1, k)
		require.False(t, ok, "there is no copy yet")
	}
	e.receive(2, write(round(3, 2), "a"))
	for k, want := range map[register.Round]bool{
		none: false, round(2, 3): true, round(3, 2): true, round(3, 3): false,
	} {
		v, ok := e.Written(1, k)
		require.Equal(t, want, ok, "in %v or later", k)
		require.Equal(t, want, string(v) == "a")
	}
}

package register_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/internal/fake"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
)

// newRuled makes registers of Fig. 5 for which all three members must answer, and with which an
// operation begins anew when p3 restarts.
func newRuled(t *testing.T, change func(c *register.Config)) *end {
	t.Helper()
	c := config()
	c.Enough = func(_ bool, members, acked []process.ID) bool { return len(acked) == len(members) }
	c.Anew = func(p process.ID) bool { return p == 3 }
	if change != nil {
		change(&c)
	}
	links := fake.NewLinks(1, 3)
	net := retransmit.For[register.Message](links.Links)
	return &end{
		t: t, links: links, disk: fake.NewDisk[register.Copy](),
		Registers: register.NewCrashStop(net, c),
	}
}

func TestEnoughAnswers(t *testing.T) {
	e := newRuled(t, nil)
	k := round(3, 1)
	o := e.read(1, k)
	e.receive(1, ackRead(k, none, ""))
	e.receive(2, ackRead(k, round(2, 2), "a"))
	require.Zero(t, o.calls, "a majority is not enough here")
	e.receive(3, ackRead(k, none, ""))
	require.Equal(t, outcome{1, register.Value("a"), true, none}, *o)
}

// The rule is told what kind of operation it is, on whom, and who has acknowledged.
func TestEnoughIsAskedOfEachAnswer(t *testing.T) {
	type question struct {
		reading bool
		members []process.ID
		acked   []process.ID
	}
	var asked []question
	e := newRuled(t, func(c *register.Config) {
		c.Enough = func(reading bool, members, acked []process.ID) bool {
			asked = append(asked, question{reading, members, append([]process.ID{}, acked...)})
			return len(acked) == 2
		}
	})
	k := round(3, 1)
	e.read(8, k)
	e.receive(3, register.AckRead{Instance: 8, Round: k})
	e.receive(2, register.AckRead{Instance: 8, Round: k})
	e.write(8, k, "a")
	e.receive(2, register.AckWrite{Instance: 8, Round: k})
	members := []process.ID{2, 3}
	require.Equal(t, []question{
		{true, members, []process.ID{3}},
		{true, members, []process.ID{3, 2}},
		{false, members, []process.ID{2}},
	}, asked)
}

// Fig. 15, lines 9–13: a new attempt asks all again, and takes no answer to the one before.
func TestFig15NewAttemptOfARead(t *testing.T) {
	e := newRuled(t, nil)
	k := round(3, 1)
	o := e.read(1, k)
	e.receive(1, ackRead(k, round(1, 2), "lost"))
	e.receive(2, ackRead(k, none, ""))
	e.Restarted(3)
	again := read(k)
	again.Attempt = 1
	e.asks(again, 1, 2, 3)
	require.Equal(t, []process.Message{again}, e.links.Stubborn(2), "the first attempt is cancelled")

	e.receive(3, ackRead(k, none, ""))
	e.receive(1, nackRead(k, round(9, 2)))
	ack := ackRead(k, none, "")
	ack.Attempt = 1
	e.receive(1, ack)
	e.receive(2, ack)
	require.Zero(t, o.calls, "an answer to the first attempt was counted")
	e.receive(3, ack)
	require.Equal(t, outcome{1, nil, true, none}, *o, "a value that no answer has was taken over")
}

// Fig. 15, lines 20–24.
func TestFig15NewAttemptOfAWrite(t *testing.T) {
	e := newRuled(t, nil)
	k := round(3, 1)
	o := e.write(1, k, "a")
	e.receive(1, ackWrite(k))
	e.Restarted(3)
	e.Restarted(3)
	again := write(k, "a")
	again.Attempt = 2
	require.Equal(t, []process.Message{again}, e.links.Stubborn(3))
	for p := process.ID(1); p <= 3; p++ {
		e.receive(p, ackWrite(k))
		ack := register.AckWrite{Instance: 1, Round: k, Attempt: 2, Permitted: true}
		require.Zero(t, o.calls)
		e.receive(p, ack)
	}
	require.Equal(t, outcome{1, nil, true, none}, *o)
	require.True(t, e.At(1).Permitted(), "the answers to the first attempt gave no permission")
}

func TestNoNewAttemptOfNothing(t *testing.T) {
	e := newRuled(t, nil)
	e.read(1, round(3, 1))
	e.At(1).Cancel()
	e.At(2)
	e.Restarted(3)
	require.Empty(t, e.links.Take())
	e.read(1, round(4, 1))
	e.Restarted(2)
	e.asks(read(round(4, 1)), 2)
}

// A copy answers each attempt with its number, and the last attempt last.
func TestAnswersToAttempts(t *testing.T) {
	e := newEnd(t)
	k := round(3, 2)
	first, second := read(k), read(k)
	second.Attempt = 1
	e.receive(2, second, first)
	e.disk.ForceAll()
	want := ackRead(k, none, "")
	want.Attempt = 1
	require.Equal(t, []process.Message{want}, e.links.Stubborn(2))

	e.receive(2, write(k, "a"))
	e.disk.ForceAll()
	require.Equal(t, []process.Message{ackWrite(k)}, e.links.Stubborn(2),
		"the WRITE comes after all attempts of the READ")

	e.links.Take()
	lower := round(2, 3)
	e.receive(3, register.Read{Instance: 1, Round: lower, Attempt: 4})
	e.sends(3, register.NackRead{Instance: 1, Round: lower, Higher: k, Attempt: 4})
	e.receive(3, register.Write{Instance: 1, Round: lower, Attempt: 5},
		register.Read{Instance: 1, Round: lower, Attempt: 6})
	e.sends(3, register.NackWrite{Instance: 1, Round: lower, Higher: k, Attempt: 5})
}

// Trap 10: a silent copy neither acks nor nacks, and keeps what is written for decisions.
func TestSilentCopy(t *testing.T) {
	e := newRuled(t, func(c *register.Config) { c.Silent = true })
	e.receive(2, read(round(3, 2)), write(round(3, 2), "a"), read(round(2, 2)), write(round(2, 2), "b"))
	require.Empty(t, e.links.Take())
	v, ok := e.Written(1, round(3, 2))
	require.True(t, ok)
	require.Equal(t, register.Value("a"), v)
	o := e.read(1, round(4, 1))
	for p := process.ID(1); p <= 3; p++ {
		e.receive(p, ackRead(round(4, 1), none, ""))
	}
	require.True(t, o.ok, "its process operates on the copies of the others")
}

package register_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/internal/fake"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
)

// newPermitting makes registers of Fig. 5 whose copies give permission for the instance after the
// next.
func newPermitting(t *testing.T) *end {
	t.Helper()
	c := config()
	c.Permission, c.Window = true, 2
	links := fake.NewLinks(1, 3)
	net := retransmit.For[register.Message](links.Links)
	return &end{
		t: t, links: links, disk: fake.NewDisk[register.Copy](),
		Registers: register.NewCrashStop(net, c),
	}
}

// Fig. 20: a write of instance L is permitted if nothing was written there, and L + W is empty.
func TestFig20PermissionOfACopy(t *testing.T) {
	k, other := round(3, 2), round(2, 3)
	for name, c := range map[string]struct {
		before []register.Message
		want   bool
	}{
		"both empty":        {nil, true},
		"L read by another": {[]register.Message{read(other)}, true},
		"L written":         {[]register.Message{write(other, "b")}, false},
		"L + 1 read":        {[]register.Message{register.Read{Instance: 2, Round: other}}, true},
		"L + W read":        {[]register.Message{register.Read{Instance: 3, Round: other}}, false},
		"L + W written": {
			[]register.Message{register.Write{Instance: 3, Round: other, Value: register.Value("b")}}, false,
		},
		"beyond L + W read": {[]register.Message{register.Read{Instance: 4, Round: other}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			e := newPermitting(t)
			e.receive(3, c.before...)
			e.links.Take()
			e.receive(2, write(k, "a"))
			e.sends(2, register.AckWrite{Instance: 1, Round: k, Permitted: c.want})
		})
	}
}

// Trap 13: a repeated WRITE gets the permission that it got the first time.
func TestPermissionOfARepeatedWrite(t *testing.T) {
	e := newPermitting(t)
	k, again := round(3, 2), write(round(3, 2), "a")
	again.Attempt = 1
	e.receive(2, write(k, "a"))
	e.sends(2, register.AckWrite{Instance: 1, Round: k, Permitted: true})
	e.receive(3, register.Read{Instance: 3, Round: round(1, 3)})
	e.links.Take()
	e.receive(2, again)
	e.sends(2, register.AckWrite{Instance: 1, Round: k, Permitted: true, Attempt: 1})
}

func TestWithoutPermissionNothingIsPermitted(t *testing.T) {
	e := newCrashStop(t)
	e.receive(2, write(round(3, 2), "a"))
	e.sends(2, register.AckWrite{Instance: 1, Round: round(3, 2)})
}

// Fig. 21: a write is permitted if all who acknowledged it permitted it.
func TestFig21PermissionOfAWrite(t *testing.T) {
	k := round(3, 1)
	for name, c := range map[string]struct {
		first, second bool
		want          bool
	}{
		"all": {true, true, true}, "not the first": {false, true, false},
		"not the second": {true, false, false}, "none": {false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			e := newPermitting(t)
			e.write(1, k, "a")
			e.receive(2, register.AckWrite{Instance: 1, Round: k, Permitted: c.first})
			e.receive(3, register.AckWrite{Instance: 1, Round: k, Permitted: c.second})
			require.Equal(t, c.want, e.At(1).Permitted())
		})
	}
}

// An answer of somebody who has answered, or holds no copy, takes no permission away.
func TestPermissionOfThoseWhoCount(t *testing.T) {
	e := newPermitting(t)
	k := round(3, 1)
	o := e.write(1, k, "a")
	refusal := register.AckWrite{Instance: 1, Round: k}
	e.receive(2, register.AckWrite{Instance: 1, Round: k, Permitted: true})
	for _, p := range []process.ID{2, 4} {
		e.receive(p, refusal)
	}
	e.receive(3, register.AckWrite{Instance: 1, Round: k, Permitted: true})
	require.Equal(t, 1, o.calls)
	require.True(t, e.At(1).Permitted())
}

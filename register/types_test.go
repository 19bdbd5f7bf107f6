package register_test

import (
	"cmp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
)

func round(number uint64, p process.ID) register.Round {
	return register.Round{Number: number, Process: p, Incarnation: 1}
}

func TestRoundsAreOrdered(t *testing.T) {
	ascending := []register.Round{
		{},
		{Number: 1, Process: 1, Incarnation: 9},
		{Number: 1, Process: 2, Incarnation: 1},
		{Number: 1, Process: 2, Incarnation: 2},
		{Number: 2, Process: 1, Incarnation: 1},
	}
	for i, k := range ascending {
		for j, o := range ascending {
			require.Equal(t, cmp.Compare(i, j), k.Compare(o), "%v and %v", k, o)
			require.Equal(t, i < j, k.Less(o), "%v and %v", k, o)
		}
		require.Equal(t, i == 0, k.IsZero())
	}
}

func TestTraceForms(t *testing.T) {
	require.Equal(t, "0", register.Round{}.String())
	require.Equal(t, "3.p1.2", register.Round{Number: 3, Process: 1, Incarnation: 2}.String())
	require.Equal(t, "⊥", register.Value{}.String())
	require.Equal(t, `"a\n"`, register.Value("a\n").String())
	require.Equal(t, `"`+strings.Repeat("x", 40)+`"`,
		register.Value(strings.Repeat("x", 40)).String())
	require.Equal(t, `"`+strings.Repeat("x", 40)+`"…(41 bytes)`,
		register.Value(strings.Repeat("x", 41)).String())

	k, o, v := round(3, 1), round(4, 2), register.Value("v")
	for want, m := range map[string]interface{ String() string }{
		"READ(L7,3.p1.1)":               register.Read{Instance: 7, Round: k},
		`ackREAD(L7,4.p2.1,3.p1.1,"v")`: register.AckRead{Instance: 7, Round: o, Written: k, Value: v},
		"nackREAD(L7,3.p1.1<4.p2.1)":    register.NackRead{Instance: 7, Round: k, Higher: o},
		`WRITE(L7,3.p1.1,"v")`:          register.Write{Instance: 7, Round: k, Value: v},
		"ackWRITE(L7,3.p1.1)":           register.AckWrite{Instance: 7, Round: k},
		"nackWRITE(L7,3.p1.1<4.p2.1)":   register.NackWrite{Instance: 7, Round: k, Higher: o},
		"READ(L7,3.p1.1+1)":             register.Read{Instance: 7, Round: k, Attempt: 1},
		"ackREAD(L7,3.p1.1+1,0,⊥)":      register.AckRead{Instance: 7, Round: k, Attempt: 1},
		"nackREAD(L7,3.p1.1+1<0)":       register.NackRead{Instance: 7, Round: k, Attempt: 1},
		"WRITE(L7,3.p1.1+1,⊥)":          register.Write{Instance: 7, Round: k, Attempt: 1},
		"ackWRITE(L7,3.p1.1+1,permitted)": register.AckWrite{
			Instance: 7, Round: k, Attempt: 1, Permitted: true,
		},
		"nackWRITE(L7,3.p1.1+1<0)":        register.NackWrite{Instance: 7, Round: k, Attempt: 1},
		`copy(read=4.p2.1,written=0,"v")`: register.Copy{Read: o, Value: v},
	} {
		require.Equal(t, want, m.String())
	}
}

func TestMessagesListsEachTypeOnce(t *testing.T) {
	require.Equal(t, []process.Message{
		register.Read{},
		register.AckRead{},
		register.NackRead{},
		register.Write{},
		register.AckWrite{},
		register.NackWrite{},
	}, register.Messages())
}

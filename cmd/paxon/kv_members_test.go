package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/redcon"
)

// What a process answers about the members is understood, and whether they are as they should be.
func TestMembership(t *testing.T) {
	m := parseMembership([]string{
		"epoch 10", "target 1 2", "rewritten 5 of 9", "member 1 a:1 here", "acceptor 2 a:2 connected",
		"proposer 3 a:3 unreachable",
	})
	assert.EqualValues(t, 10, m.epoch)
	assert.Equal(t, []string{"1", "2"}, m.target)
	assert.Equal(t, ", values rewritten: 5 of 9", m.rewritten())
	assert.Equal(t, "1", m.who("member"))
	assert.Equal(t, ", only acceptors: 2, only proposers: 3", m.others())
	assert.False(t, m.done(change{added: "1"}), "it goes on")
	assert.True(t, m.done(change{added: "3", removed: "2", proposer: true}))

	m = parseMembership([]string{"epoch 11", "target ", "proposers 1 2 3", "member 1 a:1 here"})
	assert.Empty(t, m.rewritten())
	assert.Empty(t, m.parts["1 2"])
	assert.Len(t, m.lines, 1, "the proposers are none")
	assert.True(t, m.done(change{added: "1", removed: "2"}))
	assert.False(t, m.done(change{added: "2"}))
}

// A process is looked for by the number that the others write, however it was given.
func TestPlace(t *testing.T) {
	id, address, err := place("04=10.0.0.4:7101")
	require.NoError(t, err)
	assert.Equal(t, "4", id)
	assert.Equal(t, "10.0.0.4:7101", address)
	for _, wrong := range []string{"", "4", "x=10.0.0.4:7101", "4=10.0.0.4", "=10.0.0.4:7101", "-1=a:1"} {
		_, _, err := place(wrong)
		var usage *usageError
		require.ErrorAs(t, err, &usage, wrong)
	}
}

// Who is to say how far a change is may be one that never hears of it: then the next one is asked.
func TestMembersFromOneThatIsBehind(t *testing.T) {
	serve := func(list, change []string) string {
		s := redcon.NewServer("127.0.0.1:0", func(c redcon.Conn, command redcon.Command) {
			answer := change
			switch {
			case !strings.EqualFold(string(command.Args[0]), "PAXON.MEMBERS"): // What a client begins with.
				c.WriteError("ERR unknown command")
				return
			case strings.EqualFold(string(command.Args[1]), "LIST"):
				answer = list
			}
			c.WriteArray(len(answer))
			for _, line := range answer {
				c.WriteBulkString(line)
			}
		}, nil, nil)
		listening := make(chan error, 1)
		go func() { _ = s.ListenServeAndSignal(listening) }()
		require.NoError(t, <-listening)
		t.Cleanup(func() { _ = s.Close() })
		return s.Addr().String()
	}
	made := []string{"epoch 3", "target ", "proposers 1 2"}
	behind := serve([]string{"epoch 1", "target ", "member 1 a:1 here"}, made)
	fresh := serve([]string{"epoch 3", "target ", "member 1 a:1 here", "member 2 a:2 connected"}, made)
	var out bytes.Buffer
	c := &cobra.Command{}
	c.SetContext(t.Context())
	c.SetOut(&out)
	o := memberOptions{to: []string{behind, fresh}}
	require.NoError(t, o.change(c, change{added: "2"}, "ADD", "2", "a:2"))
	require.Equal(t, "members: 1 2\n", out.String())
}

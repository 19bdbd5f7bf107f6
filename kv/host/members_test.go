package host

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos"
	"paxon/node"
	"paxon/process"
)

// The answer to LIST says how many values were rewritten while some are.
func TestListedProgress(t *testing.T) {
	s := node.RegistersStatus{
		Process: 1, Configuration: caspaxos.Initial([]process.ID{1}), Copies: 7,
		Addresses: map[process.ID]string{1: "a:1"},
	}
	require.Equal(t, []string{"epoch 1", "target ", "member 1 a:1 here"}, listed(s))
	s.Scanned = 3
	require.Equal(t, []string{"epoch 1", "target ", "rewritten 3 of 7", "member 1 a:1 here"}, listed(s))
}

package disks_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/node/disks"
	"paxon/process"
	"paxon/register"
	"paxon/seasons"
	"paxon/seasons/summer"
	"paxon/wire"
)

// proposer is a process with the registers of Summer on real disks.
type proposer struct {
	*summer.Registers
	self  process.ID
	calls chan func()
}

func newProposer(t *testing.T, self process.ID, paths []string) *proposer {
	t.Helper()
	var records []any
	for _, r := range seasons.Records() {
		records = append(records, r)
	}
	codec, err := wire.New(wire.Vmihailenco, records...)
	require.NoError(t, err)
	p := &proposer{self: self, calls: make(chan func(), 100)}
	d, err := disks.Open(disks.Config[register.Copy]{
		Cluster: cluster, Process: self, Processes: []process.ID{1, 2, 3}, Paths: paths,
		Encode: func(dst []byte, b register.Copy) ([]byte, error) { return codec.Append(dst, b) },
		Decode: func(encoded []byte) (register.Copy, error) {
			v, err := codec.Decode(encoded)
			if err != nil {
				return register.Copy{}, err
			}
			c, ok := v.(register.Copy)
			if !ok {
				return c, fmt.Errorf("it holds a %T, expected a %T", v, c)
			}
			return c, nil
		},
		Post:  func(call func()) bool { p.calls <- call; return true },
		Retry: time.Millisecond,
	})
	require.NoError(t, err)
	t.Cleanup(func() { d.Close(time.Minute) })
	p.Registers = summer.NewRegisters(self, d, register.Config{Window: 1})
	return p
}

// decide proposes a value in a round of a number, and returns the decision.
func (p *proposer) decide(t *testing.T, number uint64, v string) string {
	t.Helper()
	k := register.Round{Number: number, Process: p.self, Incarnation: 1}
	decision, done := register.Value(v), false
	p.At(1).Read(k, func(read register.Value, ok bool, _ register.Round) {
		require.True(t, ok)
		if len(read) > 0 {
			decision = read
		}
		p.At(1).Write(k, decision, func(ok bool, _ register.Round) {
			require.True(t, ok)
			done = true
		})
	})
	for !done {
		(<-p.calls)()
	}
	return string(decision)
}

// What one process decides alone with a majority of the disks, others find with another one.
func TestSummerOnRealDisks(t *testing.T) {
	paths := format(t, 3)
	require.NoError(t, os.Rename(paths[0], paths[0]+".away"))
	require.Equal(t, "first", newProposer(t, 3, paths).decide(t, 1, "first"))
	require.NoError(t, os.Rename(paths[0]+".away", paths[0]))
	require.NoError(t, os.Rename(paths[2], paths[2]+".away"))
	require.Equal(t, "first", newProposer(t, 2, paths).decide(t, 2, "second"))
	require.NoError(t, os.Rename(paths[2]+".away", paths[2]))
	require.NoError(t, os.Rename(paths[1], paths[1]+".away"))
	require.Equal(t, "first", newProposer(t, 1, paths).decide(t, 3, "third"))
}

package caspaxos_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos"
	"paxon/process"
	"paxon/register"
)

func TestStatesComeBack(t *testing.T) {
	for _, s := range []caspaxos.State{
		{},
		{Version: 1, Exists: true, Value: []byte("a")},
		{Version: 1 << 60},
		caspaxos.State{Version: 3, Exists: true, Value: []byte("b")}.WithMark(1, 1).WithMark(1<<31, 1<<63),
		caspaxos.State{Version: 4}.WithMark(7, 2).WithMark(7, 3),
	} {
		again, err := caspaxos.Decode(s.Encode())
		require.NoError(t, err)
		require.Equal(t, s, again)
	}
	for _, bad := range []string{"\x03", "\x01", "\x02\x00\x00", "\x01\x01\x00x", "\x02\x01\x05"} {
		_, err := caspaxos.Decode(register.Value(bad))
		require.Error(t, err, "%q", bad)
	}
}

func TestConfigurationsComeBack(t *testing.T) {
	for _, c := range initials(4) {
		c = c.Toward([]process.ID{2, 5, 6})
		c.Newcomers = []caspaxos.Newcomer{{Process: 1, Since: 7}, {Process: 300, Since: 1 << 40}}
		for {
			again, err := caspaxos.DecodeConfiguration(c.Encoded())
			require.NoError(t, err)
			require.Equal(t, c.Encoded(), again.Encoded())
			require.Equal(t, c.Newcomers, again.Newcomers)
			n, _, done := c.Next()
			if done {
				break
			}
			c = n
		}
	}
}

// TestFormat reads what was stored in the present format. Whoever changes it counts Format up, so that
// directories of before are refused and not misread.
func TestFormat(t *testing.T) {
	require.Equal(t, 1, caspaxos.Format)
	s := caspaxos.State{Version: 3, Exists: true, Value: []byte("b")}.WithMark(1, 1).WithMark(2, 1<<40)
	require.Equal(t, "02030201010280808080802062", fmt.Sprintf("%x", []byte(s.Encode())))
	c := caspaxos.Initial([]process.ID{1, 2, 3}).Toward([]process.ID{2, 5})
	c.Newcomers = []caspaxos.Newcomer{{Process: 1, Since: 7}}
	c.Learners = []caspaxos.Learner{{Process: 5, Since: 2}}
	c.Addresses = []caspaxos.Address{{Process: 5, At: "a:1"}}
	require.Equal(t, "020301020301010703010203020003010203020003010203020003010203020001050200"+
		"01020205010503613a31", fmt.Sprintf("%x", c.Encoded()))
}

// What can be read is written the same way, but for numbers that were longer than they need to be.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(caspaxos.State{Version: 3, Exists: true, Value: []byte("b")}.WithMark(1, 1).Encode()))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := caspaxos.Decode(b)
		if err != nil {
			return
		}
		again, err := caspaxos.Decode(s.Encode())
		require.NoError(t, err)
		require.Equal(t, s.Encode(), again.Encode())
	})
}

func FuzzDecodeConfiguration(f *testing.F) {
	f.Add(caspaxos.Initial([]process.ID{1, 2, 3}).Toward([]process.ID{3, 4}).Encoded())
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := caspaxos.DecodeConfiguration(b)
		if err != nil {
			return
		}
		again, err := caspaxos.DecodeConfiguration(c.Encoded())
		require.NoError(t, err)
		require.Equal(t, c.Encoded(), again.Encoded())
		for range 20 { // It can be gone on with.
			n, _, done := c.Next()
			if done {
				return
			}
			require.NoError(t, n.Check())
			c = n
		}
	})
}

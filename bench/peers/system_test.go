package main

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMain lets the tests start this program as the command does: as a child that measures.
func TestMain(m *testing.M) {
	if _, ok := os.LookupEnv(childVariable); ok {
		main()
	}
	os.Exit(m.Run())
}

// sequenceOf is what a member has when it applied messages.
func sequenceOf(size int, numbers ...uint64) *Sequence {
	s, p := newSequence(size), make([]byte, size)
	for _, n := range numbers {
		writePayload(p, n)
		s.add(p)
	}
	s.show()
	return s
}

// firstNumbers are 0 to count − 1.
func firstNumbers(count int) []uint64 {
	numbers := make([]uint64, count)
	for i := range numbers {
		numbers[i] = uint64(i)
	}
	return numbers
}

// TestConformance has each system carry 100 messages, with forced writes and without, after
// which all members have the sequence in which they were submitted.
func TestConformance(t *testing.T) {
	const count, size = 100, 40
	for _, system := range systems() {
		for _, fsync := range []bool{true, false} {
			if !has(system, fsync) {
				continue
			}
			t.Run(system.Name()+", fsync "+onOff(fsync), func(t *testing.T) {
				addresses, err := freeAddresses()
				require.NoError(t, err)
				g, err := openGroup(t.Context(), system, cell{
					Dir: t.TempDir(), Fsync: fsync, Outstanding: count, Size: size,
					Members: []int{0, 1, 2}, Addresses: addresses,
				})
				require.NoError(t, err)
				carry(t, g, count, size)
				require.NoError(t, g.settle(t.Context(), count))
				require.NoError(t, g.close())
				digests, err := g.digests(count)
				require.NoError(t, err)
				digest, err := same(digests)
				require.NoError(t, err)
				want := sequenceOf(size, firstNumbers(count)...)
				require.Equal(t, fmt.Sprintf("%016x", want.digest), digest)
				require.NotEmpty(t, system.Settings(fsync))
				for _, v := range versions(system) {
					require.NotContains(t, v, "unknown")
				}
			})
		}
	}
}

// carry has the leader of a group carry messages, and waits until they are done.
func carry(t *testing.T, g *group, count, size int) {
	t.Helper()
	var leader int
	require.NoError(t, until(t.Context(), "a leader", func() (bool, error) {
		leaders, err := g.leaders()
		if err == nil {
			leader, err = agreed(leaders)
		}
		if errors.Is(err, errNoLeader) {
			return false, nil
		}
		return err == nil, err
	}))
	at, err := g.at(leader)
	require.NoError(t, err)
	var left sync.WaitGroup
	failed := make(chan error, count)
	back := func(messages []*Message, err error) {
		if err != nil {
			failed <- err
		}
		left.Add(-len(messages))
	}
	for _, n := range firstNumbers(count) {
		left.Add(1)
		m := &Message{Payload: make([]byte, size), Done: back}
		writePayload(m.Payload, n)
		at.Submit([]*Message{m})
	}
	left.Wait()
	require.Empty(t, failed)
}

// TestHas has both modes for all but what writes nothing.
func TestHas(t *testing.T) {
	var unforced []string
	for _, system := range systems() {
		require.True(t, has(system, false), system.Name())
		if !has(system, true) {
			unforced = append(unforced, system.Name())
		}
	}
	require.Equal(t, []string{"hashicorp-memory"}, unforced)
}

func TestChosen(t *testing.T) {
	found, err := chosen([]string{"etcd", "paxon"})
	require.NoError(t, err)
	require.Equal(t, []System{etcdSystem{}, paxonSystem{}}, found)
	_, err = chosen([]string{"paxon", "zab"})
	require.ErrorContains(t, err, "--systems zab: expected some of [paxon etcd")
	_, err = chosen(nil)
	require.ErrorContains(t, err, "none given")
}

func TestAgreed(t *testing.T) {
	leader, err := agreed([]int{2, 2, 2})
	require.NoError(t, err)
	require.Equal(t, 2, leader)
	for _, none := range [][]int{{-1, -1, -1}, {0, 0, 1}, {0, -1, 0}} {
		_, err := agreed(none)
		require.ErrorIs(t, err, errNoLeader, none)
	}
}

// TestSequence gives each violation its error.
func TestSequence(t *testing.T) {
	digest, err := sequenceOf(16, 0, 1, 2).whole(3)
	require.NoError(t, err)
	require.Len(t, digest, 16)
	other, err := sequenceOf(16, 0, 2, 1).whole(3)
	require.NoError(t, err)
	_, err = same([]string{digest, other, digest})
	require.ErrorContains(t, err, "a member applied a sequence with digest")
	_, err = same([]string{digest, digest})
	require.ErrorContains(t, err, "2 members told a digest: expected 3")
	all, err := same([]string{digest, digest, digest})
	require.NoError(t, err)
	require.Equal(t, digest, all)

	altered := sequenceOf(16, 0, 1, 2)
	p := make([]byte, 16)
	writePayload(p, 3)
	p[12]++
	altered.add(p)
	short := sequenceOf(16, 0, 1, 2)
	short.add([]byte("short"))
	for want, bad := range map[string]*Sequence{
		"message 3 of those applied is altered":                 altered,
		"its 5 bytes are":                                       short,
		"message 1 was applied twice":                           sequenceOf(16, 0, 1, 1),
		"applied 2 messages: expected 3":                        sequenceOf(16, 0, 1),
		"applied 4 messages: expected 3":                        sequenceOf(16, 0, 1, 2, 3),
		"never applied message 2":                               sequenceOf(16, 0, 1, 3),
		"message 99999 was applied after 1: expected none that": sequenceOf(16, 0, 99999),
	} {
		_, err := bad.whole(3)
		require.ErrorContains(t, err, want)
	}
}

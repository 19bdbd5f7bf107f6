package main

import (
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
			t.Run(system.Name()+", fsync "+onOff(fsync), func(t *testing.T) {
				setup := Setup{Dir: t.TempDir(), Fsync: fsync, Outstanding: count}
				for i := range setup.Applied {
					setup.Applied[i] = newSequence(size)
				}
				cluster, err := system.Start(t.Context(), setup)
				require.NoError(t, err)
				leader, err := cluster.Leader()
				require.NoError(t, err)
				require.Contains(t, []int{0, 1, 2}, leader)
				var left sync.WaitGroup
				failed := make(chan error, count)
				for _, n := range firstNumbers(count) {
					left.Add(1)
					m := &Message{Payload: make([]byte, size), Done: func(err error) {
						if err != nil {
							failed <- err
						}
						left.Done()
					}}
					writePayload(m.Payload, n)
					cluster.Submit(m)
				}
				left.Wait()
				require.Empty(t, failed)
				require.NoError(t, cluster.Settle(t.Context(), count))
				require.NoError(t, cluster.Close())
				digest, err := compare(setup.Applied, count)
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
	leader, err := agreed([members]int{2, 2, 2})
	require.NoError(t, err)
	require.Equal(t, 2, leader)
	for _, none := range [][members]int{{-1, -1, -1}, {0, 0, 1}, {0, -1, 0}} {
		_, err := agreed(none)
		require.Error(t, err, none)
	}
}

// TestCompare gives each violation its error.
func TestCompare(t *testing.T) {
	good := func() *Sequence { return sequenceOf(16, 0, 1, 2) }
	digest, err := compare([members]*Sequence{good(), good(), good()}, 3)
	require.NoError(t, err)
	require.Len(t, digest, 16)

	altered := good()
	p := make([]byte, 16)
	writePayload(p, 3)
	p[12]++
	altered.add(p)
	short := good()
	short.add([]byte("short"))
	for want, bad := range map[string]*Sequence{
		"member 2: message 3 of those applied is altered": altered,
		"its 5 bytes are":                                       short,
		"member 2: message 1 was applied twice":                 sequenceOf(16, 0, 1, 1),
		"member 2 applied 2 messages: expected 3":               sequenceOf(16, 0, 1),
		"member 2 applied 4 messages: expected 3":               sequenceOf(16, 0, 1, 2, 3),
		"member 2 applied a sequence with digest":               sequenceOf(16, 0, 2, 1),
		"message 99999 was applied after 1: expected none that": sequenceOf(16, 0, 99999),
	} {
		_, err := compare([members]*Sequence{good(), bad, good()}, 3)
		require.ErrorContains(t, err, want)
	}
	lost := func() *Sequence { return sequenceOf(16, 0, 1, 3) }
	_, err = compare([members]*Sequence{lost(), lost(), lost()}, 3)
	require.ErrorContains(t, err, "member 1 never applied message 2")
}

package process_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
)

func TestIDIsWrittenAsInThePaper(t *testing.T) {
	require.Equal(t, "p12", process.ID(12).String())
}

// Two majorities meet, and a smaller set of the same size does not always.
func TestMajority(t *testing.T) {
	for n, want := range map[int]int{1: 1, 2: 2, 3: 2, 4: 3, 5: 3, 6: 4, 7: 4} {
		require.Equal(t, want, process.Majority(n), "of %d", n)
	}
}

// store is a process.Store that is durable at once.
type store map[process.Space]map[uint64]process.Record

func (s store) Put(space process.Space, key uint64, r process.Record, done func()) {
	if s[space] == nil {
		s[space] = map[uint64]process.Record{}
	}
	s[space][key] = r
	done()
}

func (s store) Forget(space process.Space, below uint64) {
	for key := range s[space] {
		if key < below {
			delete(s[space], key)
		}
	}
}

func (s store) Stored(space process.Space, yield func(key uint64, r process.Record) bool) {
	for key := range uint64(10) {
		if r, ok := s[space][key]; ok && !yield(key, r) {
			return
		}
	}
}

func TestDiskOfIsOneSpaceOfAStore(t *testing.T) {
	s := store{}
	disk := process.DiskOf[string](s, 1)
	forced := 0
	for key, r := range []string{"a", "b", "c"} {
		disk.Put(uint64(key), r, func() { forced++ })
	}
	process.DiskOf[int](s, 2).Put(0, 42, func() { forced++ })
	require.Equal(t, 4, forced)

	disk.Forget(1)
	var stored []string
	disk.Stored(func(key uint64, r string) bool {
		require.Equal(t, r, s[1][key])
		stored = append(stored, r)
		return true
	})
	require.Equal(t, []string{"b", "c"}, stored)
	require.Equal(t, 42, s[2][0], "the other space lost its record")

	stored = nil
	disk.Stored(func(_ uint64, r string) bool {
		stored = append(stored, r)
		return false
	})
	require.Equal(t, []string{"b"}, stored, "it went on after yield said no")
}

func TestDiskOfAnotherTypeIsNoted(t *testing.T) {
	s := store{}
	process.DiskOf[int](s, 3).Put(0, 42, func() {})
	require.PanicsWithValue(t, "process: space 3 holds a int where a string was put", func() {
		process.DiskOf[string](s, 3).Stored(func(uint64, string) bool { return true })
	})
}

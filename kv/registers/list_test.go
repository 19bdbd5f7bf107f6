package registers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos"
)

// shelf is keys in the order of their places.
type shelf struct {
	keys  []caspaxos.Listed
	pages int // That were taken.
}

// page takes each key for ten bytes.
func (s *shelf) page(
	_ context.Context, from caspaxos.Place, most int,
) (page []caspaxos.Listed, next caspaxos.Place, err error) {
	s.pages++
	size := 0
	for _, k := range s.keys {
		if k.At < from.At || k.At == from.At && !from.Whole && k.Key <= from.After {
			continue
		}
		if size >= most {
			return page, caspaxos.Place{At: page[len(page)-1].At, After: page[len(page)-1].Key}, nil
		}
		page = append(page, k)
		size += 10 + len(k.Key)
	}
	return page, caspaxos.Place{At: caspaxos.Positions, Whole: true}, nil
}

// shelve makes a shelf: a key for each byte, at its position, and every fifth is a tombstone.
func shelve(positions []byte) *shelf {
	s := &shelf{}
	for i, at := range positions {
		s.keys = append(s.keys, caspaxos.Listed{
			Key: fmt.Sprint(i), At: uint64(at) * (caspaxos.Positions / 256), Exists: at%5 > 0,
		})
	}
	slices.SortFunc(s.keys, func(a, b caspaxos.Listed) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Key, b.Key))
	})
	return s
}

// walk lists all, and checks each part.
func (s *shelf) walk(t *testing.T, count int) (found []string) {
	t.Helper()
	at := map[string]uint64{}
	same := map[uint64]int{}
	for _, k := range s.keys {
		at[k.Key] = k.At
		same[k.At]++
	}
	for cursor := uint64(0); ; {
		s.pages = 0
		keys, next, err := list(t.Context(), s.page, cursor, count)
		require.NoError(t, err)
		found = append(found, keys...)
		if more := len(keys) - count; more > 0 {
			require.Less(t, more, same[at[keys[len(keys)-1]]], "those of the last position alone are more")
		}
		if next == 0 {
			return found
		}
		require.Greater(t, next, cursor)
		cursor = next
	}
}

// FuzzList lists keys at any positions, part by part: each that exists once.
func FuzzList(f *testing.F) {
	f.Add([]byte{}, uint8(1))
	f.Add([]byte{0, 1, 1, 1, 2, 255}, uint8(1))
	f.Add([]byte("some of them are there more than once"), uint8(2))
	f.Add(slices.Repeat([]byte{7}, 100), uint8(3))
	f.Add(slices.Repeat([]byte{10, 20, 30, 41}, 50), uint8(9))
	f.Fuzz(func(t *testing.T, positions []byte, count uint8) {
		s := shelve(positions[:min(len(positions), 500)])
		var want []string
		for _, k := range s.keys {
			if k.Exists {
				want = append(want, k.Key)
			}
		}
		require.Equal(t, want, s.walk(t, 1+int(count)))
	})
}

// TestListCost shows that a part takes what was asked for, and ends where that takes long: among
// tombstones, or for the length of the keys.
func TestListCost(t *testing.T) {
	s := &shelf{}
	for i := range uint64(10_000) {
		s.keys = append(s.keys, caspaxos.Listed{Key: fmt.Sprintf("%06d", i), At: i, Exists: true})
	}
	keys, next, err := list(t.Context(), s.page, 500, 10)
	require.NoError(t, err)
	require.Len(t, keys, 10)
	require.EqualValues(t, 510, next)
	require.Equal(t, 1, s.pages)

	for i := range s.keys {
		s.keys[i].Exists = i >= 9_000
	}
	s.pages = 0
	keys, next, err = list(t.Context(), s.page, 0, 10)
	require.NoError(t, err)
	require.Empty(t, keys)
	require.Greater(t, next, uint64(400))
	require.Equal(t, pagesMost, s.pages)

	for i := range s.keys {
		s.keys[i] = caspaxos.Listed{Key: fmt.Sprintf("%060000d", i), At: uint64(i), Exists: true}
		if i == 100 {
			s.keys = s.keys[:i]
			break
		}
	}
	keys, _, err = list(t.Context(), s.page, 0, 1000)
	require.NoError(t, err)
	require.Less(t, len(keys), 25)

	failed := errors.New("failed")
	_, _, err = list(t.Context(), func(
		context.Context, caspaxos.Place, int,
	) ([]caspaxos.Listed, caspaxos.Place, error) {
		return nil, caspaxos.Place{}, failed
	}, 0, 1)
	require.ErrorIs(t, err, failed)
}

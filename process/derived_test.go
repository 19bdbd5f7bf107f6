package process

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPushIsAppend pushes and takes at random, beside a queue that is only appended to.
func TestPushIsAppend(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var queue, plain []*int
	var memory Derived[[]*int]
	for most := range 100 {
		for range 200 {
			if len(queue) < most && r.IntN(2) == 0 {
				v := new(int)
				queue, plain = Push(queue, &memory, v), append(plain, v)
			} else if len(queue) > 0 {
				queue[0] = nil
				queue, plain = queue[1:], plain[1:]
			}
			require.Equal(t, len(plain), len(queue))
			for i, v := range plain {
				require.Same(t, v, queue[i])
			}
			for _, v := range memory.Value[:cap(memory.Value)-cap(queue)] {
				require.Nil(t, v, "what was taken is let go")
			}
		}
		require.LessOrEqual(t, cap(memory.Value), max(leastPushed, 4*most))
	}
}

func TestPushDoesNotAllocateForEver(t *testing.T) {
	var queue []int
	var memory Derived[[]int]
	for range 50 {
		queue = Push(queue, &memory, 1)
	}
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		queue = Push(queue[1:], &memory, 1)
	}))
}

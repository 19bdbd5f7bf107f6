package link

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestBackoff(t *testing.T) {
	b := backoff{start: 20 * time.Millisecond, max: 100 * time.Millisecond}
	for range 2 {
		for _, bound := range []int64{20, 40, 80, 100, 100} {
			d := b.next().Microseconds()
			require.LessOrEqual(t, d, bound*1000)
			require.GreaterOrEqual(t, d, bound*500)
		}
		b.reset()
	}
}

package link

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestBackoff(t *testing.T) {
	b := backoff{start: 20 * time.Millisecond, max: 100 * time.Millisecond}
	for range 2 {
		for _, bound := range []time.Duration{20, 40, 80, 100, 100} {
			d := b.next()
			require.LessOrEqual(t, d, bound*time.Millisecond)
			require.GreaterOrEqual(t, d, bound*time.Millisecond/2)
		}
		b.reset()
	}
}

//go:build !race

package wire

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAppendDoesNotAllocate is the steady state of a link: a buffer that has grown.
// (The race detector makes pools forget at random, so it does not run there.)
func TestAppendDoesNotAllocate(t *testing.T) {
	for _, kind := range kinds() {
		c := newCodec(t, kind)
		buffer := make([]byte, 0, 1<<16)
		var message any = nested{Instance: 1 << 40, Value: make([]byte, 256)}
		perRun := testing.AllocsPerRun(1000, func() {
			if _, err := c.Append(buffer, message); err != nil {
				t.Fatal(err)
			}
		})
		require.Zero(t, perRun, kind)
	}
}

package node

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// What cannot be done yet is tried again, and no longer than somebody waits for it.
func TestRetried(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var posted []func()
	post := func(call func()) bool {
		posted = append(posted, call)
		return true
	}
	tries := 0
	retried(ctx, post, func(again func()) {
		if tries++; tries == 3 {
			cancel()
		}
		again()
	})
	for range 10 {
		if len(posted) > 0 {
			call := posted[0]
			posted = posted[1:]
			call()
		}
	}
	require.Equal(t, 3, tries)
}

package ports_test

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/internal/ports"
)

func TestFree(t *testing.T) {
	found, err := ports.Free(5)
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, address := range found {
		l, err := net.Listen("tcp", address)
		require.NoError(t, err)
		t.Cleanup(func() { l.Close() })
		seen[address] = true
	}
	require.Len(t, seen, 5, "they differ")
	_, err = ports.Free(100_000)
	require.ErrorContains(t, err, "expected 100000")
}

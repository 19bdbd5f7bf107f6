package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSender(t *testing.T) {
	ids := map[string]int{"8e9e05c52164694d": 0, "91bc3c398fb3c146": 2}
	const request = "GET /raft/stream/message/1 HTTP/1.1\r\nX-Server-From: 91bc3c398fb3c146\r\n\r\n"
	from, ok := sender([]byte(request), ids)
	require.True(t, ok)
	require.Equal(t, 2, from)
	for _, other := range []string{"", "GET /version HTTP/1.1\r\n\r\n", "X-Server-From: 1\r\n"} {
		_, ok := sender([]byte(other), ids)
		require.False(t, ok, other)
	}
}

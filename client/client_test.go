package client_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paxon/client"
	"paxon/client/clienttest"
	"paxon/tob"
)

// start runs a cluster of two and gives clients of its processes.
func start(t *testing.T) (
	cluster *clienttest.Cluster, members []*clienttest.Member, clients []*client.Client,
) {
	t.Helper()
	cluster = clienttest.New()
	t.Cleanup(cluster.Close)
	for id := range 2 {
		m := cluster.Start(1 + processID(id))
		c, err := client.New(m.URL() + "/")
		require.NoError(t, err)
		t.Cleanup(c.Close)
		members, clients = append(members, m), append(clients, c)
	}
	return cluster, members, clients
}

func TestNew(t *testing.T) {
	for _, address := range []string{
		"", "127.0.0.1:7201", "ftp://host", "http://", "http://a\x7f", "http://h?x=1",
	} {
		_, err := client.New(address)
		var bad *client.AddressError
		require.ErrorAs(t, err, &bad, address)
		assert.ErrorContains(t, err, "such as http://127.0.0.1:7201")
	}
	c, err := client.New("http://127.0.0.1:7201/")
	require.NoError(t, err)
	assert.Equal(t, "http://127.0.0.1:7201", c.BaseURL())
}

// TestBroadcastAs sends the same message at two processes: CL1.
func TestBroadcastAs(t *testing.T) {
	cluster, _, clients := start(t)
	name, err := clients[0].NewClient(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, 1, name.Process)

	message := tob.Broadcast{Client: name, Sequence: 1, Payload: []byte("once")}
	first, err := clients[0].BroadcastAs(t.Context(), message)
	require.NoError(t, err)
	again, err := clients[1].BroadcastAs(t.Context(), message)
	require.NoError(t, err)
	assert.Equal(t, tob.Position{Instance: 1}, first)
	assert.Equal(t, first, again)
	_, err = clients[1].Broadcast(t.Context(), []byte("other"))
	require.NoError(t, err)
	assert.Len(t, cluster.Log(), 2)
}

func TestBroadcastRefused(t *testing.T) {
	_, _, clients := start(t)
	name, err := clients[0].NewClient(t.Context())
	require.NoError(t, err)
	for sequence := range uint64(2) {
		_, err = clients[0].BroadcastAs(t.Context(), tob.Broadcast{Client: name, Sequence: sequence + 1})
		require.NoError(t, err)
	}
	_, err = clients[0].BroadcastAs(t.Context(), tob.Broadcast{Client: name, Sequence: 1})
	var refused *client.RefusedError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, http.StatusConflict, refused.Code)
	assert.Equal(t, "forgotten", refused.Status)

	_, err = clients[0].Broadcast(t.Context(), make([]byte, 9<<20))
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, http.StatusRequestEntityTooLarge, refused.Code)
}

func TestUnreachable(t *testing.T) {
	_, members, clients := start(t)
	members[0].Kill()
	var unreachable *client.UnreachableError
	_, err := clients[0].Broadcast(t.Context(), nil)
	require.ErrorAs(t, err, &unreachable)
	assert.Equal(t, members[0].URL(), unreachable.URL)
	_, err = clients[0].NewClient(t.Context())
	require.ErrorAs(t, err, &unreachable)
	_, err = clients[0].Status(t.Context())
	require.ErrorAs(t, err, &unreachable)
	require.ErrorAs(t, clients[0].Healthy(t.Context()), &unreachable)
	for _, err := range clients[0].Deliveries(t.Context(), tob.Position{}, true) {
		require.ErrorAs(t, err, &unreachable)
	}
}

// TestOtherProgram asks a server that is no process.
func TestOtherProgram(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/d") {
			w.WriteHeader(http.StatusTeapot)
		}
		_, _ = io.WriteString(w, "<html>hello</html>")
	}))
	defer server.Close()
	c, err := client.New(server.URL)
	require.NoError(t, err)
	defer c.Close()

	var answer *client.AnswerError
	_, err = c.NewClient(t.Context())
	require.ErrorAs(t, err, &answer)
	assert.ErrorContains(t, err, "<html>")
	_, err = c.Status(t.Context())
	require.ErrorAs(t, err, &answer)
	for _, err := range c.Deliveries(t.Context(), tob.Position{}, false) {
		var refused *client.RefusedError
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, http.StatusTeapot, refused.Code)
		assert.Equal(t, "<html>hello</html>", refused.Message)
	}
	s, err := c.Stream(t.Context(), tob.Client{Process: 1})
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.CloseSend())
	_, err = s.Receive()
	require.ErrorAs(t, err, &answer)
}

func TestStatus(t *testing.T) {
	_, _, clients := start(t)
	s, err := clients[1].Status(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, 2, s.Process)
	assert.EqualValues(t, 1, s.Leader)
	assert.Equal(t, "fake", s.Cluster)
	assert.Contains(t, string(s.Raw), `"nextBatch"`)
	require.NoError(t, clients[1].Healthy(t.Context()))
}

func TestRetryable(t *testing.T) {
	require.True(t, client.Retryable(fmt.Errorf("x: %w", &client.UnreachableError{})))
	require.True(t, client.Retryable(&client.RefusedError{Code: http.StatusServiceUnavailable}))
	require.False(t, client.Retryable(&client.RefusedError{Code: http.StatusConflict}))
	require.False(t, client.Retryable(nil))
}

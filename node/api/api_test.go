package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/sirupsen/logrus"
	"github.com/stretchr/testify/require"

	"paxon/node"
	"paxon/process"
	"paxon/seasons"
	"paxon/tob"
)

// clientIdle is after how many instances a silent client is forgotten.
const clientIdle = 16

// openNode starts a cluster of one process with a small limit on payloads.
func openNode(t testing.TB) *node.Node {
	t.Helper()
	return openNodeOf(t, map[process.ID]string{1: "127.0.0.1:0"})
}

func openNodeOf(t testing.TB, peers map[process.ID]string) *node.Node {
	t.Helper()
	logger := logrus.New()
	logger.SetOutput(io.Discard)
	options := seasons.DefaultOptions()
	options.Limits.Payload, options.Limits.ClientIdle = 1<<10, clientIdle
	options.Limits.Window, options.Limits.Ahead = 2, 4
	config := node.Config{
		Cluster: "test", Process: 1, Variant: "paxos", Dir: "p1", Peers: peers,
		Options: &options, Logger: logger, Listen: "127.0.0.1:0",
	}
	config.Storage.FS = vfs.NewMem()
	config.Storage.SegmentBytes = 1 << 20
	n, err := node.Open(config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, n.Close()) })
	return n
}

// do answers a request without a connection.
func do(n *node.Node, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	New(n).ServeHTTP(w, r)
	return w
}

func newClient(t testing.TB, n *node.Node) string {
	t.Helper()
	var named struct{ Client string }
	w := do(n, http.MethodPost, "/v1/clients", "")
	require.Equal(t, http.StatusOK, w.Code)
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &named))
	_, err := tob.ParseClient(named.Client)
	require.NoError(t, err)
	return named.Client
}

func TestBroadcastAnswersWithThePosition(t *testing.T) {
	n := openNode(t)
	w := do(n, http.MethodPost, "/v1/broadcast", "a")
	require.Equal(t, http.StatusOK, w.Code)
	require.JSONEq(t, `{"instance":1,"offset":0}`, w.Body.String())
}

func TestARetryIsAnsweredAsBefore(t *testing.T) {
	n := openNode(t)
	client := newClient(t, n)
	send := func(sequence, body string) *httptest.ResponseRecorder {
		return do(n, http.MethodPost, "/v1/broadcast", body,
			"Paxon-Client", client, "Paxon-Sequence", sequence)
	}
	require.JSONEq(t, `{"instance":1,"offset":0}`, send("1", "a").Body.String())
	require.JSONEq(t, `{"instance":1,"offset":0}`, send("1", "a").Body.String())
	require.Equal(t, http.StatusOK, send("2", "b").Code)
	w := send("1", "a")
	require.Equal(t, http.StatusConflict, w.Code)
	require.Contains(t, w.Body.String(), `"status":"forgotten"`)
}

func TestAClientThatIsForgottenHasExpired(t *testing.T) {
	n := openNode(t)
	client := newClient(t, n)
	for range 2 * clientIdle {
		require.Equal(t, http.StatusOK, do(n, http.MethodPost, "/v1/broadcast", "a").Code)
	}
	w := do(n, http.MethodPost, "/v1/broadcast", "b", "Paxon-Client", client, "Paxon-Sequence", "1")
	require.Equal(t, http.StatusConflict, w.Code)
	require.Contains(t, w.Body.String(), `"status":"expired"`)
}

func TestMistakesAreAnswered(t *testing.T) {
	n := openNode(t)
	client := newClient(t, n)
	large := strings.Repeat("x", n.PayloadLimit()+1)
	named := func(client, sequence string) []string {
		return []string{"Paxon-Client", client, "Paxon-Sequence", sequence}
	}
	for _, test := range []struct {
		method, target, body string
		headers              []string
		code                 int
		says                 string
	}{
		{"POST", "/v1/broadcast", "a", []string{"Paxon-Client", client}, 400, "Paxon-Sequence"},
		{"POST", "/v1/broadcast", "a", []string{"Paxon-Sequence", "1"}, 400, "Paxon-Client"},
		{"POST", "/v1/broadcast", "a", named("me", "1"), 400, "p1.2.3.4"},
		{"POST", "/v1/broadcast", "a", named("p0.0.0.0", "1"), 400, "named"},
		{"POST", "/v1/broadcast", "a", named(client, "0"), 400, "1 for the first"},
		{"POST", "/v1/broadcast", "a", named(client, "-1"), 400, "1 for the first"},
		{"POST", "/v1/broadcast", large, nil, 413, "at most 1024"},
		{"POST", "/v1/stream", "", nil, 400, "Paxon-Client"},
		{"POST", "/v1/stream", "", []string{"Paxon-Client", client}, 415, "application/msgpack"},
		{"GET", "/v1/deliveries?from=x", "", nil, 400, "instance/offset"},
		{"GET", "/v1/deliveries?from=0/0", "", nil, 400, "at least 1"},
		{"GET", "/v1/deliveries?follow=perhaps", "", nil, 400, "true or false"},
		{"GET", "/v1/deliveries?form=1/0", "", nil, 400, "from and follow"},
		{"GET", "/v1/deliveries?from=1/0&from=2/0", "", nil, 400, "at most once"},
		{"GET", "/v1/broadcast", "", nil, 405, ""},
		{"GET", "/v1/nothing", "", nil, 404, ""},
	} {
		w := do(n, test.method, test.target, test.body, test.headers...)
		require.Equal(t, test.code, w.Code, "%s %s: %s", test.method, test.target, w.Body)
		require.Contains(t, w.Body.String(), test.says)
		if test.says != "" {
			require.Contains(t, w.Body.String(), `"error":`)
		}
	}
}

func TestABodyOfUnknownLengthIsBounded(t *testing.T) {
	n := openNode(t)
	r := httptest.NewRequest(http.MethodPost, "/v1/broadcast",
		io.MultiReader(strings.NewReader(strings.Repeat("x", n.PayloadLimit()+1))))
	require.Equal(t, int64(-1), r.ContentLength)
	w := httptest.NewRecorder()
	New(n).ServeHTTP(w, r)
	require.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
}

func TestStatusAndHealth(t *testing.T) {
	n := openNodeOf(t, map[process.ID]string{1: "127.0.0.1:7101", 2: "127.0.0.1:1"})
	w := do(n, http.MethodGet, "/v1/status", "")
	require.Equal(t, http.StatusOK, w.Code)
	var s map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &s))
	for _, key := range []string{
		"process", "cluster", "variant", "incarnation", "leader", "epoch", "nextBatch", "delivered",
		"pending", "peers", "storage", "uptime",
	} {
		require.Contains(t, s, key)
	}
	require.Equal(t, "test", s["cluster"])
	require.InDelta(t, 0, s["leader"], 0, "one of two is no majority")
	require.Len(t, s["peers"], 1)
	w = do(n, http.MethodGet, "/healthz", "")
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "ok\n", w.Body.String())
}

func TestAClosedProcessIsUnavailable(t *testing.T) {
	n := openNode(t)
	require.NoError(t, n.Close())
	for _, request := range []string{
		"POST /v1/clients", "POST /v1/broadcast", "GET /v1/deliveries", "GET /v1/status", "GET /healthz",
	} {
		method, target, _ := strings.Cut(request, " ")
		require.Equal(t, http.StatusServiceUnavailable, do(n, method, target, "").Code, request)
	}
}

// serve serves the API of a node on a connection.
func serve(t testing.TB, n *node.Node) (url string) {
	t.Helper()
	l, err := Listen("127.0.0.1:0")
	require.NoError(t, err)
	s := newServer(n, l)
	s.http.ErrorLog = log.New(failing{t}, "", 0)
	go func() { s.ended <- s.http.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		http.DefaultClient.CloseIdleConnections()
		require.NoError(t, n.Close())
		require.NoError(t, s.Close(ctx))
	})
	return "http://" + s.Addr().String()
}

// failing fails a test whose server has something to complain of, such as a panic.
type failing struct{ t testing.TB }

func (f failing) Write(line []byte) (int, error) {
	f.t.Errorf("the server logs: %s", line)
	return len(line), nil
}

func TestAnAddressInUseIsNamed(t *testing.T) {
	l, err := Listen("127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, err = Listen(l.Addr().String())
	var inUse *ListenError
	require.ErrorAs(t, err, &inUse)
	require.Equal(t, l.Addr().String(), inUse.Address)
}

func TestGarbageOnTheConnection(t *testing.T) {
	n := openNode(t)
	url := serve(t, n)
	for _, garbage := range []string{
		"\x00\x01\x02\r\n\r\n", "POST /v1/stream HTTP/1.1\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
		"POST /v1/broadcast HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
		"POST /v1/broadcast HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"POST /v1/stream HTTP/1.0\r\nHost: x\r\nPaxon-Client: p1.1.1.1\r\n" +
			"Content-Type: application/msgpack\r\n\r\n",
		"PAXON" + strings.Repeat("x", 1<<17),
	} {
		c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		require.NoError(t, err)
		_, _ = fmt.Fprint(c, garbage) // It may be refused before it is sent.
		require.NoError(t, c.(*net.TCPConn).CloseWrite())
		_, _ = io.Copy(io.Discard, c) // It ends.
		require.NoError(t, c.Close())
	}
	response, err := http.Post(url+"/v1/broadcast", "", bytes.NewReader([]byte("a")))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
}

package bench

import (
	"bufio"
	"encoding/json"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/internal/ports"
	"paxon/process"
)

// served is a child in this process.
type served struct {
	t       *testing.T
	stdin   *io.PipeWriter
	stdout  *bufio.Reader
	setting Setting
	dir     string
	peers   []string
	ended   chan error
}

func serveOne(t *testing.T) *served {
	t.Helper()
	requests, stdin := io.Pipe()
	stdout, replies := io.Pipe()
	peers, err := ports.Free(1)
	require.NoError(t, err)
	s := &served{
		t: t, stdin: stdin, stdout: bufio.NewReader(stdout), dir: t.TempDir(), peers: peers,
		setting: Setting{Processes: 1, Size: 16, Outstanding: 4}, ended: make(chan error, 1),
	}
	go func() {
		err := serve(requests, replies)
		_ = replies.Close()
		s.ended <- err
	}()
	return s
}

func (s *served) ask(r request) (reply, error) {
	s.t.Helper()
	require.NoError(s.t, json.NewEncoder(s.stdin).Encode(r))
	line, err := s.stdout.ReadBytes('\n')
	require.NoError(s.t, err)
	return parseReply(line)
}

func (s *served) must(r request) reply {
	s.t.Helper()
	answer, err := s.ask(r)
	require.NoError(s.t, err)
	return answer
}

func (s *served) open() request {
	return request{Do: doOpen, Open: &openRequest{
		Setting: s.setting, Nodes: []process.ID{1}, Peers: s.peers, Dir: s.dir,
	}}
}

// TestServe goes all the way of a measurement.
func TestServe(t *testing.T) {
	s := serveOne(t)
	s.must(s.open())
	require.Eventually(t, func() bool {
		return s.must(request{Do: doLeader}).Leaders[0] == 1
	}, guard, time.Millisecond)
	s.must(request{Do: doLoad, At: []process.ID{1}})
	s.must(request{Do: doBegin})
	s.must(request{Do: doEnd})
	stopped := s.must(request{Do: doStop})
	require.Len(t, stopped.Loads, 1)
	load := stopped.Loads[0]
	require.Positive(t, load.Counted)
	require.GreaterOrEqual(t, load.Given, uint64(load.Counted))
	settled := s.must(request{Do: doSettle, Given: load.Given}).Settled
	require.Len(t, settled, 1)
	require.Equal(t, load.Given, settled[0].Count)
	require.NotZero(t, settled[0].Digest)
	require.NoError(t, s.stdin.Close())
	require.NoError(t, <-s.ended)
}

// TestServeMistakes answers what makes no sense with an error, and goes on.
func TestServeMistakes(t *testing.T) {
	s := serveOne(t)
	for _, r := range []request{{Do: doLoad}, {Do: doBegin}, {Do: "dance"}} {
		_, err := s.ask(r)
		require.ErrorContains(t, err, `expected "open" first`)
	}
	s.must(s.open())
	_, err := s.ask(s.open())
	require.ErrorContains(t, err, `expected "open" first, and once`)
	_, err = s.ask(request{Do: "dance"})
	require.ErrorContains(t, err, "expected one that this program knows")
	s.must(request{Do: doLoad, At: []process.ID{1}})
	_, err = s.ask(request{Do: doLoad, At: []process.ID{1}})
	require.ErrorContains(t, err, "expected it once")
	require.NoError(t, s.stdin.Close())
	require.NoError(t, <-s.ended)
}

func TestServeEnds(t *testing.T) {
	s := serveOne(t)
	go func() { _, _ = s.stdin.Write([]byte("hello\n")) }()
	require.ErrorContains(t, <-s.ended, "expected one line of JSON")

	s = serveOne(t)
	s.peers = []string{"256.0.0.1:1"}
	_, err := s.ask(s.open())
	var failed *childError
	require.ErrorAs(t, err, &failed)
	require.True(t, failed.portLost)
	require.NoError(t, s.stdin.Close())
	require.NoError(t, <-s.ended)
}

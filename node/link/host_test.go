package link

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/retransmit"
)

// guard bounds the waits of tests; it passes only when something is broken.
const guard = 20 * time.Second

// await returns the next element of c that is wanted.
func await[T any](t testing.TB, c <-chan T, wanted func(T) bool) T {
	t.Helper()
	timer := time.NewTimer(guard)
	defer timer.Stop()
	for {
		select {
		case v := <-c:
			if wanted(v) {
				return v
			}
		case <-timer.C:
			require.FailNow(t, "waited in vain")
		}
	}
}

// eventually waits for a count that nothing announces.
func eventually(t testing.TB, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, guard, time.Millisecond)
}

func anything[T any](T) bool { return true }

// received is a packet and where it came from.
type received struct {
	from   process.ID
	packet retransmit.Packet
}

// host is a process with links, whose indications go into channels.
type host struct {
	*Links
	received  chan received
	connected chan process.ID
	log       chan string
}

// Levels and Fire make a host a hook of logrus.
func (h *host) Levels() []logrus.Level { return logrus.AllLevels }

func (h *host) Fire(e *logrus.Entry) error {
	line, err := e.String()
	h.log <- line
	return err
}

// start starts process self, which can be reached at the relay of that number.
func start(t testing.TB, r *relays, self process.ID, change func(c *Config)) *host {
	t.Helper()
	h := &host{
		received:  make(chan received, 1<<16),
		connected: make(chan process.ID, 1<<10),
		log:       make(chan string, 1<<16),
	}
	log := logrus.New()
	log.SetOutput(io.Discard)
	log.SetLevel(logrus.DebugLevel)
	log.AddHook(h)
	config := Config{
		Self: self, Incarnation: 1, Cluster: "red", Variant: "paxos", Codec: newCodec(t),
		Listen: "127.0.0.1:0", Peers: r.addresses(),
		BackoffStart: time.Millisecond, BackoffMax: 5 * time.Millisecond,
		Log: log,
		Receive: func(from process.ID, batch []retransmit.Packet) {
			for _, p := range batch {
				h.received <- received{from, p}
			}
		},
		Connected: func(p process.ID) { h.connected <- p },
	}
	if change != nil {
		change(&config)
	}
	links, err := Listen(config)
	require.NoError(t, err)
	h.Links = links
	t.Cleanup(links.Close)
	r.point(self, links.Addr().String())
	return h
}

func (h *host) awaitConnected(t testing.TB, to process.ID) {
	t.Helper()
	await(t, h.connected, func(p process.ID) bool { return p == to })
}

// awaitLog waits for a line of the log with all the words.
func (h *host) awaitLog(t testing.TB, words ...string) {
	t.Helper()
	await(t, h.log, func(line string) bool {
		for _, word := range words {
			if !strings.Contains(line, word) {
				return false
			}
		}
		return true
	})
}

// relays are fixed addresses, one per process, that pass connections on to wherever the
// process listens now.
type relays struct {
	listeners map[process.ID]net.Listener
	running   sync.WaitGroup

	mu      sync.Mutex
	targets map[process.ID]string
	conns   map[net.Conn]bool
	closed  bool
}

func newRelays(t testing.TB, n int) *relays {
	t.Helper()
	r := &relays{
		listeners: make(map[process.ID]net.Listener),
		targets:   make(map[process.ID]string),
		conns:     make(map[net.Conn]bool),
	}
	for i := range n {
		id := process.ID(i + 1)
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		r.listeners[id] = listener
		r.running.Go(func() { r.accept(id, listener) })
	}
	t.Cleanup(r.close)
	return r
}

func (r *relays) addresses() map[process.ID]string {
	all := make(map[process.ID]string)
	for id, l := range r.listeners {
		all[id] = l.Addr().String()
	}
	return all
}

// point lets the address of id lead to target.
func (r *relays) point(id process.ID, target string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.targets[id] = target
}

func (r *relays) accept(id process.ID, listener net.Listener) {
	for {
		near, err := listener.Accept()
		if err != nil {
			return
		}
		r.mu.Lock()
		target := r.targets[id]
		r.mu.Unlock()
		far, err := net.Dial("tcp", target)
		if err != nil {
			closeConn(near)
			continue
		}
		r.running.Go(func() { r.pass(near, far) })
		r.running.Go(func() { r.pass(far, near) })
	}
}

// pass copies from one connection to the other until either ends.
func (r *relays) pass(from, to net.Conn) {
	r.mu.Lock()
	r.conns[from] = true
	if r.closed {
		closeConn(from)
	}
	r.mu.Unlock()
	_, _ = io.Copy(to, from)
	closeConn(from)
	closeConn(to)
}

func (r *relays) close() {
	for _, l := range r.listeners {
		_ = l.Close()
	}
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.cut()
	r.running.Wait()
}

// cut breaks all connections.
func (r *relays) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns {
		closeConn(c)
		delete(r.conns, c)
	}
}

package link

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/process"
)

func TestLK4Refused(t *testing.T) {
	type other struct{ A int }
	cases := map[string]struct {
		peer   func(c *Config)
		reason string
	}{
		"cluster":   {func(c *Config) { c.Cluster = "blue" }, `p1 is of cluster "red", p2 of cluster "blue"`},
		"variant":   {func(c *Config) { c.Variant = "fall" }, `p1 runs variant "paxos", p2 variant "fall"`},
		"build":     {func(c *Config) { c.Codec = newCodec(t, other{}) }, "messages of fingerprint"},
		"not known": {func(c *Config) { c.Self = 7 }, "p7 is not among the peers of p1"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			r := newRelays(t, 2)
			p1 := start(t, r, 1, nil)
			p2 := start(t, r, 2, test.peer)
			p1.awaitLog(t, "refused a process", quotedIn(test.reason))
			p2.awaitLog(t, "not connected", "refused by", quotedIn(test.reason))
			require.NotZero(t, p1.Stats().Refused)
			require.Zero(t, p1.Stats().Strangers)
			require.Zero(t, p2.Stats().Peers[1].Connects)
		})
	}
}

// TestLK4WrongAddress has a second p1 at the address of p2.
func TestLK4WrongAddress(t *testing.T) {
	r := newRelays(t, 2)
	p1 := start(t, r, 1, nil)
	another := start(t, r, 2, func(c *Config) { c.Self = 1 })
	const reason = "p1 expects p2 at this address, but it is p1's"
	another.awaitLog(t, "refused a process", reason)
	p1.awaitLog(t, "not connected", "refused by", reason)
	require.Zero(t, p1.Stats().Peers[2].Connects)
}

// TestLK4Directory has p1 not know p2 by its directory: p2 hears so, and neither sends to the other.
func TestLK4Directory(t *testing.T) {
	r := newRelays(t, 2)
	const lost, disk = "it has lost its directory", "the disk has failed"
	var failed atomic.Bool // The disk of p1.
	p1 := start(t, r, 1, func(c *Config) {
		c.Directory = "one"
		c.Recognize = func(p process.ID, directory string) error {
			switch {
			case failed.Load():
				return errors.New(disk)
			case p == 2 && directory == "two":
				return nil
			}
			return fmt.Errorf("%s: %w", lost, ErrUnknown)
		}
	})
	disowned := make(chan *RefusedError, 1<<10)
	came := make(chan string, 1<<10)
	another := func(directory string) func(c *Config) {
		return func(c *Config) {
			c.Directory = directory
			c.Recognize = func(_ process.ID, directory string) error {
				came <- directory
				return nil
			}
			c.Disowned = func(err *RefusedError) { disowned <- err }
		}
	}
	p2 := start(t, r, 2, another("another"))
	require.ErrorContains(t, await(t, disowned, anything), lost)
	p1.awaitLog(t, "refused a process", lost)
	p1.awaitLog(t, "not connected", lost)
	require.Equal(t, "one", await(t, came, anything))
	require.Zero(t, p1.Stats().Peers[2].Connects)
	require.Zero(t, p2.Stats().Peers[1].Connects)
	p2.Close()

	for len(disowned) > 0 {
		require.ErrorContains(t, <-disowned, lost)
	}
	failed.Store(true)
	p2 = start(t, r, 2, another("two"))
	p2.awaitLog(t, "not connected", disk)
	require.Empty(t, disowned, "what p1 cannot find out says nothing about p2")
	failed.Store(false)
	p1.awaitConnected(t, 2)
	p2.awaitConnected(t, 1)
}

// TestLK4SameNumber greets a process in its own name.
func TestLK4SameNumber(t *testing.T) {
	p1 := start(t, newRelays(t, 2), 1, nil)
	require.Contains(t, p1.judge(hello{Cluster: "red", From: 1, To: 1}), "this process itself")
}

// quotedIn is text as it stands within a quoted field of a log line.
func quotedIn(text string) string {
	q := fmt.Sprintf("%q", text)
	return q[1 : len(q)-1]
}

// dial connects to the peer port of h as a stranger would.
func dial(t *testing.T, h *host) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", h.Addr().String())
	require.NoError(t, err)
	require.NoError(t, conn.SetDeadline(time.Now().Add(guard)))
	t.Cleanup(func() { closeConn(conn) })
	return conn
}

// greetAs connects to h as another process would.
func greetAs(t *testing.T, from process.ID, h *host, incarnation process.Incarnation) net.Conn {
	t.Helper()
	conn := helloAs(t, from, h, incarnation)
	require.NoError(t, writeGreeting(conn, h.greetings, agreement{}))
	return conn
}

// helloAs connects to h as another process would, as far as h's answer.
func helloAs(t *testing.T, from process.ID, h *host, incarnation process.Incarnation) net.Conn {
	t.Helper()
	conn := dial(t, h)
	require.NoError(t, writeGreeting(conn, h.greetings, hello{
		Cluster: "red", Variant: "paxos", Fingerprint: h.config.Codec.Fingerprint(),
		From: from, Incarnation: incarnation, To: h.config.Self,
	}))
	a, err := readGreeting[answer](conn, h.greetings)
	require.NoError(t, err)
	require.Equal(t, answer{Incarnation: 1}, a)
	return conn
}

// awaitEnd waits until the other side has closed the connection.
func awaitEnd(t *testing.T, conn net.Conn) {
	t.Helper()
	_, err := io.Copy(io.Discard, conn)
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
}

func TestGarbageAtThePeerPort(t *testing.T) {
	_, p1, p2 := pair(t, nil, nil)
	for i, garbage := range []string{
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "PAXON\x01\x00\x00", "PAXON\x03\xff\xff",
	} {
		conn := dial(t, p1)
		_, err := io.WriteString(conn, garbage)
		require.NoError(t, err)
		awaitEnd(t, conn)
		eventually(t, func() bool { return p1.Stats().Strangers == uint64(i+1) })
	}
	p1.awaitLog(t, "did not greet")
	p2.Send(1, packet(1, 1))
	p2.Flush()
	require.Equal(t, received{2, packet(1, 1)}, await(t, p1.received, anything))
}

func TestSilentStrangerIsClosed(t *testing.T) {
	p1 := start(t, newRelays(t, 2), 1, func(c *Config) { c.GreetTimeout = 20 * time.Millisecond })
	slow := dial(t, p1)
	_, err := io.WriteString(slow, "PAX")
	require.NoError(t, err)
	awaitEnd(t, slow)
	p1.awaitLog(t, "did not greet", "timeout")
}

func TestLK5TooManyStrangers(t *testing.T) {
	p1 := start(t, newRelays(t, 2), 1, func(c *Config) { c.Limits.Greetings = 1 })
	silent, more := dial(t, p1), dial(t, p1)
	awaitEnd(t, more)
	p1.awaitLog(t, "too many connections")
	closeConn(silent)
	eventually(t, func() bool { return p1.Stats().Strangers == 2 })
	greetAs(t, 2, p1, 1)
}

func TestHalfFrameAndGarbageFrame(t *testing.T) {
	p2 := start(t, newRelays(t, 2), 2, nil)
	good := frames(t, p2.config.Codec, packet(1, 10))
	for i, bad := range [][]byte{
		good[:20], {0xff, 0xff, 0xff, 0xff}, {0, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7},
	} {
		conn := greetAs(t, 1, p2, 1)
		_, err := conn.Write(append(append([]byte{}, good...), bad...))
		require.NoError(t, err)
		require.NoError(t, conn.(*net.TCPConn).CloseWrite())
		require.Equal(t, received{1, packet(1, 10)}, await(t, p2.received, anything))
		awaitEnd(t, conn)
		eventually(t, func() bool { return p2.Stats().Peers[1].Broken == uint64(i+1) })
	}
	p2.awaitLog(t, "closed a connection for its bytes")
}

// TestOnlyTheLowerNumberDialsForFrames has frames come on the connection that only says who is there.
func TestOnlyTheLowerNumberDialsForFrames(t *testing.T) {
	p1 := start(t, newRelays(t, 2), 1, nil)
	conn := greetAs(t, 2, p1, 1)
	_, err := conn.Write(frames(t, p1.config.Codec, packet(1, 10)))
	require.NoError(t, err)
	awaitEnd(t, conn)
	p1.awaitLog(t, "closed a connection for its bytes", "expected nothing")
	require.Empty(t, p1.received)
}

// TestNothingIsSentBeforeBothAgree has p1 end a connection after p2's answer.
func TestNothingIsSentBeforeBothAgree(t *testing.T) {
	p2 := start(t, newRelays(t, 2), 2, nil)
	conn := helloAs(t, 1, p2, 1)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	awaitEnd(t, conn)
	p2.awaitLog(t, "ended the greeting")
	require.Zero(t, p2.Stats().Peers[1].Connects)
	require.Zero(t, p2.Stats().Strangers)

	conn = helloAs(t, 1, p2, 1)
	require.NoError(t, writeGreeting(conn, p2.greetings, answer{}))
	awaitEnd(t, conn)
	p2.awaitLog(t, "did not greet", "expected link.agreement")
	require.Zero(t, p2.Stats().Peers[1].Connects)
}

func TestNewestConnectionWins(t *testing.T) {
	p2 := start(t, newRelays(t, 2), 2, nil)
	older := greetAs(t, 1, p2, 1)
	newer := greetAs(t, 1, p2, 1)
	awaitEnd(t, older)
	_, err := newer.Write(frames(t, p2.config.Codec, packet(1, 10)))
	require.NoError(t, err)
	require.Equal(t, received{1, packet(1, 10)}, await(t, p2.received, anything))
}

// TestALateAgreementIsNoNewerConnection has a process greet, and agree when it runs as another incarnation.
func TestALateAgreementIsNoNewerConnection(t *testing.T) {
	p2 := start(t, newRelays(t, 2), 2, nil)
	older := helloAs(t, 1, p2, 1)
	newer := greetAs(t, 1, p2, 2)
	p2.awaitConnected(t, 1)
	_ = writeGreeting(older, p2.greetings, agreement{}) // It is closed.
	awaitEnd(t, older)
	_, err := newer.Write(frames(t, p2.config.Codec, packet(1, 10)))
	require.NoError(t, err)
	require.Equal(t, received{1, packet(1, 10)}, await(t, p2.received, anything))
	require.EqualValues(t, 1, p2.Stats().Peers[1].Connects)
}

// TestWhoIsHeardIsDialledAnew has p2 come up while p1 waits for one at p2's address that says nothing.
func TestWhoIsHeardIsDialledAnew(t *testing.T) {
	r := newRelays(t, 2)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	r.point(2, silent.Addr().String())
	p1 := start(t, r, 1, func(c *Config) { c.GreetTimeout, c.BackoffStart = time.Hour, time.Nanosecond })
	conn, err := silent.Accept()
	require.NoError(t, err)
	defer closeConn(conn)
	require.NoError(t, silent.Close())
	p2 := start(t, r, 2, nil)
	p1.awaitConnected(t, 2)
	p2.awaitConnected(t, 1)
}

// TestNewIncarnationDropsOldConnection lets p2 vanish without a word and come back.
func TestNewIncarnationDropsOldConnection(t *testing.T) {
	r := newRelays(t, 2)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	r.point(2, silent.Addr().String())
	p1 := start(t, r, 1, nil)

	for incarnation := process.Incarnation(1); incarnation <= 2; incarnation++ {
		conn, err := silent.Accept()
		require.NoError(t, err)
		t.Cleanup(func() { closeConn(conn) })
		_, err = readGreeting[hello](conn, p1.greetings)
		require.NoError(t, err)
		require.NoError(t, writeGreeting(conn, p1.greetings, answer{Incarnation: incarnation}))
		p1.awaitConnected(t, 2)
		greetAs(t, 2, p1, incarnation+1)
	}
	_, err = silent.Accept()
	require.NoError(t, err)
}

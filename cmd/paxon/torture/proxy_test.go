package torture

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// guard bounds the waits of tests; it passes only when something is broken.
const guard = 20 * time.Second

// echo answers every byte, until the test ends.
func echo(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(c, c)
				_ = c.Close()
			}()
		}
	}()
	return listener.Addr().String()
}

// linked makes proxies of links from p1 and p2 to an echo.
func linked(t *testing.T) (proxies *Proxies, from1, from2 string) {
	t.Helper()
	proxies = NewProxies()
	t.Cleanup(proxies.Close)
	target := echo(t)
	from1, err := proxies.Add(1, 3, target)
	require.NoError(t, err)
	from2, err = proxies.Add(2, 3, target)
	require.NoError(t, err)
	return proxies, from1, from2
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(guard)))
	return c
}

// say writes, and wants it back.
func say(t *testing.T, c net.Conn, text string) {
	t.Helper()
	_, err := io.WriteString(c, text)
	require.NoError(t, err)
	hear(t, c, text)
}

func hear(t *testing.T, c net.Conn, text string) {
	t.Helper()
	answer := make([]byte, len(text))
	_, err := io.ReadFull(c, answer)
	require.NoError(t, err)
	require.Equal(t, text, string(answer))
}

// refused wants nothing to come from an address, or not even a connection.
func refused(t *testing.T, address string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err == nil {
		_, err = c.Read(make([]byte, 1))
		_ = c.Close()
	}
	require.Error(t, err)
}

// TestCut breaks one link: its connections end, and new ones carry nothing, until it is mended as
// often as it was cut; another link does not notice.
func TestCut(t *testing.T) {
	proxies, from1, from2 := linked(t)
	c1, c2 := dial(t, from1), dial(t, from2)
	say(t, c1, "one")
	say(t, c2, "two")
	mend, err := proxies.Cut(1, 3, false)
	require.NoError(t, err)
	again, err := proxies.Cut(1, 3, false)
	require.NoError(t, err)
	_, err = c1.Read(make([]byte, 1))
	require.Error(t, err)
	require.NoError(t, mend())
	refused(t, from1)
	say(t, c2, "still")
	require.NoError(t, again())
	say(t, dial(t, from1), "back")
}

// TestHold has what is sent come when the link is mended.
func TestHold(t *testing.T) {
	proxies, from1, from2 := linked(t)
	c1, c2 := dial(t, from1), dial(t, from2)
	say(t, c1, "one")
	mend, err := proxies.Cut(1, 3, true)
	require.NoError(t, err)
	_, err = io.WriteString(c1, "held")
	require.NoError(t, err)
	require.NoError(t, c1.SetReadDeadline(time.Now().Add(20*time.Millisecond)))
	_, err = c1.Read(make([]byte, 1))
	require.Error(t, err)
	say(t, c2, "two")
	require.NoError(t, c1.SetDeadline(time.Now().Add(guard)))
	require.NoError(t, mend())
	hear(t, c1, "held")
}

func TestDelay(t *testing.T) {
	const late = 30 * time.Millisecond
	proxies, from1, _ := linked(t)
	c := dial(t, from1)
	say(t, c, "one")
	mend, err := proxies.Delay(1, 3, late)
	require.NoError(t, err)
	begun := time.Now()
	say(t, c, "two")
	require.GreaterOrEqual(t, time.Since(begun), late)
	require.NoError(t, mend())
	say(t, c, "three")
}

// TestNobodyListens has the dialer see that.
func TestNobodyListens(t *testing.T) {
	proxies := NewProxies()
	defer proxies.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	address, err := proxies.Add(1, 2, listener.Addr().String())
	require.NoError(t, err)
	refused(t, address)
}

// TestClose ends held connections, and returns.
func TestClose(t *testing.T) {
	proxies, from1, _ := linked(t)
	c := dial(t, from1)
	say(t, c, "one")
	_, err := proxies.Cut(1, 3, true)
	require.NoError(t, err)
	_, err = io.WriteString(c, "held")
	require.NoError(t, err)
	proxies.Close()
	_, err = c.Read(make([]byte, 1))
	require.Error(t, err)
	_, err = net.Dial("tcp", from1)
	require.Error(t, err)
}

package link

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// boundSilence makes the kernel close c when the peer acknowledges nothing for d. Without it a
// connection to a machine that vanished would look healthy for a quarter of an hour.
func boundSilence(c *net.TCPConn, d time.Duration) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		ms := int(d.Milliseconds())
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, ms)
	})
	if err != nil {
		return err
	}
	return failed
}

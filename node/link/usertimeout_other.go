//go:build !linux

package link

import (
	"net"
	"time"
)

// boundSilence does nothing: the system has no such option, and its own bounds hold.
func boundSilence(*net.TCPConn, time.Duration) error { return nil }

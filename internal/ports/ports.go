package ports

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports from here on, below those that systems give to outgoing connections: a process that is
// down must find its port free when it comes back, and nobody who dials it meanwhile may be
// given that very port and so reach himself.
const (
	first = 20000
	count = 12000
)

// Free finds n addresses of the loopback interface that nobody listens at. Another program may
// take one before it is used.
func Free(n int) ([]string, error) {
	var found []string
	from := rand.IntN(count)
	for i := 0; i < count && len(found) < n; i++ {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(first+(from+i)%count))
		l, err := net.Listen("tcp", address)
		if err != nil {
			continue // Somebody has it.
		}
		if err := l.Close(); err != nil {
			return nil, err
		}
		found = append(found, address)
	}
	if len(found) < n {
		return nil, fmt.Errorf("found %d free ports from %d to %d, expected %d: stop what listens there",
			len(found), first, first+count-1, n)
	}
	return found, nil
}

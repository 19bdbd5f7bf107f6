package link

import "golang.org/x/sys/unix"

// mostPieces is how many pieces one call of writev takes.
const mostPieces = 1024

// tryWrite writes what the socket takes at once. An error is found again by whoever writes the
// rest.
func tryWrite(fd uintptr, pieces [][]byte) int {
	for {
		var n int
		var err error
		if len(pieces) == 1 {
			n, err = unix.Write(int(fd), pieces[0])
		} else {
			n, err = unix.Writev(int(fd), pieces[:min(len(pieces), mostPieces)])
		}
		switch {
		case err == unix.EINTR:
		case err != nil:
			return 0
		default:
			return n
		}
	}
}

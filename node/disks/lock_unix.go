//go:build unix

package disks

import (
	"os"
	"syscall"
)

// lock takes the file for as long as it is open, or fails at once.
func lock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

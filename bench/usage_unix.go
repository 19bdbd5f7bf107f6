//go:build unix

package bench

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// systemUsage is the CPU time that this process has used, and the most bytes that it had resident.
func systemUsage() (time.Duration, uint64, error) {
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		return 0, 0, fmt.Errorf("getrusage: %w", err)
	}
	peak, ok := highWater(read("/proc/self/status"))
	if !ok {
		peak = uint64(r.Maxrss)
		if runtime.GOOS != "darwin" { // There it is in bytes.
			peak <<= 10
		}
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()), peak, nil
}

// highWater finds the peak in the text of /proc/self/status. That of getrusage is, on Linux, not
// below what the parent had resident when it started the process.
func highWater(status string) (uint64, bool) {
	for line := range strings.Lines(status) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 54)
			return kib << 10, err == nil
		}
	}
	return 0, false
}

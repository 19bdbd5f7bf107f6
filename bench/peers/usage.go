package main

import (
	"fmt"
	"os"
	"runtime/metrics"
	"runtime/pprof"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// usage is what processes have used since they began, and have resident.
type usage struct {
	CPU      time.Duration
	Allocs   uint64 // Objects.
	Bytes    uint64 // Of them.
	Resident uint64 // Bytes, now
	Peak     uint64 // and at most until now.
}

// plus is what both have used together.
func (u usage) plus(v usage) usage {
	return usage{
		u.CPU + v.CPU, u.Allocs + v.Allocs, u.Bytes + v.Bytes, u.Resident + v.Resident,
		u.Peak + v.Peak,
	}
}

// used asks the operating system and the Go runtime about this process.
func used() (usage, error) {
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		return usage{}, fmt.Errorf("getrusage: %w", err)
	}
	samples := []metrics.Sample{
		{Name: "/gc/heap/allocs:objects"},
		{Name: "/gc/heap/tiny/allocs:objects"},
		{Name: "/gc/heap/allocs:bytes"},
	}
	metrics.Read(samples)
	resident, peak, err := memory()
	return usage{
		CPU:    time.Duration(r.Utime.Nano() + r.Stime.Nano()),
		Allocs: samples[0].Value.Uint64() + samples[1].Value.Uint64(),
		Bytes:  samples[2].Value.Uint64(), Resident: resident, Peak: peak,
	}, err
}

// memory is how many bytes this process has resident now, and had at most. Getrusage does not do
// for the latter: there it begins with what the parent had when it started the process.
func memory() (resident, peak uint64, err error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(text)) {
		for key, to := range map[string]*uint64{"VmRSS:": &resident, "VmHWM:": &peak} {
			if value, ok := strings.CutPrefix(line, key); ok {
				if _, err := fmt.Sscanf(value, "%d kB", to); err != nil {
					return 0, 0, fmt.Errorf("/proc/self/status has %q: expected kB: %w", line, err)
				}
				*to <<= 10
			}
		}
	}
	return resident, peak, nil
}

// profile begins a CPU profile to a file, unless the path is empty. stop ends it.
func profile(path string) (stop func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return func() error { return nil }, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return f.Close, err
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}

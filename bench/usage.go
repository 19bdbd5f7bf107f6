package bench

import (
	"runtime/metrics"
	"time"
)

// usage is what a process of the operating system has used since it began, with the nodes in it.
type usage struct {
	CPU        time.Duration `json:"cpu"`
	Allocs     uint64        `json:"allocs"` // Objects.
	Forces     uint64        `json:"forces"`
	WireBytes  uint64        `json:"wireBytes"`
	PeakMemory uint64        `json:"peakMemory"` // Bytes.
}

// used asks the operating system and the Go runtime. Nodes are not asked.
func used() (usage, error) {
	samples := []metrics.Sample{
		{Name: "/gc/heap/allocs:objects"},
		{Name: "/gc/heap/tiny/allocs:objects"},
	}
	metrics.Read(samples)
	u := usage{Allocs: samples[0].Value.Uint64() + samples[1].Value.Uint64()}
	var err error
	u.CPU, u.PeakMemory, err = systemUsage()
	return u, err
}

// since is what was used between two moments; the peak is that of all times.
func (u usage) since(before usage) usage {
	u.CPU -= before.CPU
	u.Allocs -= before.Allocs
	u.Forces -= before.Forces
	u.WireBytes -= before.WireBytes
	return u
}

package bench

// Report is what a run has measured.
type Report struct {
	Conditions Conditions
	Points     []Point // As in Config.Settings.
}

// Point is what came of one setting: for each figure, the median of the repetitions with the
// least and the most. The figures are those of Repetition, and so are their units.
type Point struct {
	Setting            // Without gaps.
	PerSecond   Spread `json:"messagesPerSecond"`
	MBPerSecond Spread `json:"megabytesPerSecond"`
	P50         Spread `json:"latencyP50Seconds"`
	P99         Spread `json:"latencyP99Seconds"`
	P999        Spread `json:"latencyP999Seconds"`
	Max         Spread `json:"latencyMaxSeconds"`
	CPU         Spread `json:"cpuSecondsPerMillion"`
	Allocations Spread `json:"allocationsPerMillion"`
	PeakMemory  Spread `json:"peakMemoryBytes"`
	PeakLargest Spread `json:"peakMemoryLargestBytes"`
	Forces      Spread `json:"forcesPerMessage"`
	WireBytes   Spread `json:"wireBytesPerMessage"`

	Limits     Limits     `json:"limits"`
	Bandwidths Bandwidths `json:"bandwidths"`
	// LatencyRatio is the median latency over the least that the limits allow: see LeastLatency.
	// It is nil but for closed loops with 1 outstanding, and if the limits allow nothing at all.
	LatencyRatio *float64 `json:"latencyOverLeast,omitempty"`
	// BandwidthShare is the megabytes a second over the most that the limits allow: see
	// MostBandwidth.
	BandwidthShare float64 `json:"bandwidthShare"`

	Repetitions []Repetition `json:"repetitions"`
}

// Repetition is one measurement. Latencies are in seconds, until the position of a message is
// known where it was broadcast; from the moment that it is sent in a closed loop, from that at which
// it is due in an open one.
type Repetition struct {
	Messages    int64   `json:"messages"` // Delivered where they were broadcast, while measured.
	Elapsed     float64 `json:"elapsedSeconds"`
	PerSecond   float64 `json:"messagesPerSecond"`
	MBPerSecond float64 `json:"megabytesPerSecond"` // Of payload, 10⁶ bytes each.
	P50         float64 `json:"latencyP50Seconds"`
	P99         float64 `json:"latencyP99Seconds"`
	P999        float64 `json:"latencyP999Seconds"`
	Max         float64 `json:"latencyMaxSeconds"`
	// Late is how many messages of an open loop were due and never sent, because the cluster fell
	// behind. The end of the measurement counts as their delivery, which flatters.
	Late int64 `json:"late,omitempty"`
	// CPU is user and system time, and Allocations are objects, of all processes with their loads
	// and readers, for a million messages.
	CPU         float64 `json:"cpuSecondsPerMillion"`
	Allocations float64 `json:"allocationsPerMillion"`
	// PeakMemory is resident at most, summed over the processes of the operating system;
	// PeakLargest is that of the one with most.
	PeakMemory  uint64 `json:"peakMemoryBytes"`
	PeakLargest uint64 `json:"peakMemoryLargestBytes"`
	// Forces are forced writes of logs, WireBytes what was written to links, of all processes, for
	// each message.
	Forces    float64 `json:"forcesPerMessage"`
	WireBytes float64 `json:"wireBytesPerMessage"`
	// Delivered is how many messages every process delivered, warm-up included, and Digest that of
	// their sequence (xxh3, chained over positions and payloads).
	Delivered uint64 `json:"delivered"`
	Digest    string `json:"xxh3"`
	// LeaderChanged says that in the end not all processes had the leader of the beginning.
	LeaderChanged bool `json:"leaderChanged"`
}

// pointOf puts a point together from what was measured of a setting, and of the machine meanwhile.
func pointOf(s Setting, all []Repetition, limits Limits, bandwidths Bandwidths) Point {
	p := Point{
		Setting: s, Limits: limits, Bandwidths: bandwidths, Repetitions: all,
		PerSecond:   spreadBy(all, func(r Repetition) float64 { return r.PerSecond }),
		MBPerSecond: spreadBy(all, func(r Repetition) float64 { return r.MBPerSecond }),
		P50:         spreadBy(all, func(r Repetition) float64 { return r.P50 }),
		P99:         spreadBy(all, func(r Repetition) float64 { return r.P99 }),
		P999:        spreadBy(all, func(r Repetition) float64 { return r.P999 }),
		Max:         spreadBy(all, func(r Repetition) float64 { return r.Max }),
		CPU:         spreadBy(all, func(r Repetition) float64 { return r.CPU }),
		Allocations: spreadBy(all, func(r Repetition) float64 { return r.Allocations }),
		PeakMemory:  spreadBy(all, func(r Repetition) float64 { return float64(r.PeakMemory) }),
		PeakLargest: spreadBy(all, func(r Repetition) float64 { return float64(r.PeakLargest) }),
		Forces:      spreadBy(all, func(r Repetition) float64 { return r.Forces }),
		WireBytes:   spreadBy(all, func(r Repetition) float64 { return r.WireBytes }),
	}
	if least := LeastLatency(s, limits); s.Outstanding == 1 && least > 0 {
		ratio := p.P50.Median / least
		p.LatencyRatio = &ratio
	}
	p.BandwidthShare = p.MBPerSecond.Median * 1e6 / MostBandwidth(s, bandwidths)
	return p
}

// LeastLatency is what a broadcast must take, in seconds: a round trip to another process, and one
// more if it is not broadcast at the leader; and a forced write with fsync on. A cluster of one process
// needs no round trip.
func LeastLatency(s Setting, l Limits) float64 {
	trips := 1.0
	switch {
	case s.Processes == 1:
		trips = 0
	case s.At == AtOther || s.At == AtOthers:
		trips = 2
	}
	least := trips * l.RoundTrip.Median
	if s.Fsync {
		least += l.ForcedWrite.Median
	}
	return least
}

// MostBandwidth is how many bytes of payload a second the machine allows at most. With fsync on, it
// is what one of as many logs as there are processes gets when all are written side by side. With
// fsync off, each message crosses the loopback to all processes but one; a single process copies it.
func MostBandwidth(s Setting, b Bandwidths) float64 {
	switch {
	case s.Fsync:
		return b.ForcedEach.Median
	case s.Processes == 1:
		return b.Copy.Median
	}
	return b.Loopback.Median / float64(s.Processes-1)
}

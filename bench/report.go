package bench

// Report is what a run has measured.
type Report struct {
	Conditions Conditions
	Limits     Limits
	Points     []Point // As in Config.Outstanding.
	// Ratio is the median latency at 1 outstanding over a forced write and a round trip: what a
	// broadcast costs over what it must cost. It is nil if that point was not measured, or if the
	// variant does not force.
	Ratio *float64
	// Delivered is how many messages every process delivered, and Digest the SHA-256 over
	// position, client and sequence of each, the same for all processes.
	Delivered uint64
	Digest    string
}

// Point is one number of messages outstanding. Latencies are in seconds.
type Point struct {
	Outstanding int          `json:"outstanding"`
	PerSecond   Spread       `json:"messagesPerSecond"`
	P50         Spread       `json:"latencyP50Seconds"`
	P99         Spread       `json:"latencyP99Seconds"`
	P999        Spread       `json:"latencyP999Seconds"`
	Max         Spread       `json:"latencyMaxSeconds"`
	Repetitions []Repetition `json:"repetitions"`
}

// Repetition is one measurement. Latencies are in seconds, from the moment that a message is
// sent until its position is known where it was broadcast.
type Repetition struct {
	Messages  int64   `json:"messages"` // That were measured.
	PerSecond float64 `json:"messagesPerSecond"`
	P50       float64 `json:"latencyP50Seconds"`
	P99       float64 `json:"latencyP99Seconds"`
	P999      float64 `json:"latencyP999Seconds"`
	Max       float64 `json:"latencyMaxSeconds"`
	// LeaderChanged says that in the end not all processes had the leader of the beginning.
	LeaderChanged bool `json:"leaderChanged"`
}

// repetitionOf puts together what the broadcasters measured.
func repetitionOf(loads []*load, leaderChanged bool) Repetition {
	all, perSecond := NewHistogram(), 0.0
	for _, l := range loads {
		all.Merge(l.latency)
		perSecond += float64(l.latency.TotalCount()) / l.elapsed.Seconds()
	}
	return Repetition{
		Messages: all.TotalCount(), PerSecond: perSecond, LeaderChanged: leaderChanged,
		P50: Quantile(all, 50), P99: Quantile(all, 99), P999: Quantile(all, 99.9),
		Max: Quantile(all, 100),
	}
}

// reportOf puts a report together from the repetitions of each point.
func reportOf(c Config, points [][]Repetition, limits Limits, seen *observer) Report {
	report := Report{
		Conditions: conditionsOf(c), Limits: limits, Delivered: seen.count, Digest: seen.digest(),
	}
	for i, repetitions := range points {
		p := Point{
			Outstanding: c.Outstanding[i], Repetitions: repetitions,
			PerSecond: spreadBy(repetitions, func(r Repetition) float64 { return r.PerSecond }),
			P50:       spreadBy(repetitions, func(r Repetition) float64 { return r.P50 }),
			P99:       spreadBy(repetitions, func(r Repetition) float64 { return r.P99 }),
			P999:      spreadBy(repetitions, func(r Repetition) float64 { return r.P999 }),
			Max:       spreadBy(repetitions, func(r Repetition) float64 { return r.Max }),
		}
		report.Points = append(report.Points, p)
		if p.Outstanding == 1 && report.Conditions.Fsync {
			ratio := p.P50.Median / (limits.ForcedWrite.Median + limits.RoundTrip.Median)
			report.Ratio = &ratio
		}
	}
	return report
}

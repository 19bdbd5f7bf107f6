package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"time"

	"paxon/process"
)

// Report is what came of a run in which all was well.
type Report struct {
	Lines   uint64
	Bytes   int64 // Of the input.
	Elapsed time.Duration
	Members []MemberReport
}

// MemberReport is what came of one process.
type MemberReport struct {
	Process   process.ID
	Crashed   bool // It was left dead.
	Restarts  int
	Delivered uint64
	SHA256    string // Of File.
	File      string // The sequence, one line after the other.
	// PerSecond is the lines delivered in a second, from the first broadcast to the last delivery.
	PerSecond float64
	// P50 and P99 are times from the first broadcast of a line until the process delivered it.
	P50, P99 time.Duration
}

func (r *run) report() Report {
	report := Report{Lines: r.broadcast.Load(), Bytes: r.read.Load()}
	for _, f := range r.followers {
		m := MemberReport{
			Process: f.member.id, Crashed: f.gone, Restarts: f.member.restarts,
			Delivered: f.delivered.Load(), SHA256: f.sum(), File: f.path,
			P50: time.Duration(f.latency.ValueAtQuantile(50)) * time.Microsecond,
			P99: time.Duration(f.latency.ValueAtQuantile(99)) * time.Microsecond,
		}
		if m.Delivered > 0 {
			elapsed := f.last.Sub(r.begun)
			m.PerSecond = float64(m.Delivered) / elapsed.Seconds()
			report.Elapsed = max(report.Elapsed, elapsed)
		}
		report.Members = append(report.Members, m)
	}
	return report
}

// sumOf is the SHA-256 of the first n bytes of a file, or of all if it has less.
func sumOf(file io.ReaderAt, n int64) (string, error) {
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(file, 0, n)); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

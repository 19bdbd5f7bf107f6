package bench

import (
	"fmt"
	"io"
	"runtime"
	"strings"
)

// Benchstat writes the report in the text format of Go benchmarks, one line for each repetition, so
// that benchstat compares two of them. An operation is a message. What benchstat would not compare if
// it differed, such as the commit, is in lines that it passes over.
func (r Report) Benchstat(w io.Writer) error {
	c := r.Conditions
	lines := []string{
		"goos: " + runtime.GOOS, "goarch: " + runtime.GOARCH, "pkg: paxon/bench", "cpu: " + c.CPU,
		fmt.Sprintf("# commit %s, %s, kernel %s, file system %s", c.Commit, c.Go, c.Kernel, c.FileSystem),
		fmt.Sprintf("# %v measured after a warm-up of %v", duration(c.Duration), duration(c.WarmUp)),
		"Unit msgs/s better=higher", "Unit MB/s better=higher",
	}
	for _, unit := range []string{
		"p50-ns", "p99-ns", "p99.9-ns", "max-ns", "cpu-ns/op", "peak-B", "forces/op", "wire-B/op",
	} {
		lines = append(lines, "Unit "+unit+" better=lower")
	}
	for _, p := range r.Points {
		name := p.benchmark(c.Cores)
		for _, repetition := range p.Repetitions {
			lines = append(lines, fmt.Sprintf("%s %d%s", name, repetition.Messages, repetition.values()))
		}
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

// benchmark is the name of a setting among Go benchmarks.
func (s Setting) benchmark(cores int) string {
	return fmt.Sprintf("BenchmarkBroadcast/processes=%d/variant=%s/fsync=%s/inprocess=%s/window=%d/"+
		"batch=%d/at=%s/size=%d/%s-%d", s.Processes, s.Variant, onOff(s.Fsync), onOff(s.InProcess),
		s.Window, s.Batch, s.At, s.Size, s.Load(), cores)
}

// values are the figures of a line, each after a tab and with its unit.
func (r Repetition) values() string {
	const ns = 1e9
	var b strings.Builder
	for _, v := range []struct {
		value float64
		unit  string
	}{
		{ns / r.PerSecond, "ns/op"},
		{r.PerSecond, "msgs/s"},
		{r.MBPerSecond, "MB/s"},
		{r.P50 * ns, "p50-ns"},
		{r.P99 * ns, "p99-ns"},
		{r.P999 * ns, "p99.9-ns"},
		{r.Max * ns, "max-ns"},
		{r.CPU * 1e3, "cpu-ns/op"}, // A second for a million is a microsecond for one.
		{r.Allocations * 1e-6, "allocs/op"},
		{float64(r.PeakMemory), "peak-B"},
		{r.Forces, "forces/op"},
		{r.WireBytes, "wire-B/op"},
	} {
		fmt.Fprintf(&b, "\t%.6g %s", v.value, v.unit)
	}
	return b.String()
}

package bench

import (
	"bufio"
	"fmt"
	"io"
	"runtime"
	"strings"
)

// Benchstat writes the report in the text format of Go benchmarks, one line for each repetition, so
// that benchstat compares two of them. An operation is a message.
func (r Report) Benchstat(w io.Writer) error {
	b := bufio.NewWriter(w) // It keeps its first error for Flush.
	c := r.Conditions
	fmt.Fprintf(b, "goos: %s\ngoarch: %s\npkg: paxon/bench\ncpu: %s\n", runtime.GOOS, runtime.GOARCH, c.CPU)
	fmt.Fprintf(b, "kernel: %s\nfilesystem: %s\ngo: %s\ncommit: %s\n",
		c.Kernel, c.FileSystem, c.Go, c.Commit)
	fmt.Fprintf(b, "warmup: %v\nduration: %v\n", duration(c.WarmUp), duration(c.Duration))
	for _, unit := range []string{"msgs/s", "MB/s"} {
		fmt.Fprintf(b, "Unit %s better=higher\n", unit)
	}
	for _, unit := range []string{
		"p50-ns", "p99-ns", "p99.9-ns", "max-ns", "cpu-ns/op", "peak-B", "forces/op", "wire-B/op",
	} {
		fmt.Fprintf(b, "Unit %s better=lower\n", unit)
	}
	for _, p := range r.Points {
		for _, repetition := range p.Repetitions {
			fmt.Fprintf(b, "%s %d%s\n", p.benchmark(c.Cores), repetition.Messages, repetition.values())
		}
	}
	return b.Flush()
}

// benchmark is the name of a setting among Go benchmarks.
func (s Setting) benchmark(cores int) string {
	load := strings.ReplaceAll(s.Load(), "+", "") // That of a large float.
	return fmt.Sprintf("BenchmarkBroadcast/processes=%d/variant=%s/fsync=%s/inprocess=%s/window=%d/"+
		"batch=%d/at=%s/size=%d/%s-%d", s.Processes, s.Variant, onOff(s.Fsync), onOff(s.InProcess),
		s.Window, s.Batch, s.At, s.Size, load, cores)
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

package bench

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTable(t *testing.T) {
	var out strings.Builder
	require.NoError(t, sampleReport().Table(&out))
	for _, want := range []string{
		"│ load ", "│ C=1 ", "│ rate=100000 ", "2100 (2000 to 2200)", "450 (400 to 500) µs", "11.0 ms",
		"2.65 × least, 0.0 %", "10.0 %", "1450 (1400 to 1500)", "300 MiB", "120 MiB", " 2.5 ", " 272 ",
		"forced write of 16 B", "150 (140 to 160) µs", "20.0 (19.0 to 21.0) µs",
		"forced writes of 256 KiB, each of 3 logs", "400 (300 to 500) MB/s", "6000 MB/s",
		"The leader changed in 1 repetitions", "12 messages were due and never sent",
		"all points: processes 3, variant fall+spring, fsync on,", "at leader, size 16 B\n",
		"2 repetitions of 1ms", "warm-up of 0s", "each message once, in one order",
	} {
		require.Contains(t, out.String(), want)
	}
}

// TestDimensions has a column for what differs, and for nothing else.
func TestDimensions(t *testing.T) {
	r := sampleReport()
	varying, constant := r.dimensions()
	require.Equal(t, []string{"load"}, varying.names())
	require.Len(t, constant, 8)
	r.Points[1].At, r.Points[1].InProcess, r.Points[1].Batch = AtAll, true, 1
	varying, constant = r.dimensions()
	require.Equal(t, []string{"in one process", "batch", "at", "load"}, varying.names())
	require.Equal(t, []any{"on", "1 B", "all", "rate=100000"}, []any(varying.row(r.Points[1].Setting)))
	require.Len(t, constant, 5)
}

// TestJSON wants lines that are complete each by itself.
func TestJSON(t *testing.T) {
	var out strings.Builder
	r := sampleReport()
	require.NoError(t, r.JSON(&out))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 2)
	for i, text := range lines {
		var line jsonLine
		require.NoError(t, json.Unmarshal([]byte(text), &line))
		require.Equal(t, r.Points[i], line.Point)
		require.Equal(t, r.Conditions, line.Conditions)
	}
}

// TestBenchstat wants the format of Go benchmarks: a name, a count, and pairs of value and unit.
func TestBenchstat(t *testing.T) {
	var out strings.Builder
	r := sampleReport()
	r.Conditions.CPU, r.Conditions.Cores = "Some CPU", 2
	require.NoError(t, r.Benchstat(&out))
	require.Contains(t, out.String(), "\ncpu: Some CPU\n")
	require.Contains(t, out.String(), "\n# commit ")
	require.Contains(t, out.String(), "\nUnit msgs/s better=higher\n")
	var names []string
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "Benchmark") {
			continue
		}
		fields := strings.Fields(line)
		names = append(names, fields[0])
		require.Len(t, fields, 2+2*12)
		require.Equal(t, "ns/op", fields[3])
	}
	const prefix = "BenchmarkBroadcast/processes=3/variant=fall+spring/fsync=on/inprocess=off/window="
	require.Len(t, names, 3, "one line for each repetition")
	require.True(t, strings.HasPrefix(names[0], prefix), names[0])
	require.Regexp(t, `/batch=\d+/at=leader/size=16/C=1-2$`, names[1])
	require.True(t, strings.HasSuffix(names[2], "/rate=100000-2"))
	require.Contains(t, out.String(), "\t2200 msgs/s\t")
	require.Contains(t, out.String(), "\t400000 p50-ns\t")
	require.Contains(t, out.String(), "\t1.5e+06 cpu-ns/op\t", "1.5 ms a message")
}

// full is a disk without room.
type full struct{}

var errFull = errors.New("no space left on device")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestOutputFails(t *testing.T) {
	r := sampleReport()
	require.ErrorIs(t, r.Table(full{}), errFull)
	require.ErrorIs(t, r.JSON(full{}), errFull)
	require.ErrorIs(t, r.Benchstat(full{}), errFull)
}

func TestUnits(t *testing.T) {
	require.Equal(t, "1.5 µs", span(spreadAt(1.5e-6)))
	require.Equal(t, "12.0 (11.0 to 13.0) s", span(Spread{12, 11, 13}))
	require.Equal(t, "99.5", rate(spreadAt(99.5)))
	require.Equal(t, "0.00123", plain(spreadAt(0.00123456), 1))
	require.Equal(t, "1234", plain(spreadAt(1234.5e6), 1e-6))
	require.Equal(t, "1 KiB", byteSize(1024))
	require.Equal(t, "8 MiB", byteSize(8<<20))
	require.Equal(t, "1025 B", byteSize(1025))
}

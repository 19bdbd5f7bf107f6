package bench

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func sampleReport() Report {
	c := goodConfig()
	r := reportOf(c, [][]Repetition{
		{{PerSecond: 2000, P50: 4e-4}, {PerSecond: 2200, P50: 5e-4}},
		{{PerSecond: 90000, LeaderChanged: true, P50: 0.011}},
	}, Limits{
		ForcedWrite: Spread{1.5e-4, 1.4e-4, 1.6e-4}, RoundTrip: Spread{2e-5, 1.9e-5, 2.1e-5},
	}, newObserver(1, nil, nil))
	return r
}

func TestTable(t *testing.T) {
	var out strings.Builder
	require.NoError(t, sampleReport().Table(&out))
	for _, want := range []string{
		"2100 (2000 to 2200)", "450 (400 to 500) µs", "11.0 (11.0 to 11.0) ms",
		"forced write of 16 B", "150 (140 to 160) µs", "20.0 (19.0 to 21.0) µs", "2.65",
		"The leader changed in 1 repetitions", "variant paxos", "fsync on", "16 B a message",
		"2 repetitions of 1ms", "warm-up of 0s",
	} {
		require.Contains(t, out.String(), want)
	}
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
		require.Equal(t, r.Limits, line.Limits)
		require.Equal(t, i == 0, line.Ratio != nil, "the ratio is of 1 outstanding")
	}
}

func TestUnits(t *testing.T) {
	require.Equal(t, "1.5 (1.5 to 1.5) µs", span(Spread{1.5e-6, 1.5e-6, 1.5e-6}))
	require.Equal(t, "12.0 (11.0 to 13.0) s", span(Spread{12, 11, 13}))
	require.Equal(t, "1 KiB", byteSize(1024))
	require.Equal(t, "8 MiB", byteSize(8<<20))
	require.Equal(t, "1025 B", byteSize(1025))
}

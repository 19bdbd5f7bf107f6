package draw_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/draw"
	"paxon/sim"
)

// logged is an entry of a log.
type logged struct {
	event, host string
	clock       map[string]uint64
}

// parseLog takes a log apart as ShiViz does, and holds it to what ShiViz demands: that nothing is
// left over, and that the events of a host are numbered from 1 without a gap.
func parseLog(t *testing.T, log string) (entries []logged) {
	t.Helper()
	parser := regexp.MustCompile(draw.ShiVizParser)
	last := map[string]uint64{}
	for _, match := range parser.FindAllStringSubmatch(log, -1) {
		e := logged{event: match[1], host: match[2]}
		require.NoError(t, json.Unmarshal([]byte(match[3]), &e.clock))
		last[e.host]++
		require.Equal(t, last[e.host], e.clock[e.host], "%s: %s", e.host, e.event)
		entries = append(entries, e)
	}
	require.Empty(t, strings.TrimSpace(parser.ReplaceAllString(log, "")))
	return entries
}

// before says whether an entry's clock is below another's: it happened before it.
func (e logged) before(o logged) bool { return e.clock[e.host] <= o.clock[e.host] }

func TestShiVizGolden(t *testing.T) {
	var log bytes.Buffer
	require.NoError(t, draw.ShiViz(&log, trace(t, "everything"), draw.DefaultWithout()))
	path := filepath.Join("testdata", "everything.log")
	if *rewrite {
		require.NoError(t, os.WriteFile(path, log.Bytes(), 0o644))
	}
	expected, err := os.ReadFile(path)
	require.NoError(t, err, "go test ./draw -rewrite writes it")
	require.Equal(t, string(expected), log.String(), "go test ./draw -rewrite accepts it")
}

// TestShiVizClocks compares the clocks with happened-before, found from the trace itself.
func TestShiVizClocks(t *testing.T) {
	for name, run := range runs() {
		var events []sim.TraceEvent
		for e, err := range simulated(t, run, 1) {
			require.NoError(t, err)
			if e.Event != "lost" && e.Event != "link" && e.Event != "heal" {
				events = append(events, e)
			}
		}
		events = events[:min(len(events), 250)]
		var log bytes.Buffer
		require.NoError(t, draw.ShiViz(&log, given(events), nil))
		entries := parseLog(t, log.String())
		require.Len(t, entries, len(events))

		// Which events come before each: those before the one before it at its process, and if it
		// is a receive, those before the send.
		last, sends := map[string]int{}, map[uint64]int{}
		past := make([]map[int]bool, len(events))
		for i, e := range events {
			past[i] = map[int]bool{i: true}
			join := func(j int) {
				for k := range past[j] {
					past[i][k] = true
				}
			}
			host := entries[i].host
			if j, ok := last[host]; ok {
				join(j)
			}
			if j, ok := sends[e.Message]; ok && e.Event == "receive" {
				join(j)
			}
			if e.Event == "send" {
				sends[e.Message] = i
			}
			last[host] = i
		}
		for i := range entries {
			for j := range entries {
				require.Equal(t, past[i][j], entries[j].before(entries[i]), "%s: %d before %d", name, j, i)
			}
		}
	}
}

// given gives events that need not be read.
func given(events []sim.TraceEvent) func(yield func(sim.TraceEvent, error) bool) {
	return func(yield func(sim.TraceEvent, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// TestShiVizWithout leaves out kinds, and the clocks are right without them.
func TestShiVizWithout(t *testing.T) {
	for _, kind := range draw.Kinds() {
		var log bytes.Buffer
		require.NoError(t, draw.ShiViz(&log, trace(t, "everything"), []draw.Kind{kind}))
		parseLog(t, log.String())
		switch kind {
		case draw.Heartbeats:
			require.NotContains(t, log.String(), "HEARTBEAT")
		case draw.Acks:
			require.NotContains(t, log.String(), "ACK\n")
		case draw.Disk:
			require.NotContains(t, log.String(), "durable")
		case draw.Duplicates:
			require.Equal(t, 1, strings.Count(log.String(), "receive from p2: PULL(L2)"))
		case draw.Leaders:
			require.NotContains(t, log.String(), "elects")
		case draw.Deliveries:
			require.NotContains(t, log.String(), "deliver L1")
		case draw.Registers:
			require.NotContains(t, log.String(), "READ")
		default:
			require.Contains(t, log.String(), "crash")
		}
	}
}

// full is a writer that fails.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room") }

func TestShiVizReportsErrors(t *testing.T) {
	require.ErrorContains(t, draw.ShiViz(full{}, trace(t, "everything"), nil), "write the log: no room")
	bad := sim.ReadTrace(strings.NewReader("x"), "bad.ndjson")
	require.ErrorContains(t, draw.ShiViz(&bytes.Buffer{}, bad, nil), "bad.ndjson:1: ")
}

package draw_test

import (
	"bytes"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/draw"
	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/sim"
)

// runs are short runs of many kinds.
func runs() map[string]sim.Config {
	configs := map[string]sim.Config{}
	for _, v := range []struct {
		name      string
		processes int
	}{{"crash-stop", 5}, {"paxos", 3}, {"fall+spring", 3}, {"summer", 3}} {
		variant, err := catalog.ByName(v.name)
		if err != nil {
			panic(err)
		}
		c := sim.DefaultConfig(variant, v.processes)
		c.Broadcasts, c.Duration = 5, 60*time.Millisecond
		configs[v.name] = c
	}
	return configs
}

// simulated gives the trace of a run.
func simulated(t *testing.T, c sim.Config, seed uint64) iter.Seq2[sim.TraceEvent, error] {
	t.Helper()
	var out bytes.Buffer
	require.Nil(t, sim.Run(c, seed, sim.NewTrace(&out)).Violation)
	return sim.ReadTrace(&out, "run.ndjson")
}

// TestLongRun draws a run of thousands of events, with labels on pages that are bounded.
func TestLongRun(t *testing.T) {
	c := sim.DefaultConfig(seasons.Paxos(), 5)
	c.Broadcasts, c.Faults = 60, sim.Faults{Crashes: true, Loss: true}
	events := 0
	counted := func(yield func(sim.TraceEvent, error) bool) {
		for e, err := range simulated(t, c, 3) {
			events++
			if !yield(e, err) {
				return
			}
		}
	}
	o := draw.DefaultOptions()
	pages, err := draw.Pages(counted, o)
	require.NoError(t, err)
	require.Greater(t, events, 5000)
	require.Greater(t, len(pages), 4)
	for _, p := range pages {
		root := parse(t, string(p))
		require.LessOrEqual(t, root.Width, o.Width)
		require.LessOrEqual(t, root.Height, o.Height)
	}
}

// FuzzPages draws whatever is a trace.
func FuzzPages(f *testing.F) {
	for _, seed := range []string{
		`{"t":1,"event":"receive","from":1,"to":2,"message":3,"text":"READ(L1,"}`,
		`{"t":1,"event":"put","process":1,"key":1}` + "\n" + `{"t":1,"event":"durable","process":1,"key":1}`,
		`{"t":1,"event":"return","process":1,"text":"read(1) commit \"\u0000"}`,
		`{"t":1,"event":"crash","process":1}` + "\n" + `{"t":1,"event":"crash","process":1}`,
		`{"t":1,"event":"invoke","process":1,"text":"write(1, \"a\")"}` + "\n" +
			`{"t":1,"event":"return","process":1,"text":"write(1) commit"}`,
		`{"t":1,"event":"write","process":1,"disk":2,"key":1}` + "\n" +
			`{"t":9,"event":"written","process":1,"disk":2,"key":1}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		events := sim.ReadTrace(bytes.NewBufferString(text), "fuzz")
		pages, err := draw.Pages(events, draw.Options{Width: 300, Height: 200})
		if err != nil {
			return
		}
		for _, p := range pages {
			requireXML(t, string(p))
			require.NotContains(t, string(p), "NaN")
			require.NotContains(t, string(p), "Inf")
		}
	})
}

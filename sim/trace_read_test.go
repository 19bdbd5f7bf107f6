package sim_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"paxon/seasons"
	"paxon/sim"
)

// readTrace reads a whole trace.
func readTrace(text string) (events []sim.TraceEvent, err error) {
	for e, err := range sim.ReadTrace(strings.NewReader(text), "run.ndjson") {
		if err != nil {
			return events, err
		}
		events = append(events, e)
	}
	return events, nil
}

func TestReadTraceReadsWhatIsWritten(t *testing.T) {
	var written bytes.Buffer
	result := sim.Run(sim.DefaultConfig(seasons.Paxos(), 3), 7, sim.NewTrace(&written))
	require.Nil(t, result.Violation)
	events, err := readTrace(written.String())
	require.NoError(t, err)
	require.Len(t, events, strings.Count(written.String(), "\n"))
	var again bytes.Buffer
	encoder := json.NewEncoder(&again)
	encoder.SetEscapeHTML(false)
	for _, e := range events {
		require.NoError(t, encoder.Encode(e))
	}
	require.Equal(t, written.String(), again.String())
}

func TestReadTraceRejects(t *testing.T) {
	const good = `{"t":5,"event":"heal"}` + "\n"
	for line, expected := range map[string]string{
		"":                               "EOF: expected an event as a JSON object",
		"start":                          "invalid character 's'",
		"[]":                             "cannot unmarshal array",
		`{"t":"5"}`:                      "cannot unmarshal string",
		`{"t":5,"event":"heal"} {}`:      `"{}" follows the event: expected one event a line`,
		`{"t":5,"event":"heal","who":1}`: `unknown field "who"`,
		`{"t":5,"event":"healed"}`:       `event "healed": expected one that sim.TraceEvent lists`,
		`{"t":4,"event":"heal"}`:         "t is 4: expected at least 5, as on the line before",
		`{"t":5,"event":"start"}`: "start has process 0: " +
			"expected the number of a process, from 1",
		`{"t":5,"event":"send","to":1}`: "send has message 0: " +
			"expected the number of the message, from 1",
		`{"t":5,"event":"link","from":1}`: "link has from 1 to 0: " +
			"expected two processes, from 1",
		`{"t":5,"event":"write","process":1}`: "write has disk 0: expected at least 1",
		`{"t":5,"event":"link","from":1,"to":2,"reason":"bent"}`: `link has reason "bent": ` +
			"expected broken or mended",
		`{"t":5,"event":"lost","from":1,"to":2,"message":3}`: `lost has reason "": ` +
			"expected link or cut or down",
		`{"t":5,"event":"heal","text":"` + strings.Repeat("x", 1<<20) + `"}`: "more than 1048576 " +
			"bytes: expected one event a line",
	} {
		events, err := readTrace(good + line + "\n")
		var bad *sim.TraceError
		require.ErrorAs(t, err, &bad, line)
		require.Equal(t, 2, bad.Line)
		require.True(t, strings.HasPrefix(err.Error(), "run.ndjson:2: "), err)
		require.ErrorContains(t, err, expected)
		require.Len(t, events, 1)
	}
}

func TestReadTraceReportsAnErrorOfReading(t *testing.T) {
	broken := errors.New("the disk is gone")
	for _, err := range sim.ReadTrace(iotest.ErrReader(broken), "run.ndjson") {
		require.ErrorIs(t, err, broken)
		require.ErrorContains(t, err, "read the trace run.ndjson")
	}
}

func TestReadTraceStops(t *testing.T) {
	n := 0
	for _, err := range sim.ReadTrace(strings.NewReader(strings.Repeat("{\"event\":\"heal\"}\n", 3)), "") {
		require.NoError(t, err)
		n++
		break
	}
	require.Equal(t, 1, n)
}

func FuzzReadTrace(f *testing.F) {
	f.Add(`{"t":6485349,"event":"start","process":3,"incarnation":1}`)
	f.Add(`{"t":1,"event":"send","from":3,"to":1,"message":1,"text":"READ(L1,1.p1.1)"}` + "\n" +
		`{"t":2,"event":"lost","from":3,"to":1,"message":1,"reason":"down"}`)
	f.Add(`{"t":1,"event":"write","process":1,"disk":1,"key":2,"text":"copy"}` + "\n\n")
	f.Add("{\"event\":\"heal\"}\nx")
	f.Fuzz(func(t *testing.T, text string) {
		events, err := readTrace(text)
		if err != nil {
			require.NotEmpty(t, err.Error())
		}
		var again bytes.Buffer
		encoder := json.NewEncoder(&again)
		for _, e := range events {
			require.NoError(t, encoder.Encode(e))
		}
		same, err := readTrace(again.String())
		require.NoError(t, err)
		require.Equal(t, events, same)
	})
}

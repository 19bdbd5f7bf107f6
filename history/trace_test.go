package history

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/seasons/catalog"
	"paxon/sim"
	"paxon/sim/flawed"
)

// trace is that of a simulated run with faults.
func trace(t testing.TB, variant string, seed uint64) []byte {
	t.Helper()
	v, err := catalog.ByName(variant)
	require.NoError(t, err)
	var out bytes.Buffer
	result := sim.Run(sim.DefaultConfig(v, 3), seed, sim.NewTrace(&out))
	require.Nil(t, result.Violation)
	return out.Bytes()
}

// TestFromTrace checks simulated runs of every composition from outside.
func TestFromTrace(t *testing.T) {
	var sum Counts
	for _, variant := range catalog.Names() {
		for seed := range uint64(4) {
			history, err := FromTrace(bytes.NewReader(trace(t, variant, seed)))
			require.NoError(t, err)
			r, err := Check(history, time.Minute)
			require.NoError(t, err)
			require.Equal(t, OK, r.Verdict, "%s, seed %d: %s", variant, seed, r.Reason)
			sum.Add(r.Counts)
		}
	}
	require.Greater(t, sum.Messages, 500)
	require.Greater(t, sum.Calls, sum.Messages, "some are handed over")
	require.Greater(t, sum.Reads, 1000)
	require.Positive(t, sum.Unknown)
	require.Positive(t, sum.UnknownSeen)
}

// TestTraceValues reads values that a trace shows whole, cut, and with signs in them.
func TestTraceValues(t *testing.T) {
	const cut = `"0123456789012345678901234567890123456789"…(44 bytes)`
	const text = `{"event":"start","process":2,"incarnation":1}
{"event":"send","from":2,"to":1,"text":"anything"}
{"event":"broadcast","process":2,"text":"\"a ]\\\"b\""}
{"event":"broadcast","process":2,"text":"\"0123456789012345678901234567890123456789more\""}
{"event":"broadcast","process":2,"text":"\"\""}
{"event":"deliver","process":2,"instance":1,"text":"no-op"}
{"event":"deliver","process":2,"instance":2,` +
		`"text":"[\"a ]\\\"b\" ⊥ \"0123456789012345678901234567890123456789\"…(44 bytes)]"}
{"event":"outcome","process":2,"text":"\"a ]\\\"b\" delivered at 2/0"}
{"event":"outcome","process":2,"text":"\"\" expired at 0/0"}
{"event":"broadcast","process":2,"text":"\"z\""}
{"event":"outcome","process":2,"text":"\"z\" forgotten at 0/0"}
`
	history, err := FromTrace(strings.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, []Operation{
		{
			Kind: Broadcast, Client: maxProcesses, Process: 2, Start: 1, Call: 3, Return: 8,
			Value: `a ]"b`, At: at(2, 0),
		},
		{Kind: Broadcast, Client: maxProcesses + 1, Process: 2, Start: 1, Call: 4, Unknown: true, Value: cut},
		{Kind: Broadcast, Client: maxProcesses + 2, Process: 2, Start: 1, Call: 5, Unknown: true},
		{Kind: Read, Client: 1, Process: 2, Start: 1, From: at(1, 0), To: at(2, 0), Call: 6, Return: 6},
		{
			Kind: Read, Client: 1, Process: 2, Start: 1, From: at(2, 0), To: at(3, 0), Call: 7, Return: 7,
			Entries: []Entry{{at(2, 0), `a ]"b`}, {at(2, 1), ""}, {at(2, 2), cut}},
		},
		{Kind: Broadcast, Client: maxProcesses, Process: 2, Start: 1, Call: 10, Return: 11, Value: "z"},
	}, history)
}

// TestBrokenTrace spoils the trace of a good run.
func TestBrokenTrace(t *testing.T) {
	good := string(trace(t, "fall+spring", 42))
	lines := strings.SplitAfter(good, "\n")
	var delivered []int
	for i, l := range lines {
		if strings.Contains(l, `"event":"deliver"`) && strings.Contains(l, `[\"`) {
			delivered = append(delivered, i)
		}
	}
	for name, spoil := range map[string]func(lines []string){
		"lost": func(lines []string) { lines[delivered[4]] = "" },
		"swapped": func(lines []string) {
			i, j := delivered[4], delivered[len(delivered)-1]
			lines[i], lines[j] = lines[j], lines[i]
		},
		"altered": func(lines []string) {
			lines[delivered[4]] = strings.Replace(lines[delivered[4]], `[\"m`, `[\"M`, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			broken := append([]string(nil), lines...)
			spoil(broken)
			history, err := FromTrace(strings.NewReader(strings.Join(broken, "")))
			require.NoError(t, err)
			r, err := Check(history, time.Minute)
			require.NoError(t, err)
			require.Equal(t, Violation, r.Verdict)
		})
	}
}

// TestFlawedTraces runs broken compositions: when the monitors see that processes deliver in different
// orders, so does the checker.
func TestFlawedTraces(t *testing.T) {
	for _, name := range []string{"minority", "read-ignored", "accepted-in-any-round"} {
		c, err := flawed.ByName(name)
		require.NoError(t, err)
		found := 0
		for seed := uint64(0); found < 3; seed++ {
			require.Less(t, seed, uint64(20_000), "%s never breaks total order", name)
			r := sim.Run(c.Config(), seed, nil)
			if r.Violation == nil || r.Violation.Property != sim.TotalOrder {
				continue
			}
			found++
			var out bytes.Buffer
			sim.Run(c.Config(), seed, sim.NewTrace(&out))
			history, err := FromTrace(&out)
			require.NoError(t, err)
			result, err := Check(history, time.Minute)
			require.NoError(t, err)
			require.Equal(t, Violation, result.Verdict, "%s, seed %d: %v", name, seed, r.Violation)
		}
	}
}

func TestBadTrace(t *testing.T) {
	const start = `{"event":"start","process":1}` + "\n"
	for _, c := range []struct{ text, want string }{
		{`{`, "line 1: "},
		{`{"event":"deliver","process":1}`, "has not started"},
		{`{"event":"start","process":4000000000}`, "expected 1 to 1024"},
		{start + `{"event":"deliver","process":1,"text":"[]"}`, "line 2: a delivery in instance 0"},
		{start + `{"event":"deliver","process":1,"instance":1,"text":"a"}`, "a batch such as"},
		{start + `{"event":"deliver","process":1,"instance":1,"text":"[a]"}`, "a batch such as"},
		{start + `{"event":"deliver","process":1,"instance":1,"text":"[\"a\"…(]"}`, "a batch such as"},
		{start + `{"event":"broadcast","process":1,"text":"a"}`, "a quoted value"},
		{start + `{"event":"outcome","process":1,"text":"a"}`, "one such as"},
		{start + `{"event":"outcome","process":1,"text":"\"a\" delivered at 1/0"}`, "its broadcast before"},
		{
			start + `{"event":"broadcast","process":1,"text":"\"a\""}` + "\n" +
				`{"event":"outcome","process":1,"text":"\"a\" delivered at 1"}`, "expected",
		},
	} {
		_, err := FromTrace(strings.NewReader(c.text))
		var wrong *OperationError
		require.ErrorAs(t, err, &wrong, c.text)
		require.ErrorContains(t, err, c.want)
	}
}

// FuzzFromTrace reads anything; what it takes is a history that can be written and checked.
func FuzzFromTrace(f *testing.F) {
	for _, l := range bytes.SplitAfter(trace(f, "paxos", 1), []byte("\n")) {
		if bytes.Contains(l, []byte(`"deliver"`)) || bytes.Contains(l, []byte(`"broadcast"`)) {
			f.Add(append([]byte(`{"event":"start","process":1}`+"\n"), l...))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		history, err := FromTrace(bytes.NewReader(text))
		if err != nil {
			return
		}
		var out bytes.Buffer
		require.NoError(t, Write(&out, history))
		_, err = ReadAll(&out)
		require.NoError(t, err)
		_, err = Check(history, time.Millisecond)
		require.NoError(t, err)
	})
}

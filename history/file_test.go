package history

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/tob"
)

// whole is a history with everything that a file can have.
func whole() []Operation {
	forgotten := sent(0, 1, "", 0, 3, 4)
	forgotten.At = tob.Position{}
	bounded := saw(2, 1, 2)
	bounded.To = at(7, 0)
	return []Operation{
		bounded, sent(0, 1, "a <b>", 3, 0, 9),
		lost(1, 2, "c", 0), forgotten, saw(1, 10, 11, "a", "b"), saw(2, 1, 2),
	}
}

func TestFile(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, Write(&out, whole()))
	require.Contains(t, out.String(), `{"op":"broadcast","client":1,"process":2,"start":1,"call":0,`+
		`"result":"unknown","value":"c"}`+"\n")
	require.Contains(t, out.String(), `"return":9,"result":"ok","value":"a <b>","at":"3/0"}`+"\n")
	got, err := ReadAll(strings.NewReader(out.String() + "\n  \n"))
	require.NoError(t, err)
	require.Equal(t, whole(), got)
}

func TestBadFile(t *testing.T) {
	const good = `{"op":"read","client":0,"process":1,"start":1,"call":0,` +
		`"return":1,"result":"ok","from":"1/0"}`
	_, err := ReadAll(strings.NewReader(good))
	require.NoError(t, err)
	for _, c := range []struct{ old, new, want string }{
		{`"read"`, `"write"`, "expected broadcast or read"},
		{`"read"`, `"broadcast"`, "broadcast without a value"},
		{`"ok"`, `"fine"`, "expected ok or unknown"},
		{`"ok"`, `"unknown"`, "none for unknown"},
		{`"return":1,`, "", "a return for ok"},
		{`"return":1,`, `"return":-1,`, "return -1 before call 0"},
		{`1/0`, `1`, "expected one such as 17/0"},
		{`"from"`, `"at"`, "from, to and entries"},
		{`"1/0"`, `"1/0","entries":[{"at":"x"}]`, `position "x"`},
		{`"1/0"`, `"1/0","more":1`, "unknown field"},
		{`}`, `}{}`, "one a line"},
		{`{`, ``, "expected one operation as JSON"},
		{`"process":1`, `"process":0`, "at least 1 of p1"},
	} {
		_, err := ReadAll(strings.NewReader("\n" + strings.Replace(good, c.old, c.new, 1)))
		require.ErrorContains(t, err, c.want)
		require.ErrorContains(t, err, "line 2: ")
	}
	_, err = ReadAll(strings.NewReader(strings.Repeat(" ", maxLine+1)))
	require.ErrorContains(t, err, "line 1: a longer line")
}

// FuzzReadAll reads anything; what it takes is written and read again the same, and can be checked.
func FuzzReadAll(f *testing.F) {
	var out bytes.Buffer
	require.NoError(f, Write(&out, whole()))
	f.Add(out.Bytes())
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		history, err := ReadAll(bytes.NewReader(text))
		if err != nil {
			return
		}
		var out bytes.Buffer
		require.NoError(t, Write(&out, history))
		again, err := ReadAll(&out)
		require.NoError(t, err)
		require.Equal(t, len(history), len(again))
		_, err = Check(history, time.Millisecond)
		require.NoError(t, err)
	})
}

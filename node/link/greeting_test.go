package link

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGreetingRoundTrip(t *testing.T) {
	c, err := greetings()
	require.NoError(t, err)
	want := hello{
		Cluster: strings.Repeat("c", maxName), Variant: strings.Repeat("v", maxName),
		Fingerprint: "0123", From: 1, Incarnation: 1 << 60, To: 2,
	}
	var stream bytes.Buffer
	require.NoError(t, writeGreeting(&stream, c, want))
	require.NoError(t, writeGreeting(&stream, c, answer{Incarnation: 3, Refusal: "no"}))
	h, err := readGreeting[hello](&stream, c)
	require.NoError(t, err)
	require.Equal(t, want, h)
	a, err := readGreeting[answer](&stream, c)
	require.NoError(t, err)
	require.Equal(t, answer{Incarnation: 3, Refusal: "no"}, a)
}

func TestGreetingRefuses(t *testing.T) {
	c, err := greetings()
	require.NoError(t, err)
	var wrong bytes.Buffer
	require.NoError(t, writeGreeting(&wrong, c, answer{}))
	for input, came := range map[string]string{
		"GET / HTTP/1.1\r\n":       `"GET /"`,
		"PAXON\x02\x00\x00":        "version 2",
		"PAXON\x01\xff\xff":        "65535 bytes",
		"PAXON\x01\x00\x03abc":     "value at byte 0",
		wrong.String():             "link.answer",
		"PAXON\x01\x00\x00garbage": "value at byte 0",
	} {
		_, err := readGreeting[hello](strings.NewReader(input), c)
		var bad *GreetingError
		require.ErrorAs(t, err, &bad, input)
		require.Contains(t, bad.Error(), came)
	}
	for _, input := range []string{"", "PAX", "PAXON\x01\x00\x03ab"} {
		_, err := readGreeting[hello](strings.NewReader(input), c)
		require.Error(t, err)
	}
	_, err = readGreeting[hello](strings.NewReader("PAXON\x01\x00\x03ab"), c)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

// FuzzGreeting feeds bytes to the acceptor's first read.
func FuzzGreeting(f *testing.F) {
	c, err := greetings()
	require.NoError(f, err)
	var valid bytes.Buffer
	require.NoError(f, writeGreeting(&valid, c, hello{Cluster: "c", From: 1, To: 2}))
	f.Add(valid.Bytes())
	f.Add([]byte("GET / HTTP/1.1\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := readGreeting[hello](bytes.NewReader(b), c)
		if err != nil {
			return
		}
		var again bytes.Buffer
		require.NoError(t, writeGreeting(&again, c, h))
		require.True(t, bytes.HasPrefix(b, again.Bytes()))
	})
}

func TestQuotedIsShortAndOnOneLine(t *testing.T) {
	require.Equal(t, `"a\nb"`, quoted("a\nb"))
	require.Less(t, len(quoted(strings.Repeat("\x00", 2000))), 300)
}

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
		Directory: strings.Repeat("d", maxName),
	}
	var stream bytes.Buffer
	require.NoError(t, writeGreeting(&stream, c, want))
	no := answer{Incarnation: 3, Refusal: "no", Unknown: true, Directory: "d"}
	require.NoError(t, writeGreeting(&stream, c, no))
	require.NoError(t, writeGreeting(&stream, c, agreement{}))
	h, err := readGreeting[hello](&stream, c)
	require.NoError(t, err)
	require.Equal(t, want, h)
	a, err := readGreeting[answer](&stream, c)
	require.NoError(t, err)
	require.Equal(t, no, a)
	_, err = readGreeting[agreement](&stream, c)
	require.NoError(t, err)
}

func TestGreetingRefuses(t *testing.T) {
	c, err := greetings()
	require.NoError(t, err)
	var wrong bytes.Buffer
	require.NoError(t, writeGreeting(&wrong, c, answer{}))
	for input, came := range map[string]string{
		"GET / HTTP/1.1\r\n":       `"GET /"`,
		"PAXON\x01\x00\x00":        "version 1",
		"PAXON\x03\xff\xff":        "65535 bytes",
		"PAXON\x03\x00\x03abc":     "value at byte 0",
		wrong.String():             "link.answer",
		"PAXON\x03\x00\x00garbage": "value at byte 0",
	} {
		_, err := readGreeting[hello](strings.NewReader(input), c)
		var bad *GreetingError
		require.ErrorAs(t, err, &bad, input)
		require.Contains(t, bad.Error(), came)
	}
	for _, input := range []string{"", "PAX", "PAXON\x03\x00\x03ab"} {
		_, err := readGreeting[hello](strings.NewReader(input), c)
		require.Error(t, err)
	}
	_, err = readGreeting[hello](strings.NewReader("PAXON\x03\x00\x03ab"), c)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

// FuzzGreeting feeds bytes to the reads of the acceptor, and of the dialer.
func FuzzGreeting(f *testing.F) {
	c, err := greetings()
	require.NoError(f, err)
	var valid bytes.Buffer
	require.NoError(f, writeGreeting(&valid, c, hello{
		Cluster: "c", From: 1, To: 2, Directory: "d",
	}))
	f.Add(valid.Bytes())
	var refusal bytes.Buffer
	require.NoError(f, writeGreeting(&refusal, c, answer{Refusal: "no", Unknown: true, Directory: "d"}))
	f.Add(refusal.Bytes())
	var agreed bytes.Buffer
	require.NoError(f, writeGreeting(&agreed, c, agreement{}))
	f.Add(agreed.Bytes())
	f.Add([]byte("PAXON\x01\x00\x00"))
	f.Add([]byte("GET / HTTP/1.1\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var again bytes.Buffer
		if h, err := readGreeting[hello](bytes.NewReader(b), c); err == nil {
			require.NoError(t, writeGreeting(&again, c, h))
		}
		if a, err := readGreeting[answer](bytes.NewReader(b), c); err == nil {
			require.Empty(t, again.Bytes(), "it is both")
			require.NoError(t, writeGreeting(&again, c, a))
		}
		if a, err := readGreeting[agreement](bytes.NewReader(b), c); err == nil {
			require.Empty(t, again.Bytes(), "it is both")
			require.NoError(t, writeGreeting(&again, c, a))
		}
		require.True(t, bytes.HasPrefix(b, again.Bytes()))
	})
}

func TestQuotedIsShortAndOnOneLine(t *testing.T) {
	require.Equal(t, `"a\nb"`, quoted("a\nb"))
	require.Less(t, len(quoted(strings.Repeat("\x00", 2000))), 300)
}

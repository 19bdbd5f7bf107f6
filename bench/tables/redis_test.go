package tables

import (
	"bufio"
	"context"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// This is what redis-benchmark 7.0 prints.
const printed = `"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms",` +
	`"p99_latency_ms","max_latency_ms"
"SET","1923.08","0.489","0.176","0.455","0.751","1.023","2.399"
`

func TestParseBenchmark(t *testing.T) {
	s, err := parseBenchmark(strings.NewReader(printed), "set")
	require.NoError(t, err)
	require.Equal(t, Speed{1923.08, 0.455, 1.023}, s)
	s, err = parseBenchmark(strings.NewReader("WARNING: Could not fetch server CONFIG\n"+printed), "set")
	require.NoError(t, err)
	require.Equal(t, Speed{1923.08, 0.455, 1.023}, s)
}

func TestParseBenchmarkMistakes(t *testing.T) {
	for out, want := range map[string]string{
		"":                "a line with rps",
		`"SET","1923.08"`: "a line with rps", // Before version 6.2.
		`"a` + "\n":       "expected CSV",
		"test,rps\nSET,1": "a column p",
		"test,rps\nGET,1": "a line for set",
		strings.Replace(printed, "1923.08", "fast", 1): `"fast": expected a number for rps`,
	} {
		_, err := parseBenchmark(strings.NewReader(out), "set")
		var wrong *BenchmarkError
		require.ErrorAs(t, err, &wrong, out)
		require.ErrorContains(t, err, want)
	}
}

func TestMissingProgram(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := Run(t.Context(), Config{Tables: []string{"kv"}}, nil)
	var missing *MissingError
	require.ErrorAs(t, err, &missing)
	require.ErrorContains(t, err, "apt-get install redis-tools redis-server")
}

// Fill sets all keys, and the one that redis-benchmark has for itself.
func TestFill(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	keys := make(chan []string, 1)
	go func() {
		var found []string
		defer func() { keys <- found }()
		c, err := l.Accept()
		if err != nil {
			return
		}
		in := bufio.NewScanner(c)
		for in.Scan() {
			if strings.HasPrefix(in.Text(), "key:") {
				found = append(found, in.Text())
				_, _ = c.Write([]byte("+OK\r\n"))
			}
		}
	}()
	s := redisStore{addresses: []string{l.Addr().String()}}
	require.NoError(t, s.Fill(context.Background(), 1000, 3))
	found := <-keys
	require.Len(t, found, 1001)
	require.Equal(t, []string{"key:__rand_int__", "key:000000000000"}, found[:2])
	require.Equal(t, "key:000000000999", found[1000])
}

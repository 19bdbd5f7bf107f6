package redis_test

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paxon/kv"
	"paxon/kv/kvtest"
	"paxon/kv/redis"
)

var rewrite = flag.String("rewrite", "", "record the answers in testdata/redis.txt from the redis-server "+
	"at this address, whose data is lost")

// TestAsRedis compares answers with those that redis-server gave, byte for byte: KR2. Lines of
// testdata/redis.txt that begin with > are commands, in the quoting of redis-cli; what follows up
// to the next is the answer as it came, with line ends as \r\n in print. Parts of an answer to
// KEYS are sorted. All these commands go through one connection, in order. Lines that begin with <
// are bytes, in the quoting of Go, that are sent on a connection of their own, and the answer is all
// that comes. Lines with # are comments.
func TestAsRedis(t *testing.T) {
	const file = "testdata/redis.txt"
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	if *rewrite != "" {
		require.NoError(t, os.WriteFile(file, []byte(compare(t, string(text), *rewrite, false)), 0o600))
		return
	}
	for name, engine := range map[string]kv.Engine{
		"memory": kvtest.NewMemory(), "retries": &retries{Memory: kvtest.NewMemory()},
		"pipeline": newShuffled(),
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t, func(c *redis.Config) { c.Engine = engine })
			compare(t, string(text), server.Addr().String(), name == "pipeline")
		})
	}
}

// retries is an engine that calls each function on items first that it then was not to be applied
// to, as one does whose changes meet others'.
type retries struct{ *kvtest.Memory }

func (r *retries) Change(
	ctx context.Context, key string, f func(kv.Item) (kv.Item, any),
) (kv.Item, any, error) {
	f(kv.Item{})
	f(kv.Item{Version: 1 << 40})
	f(kv.Item{Exists: true, Version: 1 << 40, Value: []byte("no value")})
	f(kv.Item{Exists: true, Version: 1 << 40, Value: kv.Value{Data: []byte("7")}.Encode()})
	f(kv.Item{Exists: true, Version: 1, Value: kv.Value{TTL: time.Second, Data: []byte("x")}.Encode()})
	return r.Memory.Change(ctx, key, f)
}

// Begin begins when it ends.
func (r *retries) Begin(
	ctx context.Context, key string, f func(kv.Item) (kv.Item, any),
) (end func() (kv.Item, any, error)) {
	return kvtest.Late(ctx, r, key, f)
}

// compare asks all that text asks, compares the answers, and gives text with the new answers. In a
// pipeline all commands are sent before any answer is read, but for those of a connection of their own.
func compare(t *testing.T, text, address string, pipeline bool) string {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	require.NoError(t, err)
	defer conn.Close()
	in := bufio.NewReader(conn)
	ask := func(line string) string {
		if !pipeline {
			_, err := conn.Write(request(t, line))
			require.NoError(t, err)
		}
		answer := parts(t, in)
		if strings.HasPrefix(strings.ToUpper(line), "KEYS ") {
			slices.Sort(answer[1:])
		}
		var b strings.Builder
		for _, part := range answer {
			quoted := strconv.Quote(part)
			b.WriteString(quoted[1:len(quoted)-1] + "\n")
		}
		return b.String()
	}
	if pipeline {
		all := slices.Concat(request(t, "FLUSHALL"), request(t, "CLIENT SETNAME golden"))
		for line := range strings.Lines(text) {
			if asked, is := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "> "); is {
				all = append(all, request(t, asked)...)
			}
		}
		_, err := conn.Write(all)
		require.NoError(t, err)
	}
	require.Equal(t, "+OK\n", ask("FLUSHALL"))
	require.Equal(t, "+OK\n", ask("CLIENT SETNAME golden"))

	var recorded bytes.Buffer
	var question, want string
	answer := func() {
		kind, rest, _ := strings.Cut(question, " ")
		var got string
		switch kind {
		case ">":
			got = ask(rest)
		case "<":
			got = send(t, address, rest)
		}
		recorded.WriteString(got)
		if *rewrite == "" {
			assert.Equal(t, want, got, question)
		}
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line != "" && strings.ContainsRune("><#", rune(line[0])) {
			answer()
			question, want = line, ""
			fmt.Fprintln(&recorded, line)
		} else {
			want += line + "\n"
		}
	}
	answer()
	return recorded.String()
}

// send sends bytes, and a last command if the connection is still open after them, and gives all
// that comes up to its end or to the answer to that command, line by line.
func send(t *testing.T, address, quoted string) string {
	t.Helper()
	text, err := strconv.Unquote(`"` + quoted + `"`)
	require.NoError(t, err, quoted)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = conn.Write(append([]byte(text), "*2\r\n$4\r\nECHO\r\n$4\r\ndone\r\n"...))
	require.NoError(t, err)
	var came []byte
	for b := make([]byte, 1<<10); !bytes.HasSuffix(came, []byte("$4\r\ndone\r\n")); {
		n, err := conn.Read(b)
		came = append(came, b[:n]...)
		if err != nil { // The end, or that there was more than the server wanted to read.
			break
		}
	}
	var lines strings.Builder
	for line := range strings.Lines(string(came)) {
		quoted := strconv.Quote(line)
		lines.WriteString(quoted[1:len(quoted)-1] + "\n")
	}
	return lines.String()
}

// request is a command line as arrays of strings are sent.
func request(t *testing.T, line string) []byte {
	t.Helper()
	args := words(t, line)
	b := fmt.Appendf(nil, "*%d\r\n", len(args))
	for _, arg := range args {
		b = fmt.Appendf(b, "$%d\r\n%s\r\n", len(arg), arg)
	}
	return b
}

// words takes a line apart between spaces; a word in double quotes is one of Go.
func words(t *testing.T, line string) []string {
	t.Helper()
	var all []string
	for line = strings.TrimLeft(line, " "); line != ""; line = strings.TrimLeft(line, " ") {
		word, rest, _ := strings.Cut(line, " ")
		if line[0] == '"' {
			quoted, err := strconv.QuotedPrefix(line)
			require.NoError(t, err, line)
			word, err = strconv.Unquote(quoted)
			require.NoError(t, err, line)
			rest = line[len(quoted):]
		}
		all = append(all, word)
		line = rest
	}
	return all
}

// parts reads an answer: one element for each line of it and each string.
func parts(t *testing.T, in *bufio.Reader) []string {
	t.Helper()
	line, err := in.ReadString('\n')
	require.NoError(t, err)
	line = strings.TrimSuffix(line, "\r\n")
	n, _ := strconv.Atoi(line[1:])
	switch {
	case line[0] == '$' && n >= 0:
		text := make([]byte, n+2)
		_, err := readFull(in, text)
		require.NoError(t, err)
		return []string{line + "\r\n" + string(text[:n])}
	case line[0] == '*' && n >= 0:
		all := []string{line}
		for range n {
			all = append(all, strings.Join(parts(t, in), "\n"))
		}
		return all
	default:
		return []string{line}
	}
}

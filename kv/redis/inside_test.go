package redis

import (
	"bufio"
	"bytes"
	"io"
	"math"
	"math/big"
	"net"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/redcon"

	"paxon/kv"
	"paxon/kv/kvtest"
)

// quietServer is one without a network, and with a clock that the test has.
func quietServer(tb testing.TB, engine kv.Engine) *Server {
	tb.Helper()
	log := logrus.New()
	log.SetOutput(io.Discard)
	s, err := newServer(Config{
		Engine: engine, Expiry: kv.NewExpiry(engine, time.Second, log), Logger: log,
		Limits: Limits{Key: 100, Value: 1000, Arguments: 100, Request: 2000},
	})
	require.NoError(tb, err)
	return s
}

// ask carries out a command of words.
func (s *Server) ask(words string) string {
	c := newClient(s, nil)
	defer c.stop()
	var args [][]byte
	for word := range strings.FieldsSeq(words) {
		args = append(args, []byte(word))
	}
	_ = c.take(args) // Nothing is written that could fail.
	_ = c.carryOut()
	return string(c.out)
}

// TestOver shows that a change finds an item gone whose time is up here, before it is expired, so
// that a count which goes on all the time begins anew, and that the time goes on with a count.
func TestOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := quietServer(t, kvtest.NewMemory())
		assert.Equal(t, "+OK\r\n", s.ask("SET n 5 PX 1000"))
		<-time.After(600 * time.Millisecond)
		assert.Equal(t, ":6\r\n", s.ask("INCR n"))
		assert.Equal(t, ":400\r\n", s.ask("PTTL n"))
		assert.Equal(t, ":2\r\n", s.ask("APPEND n 7"))
		assert.Equal(t, ":400\r\n", s.ask("PTTL n"))
		<-time.After(400 * time.Millisecond)
		assert.Equal(t, "$2\r\n67\r\n", s.ask("GET n"), "until it is decided")
		assert.Equal(t, ":1\r\n", s.ask("INCR n"))
		assert.Equal(t, ":-1\r\n", s.ask("PTTL n"))

		assert.Equal(t, "+OK\r\n", s.ask("SET n 5 PX 1000"))
		<-time.After(time.Second)
		assert.Equal(t, "$-1\r\n", s.ask("SET n 6 XX"))
		assert.Equal(t, "$-1\r\n", s.ask("GET n"), "it is not seen again")
		assert.Zero(t, s.config.Expiry.Len())
	})
}

// TestRoom shows that no room is made for what a client only says will come.
func TestRoom(t *testing.T) {
	r := reader{limits: Limits{Key: 1, Value: maxBulk, Arguments: maxCount, Request: math.MaxInt}}
	for _, text := range []string{
		"*1048576\r\n$536870912\r\nx", "*1\r\n$536870912\r\n" + strings.Repeat("x", 1000),
	} {
		r.in = bufio.NewReader(strings.NewReader(text))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := r.next()
		runtime.ReadMemStats(&after)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4*chunk))
	}
	long := strings.Repeat("x", 10*chunk+1)
	r.in = bufio.NewReader(strings.NewReader("*1\r\n$" + strconv.Itoa(len(long)) + "\r\n" + long + "\r\n"))
	q, err := r.next()
	require.NoError(t, err)
	assert.Equal(t, long, string(q.args[0]))
}

func TestParseInt(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "1": 1, "-1": -1, "9223372036854775807": math.MaxInt64, "-9223372036854775808": math.MinInt64,
	} {
		n, ok := parseInt([]byte(text))
		assert.True(t, ok, text)
		assert.Equal(t, want, n, text)
	}
	for _, text := range []string{
		"", "-", "+1", "01", "-01", "-0", " 1", "1 ", "1x", "9223372036854775808", "-9223372036854775809",
		"18446744073709551616", "99999999999999999999",
	} {
		_, ok := parseInt([]byte(text))
		assert.False(t, ok, text)
	}
}

// FuzzParseInt compares with strconv: what is read is written the same.
func FuzzParseInt(f *testing.F) {
	f.Add("-9223372036854775808")
	f.Add("007")
	f.Fuzz(func(t *testing.T, text string) {
		n, ok := parseInt([]byte(text))
		want, err := strconv.ParseInt(text, 10, 64)
		assert.Equal(t, err == nil && strconv.FormatInt(want, 10) == text, ok, "%q", text)
		if ok {
			assert.Equal(t, want, n)
		}
	})
}

// FuzzParseCursor compares with big integers, of which strtoul takes those of 64 bits and their negatives.
func FuzzParseCursor(f *testing.F) {
	for _, text := range []string{
		"", "0", "-1", "+18446744073709551615", "18446744073709551616", "-18446744073709551616", "--1",
		"1\x00x", "1_0", "0x1", " 1", "\u0661",
	} {
		f.Add(text)
	}
	decimal := regexp.MustCompile(`^[+-]?[0-9]+$`)
	f.Fuzz(func(t *testing.T, text string) {
		cursor, ok := parseCursor([]byte(text))
		number, _, _ := strings.Cut(text, "\x00")
		var want big.Int
		_, isNumber := want.SetString(number, 10)
		switch magnitude := new(big.Int).Abs(&want); {
		case number == "":
		case !isNumber || !decimal.MatchString(number) || !magnitude.IsUint64():
			assert.False(t, ok, "%q", text)
			return
		case want.Sign() < 0:
			want.Add(&want, new(big.Int).Lsh(big.NewInt(1), 64))
		}
		assert.True(t, ok, "%q", text)
		assert.Equal(t, want.Uint64(), cursor, "%q", text)
	})
}

// slowMatch is the matching of Redis (stringmatchlen), as it is written there.
func slowMatch(p, s string) bool {
	for p != "" && s != "" {
		if p[0] == '*' {
			for len(p) > 1 && p[1] == '*' {
				p = p[1:]
			}
			for i := range len(s) + 1 {
				if slowMatch(p[1:], s[i:]) {
					return true
				}
			}
			return false
		}
		size, ok := matchOne(p, s[0])
		if !ok {
			return false
		}
		p, s = p[size:], s[1:]
	}
	return s == "" && strings.Trim(p, "*") == ""
}

// FuzzMatch compares with the recursive algorithm.
func FuzzMatch(f *testing.F) {
	for _, pattern := range []string{
		"", "*", "a?c*", "*[a-c]*[^x]", "[z-a]\\*", "[", "[^", "[]", "\\", "**a*b**",
	} {
		f.Add(pattern, "abcabc")
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		pattern, s = pattern[:min(len(pattern), 12)], s[:min(len(s), 16)] // The other takes its time.
		assert.Equal(t, slowMatch(pattern, s), match(pattern, s), "%q %q", pattern, s)
	})
}

// TestMatchTime matches what takes others for ever.
func TestMatchTime(t *testing.T) {
	assert.False(t, match(strings.Repeat("a*", 1000)+"b", strings.Repeat("a", 10_000)))
	assert.True(t, match(strings.Repeat("*a", 1000)+"*", strings.Repeat("a", 10_000)))
}

// stream is a connection that has sent all and takes all.
type stream struct {
	net.Conn // Nil: there is no other.
	in       io.Reader
	out      bytes.Buffer
	writes   []int // Bytes of each.
}

func (s *stream) Read(p []byte) (int, error) { return s.in.Read(p) }
func (s *stream) Write(p []byte) (int, error) {
	s.writes = append(s.writes, len(p))
	return s.out.Write(p)
}
func (s *stream) SetWriteDeadline(time.Time) error { return nil }

// TestWrites shows that the answers to what has arrived are one write, and KR4: that there is never more
// to write than is due, and one answer.
func TestWrites(t *testing.T) {
	const asked, value = 500, 1000
	set := "SET a " + strings.Repeat("x", value) + "\r\n"
	for _, c := range []struct {
		text         string
		writes, most int
	}{
		{strings.Repeat("SET a 1\r\n", asked) + strings.Repeat("PING\r\n", asked), 1, writeAt},
		{set + strings.Repeat("GET a\r\n", asked), 8, writeAt + value + 20},
		{set + strings.Repeat("GETSET a "+strings.Repeat("x", value)+"\r\n", 60), 1, writeAt},
	} {
		s := quietServer(t, kvtest.NewMemory())
		conn := &stream{in: strings.NewReader(c.text)}
		client := newClient(s, conn)
		client.serve()
		client.stop()
		s.stop()
		assert.Len(t, conn.writes, c.writes)
		assert.LessOrEqual(t, slices.Max(conn.writes), c.most)
	}
}

// FuzzConnection shows KR5, and that what is answered are whole answers, whatever comes.
func FuzzConnection(f *testing.F) {
	for _, text := range []string{
		"PING\r\n", "*1\r\n$4\r\nPING\r\n", "*1\r\n$-2\r\n", "*9223372036854775807\r\n",
		"*1\r\n$9223372036854775807\r\n", "set a 1 ex 10 nx get\r\nincrby a 5\r\nmget a b\r\nttl a\r\n",
		"mset a 1 b\r\nscan 0 match [ count 5 type string\r\nkeys *\\\r\nflushall async\r\n",
		"hello 2 auth default x setname y\r\nclient setinfo lib-name \"\\x41\"\r\nconfig get *\r\ninfo\r\n",
		"paxon.cas a 0 x\r\npaxon.get a\r\ncommand docs get\r\ncommand info x\r\nselect 0\r\nquit\r\n",
		"expire a -1 xx\r\npexpire a 9223372036854775807\r\npersist a\r\nappend a 'x'\r\n",
	} {
		f.Add([]byte(text))
	}
	for name := range table(nil) {
		f.Add([]byte(name + " a 1 b 2\r\n" + name + "\r\n" + name + " a\r\n" + name + " a 1\r\n"))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s := quietServer(t, kvtest.NewMemory())
		conn := &stream{in: bytes.NewReader(text)}
		c := newClient(s, conn)
		c.serve()
		c.stop()
		for out := conn.out.Bytes(); len(out) > 0; {
			n, answer := redcon.ReadNextRESP(out)
			require.NotZero(t, answer.Type, "%q", out)
			out = out[n:]
		}
		s.stop()
	})
}

package bench

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmihailenco/msgpack/v5"

	"paxon/client"
)

// guard is after how long a test that waits has failed.
const guard = 30 * time.Second

// answering serves streams: serve answers messages 1, 2, 3 and so on with next, which waits
// until there is one more and returns how many have come, 0 at the end.
func answering(
	t *testing.T, serve func(next func() (read uint64), answer func(sequence uint64, status string)),
) *client.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		assert.NoError(t, errors.Join(control.EnableFullDuplex(), control.Flush()))
		w.Header().Set("Connection", "close")
		in, out := msgpack.NewDecoder(r.Body), msgpack.NewEncoder(w)
		var read uint64
		serve(func() uint64 {
			var message struct {
				_msgpack struct{} `msgpack:",as_array"`
				Sequence uint64
				Payload  []byte
			}
			if err := in.Decode(&message); err != nil {
				return 0 // The end of the stream, or of the test.
			}
			read++
			assert.Equal(t, read, message.Sequence)
			assert.Equal(t, "payload", string(message.Payload))
			return read
		}, func(sequence uint64, status string) {
			assert.NoError(t, out.EncodeMulti([]any{sequence, status, uint64(1), sequence}))
			assert.NoError(t, control.Flush())
		})
	}))
	t.Cleanup(server.Close)
	c, err := client.New(server.URL)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func runLoad(t *testing.T, c *client.Client, outstanding int, duration time.Duration) (*load, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), guard)
	defer cancel()
	stream, err := c.Stream(ctx, clientOf(1))
	require.NoError(t, err)
	l := newLoad(1, clientOf(1), stream, []byte("payload"), outstanding)
	err = l.run(ctx, 0, duration)
	return l, err
}

// TestClosedLoop answers only when so many messages are on their way, and wants no more: B1.
func TestClosedLoop(t *testing.T) {
	for _, outstanding := range []int{1, 2, 7} {
		c := answering(t, func(next func() uint64, answer func(uint64, string)) {
			var answered, read uint64
			for {
				for read < answered+uint64(outstanding) {
					n := next()
					if n == 0 {
						for ; answered < read; answered++ {
							answer(answered+1, "delivered")
						}
						return
					}
					read = n
				}
				answered++
				answer(answered, "delivered")
			}
		})
		l, err := runLoad(t, c, outstanding, time.Millisecond)
		require.NoError(t, err)
		require.Equal(t, l.given, l.answered.Load())
		require.Positive(t, l.latency.TotalCount())
		require.LessOrEqual(t, uint64(l.latency.TotalCount()), l.given)
		require.GreaterOrEqual(t, l.elapsed, time.Millisecond)
	}
}

// TestMeasuresUpToAnAnswer has no answer come in the time asked for: B2.
func TestMeasuresUpToAnAnswer(t *testing.T) {
	c := answering(t, func(next func() uint64, answer func(uint64, string)) {
		for n := next(); n != 0; n = next() {
			answer(n, "delivered")
		}
	})
	l, err := runLoad(t, c, 1, time.Nanosecond)
	require.NoError(t, err)
	require.EqualValues(t, 1, l.latency.TotalCount())
	require.Greater(t, l.elapsed, time.Nanosecond)
}

func TestWrongAnswers(t *testing.T) {
	for want, serve := range map[string]func(next func() uint64, answer func(uint64, string)){
		"p1 answered message 1 too large, expected message 1 delivered": func(
			next func() uint64, answer func(uint64, string),
		) {
			next()
			answer(1, "too large")
		},
		"p1 answered message 2 delivered, expected message 1": func(
			next func() uint64, answer func(uint64, string),
		) {
			next()
			next()
			answer(2, "delivered")
		},
	} {
		_, err := runLoad(t, answering(t, serve), 4, time.Minute)
		var wrong *AnswerError
		require.ErrorAs(t, err, &wrong)
		require.ErrorContains(t, err, want)
	}
}

// TestStreamThatEnds ends before all is answered, in the midst of the measurement or after it.
func TestStreamThatEnds(t *testing.T) {
	var wrong *AnswerError
	c := answering(t, func(next func() uint64, _ func(uint64, string)) { next() })
	_, err := runLoad(t, c, 1, time.Minute)
	require.ErrorAs(t, err, &wrong)
	require.ErrorContains(t, err, "p1 answered no more, expected an answer to each message")

	c = answering(t, func(next func() uint64, answer func(uint64, string)) {
		next()
		next()
		answer(1, "delivered")
		for next() != 0 { // The stream is read to its end.
		}
	})
	_, err = runLoad(t, c, 2, time.Nanosecond)
	require.ErrorAs(t, err, &wrong)
	require.ErrorContains(t, err, "p1 answered 1 messages, expected ")
}

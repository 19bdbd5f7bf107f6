package api

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vmihailenco/msgpack/v5"
)

// message is a message of a stream.
func message(t testing.TB, sequence uint64, payload string) string {
	t.Helper()
	var b bytes.Buffer
	e := msgpack.NewEncoder(&b)
	require.NoError(t, e.EncodeArrayLen(2))
	require.NoError(t, e.EncodeUint(sequence))
	require.NoError(t, e.EncodeBytes([]byte(payload)))
	return b.String()
}

// reply is the answer to a message.
type reply struct {
	_msgpack         struct{} `msgpack:",as_array"` //nolint:unused // For the library.
	Sequence         uint64
	Status           string
	Instance, Offset uint64
}

func openStream(t testing.TB, url, client string, body io.Reader) io.ReadCloser {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url+"/v1/stream", body)
	require.NoError(t, err)
	r.Header.Set("Paxon-Client", client)
	r.Header.Set("Content-Type", "application/msgpack")
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode)
	return response.Body
}

func TestAStreamIsAnsweredWhileItRuns(t *testing.T) {
	n := openNode(t)
	url := serve(t, n)
	in, out := io.Pipe()
	body := openStream(t, url, newClient(t, n), in)
	defer body.Close()
	answers := msgpack.NewDecoder(body)
	for i := uint64(1); i <= 3; i++ {
		_, err := io.WriteString(out, message(t, i, "x"))
		require.NoError(t, err)
		var a reply
		require.NoError(t, answers.Decode(&a), "the answer comes before the next message")
		require.Equal(t, reply{Sequence: i, Status: "delivered", Instance: i}, a)
	}
	require.NoError(t, out.Close())
	var none reply
	require.ErrorIs(t, answers.Decode(&none), io.EOF)
}

func TestAStreamIsAnsweredToTheEnd(t *testing.T) {
	n := openNode(t)
	url := serve(t, n)
	var all strings.Builder
	const count = 500
	for i := uint64(1); i <= count; i++ {
		all.WriteString(message(t, i, "x"))
	}
	all.WriteString(message(t, 1, "x"))
	all.WriteString(message(t, count+1, strings.Repeat("x", n.PayloadLimit()+1)))
	body := openStream(t, url, newClient(t, n), strings.NewReader(all.String()))
	defer body.Close()
	answers := msgpack.NewDecoder(body)
	var delivered uint64
	others := map[string]int{}
	for {
		var a reply
		err := answers.Decode(&a)
		if err == io.EOF { //nolint:errorlint // It is that very error at the end.
			break
		}
		require.NoError(t, err)
		if a.Status == "delivered" && a.Sequence == delivered+1 {
			delivered++
			continue
		}
		others[a.Status]++
	}
	require.EqualValues(t, count, delivered)
	require.Equal(t, 1, others["too large"])
	require.Equal(t, 2, others["too large"]+others["forgotten"]+others["delivered"],
		"the repeated message is answered too")
}

func TestGarbageEndsAStream(t *testing.T) {
	n := openNode(t)
	url := serve(t, n)
	client := newClient(t, n)
	for _, garbage := range []string{
		"\x00", "\x93\x01\x02\x03", "\x92\xa1x\xc4\x01x", "\x92\x01\xc0", "\x92\x01\xc6\xff\xff\xff\xff",
		"\x92\x01\xc4\x05x", "\xdd\xff\xff\xff\xff", "\x92\x01\xa1x\x92",
	} {
		body := openStream(t, url, client, strings.NewReader(garbage))
		_, err := io.Copy(io.Discard, body)
		require.NoError(t, err)
		require.NoError(t, body.Close())
	}
}

func TestAStreamEndsWhenTheProcessCloses(t *testing.T) {
	n := openNode(t)
	url := serve(t, n)
	in, out := io.Pipe()
	defer out.Close()
	body := openStream(t, url, newClient(t, n), in)
	defer body.Close()
	require.NoError(t, n.Close())
	_, err := io.Copy(io.Discard, body)
	require.NoError(t, err)
}

func TestAStreamWhoseReaderIsGoneEnds(t *testing.T) {
	n := openNode(t)
	url := serve(t, n)
	in, out := io.Pipe()
	body := openStream(t, url, newClient(t, n), in)
	_, err := io.WriteString(out, message(t, 2, "it waits for message 1, for ever"))
	require.NoError(t, err)
	require.NoError(t, body.Close())
	_ = out.Close() // That the server ends is checked when the test does.
}

package tables

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// echo sends back what it gets, on one connection after the other.
func echo(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c) }()
		}
	}()
	return l.Addr().String()
}

// exchange sends some bytes over a connection and wants them back.
func exchange(t *testing.T, c net.Conn, text string) {
	t.Helper()
	_, err := c.Write([]byte(text))
	require.NoError(t, err)
	got := make([]byte, len(text))
	_, err = io.ReadFull(c, got)
	require.NoError(t, err)
	require.Equal(t, text, string(got))
}

// What is sent while a process is isolated comes once it is not, in both directions, and in order.
func TestLinks(t *testing.T) {
	links := NewLinks()
	defer links.Close()
	for name, add := range map[string]func() (string, error){
		"of a pair": func() (string, error) { return links.Add(0, 1, echo(t), time.Millisecond) },
		"shared": func() (string, error) {
			return links.AddShared(1, echo(t), func(from int) time.Duration {
				return time.Duration(from) * time.Millisecond
			}, func(b []byte) (int, bool) { return 2, b[0] == '2' })
		},
	} {
		t.Run(name, func(t *testing.T) {
			address, err := add()
			require.NoError(t, err)
			c, err := net.Dial("tcp", address)
			require.NoError(t, err)
			defer c.Close()
			exchange(t, c, "1 hello")
			exchange(t, c, "2 hello")
			for _, p := range []int{0, 1, 2} {
				links.Isolate(p, true)
				_, err = c.Write([]byte("held, "))
				require.NoError(t, err)
				links.Isolate(p, false)
				got := make([]byte, len("held, "))
				_, err = io.ReadFull(c, got)
				require.NoError(t, err)
				exchange(t, c, "and on")
			}
		})
	}
}

// fake is a peer in which everything succeeds at once, or fails.
type fake struct{ failure error }

func (f fake) Open(context.Context, Layout, Timing) (Cluster, error) {
	c := Cluster{Links: NewLinks(), Close: func() error { return nil }}
	for i := range c.Clients {
		c.Clients[i] = func(context.Context) error { return f.failure }
	}
	return c, nil
}

func (f fake) OpenStore(context.Context, string) (Store, error) { return f, f.failure }
func (f fake) Fill(context.Context, int, int) error             { return nil }
func (f fake) Close() error                                     { return nil }

func (f fake) Load(_ context.Context, l Load) (Speed, error) {
	return Speed{PerSecond: float64(l.Clients)}, nil
}

// served gives a program that is served here.
func served(t *testing.T, p Peer) (*json.Encoder, *json.Decoder) {
	t.Helper()
	orders, give := io.Pipe()
	take, answers := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- Serve(context.Background(), orders, answers, p) }()
	t.Cleanup(func() {
		_ = give.Close()
		require.NoError(t, <-ended)
	})
	return json.NewEncoder(give), json.NewDecoder(take)
}

func TestServe(t *testing.T) {
	orders, answers := served(t, fake{})
	for _, o := range []order{
		{Do: doLatencies, Region: &[Regions]int{1, 2, 0}, Timing: &Timing{}, Times: &Times{}, Scale: 1},
		{Do: doIsolate, Timing: &Timing{}, Isolation: &Isolation{Process: -1}},
		{Do: doIsolate, Timing: &Timing{}, Isolation: &Isolation{Process: 2}},
		{Do: doOpen},
		{Do: doFill, Keys: 10},
		{Do: doLoad, Load: &Load{Clients: 7}},
	} {
		require.NoError(t, orders.Encode(o))
		var a reply
		require.NoError(t, answers.Decode(&a))
		require.Empty(t, a.Error, o.Do)
		if o.Load != nil {
			require.EqualValues(t, 7, a.Speed.PerSecond)
		}
	}
}

// What fails, and what cannot be carried out, is answered, and the next order is taken.
func TestServeFailures(t *testing.T) {
	orders, answers := served(t, fake{errors.New("no luck")})
	for _, o := range []order{
		{Do: doLatencies, Region: &[Regions]int{}, Timing: &Timing{}, Times: &Times{}},
		{Do: doIsolate, Timing: &Timing{}, Isolation: &Isolation{After: time.Hour}},
		{Do: doOpen},
	} {
		require.NoError(t, orders.Encode(o))
		var a reply
		require.NoError(t, answers.Decode(&a))
		require.Contains(t, a.Error, "no luck", o.Do)
	}
	for _, o := range []order{{Do: "fly"}, {Do: doIsolate}, {Do: doLatencies}, {Do: doFill}, {Do: doLoad}} {
		require.NoError(t, orders.Encode(o))
		var a reply
		require.NoError(t, answers.Decode(&a))
		require.Contains(t, a.Error, "expected one that this program knows")
	}
}

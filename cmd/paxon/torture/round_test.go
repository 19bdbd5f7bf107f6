package torture

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/client"
	"paxon/client/clienttest"
	"paxon/cmd/paxon/cluster"
	"paxon/history"
	"paxon/process"
	"paxon/seasons"
	"paxon/seasons/catalog"
)

// fake runs members of a clienttest.Cluster as machines.
type fake struct {
	*clienttest.Cluster
	front func(http.Handler) http.Handler // Stands before every member, if not nil.
	each  func(*clienttest.Member)        // Hears of every start, if not nil.

	mu   sync.Mutex
	last map[process.ID]*fakeMachine
}

type fakeMachine struct {
	*clienttest.Member
	front *httptest.Server
	once  sync.Once
	done  chan struct{}
}

func (m *fakeMachine) URL() string {
	if m.front != nil {
		return m.front.URL
	}
	return m.Member.URL()
}

func (m *fakeMachine) Done() <-chan struct{} { return m.done }
func (m *fakeMachine) Err() error            { return errors.New("told to") }
func (m *fakeMachine) Pause()                {}
func (m *fakeMachine) Resume()               {}

func (m *fakeMachine) Kill() {
	m.once.Do(func() {
		m.Member.Kill()
		if m.front != nil {
			m.front.CloseClientConnections()
			m.front.Close()
		}
		close(m.done)
	})
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{Cluster: clienttest.New(), last: map[process.ID]*fakeMachine{}}
	t.Cleanup(f.Close)
	return f
}

func (f *fake) start(_ context.Context, id process.ID) (Machine, error) {
	m := &fakeMachine{Member: f.Start(id), done: make(chan struct{})}
	if f.each != nil {
		f.each(m.Member)
	}
	if f.front != nil {
		target, err := url.Parse(m.Member.URL())
		if err != nil {
			return nil, err
		}
		m.front = httptest.NewServer(f.front(httputil.NewSingleHostReverseProxy(target)))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last[id] = m
	return m, nil
}

// config is a short round of three processes.
func (f *fake) config(faults ...Kind) Config {
	return Config{
		Variant: seasons.Paxos(), Processes: 3, Clients: 4, Faults: faults, Seed: 1,
		Duration: 250 * time.Millisecond, Patience: 200 * time.Millisecond, Settle: 20 * time.Second,
		Check: time.Minute, Start: f.start,
	}
}

func TestRound(t *testing.T) {
	f := newFake(t)
	config := f.config(Kill, Stop)
	config.Duration = 2 * longestGap
	shown := false
	config.Progress = func(time.Duration) { shown = true }
	report, err := Round(t.Context(), config)
	require.NoError(t, err)
	require.Equal(t, history.OK, report.Result.Verdict)
	require.Positive(t, report.Result.Counts.Reads)
	require.GreaterOrEqual(t, len(f.Log()), delivered(report)) // One that nobody waits for may come last.
	require.Positive(t, report.Faults[Kill]+report.Faults[Stop])
	require.True(t, shown)
	for _, m := range f.last {
		<-m.Done()
	}
}

// delivered is how many messages a history shows as delivered.
func delivered(r Report) int {
	return r.Result.Counts.Messages - r.Result.Counts.Unknown + r.Result.Counts.UnknownSeen
}

// requireViolation wants the history of a round refused.
func requireViolation(t *testing.T, config Config) {
	t.Helper()
	config.Settle = 200 * time.Millisecond // What is broken may never settle.
	report, err := Round(t.Context(), config)
	var violation *ViolationError
	require.ErrorAs(t, err, &violation)
	require.Equal(t, history.Violation, violation.Verdict)
	require.NotEmpty(t, report.History)
	require.ErrorContains(t, err, "violation of total order broadcast: ")
}

// TestBrokenProcess has one process show something else than what was delivered.
func TestBrokenProcess(t *testing.T) {
	for name, tamper := range map[string]func(client.Delivery) []client.Delivery{
		"lost": func(client.Delivery) []client.Delivery { return nil },
		"doubled": func(d client.Delivery) []client.Delivery {
			again := d
			again.Position.Offset += 100
			return []client.Delivery{d, again}
		},
		"altered": func(d client.Delivery) []client.Delivery {
			d.Payload = append([]byte("not "), d.Payload...)
			return []client.Delivery{d}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.each = func(m *clienttest.Member) {
				if m.ID == 2 {
					m.Tamper(func(d client.Delivery) []client.Delivery {
						if d.Position.Instance != 2 || d.Position.Offset != 1 {
							return []client.Delivery{d}
						}
						return tamper(d)
					})
				}
			}
			requireViolation(t, f.config())
		})
	}
}

// TestOtherOrder has one process show two messages in each other's place.
func TestOtherOrder(t *testing.T) {
	f := newFake(t)
	f.each = func(m *clienttest.Member) {
		if m.ID != 2 {
			return
		}
		m.Tamper(func(d client.Delivery) []client.Delivery {
			if d.Position.Instance == 2 && d.Position.Offset < 2 {
				d.Position.Offset = 1 - d.Position.Offset
			}
			return []client.Delivery{d}
		})
	}
	requireViolation(t, f.config())
}

// TestBrokenAnswers stands between clients and processes and loses, or doubles, one broadcast that it
// answers.
func TestBrokenAnswers(t *testing.T) {
	const nth = 4
	for name, handle := range map[string]func(w http.ResponseWriter, again func() http.ResponseWriter){
		"acknowledged and lost": func(w http.ResponseWriter, _ func() http.ResponseWriter) {
			_, _ = io.WriteString(w, `{"instance":3,"offset":100}`)
		},
		"broadcast twice": func(w http.ResponseWriter, again func() http.ResponseWriter) {
			again()
			_, _ = w.Write(again().(*httptest.ResponseRecorder).Body.Bytes())
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			var broadcasts atomic.Int64
			f.front = func(member http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					plain := r.URL.Path == "/v1/broadcast" && r.Header.Get("Paxon-Client") == ""
					if !plain || broadcasts.Add(1) != nth {
						member.ServeHTTP(w, r)
						return
					}
					body, err := io.ReadAll(r.Body)
					if err != nil {
						return
					}
					handle(w, func() http.ResponseWriter {
						recorded := httptest.NewRecorder()
						r.Body = io.NopCloser(bytes.NewReader(body))
						member.ServeHTTP(recorded, r)
						return recorded
					})
				})
			}
			requireViolation(t, f.config())
		})
	}
}

// TestUnsettled has a process deliver nothing of what is broadcast at it: its clients wait in vain.
func TestUnsettled(t *testing.T) {
	f := newFake(t)
	f.each = (*clienttest.Member).Stall
	config := f.config()
	config.Settle = 50 * time.Millisecond
	report, err := Round(t.Context(), config)
	var settle *SettleError
	require.ErrorAs(t, err, &settle)
	require.ErrorContains(t, err, "had not answered the broadcast")
	require.Equal(t, history.OK, report.Result.Verdict)
	require.Positive(t, report.Result.Counts.Unknown)
	require.Zero(t, report.Result.Counts.UnknownSeen)
}

// TestUnequal has one process that never shows the end: its history is allowed, as it may be behind.
func TestUnequal(t *testing.T) {
	f := newFake(t)
	f.each = func(m *clienttest.Member) {
		if m.ID == 2 {
			m.Stall()
			m.Tamper(func(client.Delivery) []client.Delivery { return nil })
		}
	}
	config := f.config()
	config.Settle = 100 * time.Millisecond
	config.Clients = 1
	_, err := Round(t.Context(), config)
	var settle *SettleError
	require.ErrorAs(t, err, &settle)
	var violation *ViolationError
	require.False(t, errors.As(err, &violation), "%v", err)
}

func TestUndecided(t *testing.T) {
	config := newFake(t).config()
	config.Check = time.Nanosecond
	_, err := Round(t.Context(), config)
	var violation *ViolationError
	require.ErrorAs(t, err, &violation)
	require.ErrorContains(t, err, "undecided")
}

func TestDied(t *testing.T) {
	f := newFake(t)
	config := f.config()
	config.Progress = func(time.Duration) { f.last[3].Kill() }
	_, err := Round(t.Context(), config)
	var died *cluster.DiedError
	require.ErrorAs(t, err, &died)
	require.EqualValues(t, 3, died.Process)
}

func TestInterrupted(t *testing.T) {
	f := newFake(t)
	ctx, cancel := context.WithCancel(t.Context())
	config := f.config(Kinds()[:2]...)
	config.Duration = time.Minute
	config.Progress = func(time.Duration) { cancel() }
	_, err := Round(ctx, config)
	require.ErrorIs(t, err, context.Canceled)
	for _, m := range f.last {
		<-m.Done()
	}
}

func TestStartFails(t *testing.T) {
	f := newFake(t)
	config := f.config()
	config.Start = func(ctx context.Context, id process.ID) (Machine, error) {
		if id == 2 {
			return nil, errors.New("no room")
		}
		return f.start(ctx, id)
	}
	_, err := Round(t.Context(), config)
	require.ErrorContains(t, err, "no room")
	for _, m := range f.last {
		<-m.Done()
	}
}

// TestMayCrash keeps the assumptions of the variants.
func TestMayCrash(t *testing.T) {
	for _, c := range []struct {
		variant         string
		processes, want int
	}{
		{"crash-stop", 3, 1},
		{"crash-stop", 5, 2},
		{"paxos", 3, 3},
		{"summer", 3, 3},
		{"winter", 3, 1},
		{"winter=2", 5, 2},
	} {
		v, err := catalog.ByName(c.variant)
		require.NoError(t, err)
		r := &round{Config: Config{Variant: v, Processes: c.processes}, crashed: map[process.ID]bool{}}
		crashed := 0
		for id := range process.ID(c.processes) {
			if r.mayCrash(id + 1) {
				crashed++
				require.True(t, r.mayCrash(id+1), "again")
			}
		}
		require.Equal(t, c.want, crashed, "%s of %d", c.variant, c.processes)
	}
}

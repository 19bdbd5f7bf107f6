package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paxon/client"
	"paxon/client/clienttest"
	"paxon/process"
)

// fake runs members of a clienttest.Cluster as machines.
type fake struct {
	*clienttest.Cluster
	// started hears of each start of a process, which is its nth.
	started func(m *clienttest.Member, nth int)

	mu     sync.Mutex
	starts map[process.ID]int
	last   map[process.ID]*fakeMachine
}

type fakeMachine struct {
	*clienttest.Member
	once sync.Once
	done chan struct{}
}

func (m *fakeMachine) Done() <-chan struct{} { return m.done }
func (m *fakeMachine) Err() error            { return errors.New("told to") }

func (m *fakeMachine) Kill() {
	m.once.Do(func() {
		m.Member.Kill()
		close(m.done)
	})
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{
		Cluster: clienttest.New(), started: func(*clienttest.Member, int) {},
		starts: map[process.ID]int{}, last: map[process.ID]*fakeMachine{},
	}
	t.Cleanup(f.Close)
	return f
}

func (f *fake) start(_ context.Context, id process.ID) (Machine, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := &fakeMachine{Member: f.Start(id), done: make(chan struct{})}
	f.starts[id]++
	f.last[id] = m
	f.started(m.Member, f.starts[id])
	return m, nil
}

// config is a run of n lines at three processes.
func (f *fake) config(t *testing.T, n int, crashes ...Crash) Config {
	t.Helper()
	var content []byte
	for i := range n {
		content = fmt.Appendf(content, "line %d\n", i)
	}
	input, err := OpenInput([]string{file(t, string(content))}, nil)
	require.NoError(t, err)
	require.NoError(t, CheckCrashes(crashes, 3, true))
	return Config{
		Processes: 3, Recovers: true, Crashes: crashes, Input: input, Out: t.TempDir(),
		Start: f.start, Window: Window{Lines: 64, Bytes: 1 << 20},
		RestartAfter: 10 * time.Millisecond, Stall: 20 * time.Second,
	}
}

// checkFiles compares the sequences written with what the fake delivered.
func (f *fake) checkFiles(t *testing.T, r Report) {
	t.Helper()
	var want []byte
	for _, d := range f.Log() {
		want = append(append(want, d.Payload...), '\n')
	}
	for _, m := range r.Members {
		got, err := os.ReadFile(m.File)
		require.NoError(t, err)
		if m.Crashed {
			want := want[:len(got)]
			assert.Equal(t, string(want), string(got))
		} else {
			assert.Equal(t, string(want), string(got))
		}
	}
}

func requireNoFiles(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries, "a failed run leaves nothing")
}

func TestRun(t *testing.T) {
	f := newFake(t)
	config := f.config(t, 1000)
	for _, earlier := range []string{"3.log", "4.log", "5.log"} {
		require.NoError(t, os.WriteFile(filepath.Join(config.Out, earlier), nil, 0o600))
	}
	var last Progress
	config.Progress = func(p Progress) { last = p }
	r, err := Run(t.Context(), config)
	require.NoError(t, err)
	f.checkFiles(t, r)
	assert.EqualValues(t, 1000, r.Lines)
	entries, err := os.ReadDir(config.Out)
	require.NoError(t, err)
	assert.Len(t, entries, 3, "those of an earlier run are gone")
	assert.Equal(t, config.Input.Size(), r.Bytes)
	assert.Equal(t, Progress{r.Bytes, r.Bytes, 1000}, last)
	for _, m := range r.Members {
		assert.EqualValues(t, 1000, m.Delivered)
		assert.Equal(t, r.Members[0].SHA256, m.SHA256)
		assert.Positive(t, m.PerSecond)
		assert.LessOrEqual(t, m.P50, m.P99)
	}
}

// TestRunAgain has a second run on the same sequence: only its lines count.
func TestRunAgain(t *testing.T) {
	f := newFake(t)
	_, err := Run(t.Context(), f.config(t, 100))
	require.NoError(t, err)
	r, err := Run(t.Context(), f.config(t, 70))
	require.NoError(t, err)
	assert.Len(t, f.Log(), 170)
	for _, m := range r.Members {
		assert.EqualValues(t, 70, m.Delivered)
	}
}

// TestCrash kills every process, also two at a time and all three.
func TestCrash(t *testing.T) {
	for name, crashes := range map[string][]Crash{
		"one":   {{1, 30}},
		"two":   {{1, 30}, {2, 60}},
		"twice": {{1, 30}, {1, 30}, {1, 31}},
		"all":   {{1, 50}, {2, 50}, {3, 50}},
		"ends":  {{1, 0}, {2, 100}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			r, err := Run(t.Context(), f.config(t, 1000, crashes...))
			require.NoError(t, err)
			f.checkFiles(t, r)
			assert.Len(t, f.Log(), 1000)
			restarts := 0
			for _, m := range r.Members {
				restarts += m.Restarts
				assert.EqualValues(t, 1000, m.Delivered)
			}
			assert.Equal(t, len(crashes), restarts)
		})
	}
}

// TestHandOver kills a process that took lines but delivered none of them, or delivered them
// but answered none: they are delivered once, through another.
func TestHandOver(t *testing.T) {
	for name, spoil := range map[string]func(*clienttest.Member){
		"stall": (*clienttest.Member).Stall,
		"mute":  (*clienttest.Member).Mute,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.started = func(m *clienttest.Member, nth int) {
				if m.ID == 2 && nth == 1 {
					spoil(m)
				}
			}
			config := f.config(t, 1000, Crash{2, 10}) // When fewer lines wait than the window has.
			r, err := Run(t.Context(), config)
			require.NoError(t, err)
			f.checkFiles(t, r)
			assert.Len(t, f.Log(), 1000)
		})
	}
}

func TestLeftDead(t *testing.T) {
	f := newFake(t)
	config := f.config(t, 1000, Crash{3, 50})
	config.Recovers = false
	r, err := Run(t.Context(), config)
	require.NoError(t, err)
	f.checkFiles(t, r)
	assert.True(t, r.Members[2].Crashed)
	assert.Less(t, r.Members[2].Delivered, uint64(1000))
	assert.EqualValues(t, 1000, r.Members[0].Delivered)
}

// TestViolations has one process show something else than was delivered: CR1, CR2, CR3.
func TestViolations(t *testing.T) {
	for name, tamper := range map[string]func(client.Delivery) []client.Delivery{
		"lost":    func(client.Delivery) []client.Delivery { return nil },
		"doubled": func(d client.Delivery) []client.Delivery { return []client.Delivery{d, d} },
		"altered": func(d client.Delivery) []client.Delivery {
			d.Payload = append([]byte("not "), d.Payload...)
			return []client.Delivery{d}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.started = func(m *clienttest.Member, _ int) {
				if m.ID != 2 {
					return
				}
				m.Tamper(func(d client.Delivery) []client.Delivery {
					if d.Sequence != 20 {
						return []client.Delivery{d}
					}
					return tamper(d)
				})
			}
			config := f.config(t, 300)
			_, err := Run(t.Context(), config)
			require.ErrorContains(t, err, "p2 delivered")
			requireNoFiles(t, config.Out)
		})
	}
}

// TestOtherOrder has one process swap two deliveries of different clients, each of which is then
// still in the order of its client: CR1.
func TestOtherOrder(t *testing.T) {
	f := newFake(t)
	f.started = func(m *clienttest.Member, _ int) {
		if m.ID != 2 {
			return
		}
		var held *client.Delivery
		swapped := false
		m.Tamper(func(d client.Delivery) []client.Delivery {
			if swapped || held == nil && d.Sequence < 20 {
				return []client.Delivery{d}
			}
			before := held
			held = &d
			switch {
			case before == nil:
				return nil
			case before.Client == d.Client:
				return []client.Delivery{*before}
			}
			swapped = true
			first, second := d, *before
			first.Position, second.Position = second.Position, first.Position
			return []client.Delivery{first, second}
		})
	}
	config := f.config(t, 300)
	_, err := Run(t.Context(), config)
	var content *ContentError
	require.ErrorAs(t, err, &content)
	assert.ErrorContains(t, err, "p2 delivered a sequence with SHA-256")
	requireNoFiles(t, config.Out)
}

func TestStall(t *testing.T) {
	f := newFake(t)
	f.started = func(m *clienttest.Member, _ int) { m.Stall() }
	config := f.config(t, 300)
	config.Stall = 50 * time.Millisecond
	_, err := Run(t.Context(), config)
	var stall *StallError
	require.ErrorAs(t, err, &stall)
	assert.Len(t, stall.State, 3)
	assert.Contains(t, stall.State[1], `p2: 0 lines delivered; {"cluster":"fake"`)
	requireNoFiles(t, config.Out)
}

func TestDied(t *testing.T) {
	f := newFake(t)
	f.started = func(m *clienttest.Member, _ int) { m.Stall() }
	config := f.config(t, 300)
	config.Progress = func(Progress) { f.last[3].Kill() }
	_, err := Run(t.Context(), config)
	var died *DiedError
	require.ErrorAs(t, err, &died)
	assert.EqualValues(t, 3, died.Process)
	requireNoFiles(t, config.Out)
}

func TestInterrupted(t *testing.T) {
	f := newFake(t)
	f.started = func(m *clienttest.Member, _ int) { m.Stall() }
	config := f.config(t, 300)
	ctx, cancel := context.WithCancel(t.Context())
	config.Progress = func(Progress) { cancel() }
	_, err := Run(ctx, config)
	require.ErrorIs(t, err, context.Canceled)
	requireNoFiles(t, config.Out)
	for _, m := range f.last {
		<-m.Done()
	}
}

func TestStartFails(t *testing.T) {
	f := newFake(t)
	config := f.config(t, 10)
	config.Start = func(ctx context.Context, id process.ID) (Machine, error) {
		if id == 2 {
			return nil, errors.New("no room")
		}
		return f.start(ctx, id)
	}
	_, err := Run(t.Context(), config)
	require.ErrorContains(t, err, "no room")
	for _, m := range f.last {
		<-m.Done()
	}
}

func TestOutIsGone(t *testing.T) {
	f := newFake(t)
	config := f.config(t, 10)
	config.Out = filepath.Join(config.Out, "missing")
	_, err := Run(t.Context(), config)
	require.ErrorIs(t, err, os.ErrNotExist)
}

package bench

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/client"
	"paxon/client/clienttest"
	"paxon/process"
)

// machines runs the processes of a fake cluster.
type machines struct {
	cluster *clienttest.Cluster
	change  func(id process.ID, m *machine) // Of one that was just started; it may be nil.

	mu   sync.Mutex
	left []process.ID
}

type machine struct {
	*clienttest.Member
	of   *machines
	once sync.Once
	done chan struct{}
}

func (m *machine) Done() <-chan struct{} { return m.done }
func (m *machine) Err() error            { return errors.New("its last words") }

func (m *machine) Kill() {
	m.once.Do(func() {
		m.Member.Kill()
		m.of.mu.Lock()
		defer m.of.mu.Unlock()
		m.of.left = slices.DeleteFunc(m.of.left, func(id process.ID) bool { return id == m.ID })
		close(m.done)
	})
}

func (m *machines) start(_ context.Context, id process.ID) (Machine, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	started := &machine{Member: m.cluster.Start(id), of: m, done: make(chan struct{})}
	m.left = append(m.left, id)
	if m.change != nil {
		m.change(id, started)
	}
	return started, nil
}

// fakeRun runs a configuration on a fake cluster. Nothing may be left of it.
func fakeRun(
	ctx context.Context, t *testing.T, c Config, change func(id process.ID, m *machine),
) (Report, error) {
	t.Helper()
	fake := &machines{cluster: clienttest.New(), change: change}
	defer fake.cluster.Close()
	c.Dir, c.Start = t.TempDir(), fake.start
	ctx, cancel := context.WithTimeout(ctx, guard)
	defer cancel()
	report, err := Run(ctx, c)
	require.Empty(t, fake.left, "processes are left")
	return report, err
}

func TestRun(t *testing.T) {
	for at, broadcasters := range map[At]int{AtLeader: 1, AtOther: 1, AtAll: 3} {
		c := goodConfig()
		c.At = at
		var progress []int
		c.Progress = func(done, all int) {
			require.Equal(t, 4, all)
			progress = append(progress, done)
		}
		r, err := fakeRun(t.Context(), t, c, nil)
		require.NoError(t, err)
		require.Equal(t, []int{1, 2, 3, 4}, progress)
		require.Len(t, r.Points, 2)
		var measured int64
		for i, p := range r.Points {
			require.Equal(t, c.Outstanding[i], p.Outstanding)
			require.Len(t, p.Repetitions, 2)
			for _, repetition := range p.Repetitions {
				require.False(t, repetition.LeaderChanged)
				require.GreaterOrEqual(t, repetition.Messages, int64(broadcasters))
				measured += repetition.Messages
			}
		}
		require.GreaterOrEqual(t, int64(r.Delivered), measured)
		require.Len(t, r.Digest, 64)
		require.NotNil(t, r.Ratio)
	}
}

// TestRunSeesWrongDeliveries has one process show something else than the others: B3.
func TestRunSeesWrongDeliveries(t *testing.T) {
	none := []client.Delivery(nil)
	for name, tamper := range map[string]func(d client.Delivery) []client.Delivery{
		"lost": func(d client.Delivery) []client.Delivery {
			if d.Sequence == 1 {
				return none
			}
			return []client.Delivery{d}
		},
		"doubled": func(d client.Delivery) []client.Delivery { return []client.Delivery{d, d} },
		"altered": func(d client.Delivery) []client.Delivery {
			d.Payload = []byte("other")
			return []client.Delivery{d}
		},
		"elsewhere": func(d client.Delivery) []client.Delivery {
			d.Position.Offset += 7 * uint32(d.Position.Instance)
			return []client.Delivery{d}
		},
	} {
		c := goodConfig()
		c.Outstanding = []int{8} // So that there is more than one message.
		_, err := fakeRun(t.Context(), t, c, func(id process.ID, m *machine) {
			if id == 2 {
				m.Tamper(tamper)
			}
		})
		if name == "elsewhere" {
			var digest *DigestError
			require.ErrorAs(t, err, &digest)
			continue
		}
		var delivery *DeliveryError
		require.ErrorAs(t, err, &delivery, name)
		require.EqualValues(t, 2, delivery.Process)
	}
}

func TestRunEnds(t *testing.T) {
	_, err := fakeRun(t.Context(), t, Config{}, nil)
	var wrong *ConfigError
	require.ErrorAs(t, err, &wrong)

	var died *DiedError
	_, err = fakeRun(t.Context(), t, goodConfig(), func(id process.ID, m *machine) {
		if id == 1 {
			m.Stall() // Nothing is ever answered, so that the run waits for
			go m.Kill()
		}
	})
	require.ErrorAs(t, err, &died)
	require.ErrorContains(t, err, "p1 died: its last words")

	ctx, interrupt := context.WithCancel(t.Context())
	_, err = fakeRun(ctx, t, goodConfig(), func(_ process.ID, m *machine) {
		m.Stall()
		interrupt()
	})
	require.ErrorIs(t, err, context.Canceled)
}

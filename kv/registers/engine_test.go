package registers_test

import (
	"context"
	"io"
	"path/filepath"
	"testing"

	"github.com/sirupsen/logrus"
	"github.com/stretchr/testify/require"

	"paxon/internal/ports"
	"paxon/kv"
	"paxon/kv/kvtest"
	"paxon/kv/registers"
	"paxon/node"
	"paxon/process"
)

// several is the engines of several processes as one. What one has acknowledged, all must have.
type several struct {
	kv.Engine // Of the first: Watch is about one process.
	all       []kv.Engine
	next      chan int
}

// turn gives another engine each time.
func (s several) turn() kv.Engine {
	i := <-s.next
	s.next <- (i + 1) % len(s.all)
	return s.all[i]
}

func (s several) Read(ctx context.Context, key string) (kv.Item, error) {
	return s.turn().Read(ctx, key)
}

// Begin begins reads at all, and changes at the first one.
func (s several) Begin(
	ctx context.Context, key string, f func(kv.Item) (kv.Item, any),
) (end func() (kv.Item, any, error)) {
	if f == nil {
		return s.turn().Begin(ctx, key, f)
	}
	return s.Engine.Begin(ctx, key, f)
}

func (s several) List(ctx context.Context, cursor uint64, count int) ([]string, uint64, error) {
	return s.turn().List(ctx, cursor, count)
}

// openProcesses starts three processes on sockets and disks.
func openProcesses(tb testing.TB, unforced bool) (all []*node.Registers) {
	tb.Helper()
	addresses, err := ports.Free(3)
	require.NoError(tb, err)
	dir := tb.TempDir()
	log := logrus.New()
	log.SetOutput(io.Discard)
	peers := map[process.ID]string{}
	for i, address := range addresses {
		peers[process.ID(i+1)] = address
	}
	for id := process.ID(1); id <= 3; id++ {
		config := node.RegistersConfig{
			Cluster: "test", Process: id, Dir: filepath.Join(dir, id.String()), Peers: peers, Logger: log,
		}
		config.Storage.Unforced = unforced
		r, err := node.OpenRegisters(config)
		require.NoError(tb, err)
		tb.Cleanup(func() { require.NoError(tb, r.Close()) })
		all = append(all, r)
	}
	return all
}

// open gives the engines of three processes.
func open(t *testing.T) several {
	t.Helper()
	s := several{next: make(chan int, 1)}
	s.next <- 0
	for _, r := range openProcesses(t, false) {
		s.all = append(s.all, registers.New(r))
	}
	s.Engine = s.all[0]
	return s
}

// TestEngine runs the suite of engines on the first of three processes.
func TestEngine(t *testing.T) {
	kvtest.Run(t, func(t *testing.T) kv.Engine {
		t.Helper()
		return open(t).Engine
	})
}

// TestAcross runs it with reads and lists at all processes in turn.
func TestAcross(t *testing.T) {
	kvtest.Run(t, func(t *testing.T) kv.Engine {
		t.Helper()
		return open(t)
	})
}

// TestInfo shows that a process tells about itself, closed or not.
func TestInfo(t *testing.T) {
	s := open(t)
	sections := s.Info()
	require.Len(t, sections, 2)
	require.Contains(t, sections[0].Fields, kv.Field{Name: "members", Value: "[p1 p2 p3]"})
}

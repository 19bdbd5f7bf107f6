package disks_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/node/disks"
	"paxon/process"
)

const cluster = "test"

// failure is what Report was told.
type failure struct {
	disk int
	err  error
}

// end is one process with its disks. Calls run when the test lets them.
type end struct {
	*disks.Disks[string]
	calls   chan func()
	reports chan failure
}

// format makes n disks.
func format(t *testing.T, n int) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for _, name := range []string{"a", "b", "c"}[:n] {
		paths = append(paths, filepath.Join(dir, name))
	}
	require.NoError(t, disks.Format(cluster, paths))
	return paths
}

func config(self process.ID, paths []string) disks.Config[string] {
	return disks.Config[string]{
		Cluster: cluster, Process: self, Processes: []process.ID{1, 2, 3}, Paths: paths,
		Encode: func(dst []byte, b string) ([]byte, error) { return append(dst, b...), nil },
		Decode: func(b []byte) (string, error) { return string(b), nil },
		Post:   func(func()) bool { return true },
		Retry:  time.Millisecond,
	}
}

// open has a process use disks until the test ends or close is called.
func open(t *testing.T, self process.ID, paths []string) (e *end, shut func()) {
	t.Helper()
	e = &end{calls: make(chan func(), 100), reports: make(chan failure, 100)}
	c := config(self, paths)
	c.Post = func(call func()) bool { e.calls <- call; return true }
	c.Report = func(disk int, path string, err error) {
		if path != paths[disk] {
			panic("the path reported is not that of the disk")
		}
		e.reports <- failure{disk, err}
	}
	d, err := disks.Open(c)
	require.NoError(t, err)
	e.Disks = d
	shut = func() { d.Close(time.Minute) }
	t.Cleanup(shut)
	return e, shut
}

// write writes and waits until that is done.
func (e *end) write(disk int, key uint64, block string) {
	done := false
	e.Write(disk, key, block, func() { done = true })
	if done {
		panic("done before Write has returned")
	}
	for !done {
		(<-e.calls)()
	}
}

// read reads and waits until that is done.
func (e *end) read(disk int, key uint64) []process.Block[string] {
	var found []process.Block[string]
	done := false
	e.Read(disk, key, func(blocks []process.Block[string]) { found, done = blocks, true })
	for !done {
		(<-e.calls)()
	}
	return found
}

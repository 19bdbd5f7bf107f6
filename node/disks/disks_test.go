package disks_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/node/disks"
	"paxon/process"
)

type blocks = []process.Block[string]

func TestBlocksAreShared(t *testing.T) {
	paths := format(t, 3)
	one, _ := open(t, 1, paths)
	two, _ := open(t, 2, paths)
	require.Equal(t, 3, one.Count())
	require.Empty(t, one.read(0, 7))
	two.write(0, 7, "of 2")
	one.write(0, 7, "of 1")
	one.write(0, 8, "")
	both := blocks{{Owner: 1, Block: "of 1"}, {Owner: 2, Block: "of 2"}}
	require.Equal(t, both, one.read(0, 7))
	require.Equal(t, both, two.read(0, 7))
	require.Equal(t, blocks{{Owner: 1}}, two.read(0, 8))
	require.Empty(t, two.read(1, 7), "the disks are one")
	one.write(0, 7, "new")
	require.Equal(t, blocks{{Owner: 1, Block: "new"}, both[1]}, two.read(0, 7))
}

func TestBlocksStay(t *testing.T) {
	paths := format(t, 1)
	e, shut := open(t, 1, paths)
	e.write(0, 7, "a")
	shut()
	// A crash has left what it was writing.
	torn := filepath.Join(paths[0], "p1", "7.tmp")
	require.NoError(t, os.WriteFile(torn, []byte("PX"), 0o600))
	e, _ = open(t, 1, paths)
	require.Equal(t, blocks{{Owner: 1, Block: "a"}}, e.read(0, 7))
	e.write(0, 7, "b")
	require.Equal(t, blocks{{Owner: 1, Block: "b"}}, e.read(0, 7))
	require.NoFileExists(t, torn)
}

// What is asked for one key happens in the order of asking, without waiting for done.
func TestOrder(t *testing.T) {
	e, _ := open(t, 1, format(t, 1))
	var seen []string
	note := func(found blocks) { seen = append(seen, found[0].Block) }
	e.Write(0, 1, "a", func() { seen = append(seen, "done") })
	e.Read(0, 1, note)
	e.Write(0, 1, "b", func() { seen = append(seen, "done") })
	e.Read(0, 1, note)
	for len(seen) < 4 {
		(<-e.calls)()
	}
	require.Equal(t, []string{"done", "a", "done", "b"}, seen)
}

// A disk that is taken away makes its operations wait, and no others; what it held is there
// when it comes back.
func TestDiskVanishes(t *testing.T) {
	paths := format(t, 2)
	e, _ := open(t, 1, paths)
	e.write(0, 1, "before")
	away := paths[0] + ".away"
	require.NoError(t, os.Rename(paths[0], away))
	var found blocks
	e.Read(0, 1, func(b blocks) { found = b })
	f := <-e.reports
	require.Equal(t, 0, f.disk)
	var unformatted *disks.UnformattedError
	require.ErrorAs(t, f.err, &unformatted)
	require.Equal(t, paths[0], unformatted.Path)
	e.write(1, 1, "meanwhile")
	require.Equal(t, f.err, e.Status()[0].Err)
	require.Equal(t, 1, e.Status()[0].Waiting)
	require.NoError(t, e.Status()[1].Err)

	// An empty directory in its place, as when nothing is mounted, is not the disk.
	require.NoError(t, os.Mkdir(paths[0], 0o750))
	e.write(1, 1, "still")
	require.Nil(t, found)
	require.NoError(t, os.Remove(paths[0]))

	require.NoError(t, os.Rename(away, paths[0]))
	require.NoError(t, (<-e.reports).err)
	for found == nil {
		(<-e.calls)()
	}
	require.Equal(t, blocks{{Owner: 1, Block: "before"}}, found)
	require.NoError(t, e.Status()[0].Err)
}

// A disk that is missing at the start is used when it comes, if it is the right one.
func TestDiskComesLater(t *testing.T) {
	paths := format(t, 2)
	require.NoError(t, os.Rename(paths[1], paths[1]+".away"))
	e, _ := open(t, 1, paths)
	done := false
	e.Write(1, 1, "a", func() { done = true })
	require.Error(t, (<-e.reports).err)

	require.NoError(t, os.Mkdir(paths[1], 0o750))
	require.NoError(t, os.Remove(paths[1]))
	require.NoError(t, os.Rename(paths[1]+".away", paths[1]))
	for !done {
		(<-e.calls)()
	}
	require.NoError(t, (<-e.reports).err)
}

// Garbage is a failure of the disk that names the file, and never data.
func TestGarbage(t *testing.T) {
	paths := format(t, 1)
	e, _ := open(t, 1, paths)
	e.write(0, 1, "data")
	e.write(0, 2, "other")
	file := filepath.Join(paths[0], "p1", "1")
	good, err := os.ReadFile(file) //nolint:gosec // A file of this test.
	require.NoError(t, err)
	other, err := os.ReadFile(filepath.Join(paths[0], "p1", "2")) //nolint:gosec // Likewise.
	require.NoError(t, err)
	flipped := append([]byte(nil), good...)
	flipped[len(flipped)-1] ^= 1
	for _, bad := range [][]byte{flipped, good[:len(good)-1], good[:3], {}, other} {
		require.NoError(t, os.WriteFile(file, bad, 0o600))
		var found blocks
		e.Read(0, 1, func(b blocks) { found = b })
		var corrupt *disks.CorruptError
		require.ErrorAs(t, (<-e.reports).err, &corrupt)
		require.Equal(t, file, corrupt.File)
		require.NoError(t, os.WriteFile(file+".tmp", good, 0o600))
		require.NoError(t, os.Rename(file+".tmp", file))
		require.NoError(t, (<-e.reports).err)
		for found == nil {
			(<-e.calls)()
		}
		require.Equal(t, blocks{{Owner: 1, Block: "data"}}, found)
	}
}

// A disk that hangs holds up nobody else, and Close does not wait for it for ever. A pipe that
// nobody writes to hangs whoever opens it.
func TestDiskHangs(t *testing.T) {
	paths := format(t, 2)
	e, _ := open(t, 1, paths)
	e.write(0, 1, "a")
	pipe := filepath.Join(paths[0], "p2")
	require.NoError(t, os.Mkdir(pipe, 0o750))
	pipe = filepath.Join(pipe, "1")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))

	cancel := e.Read(0, 1, func(blocks) { t.Error("cancelled") })
	e.Write(0, 2, "waits", func() { t.Error("closed") })
	e.write(1, 1, "goes on")
	require.Equal(t, blocks{{Owner: 1, Block: "goes on"}}, e.read(1, 1))
	for e.Status()[0].Busy == 0 {
		e.read(1, 1)
	}
	require.NoError(t, e.Status()[0].Err)
	require.Equal(t, 2, e.Status()[0].Waiting)
	cancel()
	e.Close(time.Nanosecond)

	writer, err := os.OpenFile(pipe, os.O_WRONLY, 0) //nolint:gosec // A file of this test.
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	e.Close(time.Minute)
	require.Empty(t, e.calls)
}

func TestCancel(t *testing.T) {
	paths := format(t, 1)
	e, _ := open(t, 1, paths)
	require.NoError(t, os.Rename(paths[0], paths[0]+".away"))
	e.Read(0, 1, func(blocks) {})
	require.Error(t, (<-e.reports).err)
	cancels := []func(){
		e.Write(0, 1, "never", func() { t.Error("cancelled") }),
		e.Read(0, 1, func(blocks) { t.Error("cancelled") }),
	}
	require.Equal(t, 3, e.Status()[0].Waiting)
	for _, cancel := range cancels {
		cancel()
		cancel()
	}
	require.Equal(t, 1, e.Status()[0].Waiting)
	require.NoError(t, os.Rename(paths[0]+".away", paths[0]))
	require.Empty(t, e.read(0, 1))

	// What is done and not yet told may be cancelled as well.
	cancel := e.Write(0, 2, "done", func() { t.Error("cancelled") })
	call := <-e.calls
	cancel()
	call()
}

// A block is removed once all processes have forgotten it.
func TestForget(t *testing.T) {
	paths := format(t, 1)
	ends := map[process.ID]*end{}
	for _, p := range []process.ID{1, 2, 3} {
		ends[p], _ = open(t, p, paths)
		for key := range uint64(5) {
			ends[p].write(0, key, "x")
		}
	}
	count := func(key uint64) int { return len(ends[1].read(0, key)) }
	forget := func(p process.ID, below uint64) {
		ends[p].Forget(below)
		ends[p].read(0, 0) // It comes after.
	}
	forget(1, 3)
	forget(2, 4)
	require.Equal(t, 3, count(0))
	forget(3, 2)
	require.Equal(t, 2, count(0))
	forget(1, 3)
	forget(2, 4)
	for key, blocks := range []int{0, 0, 3, 3, 3} {
		require.Equal(t, blocks, count(uint64(key)), "key %d", key)
	}
	names, err := os.ReadDir(filepath.Join(paths[0], "p1"))
	require.NoError(t, err)
	require.Len(t, names, 5, "blocks 2 to 4, floor and lock")
}

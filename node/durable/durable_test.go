package durable_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"paxon/node/durable"
)

// failing fails from some call that changes the file system on.
type failing struct {
	vfs.FS
	left int
}

var errDisk = errors.New("the disk has failed")

func (f *failing) step() error {
	if f.left--; f.left < 0 {
		return errDisk
	}
	return nil
}

func (f *failing) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if err := f.step(); err != nil {
		return nil, err
	}
	file, err := f.FS.Create(name, c)
	return failingFile{file, f}, err
}

func (f *failing) Rename(from, to string) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.FS.Rename(from, to)
}

func (f *failing) OpenDir(name string) (vfs.File, error) {
	file, err := f.FS.OpenDir(name)
	return failingFile{file, f}, err
}

type failingFile struct {
	vfs.File
	on *failing
}

func (f failingFile) Write(b []byte) (int, error) {
	if err := f.on.step(); err != nil {
		n, _ := f.File.Write(b[:len(b)/2])
		return n, err
	}
	return f.File.Write(b)
}

func (f failingFile) Sync() error {
	if err := f.on.step(); err != nil {
		return err
	}
	return f.File.Sync()
}

// TestReplace has the disk fail at each step, and the machine go on, or crash with any of what was not
// forced lost: the file is the old one or the new one, and the new one where there was no error.
func TestReplace(t *testing.T) {
	const before, after = "before", "and after"
	olds := 0
	for left := range 6 {
		for seed := range uint64(20) {
			disk := vfs.NewCrashableMem()
			require.NoError(t, disk.MkdirAll("d", 0o755))
			require.NoError(t, durable.SyncDir(disk, ""))
			require.NoError(t, durable.Replace(disk, "d/f", []byte(before)))
			err := durable.Replace(&failing{disk, left}, "d/f", []byte(after))
			require.Equal(t, left < 5, errors.Is(err, errDisk), "%v after %d steps", err, left)
			crashed := disk.CrashClone(vfs.CrashCloneCfg{
				UnsyncedDataPercent: 50, RNG: rand.New(rand.NewPCG(seed, 0)),
			})
			for _, disk := range []*vfs.MemFS{disk, crashed} {
				f, openErr := disk.Open("d/f")
				require.NoError(t, openErr)
				text, readErr := io.ReadAll(f)
				require.NoError(t, readErr)
				if string(text) == before && err != nil {
					olds++
					continue
				}
				require.Equal(t, after, string(text))
			}
		}
	}
	require.NotZero(t, olds)
}

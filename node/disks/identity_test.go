package disks_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/node/disks"
	"paxon/process"
)

func TestFormatIsDoneOnce(t *testing.T) {
	paths := format(t, 2)
	fresh := filepath.Join(t.TempDir(), "fresh")
	err := disks.Format("another", []string{fresh, paths[1]})
	var formatted *disks.FormattedError
	require.ErrorAs(t, err, &formatted)
	require.Equal(t, disks.FormattedError{Path: paths[1], Cluster: cluster}, *formatted)
	var unformatted *disks.UnformattedError
	_, err = disks.Open(config(1, []string{fresh}))
	require.ErrorAs(t, err, &unformatted, "some disks were formatted and others were not")
}

func TestThereIsADisk(t *testing.T) {
	var count *disks.CountError
	require.ErrorAs(t, disks.Format(cluster, nil), &count)
	_, err := disks.Open(config(1, nil))
	require.ErrorAs(t, err, &count)
}

func TestDisksAreDistinct(t *testing.T) {
	paths := format(t, 3)
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(paths[0], link))
	for _, double := range [][]string{
		{paths[0], paths[1], link},
		{paths[0], paths[1], paths[1] + "/"},
		{"/missing", paths[1], "/missing/"},
	} {
		var duplicate *disks.DuplicateError
		_, err := disks.Open(config(1, double))
		require.ErrorAs(t, err, &duplicate)
		require.Equal(t, double[2], duplicate.Second)
	}
	var duplicate *disks.DuplicateError
	same := filepath.Join(t.TempDir(), "same")
	require.ErrorAs(t, disks.Format(cluster, []string{same, same}), &duplicate)
}

func TestWrongDisks(t *testing.T) {
	paths, others := format(t, 3), format(t, 3)
	for field, wrong := range map[string][]string{
		"number": {paths[1], paths[0], paths[2]},
		"set":    {paths[0], others[1], paths[2]},
	} {
		var identity *disks.IdentityError
		_, err := disks.Open(config(1, wrong))
		require.ErrorAs(t, err, &identity)
		require.Equal(t, field, identity.Field)
	}
	var identity *disks.IdentityError
	_, err := disks.Open(config(1, paths[:2]))
	require.ErrorAs(t, err, &identity)
	require.Equal(t, []string{"1 of 3", "1 of 2"}, []string{identity.Found, identity.Wanted})

	c := config(1, paths)
	c.Cluster = "mine"
	_, err = disks.Open(c)
	require.EqualError(t, err, paths[0]+`: its cluster is "test": expected "mine"; check the order `+
		"of the disks, and what is mounted there")

	require.NoError(t, os.WriteFile(filepath.Join(paths[1], "disk.json"), []byte("{"), 0o600))
	var corrupt *disks.CorruptError
	_, err = disks.Open(config(1, paths))
	require.ErrorAs(t, err, &corrupt)
	require.Equal(t, filepath.Join(paths[1], "disk.json"), corrupt.File)
}

// A disk of another set that takes the place of one is not used.
func TestAnotherDiskInItsPlace(t *testing.T) {
	paths, others := format(t, 2), format(t, 2)
	e, _ := open(t, 1, paths)
	e.write(0, 1, "a")
	require.NoError(t, os.Rename(paths[0], paths[0]+".away"))
	require.NoError(t, os.Rename(others[0], paths[0]))
	e.Read(0, 1, func([]process.Block[string]) { t.Error("it was read") })
	require.Error(t, (<-e.reports).err)
	e.write(1, 1, "time passes")
	require.NoFileExists(t, filepath.Join(paths[0], "p1", "1"))
}

// Two processes with one id do not write in one directory.
func TestLocked(t *testing.T) {
	paths := format(t, 1)
	first, shut := open(t, 1, paths)
	first.write(0, 1, "first")
	second, _ := open(t, 1, paths)
	done := false
	second.Write(0, 1, "second", func() { done = true })
	var locked *disks.LockedError
	require.ErrorAs(t, (<-second.reports).err, &locked)
	first.write(0, 1, "first again")
	require.False(t, done)
	shut()
	for !done {
		(<-second.calls)()
	}
}

func TestCloseEnds(t *testing.T) {
	e, shut := open(t, 1, format(t, 1))
	e.write(0, 1, "a")
	shut()
	e.Write(0, 1, "b", func() { t.Error("it is closed") })
	require.False(t, slices.ContainsFunc(e.Status(), func(s disks.Status) bool { return s.Busy > 0 }))
	require.Empty(t, e.calls)
}

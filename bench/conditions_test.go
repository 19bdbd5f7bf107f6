package bench

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCPUModel(t *testing.T) {
	require.Equal(t, "Some CPU @ 2: fast", cpuModel(
		"processor\t: 0\nmodel\t\t: 1\nmodel name\t: Some CPU @ 2: fast\n\nmodel name\t: other\n"))
	require.Equal(t, unknown, cpuModel(""))
}

func TestFileSystem(t *testing.T) {
	const mounts = `21 1 254:0 / / rw shared:1 - ext4 /dev/vda rw
22 21 0:20 / /proc rw - proc proc rw
30 21 0:30 / /data rw shared:2 master:1 - xfs /dev/vdb rw
31 30 0:31 / /data/with\040space rw - tmpfs tmpfs rw
32 21 0:32 / /over rw - ext4 /dev/vdc rw
33 21 0:33 / /over rw - overlay overlay rw
nonsense
`
	for path, want := range map[string]string{
		"/": "ext4", "/home/me": "ext4", "/data": "xfs", "/data/1": "xfs", "/database": "ext4",
		"/data/with space/x": "tmpfs", "/over/x": "overlay",
	} {
		require.Equal(t, want, fileSystem(mounts, path), path)
	}
	require.Equal(t, unknown, fileSystem("", "/"))
}

func TestCommit(t *testing.T) {
	require.Equal(t, unknown, commit(nil))
	clean := debug.BuildSetting{Key: "vcs.modified", Value: "false"}
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "abc"}
	require.Equal(t, "abc", commit([]debug.BuildSetting{revision, clean}))
	clean.Value = "true"
	require.Equal(t, "abc+changes", commit([]debug.BuildSetting{revision, clean}))
}

func TestConditionsOf(t *testing.T) {
	c := goodConfig()
	c.Dir = t.TempDir()
	got := conditionsOf(c)
	require.Equal(t, 2, got.Repeat)
	require.InEpsilon(t, 0.001, got.Duration, 1e-9)
	for _, s := range []string{got.CPU, got.Kernel, got.FileSystem, got.Go, got.Commit} {
		require.NotEmpty(t, s)
	}
}

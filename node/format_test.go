package node

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/node/storage"
	"paxon/process"
)

// TestEarlierBuild opens directories that another build has written: one that says of which form its
// records are, and one of before that was said.
func TestEarlierBuild(t *testing.T) {
	for form, check := range map[string]func(t *testing.T, err error){
		"0-abc": func(t *testing.T, err error) {
			t.Helper()
			var records *storage.RecordsError
			require.ErrorAs(t, err, &records)
			require.Equal(t, "0-abc", records.Found)
		},
		"": func(t *testing.T, err error) {
			t.Helper()
			var record *RecordError
			require.ErrorAs(t, err, &record)
			require.EqualValues(t, 1, record.Key)
		},
	} {
		config := RegistersConfig{
			Cluster: "test", Process: 1, Dir: t.TempDir(), Logger: testLogger(), Listen: "127.0.0.1:0",
			Peers: map[process.ID]string{1: "127.0.0.1:1"},
		}
		id := storage.Identity{Cluster: "test", Process: 1, Variant: config.variant(), Records: form}
		options := storage.Options{SegmentBytes: 1 << 20}
		old, err := storage.Open(config.Dir, id, options)
		require.NoError(t, err)
		old.Put(3, 1, []byte{1, 0x93, 1, 2, 3}) // A record of three fields, where there are more now.
		forced := make(chan error)
		old.Force(func(err error) { forced <- err })
		require.NoError(t, <-forced)
		require.NoError(t, old.Close())
		r, err := OpenRegisters(config)
		if err == nil {
			require.NoError(t, r.Close())
		}
		check(t, err)
		require.ErrorContains(t, err, "run the build that has written")
		require.ErrorContains(t, err, "give up this process")
		id.Records = "0-abc"
		old, err = storage.Open(config.Dir, id, options)
		require.NoError(t, err, "the build that has written it")
		require.NoError(t, old.Close())
	}
}

// TestEarlierBuildIsReadable opens a directory of before it was said of which form its records are, all of
// which can be read: from then on it is said.
func TestEarlierBuildIsReadable(t *testing.T) {
	config := RegistersConfig{
		Cluster: "test", Process: 1, Dir: t.TempDir(), Logger: testLogger(), Listen: "127.0.0.1:0",
		Peers: map[process.ID]string{1: "127.0.0.1:1"},
	}
	id := storage.Identity{Cluster: "test", Process: 1, Variant: config.variant()}
	old, err := storage.Open(config.Dir, id, storage.Options{})
	require.NoError(t, err)
	require.NoError(t, old.Close())
	r, err := OpenRegisters(config)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	id.Records = "0-abc"
	_, err = storage.Open(config.Dir, id, storage.Options{})
	var records *storage.RecordsError
	require.ErrorAs(t, err, &records)
}

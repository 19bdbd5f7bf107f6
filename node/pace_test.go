package node

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/sirupsen/logrus/hooks/test"
	"github.com/stretchr/testify/require"

	"paxon/node/storage"
	"paxon/process"
	"paxon/seasons"
	"paxon/wire"
)

// A process that has much to read says so every few seconds, in segments and in records, and one that has
// little does not.
func TestPace(t *testing.T) {
	dir := t.TempDir()
	id := storage.Identity{Cluster: "test", Process: 1, Variant: "caspaxos"}
	written, err := storage.Open(dir, id, storage.Options{})
	require.NoError(t, err)
	require.NoError(t, written.Close())
	codec, err := wire.New(wire.Vmihailenco, record{})
	require.NoError(t, err)
	rec, err := codec.Append(nil, record{})
	require.NoError(t, err)
	for _, slow := range []bool{false, true} {
		log := logrus.New()
		log.SetOutput(io.Discard)
		hook := test.NewLocal(log)
		now := time.Now()
		clock := func() time.Time {
			if slow {
				now = now.Add(paceTime)
			}
			return now
		}
		running := newRunning(1, log, nil)
		running.now = clock
		require.NoError(t, running.openStorage(dir, id, storage.Options{}, seasons.Paxos()))
		require.NoError(t, running.storage.Close())
		s := newStore(&manyRecords{rec: rec}, codec, nil, clock)
		s.pace, s.records = newPace(log, clock), 2*paceRecords
		s.Stored(1, func(uint64, process.Record) bool { return true })
		require.NoError(t, s.err)
		var told []string
		for _, e := range hook.AllEntries() {
			told = append(told, fmt.Sprintf("%s: %v of %v", e.Message, e.Data["done"], e.Data["of"]))
		}
		if slow {
			require.Equal(t, []string{
				"reading the log: 1 of 1", "reading what is stored: 1024 of 2048",
				"reading what is stored: 2048 of 2048",
			}, told)
		} else {
			require.Empty(t, told)
		}
	}
}

// manyRecords is a log that has two times paceRecords.
type manyRecords struct {
	disk
	rec []byte
}

func (m *manyRecords) Stored(_ byte, yield func(key uint64, rec []byte) bool) {
	for key := range uint64(2 * paceRecords) {
		if !yield(key, m.rec) {
			return
		}
	}
}

package main

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"go.etcd.io/raft/v3/raftpb"
)

func etcdEntries(first uint64, count, size int) []raftpb.Entry {
	entries := make([]raftpb.Entry, count)
	for i := range entries {
		entries[i] = raftpb.Entry{Term: 3, Index: first + uint64(i), Data: make([]byte, size)}
		binary.LittleEndian.PutUint64(entries[i].Data, first+uint64(i))
	}
	return entries
}

func TestEtcdCodec(t *testing.T) {
	full := raftpb.Message{
		Type: raftpb.MsgApp, To: 1, From: 2, Term: 3, LogTerm: 4, Index: 5, Commit: 6, Vote: 7,
		Reject: true, RejectHint: 8, Context: []byte("context"), Entries: etcdEntries(6, 3, 20),
	}
	for _, m := range []raftpb.Message{full, {Type: raftpb.MsgHeartbeat, To: 3, From: 1}} {
		b := appendMessage(nil, &m)
		got, err := readMessage(b)
		require.NoError(t, err)
		require.Equal(t, m, got)
		for cut := range len(b) {
			_, err := readMessage(b[:cut:cut])
			require.Error(t, err, "%d of %d bytes", cut, len(b))
		}
		_, err = readMessage(append(b, 0))
		require.ErrorContains(t, err, "1 bytes after a message")
	}
	// Whatever comes, there is an error or a message, and no panic.
	rng := rand.New(rand.NewPCG(1, 1))
	b := appendMessage(nil, &full)
	for range 10_000 {
		damaged := bytes.Clone(b)
		for range 1 + rng.IntN(4) {
			damaged[rng.IntN(len(b))] = byte(rng.IntN(256))
		}
		if m, err := readMessage(damaged); err == nil {
			require.NotEmpty(t, appendMessage(nil, &m))
		}
	}
	_, err := readFrame(bytes.NewReader([]byte{0, 0, 0, 255}))
	require.ErrorContains(t, err, "expected at most")
}

// TestEtcdLog reads back what a log wrote, across files of which the first is used again.
func TestEtcdLog(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log")
	l, err := openEtcdLog(dir, false)
	require.NoError(t, err)
	const each, size = 64, 128 << 10 // So that a write is a quarter of a file.
	next := uint64(2)
	for range 14 {
		m := raftpb.Message{Term: 3, Vote: 1, Commit: next - 1, Entries: etcdEntries(next, each, size)}
		require.NoError(t, l.write([]raftpb.Message{m, {}}, next-each))
		next += each
	}
	require.NoError(t, l.close())
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Less(t, len(files), 6, "no file was used again")
	found := map[uint64]uint64{} // First index of each record, and the number of its file.
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		require.NoError(t, err)
		readEtcdLog(t, b, found)
	}
	for i := range uint64(6) { // What is kept for certain: the last file, and the one before.
		require.Contains(t, found, next-(i+1)*each)
	}
}

// readEtcdLog notes the records of a file.
func readEtcdLog(t *testing.T, b []byte, found map[uint64]uint64) {
	t.Helper()
	le := binary.LittleEndian
	for len(b) >= etcdRecordHeader && le.Uint32(b[4:]) != 0 {
		body := b[8 : 8+le.Uint32(b[4:])]
		if crc32.Checksum(body, castagnoli) != le.Uint32(b) {
			return // What is left of an earlier use of the file.
		}
		b = b[8+len(body):]
		found[le.Uint64(body[32:])] = le.Uint64(body)
	}
}

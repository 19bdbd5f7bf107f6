package storage

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/record"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
)

// recordBytes is the length of the records of the benchmarks, with its headers just 4 KiB.
const recordBytes = 4<<10 - headerBytes - 12

// zeroFile is a zero-filled file on the disk that TMPDIR is on, which should not be memory.
func zeroFile(b *testing.B) vfs.File {
	b.Helper()
	path := filepath.Join(b.TempDir(), "zero")
	require.NoError(b, fill(vfs.Default, path, 64<<20))
	f, err := vfs.Default.OpenReadWrite(path, category)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, f.Close()) })
	return f
}

// BenchmarkRawForce is the yardstick: 4 KiB written and forced, in a zero-filled file.
func BenchmarkRawForce(b *testing.B) {
	f := zeroFile(b)
	p := make([]byte, 4<<10)
	for i := 0; b.Loop(); i++ {
		if _, err := f.WriteAt(p, int64(i)*4096%(64<<20)); err != nil {
			b.Fatal(err)
		}
		if err := f.SyncData(); err != nil {
			b.Fatal(err)
		}
	}
}

// overwriting makes a file look like what a LogWriter writes to and begins again at its end.
type overwriting struct {
	vfs.File
	at int64
}

func (o *overwriting) Write(p []byte) (int, error) {
	if o.at+int64(len(p)) > 64<<20 {
		o.at = 0
	}
	n, err := o.WriteAt(p, o.at)
	o.at += int64(n)
	return n, err
}

func (o *overwriting) Sync() error  { return o.SyncData() }
func (o *overwriting) Close() error { return nil }

// BenchmarkLogWriterForce is Pebble's LogWriter, whose goroutine writes and forces.
func BenchmarkLogWriterForce(b *testing.B) {
	w := newLogWriter(record.NewLogWriter, &overwriting{File: zeroFile(b)}, 1, record.LogWriterConfig{
		WriteWALSyncOffsets: func() bool { return true },
		WALFsyncLatency:     prometheus.NewHistogram(prometheus.HistogramOpts{}),
	})
	p := make([]byte, recordBytes)
	for b.Loop() {
		var wg sync.WaitGroup
		var err error
		wg.Add(1)
		_, writeErr := w.SyncRecord(p, &wg, &err)
		wg.Wait()
		if err != nil || writeErr != nil {
			b.Fatal(err, writeErr)
		}
	}
	require.NoError(b, w.Close())
}

// BenchmarkForce is one Put and Force at a time, up to done.
func BenchmarkForce(b *testing.B) {
	s := openBench(b)
	p := make([]byte, recordBytes)
	done := make(chan error, 1)
	tell := func(err error) { done <- err }
	b.ReportAllocs()
	for i := uint64(0); b.Loop(); i++ {
		s.Put(1, i%64, p)
		s.Force(tell)
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGroupForce keeps 64 forces of one small record waiting.
func BenchmarkGroupForce(b *testing.B) {
	s := openBench(b)
	p := make([]byte, 128)
	tokens := make(chan struct{}, 64)
	tell := func(error) { <-tokens }
	b.ReportAllocs()
	for i := uint64(0); b.Loop(); i++ {
		tokens <- struct{}{}
		s.Put(1, i%1024, p)
		s.Force(tell)
	}
	require.Empty(b, s.Failed())
}

func openBench(b *testing.B) *Storage {
	b.Helper()
	s, err := Open(filepath.Join(b.TempDir(), "p1"), testIdentity, Options{})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	return s
}

package storage

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/record"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"paxon/register"
)

// recordBytes is the length of the records of the benchmarks, with its headers just 4 KiB.
const recordBytes = 4<<10 - headerBytes - 12

// zeroFile is a zero-filled file on the disk that TMPDIR is on, which should not be memory.
func zeroFile(b *testing.B) vfs.File {
	b.Helper()
	path := filepath.Join(b.TempDir(), "zero")
	require.NoError(b, Fill(vfs.Default, path, 64<<20))
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

// BenchmarkDeliver is a batch that is put, forced and delivered at a time, as under full load: in
// segments that are used again, or in new ones because the history stays; with or without
// forces, and called by the loop itself or through the goroutine that forces.
func BenchmarkDeliver(b *testing.B) {
	for _, size := range []int{128, 128 << 10} {
		for _, unforced := range []bool{true, false} {
			for _, keep := range []bool{false, true} {
				b.Run(fmt.Sprintf("bytes=%d/unforced=%t/keep=%t", size, unforced, keep),
					func(b *testing.B) { deliver(b, size, unforced, keep) })
			}
		}
	}
}

func deliver(b *testing.B, size int, unforced, keep bool) {
	b.Helper()
	s, err := Open(filepath.Join(b.TempDir(), "p1"), testIdentity, Options{Unforced: unforced})
	require.NoError(b, err)
	batch, head := make([]byte, size), make([]byte, 30)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	l, done := uint64(0), make(chan error, 1)
	tell := func(err error) { done <- err }
	for b.Loop() {
		l++
		s.PutValue(BatchSpace, l, head, batch, nil)
		now, err := s.ForceNow()
		if !now {
			s.Force(tell)
			err = <-done
		}
		if err != nil {
			b.Fatal(err)
		}
		s.History.Append(batch, true)
		if l%256 == 0 { // A checkpoint.
			s.History.Force(func(error) {})
			s.Forget(BatchSpace, l)
			if !keep {
				s.History.Truncate(register.Instance(l))
			}
		}
	}
	require.NoError(b, s.Close())
}

// BenchmarkReadAt reads a megabyte of batches of 128 KiB, at the end of the history or behind it.
func BenchmarkReadAt(b *testing.B) {
	s := openBench(b)
	for range 200 {
		s.History.Append(make([]byte, 128<<10), false)
	}
	require.NoError(b, forceHistory(s.History))
	for name, from := range map[string]register.Instance{"end": 193, "behind": 10} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(1 << 20)
			b.ReportAllocs()
			for b.Loop() {
				batches, err := s.History.ReadAt(from, 1<<20)
				if err != nil || len(batches) != 8 {
					b.Fatal(len(batches), err)
				}
			}
		})
	}
}

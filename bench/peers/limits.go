package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"paxon/bench"
)

// limits are what the machine allows at one time. Times are in seconds.
type limits struct {
	ForcedWrite float64 `json:"forcedWriteSeconds"` // Of a message's bytes, in a zero-filled file.
	ForcedPage  float64 `json:"forcedWrite4KiBSeconds"`
	RoundTrip   float64 `json:"roundTripSeconds"` // Of a message's bytes over loopback TCP.
	// Logs is how many bytes a second each of three logs gets that are written side by side.
	Logs float64 `json:"forcedBytesPerSecondOfThreeLogs"`
}

// measureLimits measures each once, with files in a directory below dir that it removes.
func measureLimits(ctx context.Context, dir string, size int) (l limits, err error) {
	if dir, err = os.MkdirTemp(dir, "limits-"); err != nil {
		return l, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	prober, err := bench.NewProber(dir, size)
	if err != nil {
		return l, err
	}
	err = prober.Measure(ctx)
	if err = errors.Join(err, prober.Close()); err != nil {
		return l, err
	}
	found := prober.Limits()
	l = limits{
		ForcedWrite: found.ForcedWrite.Median, ForcedPage: found.ForcedPage.Median,
		RoundTrip: found.RoundTrip.Median,
	}
	l.Logs, err = logsBandwidth(ctx, dir, members)
	return l, err
}

const (
	logBytes = 16 << 20               // Of each log, which is overwritten round and round.
	logBlock = 256 << 10              // Written before each force.
	logTime  = 300 * time.Millisecond // How long they are written.
)

// logsBandwidth is how many bytes a second each of some logs gets that are written side by side,
// in files that were filled with zeros before.
func logsBandwidth(ctx context.Context, dir string, logs int) (float64, error) {
	var files []*os.File
	var err error
	for i := range logs {
		f, openErr := os.Create(filepath.Join(dir, "log-"+string(rune('1'+i))))
		if openErr != nil {
			err = openErr
			break
		}
		files = append(files, f)
		_, writeErr := f.Write(make([]byte, logBytes))
		err = errors.Join(err, writeErr, f.Sync())
	}
	total := make([]int64, logs)
	begun := time.Now()
	if err == nil {
		all, ctx := errgroup.WithContext(ctx)
		for i, f := range files {
			all.Go(func() (err error) {
				total[i], err = forceBlocks(ctx, f, begun.Add(logTime))
				return err
			})
		}
		err = all.Wait()
	}
	elapsed := time.Since(begun).Seconds()
	sum := int64(0)
	for _, n := range total {
		sum += n
	}
	for _, f := range files {
		err = errors.Join(err, f.Close())
	}
	return float64(sum) / elapsed / float64(logs), err
}

// forceBlocks writes and forces blocks until a time, and tells how many bytes.
func forceBlocks(ctx context.Context, f *os.File, end time.Time) (total int64, err error) {
	block := make([]byte, logBlock)
	for i := range block {
		block[i] = byte(i * 167)
	}
	for time.Now().Before(end) {
		if ctx.Err() != nil {
			return total, context.Cause(ctx)
		}
		if _, err := f.WriteAt(block, total%logBytes); err != nil {
			return total, err
		}
		if err := unix.Fdatasync(int(f.Fd())); err != nil {
			return total, err
		}
		total += logBlock
	}
	return total, nil
}

package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"paxon/bench"
	"paxon/node/storage"
)

// limits are what the machine allows at one time. Times are in seconds.
type limits struct {
	ForcedWrite float64 `json:"forcedWriteSeconds"` // Of a message's bytes, in a zero-filled file.
	ForcedPage  float64 `json:"forcedWrite4KiBSeconds"`
	RoundTrip   float64 `json:"roundTripSeconds"` // Of a message's bytes over loopback TCP.
	// Decision is until a majority of the members has forced a message's bytes, if all begin to write
	// them at once, each to a log of its own.
	Decision float64 `json:"forcedByMajoritySeconds"`
	// Logs is how many bytes a second each of three logs gets that are written side by side.
	Logs float64 `json:"forcedBytesPerSecondOfThreeLogs"`
	// Rate is how many messages a second a majority of the members has forced, if that is all that is
	// done for them, with as many on their way as at the point that was measured next.
	Rate float64 `json:"messagesPerSecondForcedByMajority,omitempty"`
}

// measureLimits measures each once, with files in a directory below dir that it removes. Rate is
// measured only if outstanding is not 0.
func measureLimits(
	ctx context.Context, dir string, size, outstanding int,
) (l limits, err error) {
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
	logs, err := makeLogs(dir, members)
	defer func() { err = errors.Join(err, logs.close()) }()
	if err == nil {
		l.Decision, err = logs.decision(ctx, size)
	}
	if err == nil {
		l.Logs, err = logs.bandwidth(ctx)
	}
	outstanding = min(outstanding, logBytes/size)
	// Whether it is better to force all at once or in parts depends on the disk.
	for _, parts := range []int{1, rateParts} {
		if err == nil && parts <= outstanding {
			var rate float64
			rate, err = logs.rate(ctx, size*outstanding/parts, parts)
			l.Rate = max(l.Rate, rate*float64(outstanding))
		}
	}
	return l, err
}

const (
	logBytes  = 16 << 20               // Of each log, which is overwritten round and round.
	logBlock  = 256 << 10              // Written before each force.
	logTime   = 300 * time.Millisecond // How long they are written.
	decisions = 200                    // Of which the median counts.
	rateParts = 4                      // In which what is on its way is forced, or at once.
)

// logs are files that were filled with zeros before, one for each member.
type logs []*os.File

func makeLogs(dir string, n int) (made logs, err error) {
	for i := range n {
		f, err := zeroFile(filepath.Join(dir, "log-"+string(rune('1'+i))), logBytes)
		if err != nil {
			return made, err
		}
		made = append(made, f)
	}
	return made, nil
}

// zeroFile makes a file as Paxon's log overwrites them. Its zeros are forced even where nothing else is, or
// they are written behind the back of the load.
func zeroFile(path string, size int64) (*os.File, error) {
	if err := storage.Fill(vfs.Default, path, size); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_RDWR, 0)
}

func (l logs) close() (err error) {
	for _, f := range l {
		err = errors.Join(err, f.Close())
	}
	return err
}

// decision is how long it takes until a majority has forced so many bytes, in seconds.
func (l logs) decision(ctx context.Context, size int) (float64, error) {
	block, took := blockOf(size), make([]float64, 0, decisions)
	each := make([]float64, len(l))
	for round := range decisions {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		var all errgroup.Group
		at, begun := int64(round*size)%(logBytes-int64(size)), time.Now()
		for i, f := range l {
			all.Go(func() error {
				err := force(f, block, at)
				each[i] = time.Since(begun).Seconds()
				return err
			})
		}
		if err := all.Wait(); err != nil {
			return 0, err
		}
		slices.Sort(each)
		took = append(took, each[len(each)/2])
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

// rate is how many times a second a majority has forced so many parts, if each is given to all logs
// again as soon as it has.
func (l logs) rate(ctx context.Context, size, parts int) (float64, error) {
	waiting := make([]chan chan<- error, len(l))
	var writers, loops errgroup.Group
	for i, f := range l {
		waiting[i] = make(chan chan<- error, parts)
		writers.Go(func() error { return forceWaiting(f, blockOf(size), waiting[i]) })
	}
	var forced atomic.Int64
	begun := time.Now()
	for range parts {
		loops.Go(func() error {
			for ; time.Since(begun) < logTime; forced.Add(1) {
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
				answers := make(chan error, len(l))
				for _, w := range waiting {
					w <- answers
				}
				for range len(l)/2 + 1 {
					if err := <-answers; err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	err := loops.Wait()
	elapsed := time.Since(begun)
	for _, w := range waiting {
		close(w)
	}
	err = errors.Join(err, writers.Wait())
	return float64(forced.Load()) / float64(parts) / elapsed.Seconds(), err
}

// forceWaiting writes a block for each who waits, forces all together, and answers, until waiting is
// closed. After an error it answers with that.
func forceWaiting(f *os.File, block []byte, waiting <-chan chan<- error) (err error) {
	at := int64(0)
	for first := range waiting {
		answers := []chan<- error{first}
		for len(waiting) > 0 {
			answers = append(answers, <-waiting)
		}
		for range answers {
			if at+int64(len(block)) > logBytes {
				at = 0
			}
			if err == nil {
				_, err = f.WriteAt(block, at)
			}
			at += int64(len(block))
		}
		if err == nil {
			err = unix.Fdatasync(int(f.Fd()))
		}
		for _, answer := range answers {
			answer <- err
		}
	}
	return err
}

// bandwidth is how many bytes a second each log gets if all are written side by side.
func (l logs) bandwidth(ctx context.Context) (float64, error) {
	total := make([]int64, len(l))
	begun := time.Now()
	all, ctx := errgroup.WithContext(ctx)
	for i, f := range l {
		all.Go(func() (err error) {
			total[i], err = forceBlocks(ctx, f, begun.Add(logTime))
			return err
		})
	}
	err := all.Wait()
	elapsed := time.Since(begun).Seconds()
	sum := int64(0)
	for _, n := range total {
		sum += n
	}
	return float64(sum) / elapsed / float64(len(l)), err
}

// forceBlocks writes and forces blocks until a time, and tells how many bytes.
func forceBlocks(ctx context.Context, f *os.File, end time.Time) (total int64, err error) {
	block := blockOf(logBlock)
	for time.Now().Before(end) {
		if ctx.Err() != nil {
			return total, context.Cause(ctx)
		}
		if err := force(f, block, total%logBytes); err != nil {
			return total, err
		}
		total += logBlock
	}
	return total, nil
}

// blockOf is so many bytes that are not zeros, which a disk may treat in another way.
func blockOf(size int) []byte {
	block := make([]byte, size)
	writePayload(block, 1)
	return block
}

// force writes a block at a place, and has it durable.
func force(f *os.File, block []byte, at int64) error {
	if _, err := f.WriteAt(block, at); err != nil {
		return err
	}
	return unix.Fdatasync(int(f.Fd()))
}

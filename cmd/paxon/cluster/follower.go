package cluster

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"paxon/client"
	"paxon/internal/wait"
	"paxon/process"
	"paxon/tob"
)

// follower reads what one process delivers, checks it and writes it down.
type follower struct {
	member *member
	ledger *ledger
	times  map[tob.Client]*times
	next   tob.Position // To ask for when the process is back.

	path   string // Where the sequence belongs once it is complete.
	file   *os.File
	buffer *bufio.Writer
	hash   hash.Hash // Over what is written.
	bytes  int64

	delivered atomic.Uint64
	last      time.Time // Of the last delivery.
	latency   *hdrhistogram.Histogram
	gone      bool // The process was left dead; set at the end.
}

// newFollower opens a temporary file next to where the sequence will be.
func newFollower(m *member, l *ledger, out string, times map[tob.Client]*times) (*follower, error) {
	file, err := os.CreateTemp(out, fmt.Sprintf(".%d.*.tmp", uint32(m.id)))
	if err != nil {
		return nil, err
	}
	return &follower{
		member: m, ledger: l, times: times,
		path: sequencePath(out, m.id),
		file: file, buffer: bufio.NewWriterSize(file, 1<<18), hash: sha256.New(),
		latency: hdrhistogram.New(1, int64(time.Hour/time.Microsecond), 3),
	}, nil
}

// sequencePath is where the sequence of a process goes.
func sequencePath(out string, id process.ID) string {
	return filepath.Join(out, fmt.Sprintf("%d.log", uint32(id)))
}

// run reads deliveries until ctx ends or the process is left dead. A violation is an error even
// if ctx has ended meanwhile.
func (f *follower) run(ctx context.Context) error {
	for ctx.Err() == nil {
		c, err := f.member.up(ctx)
		if err == nil {
			err = f.read(ctx, c, true)
		}
		switch {
		case err == nil || client.Retryable(err):
			_ = wait.For(ctx, pause) // It fails only if ctx has ended.
		case errors.Is(err, errGone), errors.Is(err, context.Cause(ctx)):
			return nil
		default:
			return err
		}
	}
	return nil
}

// read takes deliveries from the position after the last one seen.
func (f *follower) read(ctx context.Context, c *client.Client, follow bool) error {
	for d, err := range c.Deliveries(ctx, f.next, follow) {
		if err != nil {
			return err
		}
		if err := f.take(d); err != nil {
			return err
		}
	}
	return nil
}

func (f *follower) take(d client.Delivery) error {
	if d.Position.Less(f.next) {
		return &ContentError{
			f.member.id, "at position", d.Position.String(), "one from " + f.next.String() + " on",
		}
	}
	f.next = d.Next()
	ours, err := f.ledger.add(d)
	if err != nil || !ours {
		return err
	}
	f.last = time.Now()
	passed := f.times[d.Client].since(d.Sequence).Microseconds()
	if err := f.latency.RecordValue(min(passed, f.latency.HighestTrackableValue())); err != nil {
		return err
	}
	if err := f.write(d.Payload); err != nil {
		return err
	}
	f.delivered.Add(1)
	return nil
}

func (f *follower) write(payload []byte) error {
	f.hash.Write(payload) // A hash never fails.
	f.hash.Write(newline())
	f.bytes += int64(len(payload)) + 1
	if _, err := f.buffer.Write(payload); err != nil {
		return err
	}
	return f.buffer.WriteByte('\n')
}

func newline() []byte { return []byte{'\n'} }

func (f *follower) sum() string { return hex.EncodeToString(f.hash.Sum(nil)) }

// flush completes the temporary file.
func (f *follower) flush() error { return f.buffer.Flush() }

// keep gives the complete file its name.
func (f *follower) keep() error {
	err := errors.Join(f.flush(), f.file.Chmod(0o644), f.file.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.file.Name(), f.path)
}

// discard removes the file, unless keep was called.
func (f *follower) discard() {
	_ = f.file.Close()           // It may be closed already, and
	_ = os.Remove(f.file.Name()) // renamed.
}

package bench

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"paxon/node/storage"
)

const (
	limitFileBytes = 16 << 20               // Of the file that is overwritten round and round.
	limitSamples   = 200                    // How often each thing is done at most,
	limitTime      = 200 * time.Millisecond // unless that takes longer.
	page           = 4 << 10                // The bytes of the larger forced write.
)

// Limits are the latencies that the machine allows: for each the spread of the medians that were
// measured between the repetitions, in seconds.
type Limits struct {
	// ForcedWrite is a pwrite of a message's bytes and an fdatasync, in a file that was filled
	// with zeros before.
	ForcedWrite Spread `json:"forcedWriteSeconds"`
	// ForcedPage is the same for 4 KiB.
	ForcedPage Spread `json:"forcedWrite4KiBSeconds"`
	// RoundTrip is a message's bytes sent over a loopback TCP connection and sent back.
	RoundTrip Spread `json:"roundTripSeconds"`
}

// Prober measures the Limits for messages of one size. It belongs to one goroutine.
type Prober struct {
	size int
	file vfs.File
	conn net.Conn
	echo net.Listener

	forcedWrite, forcedPage, roundTrip []float64 // A median for each call of Measure.
}

// NewProber makes the file, in dir, and the connection.
func NewProber(dir string, size int) (*Prober, error) {
	file, err := zeroFile(filepath.Join(dir, "limits"), limitFileBytes)
	if err != nil {
		return nil, err
	}
	p := &Prober{size: size, file: file}
	if p.echo, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	go echo(p.echo, size)
	if p.conn, err = net.Dial("tcp", p.echo.Addr().String()); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// zeroFile makes a file whose blocks are all there, so that a force has no metadata to write.
func zeroFile(path string, size int) (vfs.File, error) {
	if err := storage.Fill(vfs.Default, path, int64(size)); err != nil {
		return nil, err
	}
	return vfs.Default.OpenReadWrite(path, vfs.WriteCategoryUnspecified)
}

// echo sends back what comes on one connection, size bytes at a time, until that ends.
func echo(l net.Listener, size int) {
	c, err := l.Accept()
	if err != nil {
		return // The prober is closed.
	}
	defer c.Close() //nolint:errcheck // Nothing is left that could be lost.
	buffer := make([]byte, size)
	for {
		if _, err := io.ReadFull(c, buffer); err != nil {
			return
		}
		if _, err := c.Write(buffer); err != nil {
			return
		}
	}
}

// Close ends the use of the file and the connection.
func (p *Prober) Close() error {
	err := p.file.Close()
	if p.echo != nil {
		err = errors.Join(err, p.echo.Close())
	}
	if p.conn != nil {
		err = errors.Join(err, p.conn.Close())
	}
	return err
}

// Measure takes one median of each limit. The error is the cause of ctx, or what failed.
func (p *Prober) Measure(ctx context.Context) error {
	message, whole := make([]byte, p.size), make([]byte, page)
	var nextMessage, nextPage int64 // Each its own, so that pages are written whole.
	for _, limit := range []struct {
		medians *[]float64
		once    func() error
	}{
		{&p.forcedWrite, func() error { return p.force(message, &nextMessage) }},
		{&p.forcedPage, func() error { return p.force(whole, &nextPage) }},
		{&p.roundTrip, func() error { return p.trip(message) }},
	} {
		median, err := medianOf(ctx, limit.once)
		if err != nil {
			return err
		}
		*limit.medians = append(*limit.medians, median)
	}
	return nil
}

// medianOf does something again and again, and gives the median of how long it took, in seconds.
func medianOf(ctx context.Context, once func() error) (float64, error) {
	h := NewHistogram()
	for begun := time.Now(); h.TotalCount() < limitSamples && time.Since(begun) < limitTime; {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		start := time.Now()
		if err := once(); err != nil {
			return 0, err
		}
		if err := Record(h, time.Since(start)); err != nil {
			return 0, err
		}
	}
	return Quantile(h, 50), nil
}

// force writes at next, or at the beginning if the file ends before that, and moves next on.
func (p *Prober) force(b []byte, next *int64) error {
	if *next+int64(len(b)) > limitFileBytes {
		*next = 0
	}
	if _, err := p.file.WriteAt(b, *next); err != nil {
		return err
	}
	*next += int64(len(b))
	return p.file.SyncData()
}

func (p *Prober) trip(b []byte) error {
	if _, err := p.conn.Write(b); err != nil {
		return err
	}
	_, err := io.ReadFull(p.conn, b)
	return err
}

// Limits is what all calls of Measure, at least one, have found.
func (p *Prober) Limits() Limits {
	return Limits{SpreadOf(p.forcedWrite), SpreadOf(p.forcedPage), SpreadOf(p.roundTrip)}
}

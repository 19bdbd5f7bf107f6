package bench

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"path/filepath"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/zeebo/xxh3"
	"golang.org/x/sync/errgroup"
)

const (
	// ForcedBlock is how many bytes are written before each force when its bandwidth is measured.
	ForcedBlock   = 256 << 10
	logBytes      = 16 << 20 // Of each log, overwritten round and round.
	streamBlock   = 256 << 10
	memoryBytes   = 32 << 20 // More than caches hold.
	bandwidthTime = 250 * time.Millisecond
	readBlock     = 1 << 20
)

// Bandwidths are what the machine moves: for each the spread of what was measured between the
// repetitions, in bytes a second.
type Bandwidths struct {
	Logs int `json:"logs"` // That were written side by side.
	// ForcedOne is that of ForcedBlock bytes and an fdatasync again and again, in one file that was
	// filled with zeros before. ForcedEach is what each of Logs such files gets that are written
	// side by side.
	ForcedOne  Spread `json:"forcedOneLog"`
	ForcedEach Spread `json:"forcedEachLog"`
	// Loopback is one TCP connection.
	Loopback Spread `json:"loopback"`
	// Copy is memory, from and to 32 MiB. CRC32C and XXH3 are hashes over as much.
	Copy   Spread `json:"memoryCopy"`
	CRC32C Spread `json:"crc32c"`
	XXH3   Spread `json:"xxh3"`
}

// BandwidthProber measures the Bandwidths. It belongs to one goroutine.
type BandwidthProber struct {
	logs     []vfs.File
	next     []int64 // Where each log is written next.
	block    []byte
	from, to []byte

	forcedOne, forcedEach, loopback, copied, crc32c, xxh3 []float64
}

// NewBandwidthProber makes so many logs, at least one, in dir, where nothing of theirs is yet.
func NewBandwidthProber(dir string, logs int) (*BandwidthProber, error) {
	p := &BandwidthProber{
		block: make([]byte, ForcedBlock), next: make([]int64, logs),
		from: make([]byte, memoryBytes), to: make([]byte, memoryBytes),
	}
	for i := range p.from {
		p.from[i] = byte(i * 167)
	}
	for i := range logs {
		file, err := zeroFile(filepath.Join(dir, fmt.Sprintf("limits-log%d", i+1)), logBytes)
		if err != nil {
			return nil, errors.Join(err, p.Close())
		}
		p.logs = append(p.logs, file)
	}
	return p, nil
}

// Close ends the use of the logs.
func (p *BandwidthProber) Close() error {
	var err error
	for _, l := range p.logs {
		err = errors.Join(err, l.Close())
	}
	return err
}

// Measure takes each bandwidth once. The error is the cause of ctx, or what failed.
func (p *BandwidthProber) Measure(ctx context.Context) error {
	var sum uint64 // Keeps the hashes from being left out.
	table := crc32.MakeTable(crc32.Castagnoli)
	for _, m := range []struct {
		to      *[]float64
		measure func() (float64, error)
	}{
		{&p.forcedOne, func() (float64, error) { return p.force(ctx, 1) }},
		{&p.forcedEach, func() (float64, error) { return p.force(ctx, len(p.logs)) }},
		{&p.loopback, func() (float64, error) { return p.stream(ctx) }},
		{&p.copied, func() (float64, error) {
			return perSecond(ctx, func() (int, error) { return copy(p.to, p.from), nil })
		}},
		{&p.crc32c, func() (float64, error) {
			return perSecond(ctx, func() (int, error) {
				sum += uint64(crc32.Checksum(p.from, table))
				return len(p.from), nil
			})
		}},
		{&p.xxh3, func() (float64, error) {
			return perSecond(ctx, func() (int, error) {
				sum += xxh3.Hash(p.from)
				return len(p.from), nil
			})
		}},
	} {
		bytes, err := m.measure()
		if err != nil {
			return err
		}
		*m.to = append(*m.to, bytes)
	}
	p.block[0] = byte(sum)
	return nil
}

// perSecond does something again and again, and adds up how many bytes it says it moved.
func perSecond(ctx context.Context, once func() (int, error)) (float64, error) {
	begun, moved := time.Now(), 0
	for {
		n, err := once()
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return 0, err
		}
		moved += n
		if took := time.Since(begun); took >= bandwidthTime {
			return float64(moved) / took.Seconds(), nil
		}
	}
}

// force writes and forces the first n logs side by side, and gives the mean of one.
func (p *BandwidthProber) force(ctx context.Context, n int) (float64, error) {
	group, ctx := errgroup.WithContext(ctx)
	each := make([]float64, n)
	for i := range n {
		group.Go(func() (err error) {
			each[i], err = perSecond(ctx, func() (int, error) { return p.forceOnce(i) })
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return 0, err
	}
	sum := 0.0
	for _, b := range each {
		sum += b
	}
	return sum / float64(n), nil
}

func (p *BandwidthProber) forceOnce(log int) (int, error) {
	n, err := p.logs[log].WriteAt(p.block, p.next[log])
	if err != nil {
		return n, err
	}
	p.next[log] = (p.next[log] + ForcedBlock) % logBytes
	return n, p.logs[log].SyncData()
}

// stream sends over a connection to this process itself, whose other end only reads.
func (p *BandwidthProber) stream(ctx context.Context) (perS float64, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close() //nolint:errcheck // Nothing is left that could be lost.
	received := make(chan error, 1)
	go func() { received <- swallow(l) }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return 0, err
	}
	perS, err = perSecond(ctx, func() (int, error) { return c.Write(p.from[:streamBlock]) })
	if err = errors.Join(err, c.Close()); err != nil {
		return 0, err
	}
	return perS, <-received
}

// swallow reads one connection to its end.
func swallow(l net.Listener) error {
	c, err := l.Accept()
	if err != nil {
		return err
	}
	buffer := make([]byte, readBlock)
	for err == nil {
		_, err = c.Read(buffer)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, c.Close())
}

// Bandwidths is what all calls of Measure, at least one, have found.
func (p *BandwidthProber) Bandwidths() Bandwidths {
	return Bandwidths{
		Logs:      len(p.logs),
		ForcedOne: SpreadOf(p.forcedOne), ForcedEach: SpreadOf(p.forcedEach),
		Loopback: SpreadOf(p.loopback), Copy: SpreadOf(p.copied),
		CRC32C: SpreadOf(p.crc32c), XXH3: SpreadOf(p.xxh3),
	}
}

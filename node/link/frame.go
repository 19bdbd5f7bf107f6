package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"paxon/retransmit"
	"paxon/wire"
)

const (
	// frameHeader is the length that precedes a packet, in bytes.
	frameHeader = 4
	// minFrame is the least that a frame with a packet takes.
	minFrame = frameHeader + 7
	// readBuffer is the size of a reader's buffer until a frame needs a larger one.
	readBuffer = 64 << 10
	// readAtLeast is the least room at the end of a buffer that a new frame is read into.
	readAtLeast = 4 << 10
	// shareBytes is from how many bytes on a value is not copied out of the reader's buffer, which
	// it then keeps from being used again.
	shareBytes = 1 << 10
	// keptBuffer is the largest queue's buffer that is kept when it is empty.
	keptBuffer = 4 << 20
)

// FrameError says that the bytes of a connection are not frames.
type FrameError struct {
	// Came is what was found, Expected what should have been.
	Came, Expected string
	// Err is the codec's error, if it is the packet that is wrong.
	Err error
}

// Error says what came and what was expected.
func (e *FrameError) Error() string {
	return fmt.Sprintf("link: %s, expected %s", e.Came, e.Expected)
}

// Unwrap returns the codec's error.
func (e *FrameError) Unwrap() error { return e.Err }

// frameReader reads packets from a stream of frames. What it holds grows with what arrived,
// not with what a frame announces.
type frameReader struct {
	in       io.Reader
	codec    *wire.Codec
	maxFrame int
	// buf[start:end] was read and not yet decoded. If shared, packets refer to what is before.
	buf        []byte
	start, end int
	shared     bool
	largest    int    // About the largest of the last frames, in bytes.
	spare      []byte // A buffer of readBuffer bytes that is free, nil if there is none.
	batch      []retransmit.Packet
}

func newFrameReader(in io.Reader, c *wire.Codec, maxFrame int) *frameReader {
	buf := make([]byte, min(readBuffer, maxFrame))
	return &frameReader{in: in, codec: c, maxFrame: maxFrame, buf: buf}
}

// next returns the packets of all whole frames at hand, at least one, and how many bytes they
// took. The slice is reused by the next call. The error is a *FrameError, or io.EOF at the end
// of the stream after a whole frame, or the stream's.
func (r *frameReader) next() (batch []retransmit.Packet, size int, err error) {
	clear(r.batch)
	r.batch = r.batch[:0]
	for {
		begin := r.start
		for err == nil {
			var whole bool
			if whole, err = r.frame(); !whole {
				break
			}
		}
		if len(r.batch) > 0 {
			return r.batch, r.start - begin, nil // An error comes again in the next call.
		}
		if err != nil {
			return nil, 0, err
		}
		if err = r.fill(); err != nil {
			return nil, 0, err
		}
	}
}

// frame decodes the frame at the beginning of what was read, if it is whole.
func (r *frameReader) frame() (found bool, err error) {
	b := r.buf[r.start:r.end]
	if len(b) < frameHeader {
		return false, nil
	}
	size := binary.BigEndian.Uint32(b)
	if size < minFrame-frameHeader || uint64(size) > uint64(r.maxFrame-frameHeader) {
		return false, &FrameError{
			Came:     fmt.Sprintf("a frame of %d bytes", size),
			Expected: fmt.Sprintf("%d to %d", minFrame-frameHeader, r.maxFrame-frameHeader),
		}
	}
	if uint64(len(b)) < frameHeader+uint64(size) {
		return false, nil
	}
	whole := frameHeader + int(size)
	p, shared, err := r.codec.DecodePacket(b[frameHeader:whole:whole], shareBytes)
	if err != nil {
		return false, &FrameError{Came: err.Error(), Expected: "a packet", Err: err}
	}
	r.start += whole
	r.shared = r.shared || shared
	r.largest = max(whole, r.largest-r.largest/16)
	r.batch = append(r.batch, p)
	return true, nil
}

// fill makes room and reads once. A frame that is larger than the buffer gets one of its own, of
// its size if frames like it have come before; otherwise the buffer doubles.
func (r *frameReader) fill() error {
	left := r.end - r.start
	needs := left + 1
	if left >= frameHeader {
		needs = frameHeader + int(binary.BigEndian.Uint32(r.buf[r.start:]))
	}
	switch {
	case left == 0 && len(r.buf) > readBuffer:
		r.replace(readBuffer)
	case !r.shared && needs <= len(r.buf):
		copy(r.buf, r.buf[r.start:r.end])
		r.start, r.end = 0, left
	case needs <= len(r.buf)-r.start && (left > 0 || len(r.buf)-r.end >= readAtLeast):
	case needs <= max(2*r.largest, readBuffer):
		r.replace(max(needs, readBuffer))
	case left == len(r.buf)-r.start:
		r.replace(max(2*left, readBuffer))
	}
	n, err := r.in.Read(r.buf[r.end:])
	r.end += n
	switch {
	case n > 0:
		return nil // An error comes again with the next read.
	case errors.Is(err, io.EOF) && left > 0:
		return &FrameError{
			Came:     fmt.Sprintf("the end after %d bytes of a frame", left),
			Expected: "the rest: the peer stopped while it wrote",
		}
	case err == nil:
		return io.ErrNoProgress
	}
	return err
}

// replace goes on with another buffer.
func (r *frameReader) replace(size int) {
	size = min(size, r.maxFrame)
	var buf []byte
	if size == len(r.spare) {
		buf, r.spare = r.spare, nil
	} else {
		buf = make([]byte, size)
	}
	r.end = copy(buf, r.buf[r.start:r.end])
	if !r.shared && len(r.buf) == min(readBuffer, r.maxFrame) {
		r.spare = r.buf
	}
	r.buf, r.start, r.shared = buf, 0, false
}

package api

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"sync"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"paxon/node"
	"paxon/tob"
)

// maxUnanswered is how many messages of one stream may wait for their answer to be written.
const maxUnanswered = 1 << 16

// stream is a request whose body is read while its beginning is answered.
type stream struct {
	node   *node.Node
	client tob.Client

	mu         sync.Mutex
	changed    sync.Cond
	unanswered int // Messages that were read and whose answer is not taken to be written.
	answers    []answered
	ended      bool // No more is read.
	stopped    bool // No more is written.
}

// answered is a message and what became of it.
type answered struct {
	sequence uint64
	outcome  tob.Outcome
}

func (h *handler) stream(w http.ResponseWriter, r *http.Request) {
	client, err := clientOf(r)
	if err == nil {
		err = checkMsgpack(r)
	}
	control := http.NewResponseController(w)
	if err == nil {
		if duplex := control.EnableFullDuplex(); duplex != nil {
			err = malformed("HTTP/%d.%d: expected HTTP/1.1: %w", r.ProtoMajor, r.ProtoMinor, duplex)
		}
	}
	if err != nil {
		answerError(w, err)
		return
	}
	s := &stream{node: h.node, client: client}
	s.changed.L = &s.mu
	ctx, cancel := context.WithCancel(r.Context())
	context.AfterFunc(ctx, s.stop)
	var helpers sync.WaitGroup
	helpers.Go(func() { s.read(ctx, r.Body) })
	helpers.Go(func() { s.watch(ctx) })

	w.Header().Set("Content-Type", msgpackType)
	// A request whose body is not read to its end must not be followed by another: the server
	// of Go 1.26 panics then, if it is full duplex.
	w.Header().Set("Connection", "close")
	w.WriteHeader(http.StatusOK)
	if control.Flush() == nil {
		s.write(w, control.Flush)
	}
	// Once nothing more can be answered, nothing more is read.
	cancel()
	_ = control.SetReadDeadline(time.Now()) // Without a connection reading does not wait.
	helpers.Wait()
}

func checkMsgpack(r *http.Request) error {
	kind := r.Header.Get("Content-Type")
	if media, _, err := mime.ParseMediaType(kind); err != nil || media != msgpackType {
		return &problem{http.StatusUnsupportedMediaType, "malformed", fmt.Errorf(
			"Content-Type %q: expected %s", kind, msgpackType)}
	}
	return nil
}

// watch stops the stream when the process stops.
func (s *stream) watch(ctx context.Context) {
	select {
	case <-s.node.Done():
		s.stop()
	case <-ctx.Done():
	}
}

// read submits messages until the body ends, or what comes is not MessagePack.
func (s *stream) read(ctx context.Context, body io.Reader) {
	in := bufio.NewReaderSize(body, 64<<10)
	d := msgpack.NewDecoder(in)
	for s.begin() {
		if err := s.readOne(ctx, d, in); err != nil {
			s.finish(err)
			return
		}
	}
}

// readOne reads a message and submits it. At the end of the body the error is io.EOF.
func (s *stream) readOne(ctx context.Context, d *msgpack.Decoder, in *bufio.Reader) error {
	n, err := d.DecodeArrayLen()
	if err != nil {
		return err
	}
	if n != 2 {
		return malformed("an array of %d: expected one of 2, sequence and payload", n)
	}
	sequence, err := d.DecodeUint64()
	if err != nil {
		return malformed("a message without a sequence: %w", err)
	}
	size, err := d.DecodeBytesLen()
	if err != nil || size < 0 {
		return malformed("a message without a payload: %w", err)
	}
	if size > s.node.PayloadLimit() {
		if _, err := io.CopyN(io.Discard, in, int64(size)); err != nil {
			return malformed("a payload that ends too early: %w", err)
		}
		s.answer(answered{sequence, tob.Outcome{Status: tob.TooLarge}})
		return nil
	}
	payload, err := readSized(in, size)
	if err != nil {
		return err
	}
	m := tob.Broadcast{Client: s.client, Sequence: sequence, Payload: payload}
	return s.node.Submit(ctx, m, func(o tob.Outcome) { s.answer(answered{sequence, o}) })
}

// atOnce is how many bytes of a payload are made room for before they have come.
const atOnce = 64 << 10

// readSized reads size bytes. What it holds grows with what comes.
func readSized(in io.Reader, size int) ([]byte, error) {
	if size <= atOnce {
		payload := make([]byte, size)
		if _, err := io.ReadFull(in, payload); err != nil {
			return nil, malformed("a payload that ends too early: %w", err)
		}
		return payload, nil
	}
	payload, err := io.ReadAll(io.LimitReader(in, int64(size)))
	if err == nil && len(payload) < size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, malformed("a payload that ends too early: %w", err)
	}
	return payload, nil
}

// begin waits until one more message may be read; false if none will ever be.
func (s *stream) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.unanswered >= maxUnanswered && !s.stopped {
		s.changed.Wait()
	}
	s.unanswered++
	return !s.stopped
}

// finish ends reading: the message that was begun did not come. After the end of the body all
// others are answered; after anything else the stream is broken off.
func (s *stream) finish(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unanswered--
	s.ended = true
	s.stopped = s.stopped || err != io.EOF //nolint:errorlint // In the middle of a message it is wrapped.
	s.changed.Broadcast()
}

// answer takes the answer to one message. It runs on the node's loop.
func (s *stream) answer(a answered) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = append(s.answers, a)
	s.changed.Broadcast()
}

// stop ends the stream: nobody is there any more to answer, or to be answered.
func (s *stream) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	s.changed.Broadcast()
}

// write writes answers until all are written, or the stream is stopped.
func (s *stream) write(w io.Writer, flush func() error) {
	var answers []answered
	buffer := bufio.NewWriter(w)
	e := msgpack.NewEncoder(buffer)
	for {
		if answers = s.take(answers[:0]); len(answers) == 0 {
			return
		}
		for _, a := range answers {
			if encodeAnswer(e, a) != nil {
				return
			}
		}
		if buffer.Flush() != nil || flush() != nil {
			return
		}
	}
}

// take waits for answers and swaps them for an empty slice. It returns none when there will be
// none any more.
func (s *stream) take(empty []answered) (answers []answered) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.answers) == 0 && !s.stopped && (!s.ended || s.unanswered > 0) {
		s.changed.Wait()
	}
	answers, s.answers = s.answers, empty
	s.unanswered -= len(answers)
	s.changed.Broadcast()
	return answers
}

func encodeAnswer(e *msgpack.Encoder, a answered) error {
	if err := e.EncodeArrayLen(4); err != nil {
		return err
	}
	if err := e.EncodeUint(a.sequence); err != nil {
		return err
	}
	if err := e.EncodeString(a.outcome.Status.String()); err != nil {
		return err
	}
	if err := e.EncodeUint(uint64(a.outcome.Position.Instance)); err != nil {
		return err
	}
	return e.EncodeUint(uint64(a.outcome.Position.Offset))
}

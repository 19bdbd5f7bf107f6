package client

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/vmihailenco/msgpack/v5"

	"paxon/register"
	"paxon/tob"
)

// Answer says what became of one message of a Stream. Position is set if Status is Delivered.
type Answer struct {
	Sequence uint64
	Status   tob.Status
	Position tob.Position
}

// Stream broadcasts many messages of one client through one process without waiting for each.
// One goroutine sends and another receives.
type Stream struct {
	client *Client
	pipe   *io.PipeWriter
	buffer *bufio.Writer
	encode *msgpack.Encoder

	cancel  context.CancelFunc
	begun   chan struct{} // Closed once answers and body, or failed, are set.
	failed  error
	answers *reader
	body    io.Closer
}

// Stream opens a stream of messages of the client named. It lasts until ctx ends, the process
// goes away, or Close.
func (c *Client) Stream(ctx context.Context, name tob.Client) (*Stream, error) {
	ctx, cancel := context.WithCancel(ctx)
	pr, pw := io.Pipe()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/v1/stream", pr)
	if err != nil {
		cancel()
		return nil, &AddressError{c.base, err.Error()}
	}
	request.Header.Set(headerClient, name.String())
	request.Header.Set("Content-Type", typeMsgpack)
	buffer := bufio.NewWriterSize(pw, bufferBytes)
	s := &Stream{
		client: c, pipe: pw, buffer: buffer, encode: msgpack.NewEncoder(buffer),
		cancel: cancel, begun: make(chan struct{}),
	}
	go s.begin(request, pr)
	return s, nil
}

// begin waits for the head of the response, which a process may send only once it has read
// something.
func (s *Stream) begin(request *http.Request, pipe *io.PipeReader) {
	defer close(s.begun)
	response, err := s.client.do(request)
	if err != nil {
		s.failed = err
		_ = pipe.CloseWithError(err) // It always succeeds.
		return
	}
	s.body, s.answers = response.Body, newReader(response.Body, s.client.base)
}

// Send adds a message to the stream, perhaps only to its buffer: see Flush. It waits while the
// process takes no more. The error is that of Receive, or an *UnreachableError.
func (s *Stream) Send(sequence uint64, payload []byte) error {
	if payload == nil {
		payload = []byte{} // For a nil would not be bytes.
	}
	return s.sent(errors.Join(
		s.encode.EncodeArrayLen(2), s.encode.EncodeUint(sequence), s.encode.EncodeBytes(payload)))
}

// Flush hands what is in the buffer to the connection. The error is that of Send.
func (s *Stream) Flush() error { return s.sent(s.buffer.Flush()) }

// CloseSend says that nothing more will be sent. The process answers what it has, and Receive
// then returns io.EOF. The error is that of Send.
func (s *Stream) CloseSend() error {
	err := s.Flush()
	return errors.Join(err, s.pipe.Close())
}

// sent gives an error of sending its type: one that begin found has it already.
func (s *Stream) sent(err error) error {
	if err == nil {
		return nil
	}
	select {
	case <-s.begun:
		if s.failed != nil {
			return s.failed
		}
	default:
	}
	return &UnreachableError{s.client.base, err}
}

// Receive waits for the next answer. After CloseSend and the last answer the error is io.EOF;
// otherwise it is an *UnreachableError, a *RefusedError or an *AnswerError.
func (s *Stream) Receive() (Answer, error) {
	<-s.begun
	if s.failed != nil {
		return Answer{}, s.failed
	}
	r := s.answers
	r.array(4)
	a := Answer{Sequence: r.uint64()}
	status := r.string()
	a.Position.Instance, a.Position.Offset = register.Instance(r.uint64()), r.uint32()
	if r.err != nil {
		return Answer{}, r.err
	}
	for _, known := range []tob.Status{tob.Delivered, tob.Forgotten, tob.Expired, tob.TooLarge} {
		if known.String() == status {
			a.Status = known
			return a, nil
		}
	}
	return Answer{}, &AnswerError{
		s.client.base, fmt.Sprintf("status %q", status),
		"delivered, forgotten, expired or too large",
	}
}

// Close ends the stream at once, whatever is on its way.
func (s *Stream) Close() {
	s.cancel()
	// The error closes the side that reads, which always succeeds.
	_ = s.pipe.CloseWithError(context.Canceled)
	<-s.begun
	if s.body != nil {
		_ = s.body.Close() // Nothing is left that could be lost.
	}
}

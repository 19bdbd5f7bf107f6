package client

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/vmihailenco/msgpack/v5"
)

// reader reads MessagePack values one after the other. Once one is bad, err is set and what
// it returns from then on means nothing.
type reader struct {
	d     *msgpack.Decoder
	input *input
	url   string // Of the process, for errors.
	err   error
}

func newReader(r io.Reader, url string) *reader {
	in := &input{Reader: r}
	return &reader{d: msgpack.NewDecoder(bufio.NewReaderSize(in, bufferBytes)), input: in, url: url}
}

// input remembers why it ended, to tell a broken connection from bytes that mean nothing.
type input struct {
	io.Reader
	ended error
}

func (in *input) Read(p []byte) (int, error) {
	n, err := in.Reader.Read(p)
	in.ended = err
	return n, err
}

// array reads the header of an array of want elements. At the end of the input err is io.EOF.
func (r *reader) array(want int) {
	n, err := r.d.DecodeArrayLen()
	switch {
	case errors.Is(err, io.EOF):
		r.err = io.EOF
	case err != nil:
		r.fail(err)
	case n != want:
		r.err = &AnswerError{r.url, fmt.Sprintf("an array of %d", n), fmt.Sprintf("one of %d", want)}
	}
}

func (r *reader) uint64() uint64 { return element(r, r.d.DecodeUint64) }
func (r *reader) string() string { return element(r, r.d.DecodeString) }
func (r *reader) bytes() []byte  { return element(r, r.d.DecodeBytes) }

func (r *reader) uint32() uint32 {
	v := r.uint64()
	if v > math.MaxUint32 && r.err == nil {
		r.err = &AnswerError{r.url, fmt.Sprintf("the number %d", v), "at most 32 bits"}
	}
	return uint32(v)
}

func element[T any](r *reader, decode func() (T, error)) T {
	var none T
	if r.err != nil {
		return none
	}
	v, err := decode()
	r.fail(err)
	return v
}

// fail notes an error of decoding, if there is one, in the midst of an array.
func (r *reader) fail(err error) {
	switch {
	case err == nil:
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		r.err = &UnreachableError{r.url, io.ErrUnexpectedEOF}
	case errors.Is(err, r.input.ended):
		r.err = &UnreachableError{r.url, err}
	default:
		r.err = &AnswerError{r.url, "what is not MessagePack: " + err.Error(), "the form of its API"}
	}
}

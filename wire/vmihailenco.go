package wire

import (
	"bytes"
	"sync"

	"github.com/vmihailenco/msgpack/v5"
)

// vmihailenco is github.com/vmihailenco/msgpack, with its encoders and decoders kept.
type vmihailenco struct {
	encoders, decoders sync.Pool
}

// encoder writes into a byte slice without a buffer between.
type encoder struct {
	*msgpack.Encoder
	out appender
}

type decoder struct {
	*msgpack.Decoder
	in bytes.Reader
}

// appender is the writer, by the byte too, that the library asks for.
type appender struct{ b []byte }

func (a *appender) Write(p []byte) (int, error) {
	a.b = append(a.b, p...)
	return len(p), nil
}

func (a *appender) WriteByte(c byte) error {
	a.b = append(a.b, c)
	return nil
}

func newVmihailenco() *vmihailenco {
	l := &vmihailenco{}
	l.encoders.New = func() any {
		e := &encoder{}
		e.Encoder = msgpack.NewEncoder(&e.out)
		e.UseArrayEncodedStructs(true)
		e.UseCompactInts(true)
		return e
	}
	l.decoders.New = func() any {
		d := &decoder{}
		d.Decoder = msgpack.NewDecoder(&d.in)
		return d
	}
	return l
}

func (l *vmihailenco) encode(dst []byte, v any) ([]byte, error) {
	e := l.encoders.Get().(*encoder)
	e.out.b = dst
	err := e.Encode(v)
	dst, e.out.b = e.out.b, nil
	l.encoders.Put(e)
	return dst, err
}

func (l *vmihailenco) decode(b []byte, into any) error {
	d := l.decoders.Get().(*decoder)
	d.in.Reset(b)
	err := d.Decode(into)
	d.in.Reset(nil)
	l.decoders.Put(d)
	return err
}

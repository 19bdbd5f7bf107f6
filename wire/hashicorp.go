package wire

import (
	"sync"

	"github.com/hashicorp/go-msgpack/v2/codec"
)

// keptBytes bounds what an idle encoder holds.
const keptBytes = 1 << 20

// hashicorp is github.com/hashicorp/go-msgpack, with its encoders and decoders kept. Its
// Encode and Decode turn the library's own panics into errors.
type hashicorp struct {
	encoders, decoders sync.Pool
}

// hashicorpEncoder has its output apart, because the library writes from the beginning.
type hashicorpEncoder struct {
	*codec.Encoder
	out []byte
}

func newHashicorp() *hashicorp {
	handle := &codec.MsgpackHandle{PositiveIntUnsigned: true, WriteExt: true}
	handle.StructToArray = true
	l := &hashicorp{}
	l.encoders.New = func() any {
		return &hashicorpEncoder{Encoder: codec.NewEncoderBytes(nil, handle)}
	}
	l.decoders.New = func() any { return codec.NewDecoderBytes(nil, handle) }
	return l
}

func (l *hashicorp) encode(dst []byte, v any) ([]byte, error) {
	e := l.encoders.Get().(*hashicorpEncoder)
	e.ResetBytes(&e.out)
	err := e.Encode(v)
	dst = append(dst, e.out...)
	if cap(e.out) > keptBytes {
		e.out = nil
	}
	l.encoders.Put(e)
	return dst, err
}

func (l *hashicorp) decode(b []byte, into any) error {
	d := l.decoders.Get().(*codec.Decoder)
	d.ResetBytes(b)
	err := d.Decode(into)
	l.decoders.Put(d)
	return err
}

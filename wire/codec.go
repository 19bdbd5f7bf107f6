package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync"
)

// Kind chooses the library that encodes and decodes. The bytes are the same for all.
type Kind string

// The kinds of codec: github.com/vmihailenco/msgpack and github.com/hashicorp/go-msgpack.
const (
	Vmihailenco Kind = "msgpack"
	Hashicorp   Kind = "hashicorp"
)

// Codec encodes and decodes values of the types that it was made for. It may be used by
// several goroutines at once.
type Codec struct {
	library     library
	tags        map[reflect.Type]uint64
	types       []*prototype
	fingerprint string
}

// library is a MessagePack implementation.
type library interface {
	// encode appends the struct v as an array of its fields.
	encode(dst []byte, v any) ([]byte, error)
	// decode fills the zero struct that into points to from b, which was checked against the
	// layout of its type. It keeps nothing of b.
	decode(b []byte, into any) error
}

// prototype is what the codec knows of one type.
type prototype struct {
	layout *layout
	// zero is the zero value of the type.
	zero any
	// zeros holds pointers to zero values of the type, as *scratch.
	zeros sync.Pool
}

// scratch is a variable to decode into; pointer is its address.
type scratch struct {
	variable reflect.Value
	pointer  any
}

// New makes a codec for the types of the values given, structs whose position in the list is
// their tag on the wire. Errors: KindError, TypeError.
func New(kind Kind, types ...any) (*Codec, error) {
	c := &Codec{tags: make(map[reflect.Type]uint64, len(types))}
	switch kind {
	case Vmihailenco:
		c.library = newVmihailenco()
	case Hashicorp:
		c.library = newHashicorp()
	default:
		return nil, &KindError{Kind: kind}
	}
	var shape strings.Builder
	shape.WriteString(packetShape)
	for i, v := range types {
		t := reflect.TypeOf(v)
		name := fmt.Sprint(t)
		if t == nil || t.Kind() != reflect.Struct {
			return nil, &TypeError{Type: name, Reason: "it is not a struct; give New a struct's zero value"}
		}
		if _, twice := c.tags[t]; twice {
			return nil, &TypeError{Type: name, Reason: "it is twice in the list; list each type once"}
		}
		l, err := layoutOf(t, name)
		if err != nil {
			return nil, err
		}
		c.tags[t] = uint64(i)
		c.types = append(c.types, newPrototype(t, l))
		fmt.Fprintf(&shape, "\n%s%v", name, l)
	}
	sum := sha256.Sum256([]byte(shape.String()))
	c.fingerprint = hex.EncodeToString(sum[:8])
	return c, nil
}

func newPrototype(t reflect.Type, l *layout) *prototype {
	return &prototype{layout: l, zero: reflect.Zero(t).Interface(), zeros: sync.Pool{New: func() any {
		p := reflect.New(t)
		return &scratch{variable: p.Elem(), pointer: p.Interface()}
	}}}
}

// Fingerprint is 16 hexadecimal digits that differ between codecs whose bytes differ in
// meaning: another list of types, other fields, another packet. It does not depend on Kind.
func (c *Codec) Fingerprint() string { return c.fingerprint }

// Append appends the encoding of v, a value of one of the codec's types, to dst. With an error
// (UnknownTypeError, EncodeError) it returns dst as it was. A byte slice may have 4 GiB.
func (c *Codec) Append(dst []byte, v any) ([]byte, error) {
	s := sink{buf: dst, apart: math.MaxInt}
	if err := c.append(&s, v); err != nil {
		return dst, err
	}
	return s.buf, nil
}

// AppendApart is Append, but a byte slice of at least apart bytes, which some types have, is not
// copied: it belongs between out[:cut] and out[cut:], and is nil if there is none. An apart of 0 is
// for all that are not empty.
func (c *Codec) AppendApart(
	dst []byte, v any, apart int,
) (out []byte, cut int, value []byte, err error) {
	s := sink{buf: dst, apart: apart}
	if err := c.append(&s, v); err != nil {
		return dst, 0, nil, err
	}
	return s.buf, s.cut, s.value, nil
}

// append appends v to the sink, or leaves it in any state with an error.
func (c *Codec) append(s *sink, v any) error {
	tag, known := c.tags[reflect.TypeOf(v)]
	if !known {
		return &UnknownTypeError{Type: reflect.TypeOf(v)}
	}
	s.array(2)
	s.uint(tag)
	if s.putByHand(v) {
		return nil
	}
	b, err := c.library.encode(s.buf, v)
	if err != nil {
		return &EncodeError{Type: reflect.TypeOf(v), Err: err}
	}
	s.buf = b
	return nil
}

// Decode returns the value, of one of the codec's types (not a pointer to it), that b is the
// encoding of. It shares no memory with b. The error is a *DecodeError.
func (c *Codec) Decode(b []byte) (any, error) {
	v, _, err := c.decode(b, len(b), math.MaxInt)
	return v, err
}

// decode is Decode of the end b of an input of total bytes. Byte slices of at least share bytes may
// share its memory, and shared says so.
func (c *Codec) decode(b []byte, total, share int) (v any, shared bool, err error) {
	n, rest, bad := readArrayHeader(b)
	if bad != nil || n != 2 {
		return nil, false, (&DecodeError{
			Came:     "not an array of 2",
			Expected: "the array of tag and body",
		}).at("value", total-len(b))
	}
	tag, body, bad := readUint(rest)
	if bad == nil && tag >= uint64(len(c.types)) {
		bad = &DecodeError{
			Came:     fmt.Sprintf("tag %d", tag),
			Expected: fmt.Sprintf("a tag below %d", len(c.types)),
		}
	}
	if bad != nil {
		return nil, false, bad.at("value", total-len(rest))
	}
	p := c.types[tag]
	s := source{rest: body, share: share}
	if v, ok := s.getByHand(p.zero); ok {
		return v, s.shared, nil
	}
	v, err = c.decodeByLibrary(p, body, total)
	return v, false, err
}

// decodeByLibrary decodes a body of one type.
func (c *Codec) decodeByLibrary(p *prototype, body []byte, total int) (any, error) {
	after, bad := p.layout.check(body, total)
	if bad == nil && len(after) > 0 {
		bad = trailing(len(after)).at(p.layout.name, total-len(after))
	}
	if bad != nil {
		return nil, bad
	}
	s := p.zeros.Get().(*scratch)
	if err := c.library.decode(body, s.pointer); err != nil {
		return nil, (&DecodeError{
			Came:     fmt.Sprintf("something that the library refuses (%v)", err),
			Expected: "a value of this type",
		}).at(p.layout.name, total-len(body))
	}
	v := s.variable.Interface()
	s.variable.SetZero()
	p.zeros.Put(s)
	return v, nil
}

func trailing(n int) *DecodeError {
	return &DecodeError{Came: fmt.Sprintf("%d more bytes", n), Expected: "the end"}
}

package wire

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/go-msgpack/v2/codec"
	"github.com/vmihailenco/msgpack/v5"
)

// layout is the shape of a type on the wire: what the check of an input goes by, and what the
// fingerprint is taken of.
type layout struct {
	// name is the type and the way to the field, for errors.
	name  string
	shape shape
	// bits is the size of an integer.
	bits int
	// fields are those of a struct, in order.
	fields []field
	// elem is the element of a slice.
	elem *layout
}

type field struct {
	name string
	*layout
}

// shape is what a layout is made of.
type shape int

const (
	shapeUint shape = iota
	shapeInt
	shapeBool
	shapeString
	shapeBytes
	shapeSlice
	shapeStruct
)

// layoutOf gives the layout of t, or a TypeError. The types in within are those that t is a
// part of.
func layoutOf(t reflect.Type, name string, within ...reflect.Type) (*layout, error) {
	if err := ownEncoding(t, name); err != nil {
		return nil, err
	}
	switch t.Kind() {
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &layout{name: name, shape: shapeUint, bits: t.Bits()}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return &layout{name: name, shape: shapeInt, bits: t.Bits()}, nil
	case reflect.Bool:
		return &layout{name: name, shape: shapeBool}, nil
	case reflect.String:
		return &layout{name: name, shape: shapeString}, nil
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return &layout{name: name, shape: shapeBytes}, nil
		}
		elem, err := layoutOf(t.Elem(), name+"[]", within...)
		if err != nil {
			return nil, err
		}
		return &layout{name: name, shape: shapeSlice, elem: elem}, nil
	case reflect.Struct:
		return layoutOfStruct(t, name, within)
	default:
		return nil, &TypeError{
			Type: name,
			Reason: fmt.Sprintf("it is a %v; use integers, bool, string, slices and structs of these",
				t.Kind()),
		}
	}
}

func layoutOfStruct(t reflect.Type, name string, within []reflect.Type) (*layout, error) {
	if slices.Contains(within, t) {
		return nil, &TypeError{Type: name, Reason: fmt.Sprintf("%v contains itself", t)}
	}
	within = append(slices.Clip(within), t)
	l := &layout{name: name, shape: shapeStruct}
	for f := range t.Fields() {
		path := name + "." + f.Name
		switch {
		case f.Anonymous:
			return nil, &TypeError{Type: path, Reason: "it is embedded; give the field a name"}
		case !f.IsExported():
			return nil, &TypeError{Type: path, Reason: "it is not exported, so it would be lost"}
		case f.Tag != "":
			return nil, &TypeError{Type: path, Reason: "it has a tag, which a library may obey"}
		}
		part, err := layoutOf(f.Type, path, within...)
		if err != nil {
			return nil, err
		}
		l.fields = append(l.fields, field{name: f.Name, layout: part})
	}
	return l, nil
}

// ownEncoding refuses types with an encoding of their own, which the libraries would use
// instead of the layout.
func ownEncoding(t reflect.Type, name string) error {
	for _, own := range []reflect.Type{
		reflect.TypeFor[encoding.BinaryMarshaler](),
		reflect.TypeFor[encoding.BinaryUnmarshaler](),
		reflect.TypeFor[encoding.TextMarshaler](),
		reflect.TypeFor[encoding.TextUnmarshaler](),
		reflect.TypeFor[msgpack.CustomEncoder](),
		reflect.TypeFor[msgpack.CustomDecoder](),
		reflect.TypeFor[msgpack.Marshaler](),
		reflect.TypeFor[msgpack.Unmarshaler](),
		reflect.TypeFor[codec.Selfer](),
		reflect.TypeFor[error](),
	} {
		if reflect.PointerTo(t).Implements(own) {
			return &TypeError{
				Type:   name,
				Reason: fmt.Sprintf("%v implements %v, an encoding of its own; use a plain type", t, own),
			}
		}
	}
	return nil
}

// String writes the layout for the fingerprint, such as "{Number:u64 Value:bin}".
func (l *layout) String() string {
	switch l.shape {
	case shapeUint:
		return fmt.Sprintf("u%d", l.bits)
	case shapeInt:
		return fmt.Sprintf("i%d", l.bits)
	case shapeBool:
		return "bool"
	case shapeString:
		return "str"
	case shapeBytes:
		return "bin"
	case shapeSlice:
		return "[" + l.elem.String() + "]"
	case shapeStruct:
		parts := make([]string, len(l.fields))
		for i, f := range l.fields {
			parts[i] = f.name + ":" + f.layout.String()
		}
		return "{" + strings.Join(parts, " ") + "}"
	}
	panic(fmt.Sprintf("wire: no shape %d", l.shape))
}

// check reads one value of this layout from the beginning of b, which is the end of an input
// of total bytes, and returns what follows it.
func (l *layout) check(b []byte, total int) ([]byte, *DecodeError) {
	rest, bad := b, (*DecodeError)(nil)
	switch l.shape {
	case shapeUint:
		var v uint64
		v, rest, bad = readUint(b)
		if bad == nil && v>>(l.bits-1)>>1 != 0 {
			bad = outOfRange(v, l.bits, "unsigned")
		}
	case shapeInt:
		var v int64
		v, rest, bad = readInt(b)
		if bad == nil && v>>(l.bits-1) != v>>63 {
			bad = outOfRange(v, l.bits, "signed")
		}
	case shapeBool:
		rest, bad = checkBool(b)
	case shapeString:
		_, rest, bad = readString(b)
	case shapeBytes:
		_, rest, bad = readBytes(b)
	case shapeSlice:
		return l.checkSlice(b, total)
	case shapeStruct:
		return l.checkStruct(b, total)
	}
	return rest, bad.at(l.name, total-len(b))
}

func (l *layout) checkSlice(b []byte, total int) ([]byte, *DecodeError) {
	if len(b) > 0 && b[0] == formNil {
		return b[1:], nil
	}
	n, rest, bad := readArrayHeader(b)
	if bad != nil {
		return nil, bad.at(l.name, total-len(b))
	}
	for range n {
		if rest, bad = l.elem.check(rest, total); bad != nil {
			return nil, bad
		}
	}
	return rest, nil
}

func (l *layout) checkStruct(b []byte, total int) ([]byte, *DecodeError) {
	n, rest, bad := readArrayHeader(b)
	if bad == nil && n != len(l.fields) {
		bad = &DecodeError{
			Came:     fmt.Sprintf("an array of %d", n),
			Expected: fmt.Sprintf("one of the %d fields", len(l.fields)),
		}
	}
	if bad != nil {
		return nil, bad.at(l.name, total-len(b))
	}
	for _, f := range l.fields {
		if rest, bad = f.check(rest, total); bad != nil {
			return nil, bad
		}
	}
	return rest, nil
}

func checkBool(b []byte) ([]byte, *DecodeError) {
	switch {
	case len(b) == 0:
		return nil, truncated("true or false")
	case b[0] != formFalse && b[0] != formTrue:
		return nil, wrongForm(b[0], "true or false")
	}
	return b[1:], nil
}

func outOfRange[N int64 | uint64](v N, bits int, sign string) *DecodeError {
	return &DecodeError{
		Came:     fmt.Sprint(v),
		Expected: fmt.Sprintf("an integer of at most %d bits, %s", bits, sign),
	}
}

// at says where an error happened; it passes on that there was none.
func (e *DecodeError) at(what string, offset int) *DecodeError {
	if e != nil {
		e.What, e.Offset = what, offset
	}
	return e
}

package wire

import (
	"fmt"
	"reflect"
)

// KindError says that there is no such kind of codec.
type KindError struct {
	Kind Kind
}

// Error names the kind that came and those that exist.
func (e *KindError) Error() string {
	return fmt.Sprintf("wire: no codec %q: choose %q or %q", string(e.Kind), Vmihailenco, Hashicorp)
}

// TypeError says that New was given a type that cannot be encoded.
type TypeError struct {
	// Type is the prototype's type and the way to the field, such as "tob.Update.Batches".
	Type string
	// Reason says what was found there, and what may be there.
	Reason string
}

// Error says which field of which type it is, and why.
func (e *TypeError) Error() string {
	return fmt.Sprintf("wire: cannot encode %s: %s", e.Type, e.Reason)
}

// UnknownTypeError says that a value was to be encoded whose type was not given to New.
type UnknownTypeError struct {
	// Type is the value's type, nil for a nil value.
	Type reflect.Type
}

// Error names the type and what to do.
func (e *UnknownTypeError) Error() string {
	return fmt.Sprintf("wire: %v is not among the types of this codec: "+
		"add it to the list given to New", e.Type)
}

// EncodeError says that the library could not encode a value of a known type.
type EncodeError struct {
	Type reflect.Type
	Err  error
}

// Error names the type and gives the library's reason.
func (e *EncodeError) Error() string {
	return fmt.Sprintf("wire: encode %v: %v", e.Type, e.Err)
}

// Unwrap returns the library's reason.
func (e *EncodeError) Unwrap() error { return e.Err }

// DecodeError says that bytes are not the encoding of a value of this codec.
type DecodeError struct {
	// What is the value or field being read, such as "register.Write.Round.Number".
	What string
	// Offset is where it begins, in bytes from the beginning of the input.
	Offset int
	// Came is what was found there, Expected what should have been.
	Came, Expected string
}

// Error says where, what came, what was expected and what it can mean.
func (e *DecodeError) Error() string {
	return fmt.Sprintf(
		"wire: %s at byte %d: %s, expected %s: the bytes are damaged or of an incompatible build",
		e.What, e.Offset, e.Came, e.Expected)
}

package explore

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/zeebo/xxh3"

	"paxon/process"
)

// Hash is a fingerprint of 128 bits.
type Hash = xxh3.Uint128

// capability marks what a part was given by its host: it is no state of the part.
type capability interface{ capability() }

// cause is the input in which a part asked for something: what then happens may depend on it. It is
// known by its fingerprint under each naming.
type cause struct{ hashes []Hash }

// encoder writes values of any type in a canonical form: two values are written alike only if no
// part may tell them apart. What it does not see, a part must not go by: what closures have
// captured, whether two pointers lead to one value or to two alike, and whether an empty slice or map
// is nil. Config.Twins finds parts that do. Under another naming, processes are renamed wherever they
// stand as a process.ID; what a part keeps by the position of a process, in a slice, is not, so that
// parts of symmetric processes keep it in maps.
type encoder struct {
	buf []byte
	// as gives the names that processes have in the form, by ID; nil is for their own. It is the
	// naming of a number.
	as     []process.ID
	naming int
	// path is the pointers that lead to what is being written, so that cycles end.
	path []unsafe.Pointer
}

// fingerprint is the hash of the canonical form of some values.
func (e *encoder) fingerprint(values ...any) Hash {
	e.buf, e.path = e.buf[:0], e.path[:0]
	for _, v := range values {
		e.any(v)
	}
	return xxh3.Hash128(e.buf)
}

// any writes a value with its type: messages of two types may have the same fields.
func (e *encoder) any(v any) {
	if v != nil {
		e.word(planOf(reflect.TypeOf(v)).name)
	}
	e.value(reflect.ValueOf(v))
}

func (e *encoder) word(w uint64) { e.buf = binary.LittleEndian.AppendUint64(e.buf, w) }

func (e *encoder) bytes(b []byte) {
	e.word(uint64(len(b)))
	e.buf = append(e.buf, b...)
}

func (e *encoder) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Invalid:
		e.word(0)
	case reflect.Bool:
		if v.Bool() {
			e.buf = append(e.buf, 1)
		} else {
			e.buf = append(e.buf, 0)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.word(uint64(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		e.unsigned(v)
	case reflect.Float32, reflect.Float64:
		e.word(math.Float64bits(v.Float()))
	case reflect.String:
		e.word(uint64(v.Len()))
		e.buf = append(e.buf, v.String()...)
	case reflect.Slice, reflect.Array:
		e.list(v)
	case reflect.Map:
		e.entries(v)
	case reflect.Struct:
		e.fields(v)
	case reflect.Pointer:
		e.pointer(v)
	case reflect.Interface:
		e.dynamic(v)
	case reflect.Func:
		e.function(v)
	default:
		panic(&UnsearchableError{
			fmt.Sprintf("a part holds a %v, whose state is not known", v.Type()),
		})
	}
}

func (e *encoder) unsigned(v reflect.Value) {
	w := v.Uint()
	if e.as != nil && v.Type() == typeOfID() && w < uint64(len(e.as)) {
		w = uint64(e.as[w])
	}
	e.word(w)
}

func (e *encoder) list(v reflect.Value) {
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
		e.bytes(v.Bytes())
		return
	}
	e.word(uint64(v.Len()))
	for i := range v.Len() {
		e.value(v.Index(i))
	}
}

func (e *encoder) entries(v reflect.Value) {
	e.word(uint64(v.Len()))
	start := len(e.buf)
	var entries [][]byte
	for iter := v.MapRange(); iter.Next(); {
		e.value(iter.Key())
		e.value(iter.Value())
		entries = append(entries, bytes.Clone(e.buf[start:]))
		e.buf = e.buf[:start]
	}
	slices.SortFunc(entries, bytes.Compare)
	for _, entry := range entries {
		e.bytes(entry)
	}
}

func (e *encoder) fields(v reflect.Value) {
	switch plan := planOf(v.Type()); {
	case plan.opaque:
		return
	case plan.cause:
		if v = v.Field(0); v.Len() == 0 {
			return
		}
		v = v.Index(e.naming)
	}
	for _, field := range v.Fields() {
		e.value(field)
	}
}

func (e *encoder) pointer(v reflect.Value) {
	if v.IsNil() {
		e.word(0)
		return
	}
	at := v.UnsafePointer()
	if i := slices.Index(e.path, at); i >= 0 && v.Type().Elem().Size() > 0 {
		e.word(uint64(len(e.path)-i) + 1)
		return
	}
	e.word(1)
	if planOf(v.Type()).opaque {
		return
	}
	e.path = append(e.path, at)
	e.value(v.Elem())
	e.path = e.path[:len(e.path)-1]
}

func (e *encoder) dynamic(v reflect.Value) {
	if v.IsNil() {
		e.word(0)
		return
	}
	e.word(planOf(v.Elem().Type()).name)
	e.value(v.Elem())
}

func (e *encoder) function(v reflect.Value) {
	if v.IsNil() {
		e.word(0)
		return
	}
	e.word(functionName(v.Pointer()))
}

// plan is what is known of a type.
type plan struct {
	name   uint64 // A hash of the type's name.
	opaque bool   // It is a capability, or derived.
	cause  bool   // It is a cause.
}

func typeOfID() reflect.Type { return reflect.TypeFor[process.ID]() }

// plans and functions hold what was found out about types and functions.
//
//nolint:gochecknoglobals // Caches of what never changes while the program runs.
var plans, functions sync.Map

func planOf(t reflect.Type) plan {
	if p, ok := plans.Load(t); ok {
		return p.(plan) //nolint:forcetypeassert // Nothing else is stored.
	}
	p := plan{
		name:   xxh3.HashString(t.PkgPath() + " " + t.String()),
		opaque: t.Implements(reflect.TypeFor[capability]()) && ours(t) || derived(t),
		cause:  t == reflect.TypeFor[cause](),
	}
	plans.Store(t, p)
	return p
}

// ours says whether a type is of this package: others are no capabilities for embedding one.
func ours(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath() == reflect.TypeFor[Host]().PkgPath()
}

// derived says whether a type is a process.Derived.
func derived(t reflect.Type) bool {
	return t.PkgPath() == typeOfID().PkgPath() &&
		strings.HasPrefix(t.Name(), "Derived[")
}

func functionName(pc uintptr) uint64 {
	if name, ok := functions.Load(pc); ok {
		return name.(uint64) //nolint:forcetypeassert // Nothing else is stored.
	}
	name := xxh3.HashString(runtime.FuncForPC(pc).Name())
	functions.Store(pc, name)
	return name
}

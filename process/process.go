package process

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// ID names a process: p1..pn in the paper (§2.1). Zero is no process.
type ID uint32

// String gives the paper's name of the process, such as "p1".
func (p ID) String() string { return "p" + strconv.FormatUint(uint64(p), 10) }

// Incarnation counts the starts of one process, the first being 1. No two runs of a process
// share one. Where there is stable storage the host has it on disk before the parts exist.
type Incarnation uint64

// Message is what a link carries. Each part sends its own types; the composition knows which
// part a received message is for.
type Message any

// Net is the links of one process to all (§2.2): a message may be lost, doubled, delayed and
// overtaken, but not invented, and one sent again and again to a correct process arrives.
type Net[M any] interface {
	// Self is the process whose links these are.
	Self() ID
	// All is every process, Self included, in ascending order. The caller must not change it.
	All() []ID
	// Send hands m to the link and returns at once. A message to Self arrives, later.
	// The message and all it points to must never change again.
	Send(to ID, m M)
}

// Disk is the stable storage of one part: the paper's store and retrieve (§2.1), keyed by
// whatever the part keeps several of (an instance, for the registers). A failed force ends
// the process, so that a part sees no error.
type Disk[R any] interface {
	// Put replaces what is stored at key and calls done once the record, and all those put
	// before it, are durable. A crash before done leaves either the old record or the new one.
	// A nil done asks for no call.
	Put(key uint64, r R, done func())
	// Forget drops the records at all keys below the one given, once what was put before is durable. A
	// crash may bring them back, but not once something is durable that was put after. So may a Put of
	// a lower key than the one given.
	Forget(below uint64)
	// Stored calls yield with what survived the last crash, in ascending order of keys, until
	// yield returns false. It is for constructors: what was put since does not show.
	Stored(yield func(key uint64, r R) bool)
}

// Clock measures time locally; clocks of different processes need not agree.
type Clock interface {
	// After calls fire once d has passed, unless cancel comes first.
	After(d time.Duration, fire func()) (cancel func())
}

// Rand is a process's own source of randomness.
type Rand = *rand.Rand

// Majority is ⌈(n+1)/2⌉, the size of the smallest set that meets every other of its size.
func Majority(n int) int { return n/2 + 1 }

// Store is the stable storage of a process, of which each part gets a space of its own.
// Its methods are those of Disk.
type Store interface {
	Put(space Space, key uint64, record Record, done func())
	Forget(space Space, below uint64)
	Stored(space Space, yield func(key uint64, record Record) bool)
}

// Space numbers the kinds of record in a Store.
type Space uint8

// Record is what a Store keeps; all records of one space have one type.
type Record any

// DiskOf makes of one space of a Store the stable storage of a part.
func DiskOf[R any](store Store, space Space) Disk[R] { return disk[R]{store, space} }

type disk[R any] struct {
	store Store
	space Space
}

func (d disk[R]) Put(key uint64, r R, done func()) { d.store.Put(d.space, key, r, done) }
func (d disk[R]) Forget(below uint64)              { d.store.Forget(d.space, below) }

func (d disk[R]) Stored(yield func(key uint64, r R) bool) {
	d.store.Stored(d.space, func(key uint64, record Record) bool {
		r, ok := record.(R)
		if !ok {
			panic(fmt.Sprintf("process: space %d holds a %T where a %T was put", d.space, record, r))
		}
		return yield(key, r)
	})
}

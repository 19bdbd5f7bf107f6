package register

import (
	"fmt"
	"maps"
	"slices"

	"paxon/process"
	"paxon/retransmit"
)

// Register is one round-based register, seen from one process. One operation is under way at
// a time: beginning another, or Cancel, ends the one before it without a call of its done.
type Register interface {
	// Read is read(k): done gets the value with ok, or not ok and the higher round that won.
	Read(k Round, done func(v Value, ok bool, higher Round))
	// Write is write(k, v): done gets ok, or not ok and the higher round that won. A write
	// that aborted may still be read later.
	Write(k Round, v Value, done func(ok bool, higher Round))
	// Cancel ends the operation under way, if any, without an outcome.
	Cancel()
	// Permitted says whether all who acknowledged the last write here that committed gave
	// permission with it (§6.4: Fall). It holds until another operation begins.
	Permitted() bool
}

// Array is the registers of all instances at one process, both as their copy and as the one
// who operates on them.
type Array interface {
	// At is the register of an instance that is not forgotten.
	At(l Instance) Register
	// Written is the value that this process's copy holds for an instance if it was written
	// in round k or later. If write(k, v) has committed, that is v.
	Written(l Instance, k Round) (Value, bool)
	// Highest is the highest instance that any operation has touched here, 0 if none.
	Highest() Instance
	// Settle says that all instances below are decided here: what is under way there ends, and
	// operations of others on them need no answer any more. Instances below next + ahead are
	// admitted; those beyond are pushed back to who operates on them.
	Settle(next Instance)
	// Forget drops all instances below. They answer no more and must not be operated on.
	Forget(below Instance)
	// Receive takes a message of this part, or returns false to have it come again later.
	Receive(from process.ID, m Message) (accepted bool)
	// Restarted hears that a process runs as a new incarnation.
	Restarted(p process.ID)
}

// Config is what the copies of one array are told.
type Config struct {
	// Members gives the processes that hold copies of an instance's register, in ascending
	// order. It must give the same answer for an instance wherever and whenever it is asked.
	Members func(l Instance) []process.ID
	// Ahead is how many instances, from the first that is not settled, are admitted.
	Ahead uint64
	// Window is W, the number of instances that a leader has open at a time.
	Window uint64
	// Enough says when an operation has answers from enough copies and commits: acked are those of
	// the instance's members that have acknowledged it. Nil is for a majority. If any two sets that
	// are enough for a read and for a write meet, in a copy that did not forget in between, and so
	// do any two for writes if copies give permission, the properties hold.
	Enough func(reading bool, members, acked []process.ID) bool
	// Anew hears that a process runs as a new incarnation, and says whether Enough has changed, so
	// that all operations under way must begin a new attempt, for which answers to the attempts
	// before do not count. Nil is for never.
	Anew func(p process.ID) bool
	// Silent says that the copies of this process answer nobody, because they have forgotten what
	// was promised and written. They keep what is written from now on, for Written.
	Silent bool
	// Permission says that copies give permission (§6.4: Fall): with a write of instance L, that
	// instance L + W may be written without a read, if before that write neither held a value
	// and the latter had not been read.
	Permission bool
}

// Registers implements Array with copies at the processes (Figs. 5, 12 and 15).
type Registers struct {
	net    retransmit.Net[Message]
	keep   keeper
	config Config

	copies     map[Instance]*copyState
	operations map[Instance]*operations
	floor      Instance // All instances below are forgotten.
	next       Instance // All instances below are settled.
	highest    Instance
}

// keeper is what the two figures do not share: where a copy's state is kept.
type keeper interface {
	store(l Instance, c Copy, stored func())
	forget(below Instance)
}

// NewCrashStop makes the registers of Fig. 5, which keep their state in memory.
func NewCrashStop(net retransmit.Net[Message], config Config) *Registers {
	return newRegisters(net, memory{}, config)
}

// New makes the registers of Fig. 12, which keep their state on stable storage and begin with
// what is there (retrieve).
func New(net retransmit.Net[Message], disk process.Disk[Copy], config Config) *Registers {
	r := newRegisters(net, forcedLog{disk}, config)
	disk.Stored(func(key uint64, c Copy) bool {
		r.copyOf(Instance(key)).Copy = c
		r.highest = Instance(key)
		return true
	})
	return r
}

func newRegisters(net retransmit.Net[Message], keep keeper, config Config) *Registers {
	if config.Enough == nil {
		config.Enough = majority
	}
	if config.Anew == nil {
		config.Anew = func(process.ID) bool { return false }
	}
	return &Registers{
		net: net, keep: keep, config: config,
		copies: map[Instance]*copyState{}, operations: map[Instance]*operations{},
		floor: 1, next: 1,
	}
}

func majority(_ bool, members, acked []process.ID) bool {
	return len(acked) >= process.Majority(len(members))
}

// memory is Fig. 5: there is nothing to store.
type memory struct{}

func (memory) store(_ Instance, _ Copy, stored func()) { stored() }
func (memory) forget(Instance)                         {}

// forcedLog is Fig. 12, which stores before it answers.
type forcedLog struct{ disk process.Disk[Copy] }

func (f forcedLog) store(l Instance, c Copy, stored func()) { f.disk.Put(uint64(l), c, stored) }
func (f forcedLog) forget(below Instance)                   { f.disk.Forget(uint64(below)) }

// At is the register of instance l.
func (r *Registers) At(l Instance) Register {
	if l < r.floor {
		panic(fmt.Sprintf("register: instance %d is operated on, but all below %d are forgotten",
			l, r.floor))
	}
	o := r.operations[l]
	if o == nil {
		o = &operations{array: r, instance: l}
		r.operations[l] = o
	}
	return o
}

// Written is the value of this process's copy, if it was written in round k or later.
func (r *Registers) Written(l Instance, k Round) (Value, bool) {
	c := r.copies[l]
	if c == nil || c.Written.Less(k) || k.IsZero() {
		return nil, false
	}
	return c.Value, true
}

// Highest is the highest instance touched here, by this process or another.
func (r *Registers) Highest() Instance { return r.highest }

// Settle says that all instances below next are decided here.
func (r *Registers) Settle(next Instance) {
	between(r.operations, r.next, next, func(l Instance) {
		r.operations[l].Cancel()
		delete(r.operations, l)
	})
	between(r.copies, r.next, next, func(l Instance) { r.cancelAnswers(r.copies[l]) })
	r.next = max(r.next, next)
}

// between calls do for the instances of a map from one on and below another, in ascending order. It may
// delete the one that it is called for.
func between[V any](m map[Instance]V, from, below Instance, do func(Instance)) {
	if below <= from || len(m) == 0 {
		return
	}
	if uint64(below-from) <= uint64(len(m)) {
		for l := from; l < below; l++ {
			if _, ok := m[l]; ok {
				do(l)
			}
		}
		return
	}
	for _, l := range slices.Sorted(maps.Keys(m)) {
		if from <= l && l < below {
			do(l)
		}
	}
}

// Forget drops the registers of all instances below.
func (r *Registers) Forget(below Instance) {
	r.Settle(below)
	between(r.copies, r.floor, below, func(l Instance) { delete(r.copies, l) })
	r.floor = max(r.floor, below)
	r.keep.forget(below)
}

// Receive takes a message to the copy or to the operation it is for.
func (r *Registers) Receive(from process.ID, m Message) bool {
	l := m.instance()
	if l < r.floor || l == 0 {
		return true // Decided long ago: whoever asks will hear of the decision.
	}
	if l >= r.next+Instance(r.config.Ahead) {
		return false
	}
	r.highest = max(r.highest, l)
	switch m := m.(type) {
	case Read:
		r.onRead(from, m)
	case Write:
		r.onWrite(from, m)
	default:
		if o := r.operations[l]; o != nil {
			o.onAnswer(from, m)
		}
	}
	return true
}

// Restarted sends again what the new incarnation of p has not answered, or begins anew.
func (r *Registers) Restarted(p process.ID) {
	anew := r.config.Anew(p)
	for l := r.next; l <= r.highest; l++ {
		switch o := r.operations[l]; {
		case o == nil:
		case anew:
			o.again()
		default:
			o.restarted(p)
		}
	}
}

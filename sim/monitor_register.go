package sim

import (
	"bytes"

	"paxon/process"
	"paxon/register"
	"paxon/tob"
)

// The names of the register's properties (package register).
const (
	ReadWriteAbort  = "RWA Read-write-abort"
	ReadWriteCommit = "RWC Read-write-commit"
	ReadCommit      = "RC Read-commit"
	WriteCommit     = "WC Write-commit"
)

// registerLog is what the operations on one register have shown, in the order of events.
type registerLog struct {
	highestInvoked   register.Round // Of all operations.
	highestCommitted register.Round // Of all operations.
	writes           []written      // All that were invoked.
	committed        []written      // Those that committed.
	reads            []written      // Reads that committed, with the value.
}

type written struct {
	round register.Round
	value register.Value
}

func (m *Monitor) register(l register.Instance) *registerLog {
	r := m.registers[l]
	if r == nil {
		r = &registerLog{}
		m.registers[l] = r
	}
	return r
}

// begun notes an invocation and returns the highest round that had committed before.
func (r *registerLog) begun(k register.Round) (before register.Round) {
	if r.highestInvoked.Less(k) {
		r.highestInvoked = k
	}
	return r.highestCommitted
}

// ended checks what holds for reads and writes alike.
func (m *Monitor) ended(
	op string, r *registerLog, k, before register.Round, ok bool,
) {
	switch {
	case !ok && !k.Less(r.highestInvoked):
		m.fail(ReadWriteAbort, "%s(%v) aborted, but the highest round invoked is %v",
			op, k, r.highestInvoked)
	case ok && k.Less(before):
		m.fail(ReadWriteCommit, "%s(%v) committed, though round %v had before it was invoked",
			op, k, before)
	case ok && r.highestCommitted.Less(k):
		r.highestCommitted = k
	}
}

// readCommitted checks RC and WC for a read.
func (m *Monitor) readCommitted(r *registerLog, read written) {
	r.reads = append(r.reads, read)
	known := len(read.value) == 0
	for _, w := range r.writes {
		known = known ||
			!read.round.Less(w.round) && bytes.Equal(w.value, read.value)
	}
	if !known {
		m.fail(ReadCommit, "read(%v) committed %v, which was never written in a round up to it",
			read.round, read.value)
	}
	for _, w := range r.committed {
		m.checkWriteCommit(r, w, read)
	}
}

// writeCommitted checks WC for a write, with the reads of higher rounds that it was overtaken by.
func (m *Monitor) writeCommitted(r *registerLog, w written) {
	r.committed = append(r.committed, w)
	for _, read := range r.reads {
		m.checkWriteCommit(r, w, read)
	}
}

// checkWriteCommit checks WC for a pair of a committed write and a committed read. Other writes
// of the write's round or above that were invoked meanwhile excuse the read, even those invoked
// before the write committed.
func (m *Monitor) checkWriteCommit(r *registerLog, w, read written) {
	if !w.round.Less(read.round) || bytes.Equal(w.value, read.value) {
		return
	}
	for _, other := range r.writes {
		if !other.round.Less(w.round) && !bytes.Equal(other.value, w.value) {
			return
		}
	}
	m.fail(WriteCommit, "write(%v, %v) committed, but read(%v) committed %v",
		w.round, w.value, read.round, read.value)
}

// WatchRegisters makes of the registers of a process some that the monitor sees.
func (m *Monitor) WatchRegisters(registers register.Array, self process.ID) register.Array {
	return watchedRegisters{registers, m, self}
}

type watchedRegisters struct {
	register.Array
	monitor *Monitor
	self    process.ID
}

func (a watchedRegisters) At(l register.Instance) register.Register {
	return watchedRegister{a.Array.At(l), a.monitor, a.self, l}
}

type watchedRegister struct {
	register.Register
	monitor  *Monitor
	self     process.ID
	instance register.Instance
}

func (o watchedRegister) Read(
	k register.Round, done func(v register.Value, ok bool, higher register.Round),
) {
	m, r := o.monitor, o.monitor.register(o.instance)
	m.record("invoke", o.self, o.instance, "read(%v)", k)
	before := r.begun(k)
	o.Register.Read(k, func(v register.Value, ok bool, higher register.Round) {
		m.record("return", o.self, o.instance, "read(%v) %s", k, ending(ok, v, higher))
		m.ended("read", r, k, before, ok)
		if ok {
			m.readCommitted(r, written{k, v})
		}
		done(v, ok, higher)
	})
}

func (o watchedRegister) Write(
	k register.Round, v register.Value, done func(ok bool, higher register.Round),
) {
	m, r := o.monitor, o.monitor.register(o.instance)
	m.record("invoke", o.self, o.instance, "write(%v, %s)", k, tob.Describe(v))
	before := r.begun(k)
	r.writes = append(r.writes, written{k, v})
	o.Register.Write(k, v, func(ok bool, higher register.Round) {
		m.record("return", o.self, o.instance, "write(%v) %s", k, ending(ok, v, higher))
		m.ended("write", r, k, before, ok)
		if ok {
			m.writeCommitted(r, written{k, v})
		}
		done(ok, higher)
	})
}

// ending shows how an operation returned.
func ending(ok bool, v register.Value, higher register.Round) string {
	switch {
	case !ok:
		return "abort by " + higher.String()
	case len(v) == 0:
		return "commit ⊥"
	default:
		return "commit " + tob.Describe(v)
	}
}

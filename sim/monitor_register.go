package sim

import (
	"bytes"
	"cmp"
	"slices"

	"paxon/register"
)

// The names of the register's properties (package register).
const (
	ReadWriteAbort  = "RWA Read-write-abort"
	ReadWriteCommit = "RWC Read-write-commit"
	ReadCommit      = "RC Read-commit"
	WriteCommit     = "WC Write-commit"
)

// registerLog is what the operations on one register have shown.
type registerLog struct {
	highestInvoked   register.Round // Of all operations.
	highestCommitted register.Round // Of all operations.
	underWay         underWay
	writes           values // All that were invoked.
	committed        values // Those that committed.
	reads            values // Reads that committed, with the value.
}

// values are rounds with values, in ascending order, each once.
type values []written

type written struct {
	round register.Round
	value register.Value
}

func (w written) compare(o written) int {
	return cmp.Or(w.round.Compare(o.round), bytes.Compare(w.value, o.value))
}

func (v *values) add(w written) {
	if i, found := slices.BinarySearchFunc(*v, w, written.compare); !found {
		*v = slices.Insert(*v, i, w)
	}
}

func (p *Properties) register(l register.Instance) *registerLog {
	r := p.registers[l]
	if r == nil {
		r = &registerLog{}
		p.registers[l] = r
	}
	return r
}

func (r *registerLog) invoked(o Observation) {
	if r.highestInvoked.Less(o.Round) {
		r.highestInvoked = o.Round
	}
	r.underWay.begin(o.Process, r.highestCommitted)
	if o.Kind == InvokeWrite {
		r.writes.add(written{o.Round, o.Value})
	}
}

// registerReturned checks what holds for reads and writes alike, and then for each.
func (p *Properties) registerReturned(r *registerLog, o Observation) {
	op, k, before := "write", o.Round, r.underWay.end(o.Process)
	if o.Kind == ReturnRead {
		op = "read"
	}
	switch {
	case !o.OK && !k.Less(r.highestInvoked):
		p.fail(ReadWriteAbort, "%s(%v) aborted, but the highest round invoked is %v",
			op, k, r.highestInvoked)
	case o.OK && k.Less(before):
		p.fail(ReadWriteCommit, "%s(%v) committed, though round %v had before it was invoked",
			op, k, before)
	case o.OK && r.highestCommitted.Less(k):
		r.highestCommitted = k
	}
	switch {
	case !o.OK:
	case o.Kind == ReturnRead:
		p.readCommitted(r, written{k, o.Value})
	default:
		p.writeCommitted(r, written{k, o.Value})
	}
}

// readCommitted checks RC and WC for a read.
func (p *Properties) readCommitted(r *registerLog, read written) {
	r.reads.add(read)
	known := len(read.value) == 0
	for _, w := range r.writes {
		known = known ||
			!read.round.Less(w.round) && bytes.Equal(w.value, read.value)
	}
	if !known {
		p.fail(ReadCommit, "read(%v) committed %v, which was never written in a round up to it",
			read.round, read.value)
	}
	for _, w := range r.committed {
		p.checkWriteCommit(r, w, read)
	}
}

// writeCommitted checks WC for a write, with the reads of higher rounds that it was overtaken by.
func (p *Properties) writeCommitted(r *registerLog, w written) {
	r.committed.add(w)
	for _, read := range r.reads {
		p.checkWriteCommit(r, w, read)
	}
}

// checkWriteCommit checks WC for a pair of a committed write and a committed read. Other writes
// of the write's round or above that were invoked meanwhile excuse the read, even those invoked
// before the write committed.
func (p *Properties) checkWriteCommit(r *registerLog, w, read written) {
	if !w.round.Less(read.round) || bytes.Equal(w.value, read.value) {
		return
	}
	for _, other := range r.writes {
		if !other.round.Less(w.round) && !bytes.Equal(other.value, w.value) {
			return
		}
	}
	p.fail(WriteCommit, "write(%v, %v) committed, but read(%v) committed %v",
		w.round, w.value, read.round, read.value)
}

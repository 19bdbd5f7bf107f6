package register

import (
	"cmp"
	"fmt"

	"paxon/process"
	"paxon/retransmit"
)

// Copy is what one process keeps of one register (Figs. 5 and 12): the highest round read,
// and the last value written with its round. It is all that stable storage holds.
type Copy struct {
	Read    Round
	Written Round
	Value   Value
	// Permitted is the permission that was given with the write of round Written, so that a
	// repeated WRITE gets the same.
	Permitted bool
}

// beats gives the round that forbids an operation of round k, if one does.
func (c Copy) beats(k Round) (higher Round, beaten bool) {
	higher = c.Read
	if higher.Less(c.Written) {
		higher = c.Written
	}
	return higher, k.Less(higher)
}

// copyState is a copy with the answers it has given that may still have to be sent again: to
// each process only the last.
type copyState struct {
	Copy
	answers []answer // By ID − 1, none before the first is given.
}

type answer struct {
	round   Round
	toWrite bool // It is to the WRITE of round, not to the READ before it.
	attempt uint64
	ticket  retransmit.Ticket
}

// after says whether the answer is to a later operation, or a later attempt of it, than o is.
func (a answer) after(o answer) bool {
	switch {
	case a.round != o.round:
		return before(o.round, a.round)
	case a.toWrite != o.toWrite:
		return a.toWrite
	}
	return a.attempt > o.attempt
}

func (r *Registers) copyOf(l Instance) *copyState {
	c := r.copies[l]
	if c == nil {
		c = &copyState{}
		r.copies[l] = c
	}
	return c
}

// onRead is "on [READ,k] from p_j" (Fig. 5, Fig. 12).
func (r *Registers) onRead(from process.ID, m Read) {
	c := r.copyOf(m.Instance)
	if m.Round == c.Written {
		return // A copy of a message overtaken by the write that followed its read.
	}
	if higher, beaten := c.beats(m.Round); beaten {
		r.answer(from, NackRead{m.Instance, m.Round, higher, m.Attempt})
		return
	}
	c.Read = m.Round
	ack := AckRead{m.Instance, m.Round, c.Written, c.Value, m.Attempt}
	r.keep.store(m.Instance, c.Copy, func() { r.answer(from, ack) })
}

// onWrite is "on [WRITE,k,v] from p_j" (Fig. 5, Fig. 12).
func (r *Registers) onWrite(from process.ID, m Write) {
	c := r.copyOf(m.Instance)
	if higher, beaten := c.beats(m.Round); beaten {
		r.answer(from, NackWrite{m.Instance, m.Round, higher, m.Attempt})
		return
	}
	if m.Round != c.Written {
		c.Permitted = r.permits(m.Instance, c)
	}
	c.Written, c.Value = m.Round, m.Value
	ack := AckWrite{m.Instance, m.Round, c.Permitted, m.Attempt}
	r.keep.store(m.Instance, c.Copy, func() { r.answer(from, ack) })
}

// permits decides on the permission that goes with a write of instance l, before it is done
// (Fig. 20). Two writes of l by different processes cannot both be permitted at one copy, so at
// most one process is permitted by a majority to write l + W without reading.
func (r *Registers) permits(l Instance, c *copyState) bool {
	if !r.config.Permission || !c.Written.IsZero() {
		return false
	}
	next := r.copies[l+Instance(r.config.Window)]
	return next == nil || next.Read.IsZero() && next.Written.IsZero()
}

// answer s-sends an answer. It takes the place of the answer given before to the same process,
// whose operation has ended, or begun anew, if this one is for a later one. Nobody waits for the
// answer if the instance has been settled since. A silent copy gives none.
func (r *Registers) answer(to process.ID, m Message) {
	c := r.copies[m.instance()]
	if c == nil || m.instance() < r.next || r.config.Silent {
		return
	}
	if int(to) > len(c.answers) { // At first, and when there are more processes than there were.
		all := r.net.All()
		c.answers = append(make([]answer, 0, all[len(all)-1]), c.answers...)[:all[len(all)-1]]
	}
	last, given := c.answers[to-1], answer{m.round(), isToWrite(m), m.attempt(), retransmit.Ticket{}}
	if last.after(given) {
		return
	}
	r.net.Cancel(last.ticket)
	given.ticket = r.net.SSend(to, m)
	c.answers[to-1] = given
}

func isToWrite(m Message) bool {
	switch m.(type) {
	case AckWrite, NackWrite:
		return true
	}
	return false
}

// before says whether round k of a process came before its round o: numbers grow within an
// incarnation only, and the next one begins anew.
func before(k, o Round) bool {
	return cmp.Or(cmp.Compare(k.Incarnation, o.Incarnation), cmp.Compare(k.Number, o.Number)) < 0
}

func (r *Registers) cancelAnswers(c *copyState) {
	for _, a := range c.answers {
		r.net.Cancel(a.ticket)
	}
	c.answers = nil
}

// String shows the copy in traces.
func (c Copy) String() string {
	return fmt.Sprintf("copy(read=%v,written=%v,%v)", c.Read, c.Written, c.Value)
}

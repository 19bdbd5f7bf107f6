package register

import (
	"slices"

	"paxon/process"
	"paxon/retransmit"
)

// operations is the register of one instance as this process operates on it: at most one
// operation at a time.
type operations struct {
	array    *Registers
	instance Instance

	request Message // READ or WRITE of the attempt under way, nil if none.
	done    func(v Value, ok bool, higher Round)
	tickets []retransmit.Ticket // By position among the members.
	acks    []process.ID        // Who has acknowledged the request.
	best    AckRead             // Of the answers to READ, one with the highest write round.

	permitted bool // By all who acknowledged the write, so far.
}

// Read is read(k): ask all, wait for enough, and return the value written last.
func (o *operations) Read(k Round, done func(v Value, ok bool, higher Round)) {
	o.begin(Read{o.instance, k, 0}, done)
}

// Write is write(k, v): ask all, and wait for enough.
func (o *operations) Write(k Round, v Value, done func(ok bool, higher Round)) {
	o.begin(Write{o.instance, k, v, 0}, func(_ Value, ok bool, higher Round) { done(ok, higher) })
}

// members are those who hold copies of the register.
func (o *operations) members() []process.ID { return o.array.config.Members(o.instance) }

// Permitted says whether all who acknowledged the last write that committed permitted it.
func (o *operations) Permitted() bool { return o.permitted }

// Cancel ends the operation under way.
func (o *operations) Cancel() {
	o.stop()
	o.request, o.done = nil, nil
}

// stop ends the attempt under way: nothing of it is sent any more, or counted.
func (o *operations) stop() {
	for i, t := range o.tickets {
		o.array.net.Cancel(t)
		o.tickets[i] = retransmit.Ticket{}
	}
	o.acks, o.best = o.acks[:0], AckRead{}
}

func (o *operations) begin(request Message, done func(v Value, ok bool, higher Round)) {
	o.Cancel()
	o.array.highest = max(o.array.highest, o.instance)
	o.done = done
	o.ask(request)
}

// ask sends the request of an attempt to all.
func (o *operations) ask(request Message) {
	o.request, o.permitted = request, true
	members := o.members()
	o.tickets = slices.Grow(o.tickets, len(members))[:len(members)]
	for i, p := range members {
		o.tickets[i] = o.array.net.SSend(p, request)
	}
}

// onAnswer takes an answer of the copy at from, if it is to the attempt under way.
func (o *operations) onAnswer(from process.ID, m Message) {
	if o.request == nil || m.round() != o.request.round() ||
		m.attempt() != o.request.attempt() ||
		slices.Contains(o.acks, from) || !slices.Contains(o.members(), from) {
		return
	}
	_, reading := o.request.(Read)
	switch m := m.(type) {
	case AckRead:
		if reading {
			o.acked(from, m)
		}
	case AckWrite:
		if !reading {
			o.permitted = o.permitted && m.Permitted
			o.acked(from, AckRead{})
		}
	case NackRead:
		if reading {
			o.finish(nil, false, m.Higher)
		}
	case NackWrite:
		if !reading {
			o.finish(nil, false, m.Higher)
		}
	}
}

func (o *operations) acked(from process.ID, m AckRead) {
	o.acks = append(o.acks, from)
	if o.best.Written.Less(m.Written) {
		o.best = m
	}
	if _, reading := o.request.(Read); o.array.config.Enough(reading, o.members(), o.acks) {
		o.finish(o.best.Value, true, Round{})
	}
}

func (o *operations) finish(v Value, ok bool, higher Round) {
	done := o.done
	o.Cancel()
	done(v, ok, higher)
}

// restarted sends the request again to a member that has not answered and runs as a new
// incarnation: the earlier one may have received it and crashed before it was forced.
func (o *operations) restarted(p process.ID) {
	i := slices.Index(o.members(), p)
	if o.request == nil || i < 0 || slices.Contains(o.acks, p) {
		return
	}
	o.array.net.Cancel(o.tickets[i])
	o.tickets[i] = o.array.net.SSend(p, o.request)
}

// again begins the operation under way anew, with a new attempt.
func (o *operations) again() {
	if o.request == nil {
		return
	}
	o.stop()
	switch m := o.request.(type) {
	case Read:
		m.Attempt++
		o.ask(m)
	case Write:
		m.Attempt++
		o.ask(m)
	}
}

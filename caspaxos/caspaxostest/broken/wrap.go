package broken

import (
	"paxon/caspaxos"
	"paxon/caspaxos/caspaxostest"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
)

// wrapped is one incarnation whose messages pass through others' hands. Nil for a message has it
// dropped.
type wrapped struct {
	caspaxostest.Part
	self process.ID
	life process.Incarnation
	in   func(w *wrapped, m caspaxos.Message) caspaxos.Message
	out  func(w *wrapped, to process.ID, m caspaxos.Message) caspaxos.Message
	// What some keep, here and not in what a function captures, so that a search sees it.
	looks []uint64  // Numbers of looks, by how manieth they are.
	posed []message // That are to be received as if others had sent them.
}

// message is one of a process.
type message struct {
	from process.ID
	body caspaxos.Message
}

// Turn ends a turn of the loop, with what is to be received before.
func (w *wrapped) Turn() {
	for len(w.posed) > 0 {
		m := w.posed[0]
		w.posed = w.posed[1:]
		caspaxostest.Inside(w.Part).Receive(m.from, m.body)
	}
	w.Part.Turn()
}

// Receive takes a packet with what becomes of its message.
func (w *wrapped) Receive(from process.ID, packet retransmit.Packet) {
	had := packet.Body != nil
	packet = changed(packet, func(m caspaxos.Message) caspaxos.Message {
		if w.in == nil {
			return m
		}
		return w.in(w, m)
	})
	if from == w.self && had && packet.Body == nil {
		return // There is nothing to acknowledge.
	}
	w.Part.Receive(from, packet)
}

func changed(
	packet retransmit.Packet, by func(m caspaxos.Message) caspaxos.Message,
) retransmit.Packet {
	m, ok := packet.Body.(caspaxos.Message)
	if !ok {
		return packet
	}
	packet.Body = nil
	if m = by(m); m != nil {
		packet.Body = m
	}
	return packet
}

// links are those of a wrapped incarnation.
type links struct {
	process.Net[retransmit.Packet]
	of *wrapped
}

func (l links) Send(to process.ID, packet retransmit.Packet) {
	had := packet.Body != nil
	packet = changed(packet, func(m caspaxos.Message) caspaxos.Message {
		if l.of.out == nil {
			return m
		}
		return l.of.out(l.of, to, m)
	})
	if to == l.Self() && had && packet.Body == nil {
		return // There is nothing to acknowledge.
	}
	l.Net.Send(to, packet)
}

// messages has the messages that come in, and that go out, changed.
func messages(
	on caspaxostest.Base,
	in func(w *wrapped, m caspaxos.Message) caspaxos.Message,
	out func(w *wrapped, to process.ID, m caspaxos.Message) caspaxos.Message,
) caspaxostest.Factory {
	return func(h seasons.Host, o caspaxos.Options, s caspaxos.Setting) caspaxostest.Part {
		w := &wrapped{self: h.Net.Self(), life: h.Incarnation, in: in, out: out}
		h.Net = links{h.Net, w}
		w.Part = on(seasons.Paxos())(h, o, s)
		return w
	}
}

// setting has what a process is told of the cluster changed.
func setting(on caspaxostest.Base, change func(s *caspaxos.Setting)) caspaxostest.Factory {
	return func(h seasons.Host, o caspaxos.Options, s caspaxos.Setting) caspaxostest.Part {
		change(&s)
		return on(seasons.Paxos())(h, o, s)
	}
}

// registers is CASPaxos over other registers.
func registers(
	on caspaxostest.Base,
	wrap func(h seasons.Host, net retransmit.Net[register.Message], c register.Config) register.Array,
) caspaxostest.Factory {
	return func(h seasons.Host, o caspaxos.Options, s caspaxos.Setting) caspaxostest.Part {
		v := seasons.Paxos()
		v.Registers = wrap
		return on(v)(h, o, s)
	}
}

// quorums has other quorums be enough.
func quorums(
	on caspaxostest.Base, enough func(reading bool, acked []process.ID, sound bool) bool,
) caspaxostest.Factory {
	return registers(on, func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		sound := c.Enough
		c.Enough = func(reading bool, members, acked []process.ID) bool {
			return enough(reading, acked, sound(reading, members, acked))
		}
		return seasons.Paxos().Registers(h, net, c)
	})
}

// reads has the reads of registers changed.
func reads(
	on caspaxostest.Base,
	by func(h seasons.Host, r *reader, k register.Round, done func(register.Value, bool, register.Round)),
) caspaxostest.Factory {
	return registers(on, func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		return readArray{seasons.Paxos().Registers(h, net, c), &reader{host: h, by: by}}
	})
}

type readArray struct {
	register.Array
	reader *reader
}

func (a readArray) At(l register.Instance) register.Register {
	a.reader.Register = a.Array.At(l)
	return a.reader
}

// reader is a register whose reads are changed. It knows what this process wrote last, and who waits to be
// told that.
type reader struct {
	register.Register
	host seasons.Host
	by   func(h seasons.Host, r *reader, k register.Round, done func(register.Value, bool, register.Round))
	last register.Value
	tell func(register.Value, bool, register.Round)
}

// told tells what this process wrote last.
func (r *reader) told() {
	if done := r.tell; done != nil {
		r.tell = nil
		done(r.last, true, register.Round{})
	}
}

func (r *reader) Cancel() {
	r.tell = nil
	r.Register.Cancel()
}

func (r *reader) Read(k register.Round, done func(v register.Value, ok bool, higher register.Round)) {
	r.by(r.host, r, k, done)
}

func (r *reader) Write(
	k register.Round, v register.Value, done func(ok bool, higher register.Round),
) {
	r.Register.Write(k, v, func(ok bool, higher register.Round) {
		if ok {
			r.last = v
		}
		done(ok, higher)
	})
}

// calls has the calls of a process changed.
func calls(
	on caspaxostest.Base,
	change func(p caspaxostest.Part, key string, c caspaxos.Change, done func(caspaxos.Outcome),
	) caspaxos.Status,
) caspaxostest.Factory {
	return func(h seasons.Host, o caspaxos.Options, s caspaxos.Setting) caspaxostest.Part {
		return called{on(seasons.Paxos())(h, o, s), change}
	}
}

type called struct {
	caspaxostest.Part
	change func(
		p caspaxostest.Part, key string, c caspaxos.Change, done func(caspaxos.Outcome),
	) caspaxos.Status
}

func (c called) Change(
	key string, change caspaxos.Change, done func(caspaxos.Outcome),
) caspaxos.Status {
	return c.change(c.Part, key, change, done)
}

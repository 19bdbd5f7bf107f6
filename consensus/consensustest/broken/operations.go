package broken

import (
	"time"

	"paxon/consensus"
	"paxon/consensus/consensustest"
	"paxon/register"
	"paxon/seasons"
)

// done is what a propose calls.
type done = func(decision register.Value, ok bool, higher register.Round)

// request is one propose, and what a flaw may use for it.
type request struct {
	k     register.Round
	v     register.Value
	done  done
	sound consensus.Consensus
	reg   register.Register
	host  seasons.Host
}

// proposed makes sound consensus whose propose is a flaw.
func proposed(flaw func(r request)) consensustest.Factory {
	return func(h seasons.Host, registers register.Array, _ register.Config) consensus.Array {
		return array{consensus.New(registers), registers, h, flaw}
	}
}

type array struct {
	consensus.Array
	registers register.Array
	host      seasons.Host
	flaw      func(r request)
}

func (a array) At(l register.Instance) consensus.Consensus {
	return instance{a.Array.At(l), a, l}
}

type instance struct {
	consensus.Consensus
	array array
	l     register.Instance
}

func (i instance) Propose(k register.Round, v register.Value, done done) {
	i.array.flaw(request{k, v, done, i.Consensus, i.array.registers.At(i.l), i.array.host})
}

// RoundsRestart is Fig. 13 as printed: an incarnation uses the rounds of those before it again.
func RoundsRestart() consensustest.Factory {
	return proposed(func(r request) {
		k := r.k
		k.Incarnation = 1
		r.sound.Propose(k, r.v, r.done)
	})
}

// ReadIgnored writes its own value whatever it read.
func ReadIgnored() consensustest.Factory {
	return proposed(func(r request) {
		r.reg.Read(r.k, func(_ register.Value, ok bool, higher register.Round) {
			if !ok {
				r.done(nil, false, higher)
				return
			}
			r.reg.Write(r.k, r.v, func(ok bool, higher register.Round) { r.done(r.v, ok, higher) })
		})
	})
}

// DecidesEarly takes a read for a decision.
func DecidesEarly() consensustest.Factory {
	return proposed(func(r request) {
		r.reg.Read(r.k, func(v register.Value, ok bool, higher register.Round) {
			if ok && len(v) == 0 {
				v = r.v
			}
			r.done(v, ok, higher)
		})
	})
}

// OwnValue returns its own value, though another is decided.
func OwnValue() consensustest.Factory {
	return proposed(func(r request) {
		r.sound.Propose(r.k, r.v, func(_ register.Value, ok bool, higher register.Round) {
			r.done(r.v, ok, higher)
		})
	})
}

// InventsValue proposes what nobody asked for.
func InventsValue() consensustest.Factory {
	return proposed(func(r request) { r.sound.Propose(r.k, register.Value("invented"), r.done) })
}

// AlwaysAborts never disagrees.
func AlwaysAborts() consensustest.Factory {
	return proposed(func(r request) {
		r.host.Clock.After(time.Millisecond, func() { r.done(nil, false, r.k) })
	})
}

// Mute does what is asked and never says so.
func Mute() consensustest.Factory {
	return proposed(func(r request) {
		r.sound.Propose(r.k, r.v, func(register.Value, bool, register.Round) {})
	})
}

// CompletesTwice calls done twice.
func CompletesTwice() consensustest.Factory {
	return proposed(func(r request) {
		r.sound.Propose(r.k, r.v, func(d register.Value, ok bool, higher register.Round) {
			r.done(d, ok, higher)
			r.done(d, ok, higher)
		})
	})
}

// Synchronous commits within the call.
func Synchronous() consensustest.Factory {
	return proposed(func(r request) { r.done(r.v, true, register.Round{}) })
}

// NamelessAbort does not say which round won.
func NamelessAbort() consensustest.Factory {
	return proposed(func(r request) {
		r.sound.Propose(r.k, r.v, func(d register.Value, ok bool, _ register.Round) {
			r.done(d, ok, register.Round{})
		})
	})
}

// DeafToCancel goes on with a propose that is cancelled.
func DeafToCancel() consensustest.Factory {
	return func(_ seasons.Host, registers register.Array, _ register.Config) consensus.Array {
		return deaf{consensus.New(registers)}
	}
}

type deaf struct{ consensus.Array }

func (a deaf) At(l register.Instance) consensus.Consensus { return deafInstance{a.Array.At(l)} }

type deafInstance struct{ consensus.Consensus }

func (deafInstance) Cancel() {}

// AcceptsOwn takes what it proposed last for what its copy has accepted.
func AcceptsOwn() consensustest.Factory {
	return func(_ seasons.Host, registers register.Array, _ register.Config) consensus.Array {
		return own{consensus.New(registers), map[register.Instance]register.Value{}}
	}
}

type own struct {
	consensus.Array
	proposed map[register.Instance]register.Value
}

func (a own) At(l register.Instance) consensus.Consensus {
	return ownInstance{a.Array.At(l), a, l}
}

func (a own) Accepted(l register.Instance, k register.Round) (register.Value, bool) {
	v, ok := a.Array.Accepted(l, k)
	if p := a.proposed[l]; ok && p != nil {
		return p, true
	}
	return v, ok
}

type ownInstance struct {
	consensus.Consensus
	array own
	l     register.Instance
}

func (i ownInstance) Propose(k register.Round, v register.Value, done done) {
	i.array.proposed[i.l] = v
	i.Consensus.Propose(k, v, done)
}

package broken

import (
	"time"

	"paxon/register"
	"paxon/register/registertest"
	"paxon/retransmit"
	"paxon/seasons"
)

// operated makes sound registers whose operations are flawed.
func operated(
	flaw func(h seasons.Host, net retransmit.Net[register.Message], r register.Register) register.Register,
) registertest.Factory {
	return func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		return operatedArray{sound(h, net, c), func(r register.Register) register.Register {
			return flaw(h, net, r)
		}}
	}
}

type operatedArray struct {
	register.Array
	flaw func(r register.Register) register.Register
}

func (a operatedArray) At(l register.Instance) register.Register { return a.flaw(a.Array.At(l)) }

// done is what a read calls, and with no value a write.
type done = func(v register.Value, ok bool, higher register.Round)

// operating is a register all of whose operations go through one function.
type operating struct {
	register.Register
	through func(k register.Round, begin func(k register.Round, done done), done done)
}

func (o operating) Read(k register.Round, done done) { o.through(k, o.Register.Read, done) }

func (o operating) Write(
	k register.Round, v register.Value, ended func(ok bool, higher register.Round),
) {
	o.through(k, func(k register.Round, done done) {
		o.Register.Write(k, v, func(ok bool, higher register.Round) { done(nil, ok, higher) })
	}, func(_ register.Value, ok bool, higher register.Round) { ended(ok, higher) })
}

// through makes operating registers of a flaw that needs the clock at most.
func through(
	flaw func(h seasons.Host, k register.Round, begin func(k register.Round, done done), done done),
) registertest.Factory {
	return operated(func(
		h seasons.Host, _ retransmit.Net[register.Message], r register.Register,
	) register.Register {
		return operating{r, func(k register.Round, begin func(register.Round, done), done done) {
			flaw(h, k, begin, done)
		}}
	})
}

// CompletesTwice calls done twice.
func CompletesTwice() registertest.Factory {
	return through(func(
		_ seasons.Host, k register.Round, begin func(register.Round, done), done done,
	) {
		begin(k, func(v register.Value, ok bool, higher register.Round) {
			done(v, ok, higher)
			done(v, ok, higher)
		})
	})
}

// Synchronous commits within the call.
func Synchronous() registertest.Factory {
	return through(func(_ seasons.Host, _ register.Round, _ func(register.Round, done), done done) {
		done(nil, true, register.Round{})
	})
}

// DeafToCancel reports what came of an operation though another has begun.
func DeafToCancel() registertest.Factory {
	return through(func(
		h seasons.Host, k register.Round, begin func(register.Round, done), done done,
	) {
		begin(k, func(v register.Value, ok bool, higher register.Round) {
			h.Clock.After(time.Millisecond, func() { done(v, ok, higher) })
		})
	})
}

// AlwaysAborts never disagrees.
func AlwaysAborts() registertest.Factory {
	return through(func(
		h seasons.Host, k register.Round, _ func(register.Round, done), done done,
	) {
		h.Clock.After(time.Millisecond, func() {
			done(nil, false, register.Round{Number: k.Number + 1, Process: k.Process})
		})
	})
}

// AbortsWithoutReason aborts what would have committed, in every third round.
func AbortsWithoutReason() registertest.Factory {
	return through(func(
		_ seasons.Host, k register.Round, begin func(register.Round, done), done done,
	) {
		begin(k, func(v register.Value, ok bool, higher register.Round) {
			if ok && k.Number%3 == 0 {
				done(nil, false, k)
				return
			}
			done(v, ok, higher)
		})
	})
}

// Mute does what is asked and never says so.
func Mute() registertest.Factory {
	return through(func(_ seasons.Host, k register.Round, begin func(register.Round, done), _ done) {
		begin(k, func(register.Value, bool, register.Round) {})
	})
}

// RoundByNumber tells rounds apart by their numbers alone, as if they belonged to all.
func RoundByNumber() registertest.Factory {
	return through(func(
		_ seasons.Host, k register.Round, begin func(register.Round, done), done done,
	) {
		begin(register.Round{Number: k.Number}, done)
	})
}

// EarlyBird greets the others while it is constructed.
func EarlyBird() registertest.Factory {
	return func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		for _, p := range net.All() {
			net.Send(p, register.NackRead{Instance: 1})
		}
		return sound(h, net, c)
	}
}

package broken

import (
	"time"

	"paxon/process"
	"paxon/register"
	"paxon/register/registertest"
	"paxon/retransmit"
	"paxon/seasons"
)

// disk is the sound stable storage of a register, that flaws wrap.
type disk = process.Disk[register.Copy]

// stored makes sound registers on flawed stable storage.
func stored(flaw func(h seasons.Host, d disk) disk) registertest.Factory {
	return func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		return register.New(net, flaw(h, process.DiskOf[register.Copy](h.Store, 0)), c)
	}
}

// ForgottenPromise retrieves what was written, but not what was promised.
func ForgottenPromise() registertest.Factory {
	return stored(func(_ seasons.Host, d disk) disk {
		return altered{d, func(c *register.Copy) { c.Read = register.Round{} }}
	})
}

// LostValue retrieves what was promised, but not what was written.
func LostValue() registertest.Factory {
	return stored(func(_ seasons.Host, d disk) disk {
		return altered{d, func(c *register.Copy) { c.Written, c.Value = register.Round{}, nil }}
	})
}

// altered gives back other copies than were put.
type altered struct {
	disk
	alter func(c *register.Copy)
}

func (a altered) Stored(yield func(key uint64, c register.Copy) bool) {
	a.disk.Stored(func(key uint64, c register.Copy) bool {
		a.alter(&c)
		return yield(key, c)
	})
}

// LostState begins with nothing after every crash.
func LostState() registertest.Factory {
	return stored(func(_ seasons.Host, d disk) disk { return empty{d} })
}

type empty struct{ disk }

func (empty) Stored(func(key uint64, c register.Copy) bool) {}

// AckBeforeForce answers while the record is on its way to the disk.
func AckBeforeForce() registertest.Factory {
	return stored(func(h seasons.Host, d disk) disk { return eager{d, h.Clock} })
}

type eager struct {
	disk
	clock process.Clock
}

func (e eager) Put(key uint64, c register.Copy, done func()) {
	e.disk.Put(key, c, nil)
	e.clock.After(time.Microsecond, done)
}

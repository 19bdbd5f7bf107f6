package broken

import (
	"paxon/consensus"
	"paxon/consensus/consensustest"
	"paxon/process"
	"paxon/register"
	"paxon/seasons"
	"paxon/seasons/fall"
)

// fast is sound fast consensus, that flaws wrap.
func fast(registers register.Array, c register.Config) consensus.Array {
	return fall.New(consensus.New(registers), registers, register.Instance(c.Window))
}

// EverybodyPermitted lets every process propose without reading.
func EverybodyPermitted() consensustest.Factory {
	return func(_ seasons.Host, registers register.Array, c register.Config) consensus.Array {
		return permissive{fast(registers, c)}
	}
}

type permissive struct{ consensus.Array }

func (permissive) Permitted(register.Instance) bool { return true }

// PermissionKept remembers on which instances it had permission when it crashed, though it may
// have used it.
func PermissionKept() consensustest.Factory {
	kept := map[process.Store]map[register.Instance]bool{} // As if it were on stable storage.
	return func(h seasons.Host, registers register.Array, c register.Config) consensus.Array {
		if kept[h.Store] == nil {
			kept[h.Store] = map[register.Instance]bool{}
		}
		return keeping{fast(registers, c), kept[h.Store]}
	}
}

type keeping struct {
	consensus.Array
	kept map[register.Instance]bool
}

func (a keeping) Permitted(l register.Instance) bool {
	a.kept[l] = a.kept[l] || a.Array.Permitted(l)
	return a.kept[l]
}

// PermittedUnasked has permission as soon as its write commits, whatever the copies say.
func PermittedUnasked() consensustest.Factory {
	return func(_ seasons.Host, registers register.Array, c register.Config) consensus.Array {
		return fast(generous{registers}, c)
	}
}

type generous struct{ register.Array }

func (a generous) At(l register.Instance) register.Register { return generousRegister{a.Array.At(l)} }

type generousRegister struct{ register.Register }

func (generousRegister) Permitted() bool { return true }

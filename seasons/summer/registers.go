package summer

import (
	"fmt"

	"paxon/process"
	"paxon/register"
)

// Block is what a process keeps of one register on each disk: the highest round read, and the
// last value written with its round.
type Block = register.Copy

// Registers implements register.Array on shared disks (Fig. 18).
type Registers struct {
	self   process.ID
	disks  process.Disks[Block]
	config register.Config

	instances map[register.Instance]*instance
	floor     register.Instance // All instances below are forgotten.
	next      register.Instance // All instances below are settled.
	highest   register.Instance
	watch     lookout
}

// NewRegisters makes the registers of one process. Of the configuration it uses Window and
// Permission: all processes are members of all instances, and nothing has to be admitted, for
// nobody asks another process.
func NewRegisters(
	self process.ID, disks process.Disks[Block], config register.Config,
) *Registers {
	return &Registers{
		self: self, disks: disks, config: config,
		instances: map[register.Instance]*instance{}, floor: 1, next: 1,
	}
}

// At is the register of instance l.
func (r *Registers) At(l register.Instance) register.Register { return r.at(l) }

func (r *Registers) at(l register.Instance) *instance {
	if l < r.floor {
		panic(fmt.Sprintf("summer: instance %d is operated on, but all below %d are forgotten",
			l, r.floor))
	}
	i := r.instances[l]
	if i == nil {
		i = &instance{array: r, instance: l}
		r.instances[l] = i
	}
	return i
}

// Written is the value of this process's own block, if it was written in round k or later.
func (r *Registers) Written(l register.Instance, k register.Round) (register.Value, bool) {
	i := r.instances[l]
	if i == nil || i.own.Written.Less(k) || k.IsZero() {
		return nil, false
	}
	return i.own.Value, true
}

// Highest is the highest instance that this process operated on, or saw touched on the disks.
func (r *Registers) Highest() register.Instance { return r.highest }

// Settle ends what is under way in instances below next. Their blocks stay on the disks for
// those who do not know the decisions.
func (r *Registers) Settle(next register.Instance) {
	for l := r.next; l < next && len(r.instances) > 0; l++ {
		if i := r.instances[l]; i != nil {
			i.Cancel()
			delete(r.instances, l)
		}
	}
	r.next = max(r.next, next)
}

// Forget says that this process will operate on no instance below any more.
func (r *Registers) Forget(below register.Instance) {
	r.Settle(below)
	if below > r.floor {
		r.floor = below
		r.disks.Forget(uint64(below))
	}
}

// Receive takes no message: processes meet on the disks alone.
func (r *Registers) Receive(process.ID, register.Message) bool { return true }

// Restarted concerns nobody: no answer of another process is waited for.
func (r *Registers) Restarted(process.ID) {}

// majority is how many disks make an operation complete.
func (r *Registers) majority() int { return process.Majority(r.disks.Count()) }

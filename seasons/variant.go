package seasons

import (
	"paxon/consensus"
	"paxon/leader"
	"paxon/omega"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/tob"
)

// Variant is a composition: a name, what it assumes, and one constructor for each part. To
// make another, copy one and replace constructors.
type Variant struct {
	Name string
	// Recovers says that processes may crash and recover. Otherwise a process that crashed must
	// never run again.
	Recovers bool
	// Storage is what a process keeps when it crashes.
	Storage Storage
	// Crashes says how many of a number of processes may ever crash; nil is for all of them.
	Crashes func(processes int) int
	// Faulty says how many of a number of processes may be faulty: crash for good, or recover and
	// crash for ever. Nil is for as many as leave those that the registers and the leader need.
	Faulty func(processes int) int
	// Disks says that the registers are on shared disks, so that one correct process is enough for
	// them; the host must have Host.Disks.
	Disks bool
	// MajorityLeads says that leader election needs a correct majority whatever the registers need.
	MajorityLeads bool
	// Permission says that registers give permission: see register.Config.
	Permission bool

	Registers func(h Host, net retransmit.Net[register.Message], c register.Config) register.Array
	Consensus func(h Host, registers register.Array, c register.Config) consensus.Array
	Omega     func(h Host, net process.Net[omega.Heartbeat], c omega.Config,
		hooks omega.Hooks) omega.Part
	Leader    func(h Host, o omega.Part) leader.Leader
	Broadcast func(h Host, parts tob.Parts) *tob.TOB

	checks []func(processes int) error // Those of the seasons.
}

// Storage is what the host of a process must keep when it crashes.
type Storage int

// The kinds of storage.
const (
	None   Storage = iota // Nothing but the number of the incarnation.
	Stable                // What is on stable storage, and the history.
)

// Check says why the variant cannot run with a number of processes, nil if it can.
func (v Variant) Check(processes int) error {
	for _, check := range v.checks {
		if err := check(processes); err != nil {
			return err
		}
	}
	return nil
}

// Correct is how many of a number of processes must be correct for the variant to make progress.
func (v Variant) Correct(processes int) int {
	switch {
	case v.Faulty != nil:
		return processes - v.Faulty(processes)
	case v.Disks && !v.MajorityLeads:
		return 1
	}
	return process.Majority(processes)
}

// The spaces of the parts in the Store of a process.
const (
	registerSpace process.Space = iota
	broadcastSpace
)

// Records lists the type of record of each space, for codecs.
func Records() []process.Record {
	return []process.Record{registerSpace: register.Copy{}, broadcastSpace: tob.Checkpoint{}}
}

// Messages lists all types of message, for codecs.
func Messages() []process.Message {
	var all []process.Message
	all = append(all, register.Messages()...)
	all = append(all, omega.Messages()...)
	return append(all, tob.Messages()...)
}

// CrashStop is the variant of §4: processes that crash do not recover, and nothing is forced.
func CrashStop() Variant {
	return Variant{
		Name:    "crash-stop",
		Crashes: func(processes int) int { return processes - process.Majority(processes) },
		Registers: func(h Host, net retransmit.Net[register.Message], c register.Config) register.Array {
			if h.Store == nil {
				return register.NewCrashStop(net, c)
			}
			return register.New(net, process.DiskOf[register.Copy](h.Store, registerSpace), c)
		},
		Consensus: func(_ Host, registers register.Array, _ register.Config) consensus.Array {
			return consensus.New(registers)
		},
		Omega: func(
			h Host, net process.Net[omega.Heartbeat], c omega.Config, hooks omega.Hooks,
		) omega.Part {
			return omega.New(net, h.Clock, h.Incarnation, c, hooks)
		},
		Leader: func(_ Host, o omega.Part) leader.Leader { return leader.New(o) },
		Broadcast: func(h Host, parts tob.Parts) *tob.TOB {
			if h.Store != nil {
				parts.Disk = process.DiskOf[tob.Checkpoint](h.Store, broadcastSpace)
			}
			return tob.New(parts)
		},
	}
}

// Paxos is the variant of §5: processes crash and recover, with stable storage.
func Paxos() Variant {
	v := CrashStop()
	v.Name, v.Recovers, v.Storage, v.Crashes = "paxos", true, Stable, nil
	return v
}

package seasons

import (
	"fmt"

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
	// Recovers says that processes may crash and recover, and that those which do keep their
	// stable storage. Otherwise a process that crashed must never run again.
	Recovers bool

	Registers func(h Host, net retransmit.Net[register.Message], c register.Config) register.Array
	Consensus func(h Host, registers register.Array, c register.Config) consensus.Array
	Omega     func(h Host, net process.Net[omega.Heartbeat], c omega.Config,
		hooks omega.Hooks) omega.Part
	Leader    func(h Host, o omega.Part) leader.Leader
	Broadcast func(h Host, parts tob.Parts) *tob.TOB
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
		Name: "crash-stop",
		Registers: func(_ Host, net retransmit.Net[register.Message], c register.Config) register.Array {
			return register.NewCrashStop(net, c)
		},
		Consensus: func(_ Host, registers register.Array, _ register.Config) consensus.Array {
			return consensus.New(registers)
		},
		Omega: func(
			h Host, net process.Net[omega.Heartbeat], c omega.Config, hooks omega.Hooks,
		) omega.Part {
			return omega.New(net, h.Clock, h.Incarnation, c, hooks)
		},
		Leader:    func(_ Host, o omega.Part) leader.Leader { return leader.New(o) },
		Broadcast: func(_ Host, parts tob.Parts) *tob.TOB { return tob.New(parts) },
	}
}

// Paxos is the variant of §5: processes crash and recover, with stable storage.
func Paxos() Variant {
	v := CrashStop()
	v.Name, v.Recovers = "paxos", true
	v.Registers = func(
		h Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		return register.New(net, process.DiskOf[register.Copy](h.Store, registerSpace), c)
	}
	v.Broadcast = func(h Host, parts tob.Parts) *tob.TOB {
		parts.Disk = process.DiskOf[tob.Checkpoint](h.Store, broadcastSpace)
		return tob.New(parts)
	}
	return v
}

// Variants lists the compositions that exist.
func Variants() []Variant { return []Variant{CrashStop(), Paxos()} }

// ByName finds a composition. The error says which there are.
func ByName(name string) (Variant, error) {
	var names []string
	for _, v := range Variants() {
		if v.Name == name {
			return v, nil
		}
		names = append(names, v.Name)
	}
	return Variant{}, fmt.Errorf("unknown variant %q: expected one of %q", name, names)
}

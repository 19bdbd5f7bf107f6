package caspaxos

import (
	"fmt"

	"paxon/process"
	"paxon/register"
)

// Message is a message of this part.
type Message interface{ of() }

// Kind says which message of package register an Ask or an Answer carries.
type Kind uint8

// The kinds.
const (
	Prepare        Kind = iota // READ
	Accept                     // WRITE
	Promised                   // ackREAD
	PromiseRefused             // nackREAD
	Accepted                   // ackWRITE
	AcceptRefused              // nackWRITE
)

// Ask is a READ or a WRITE of the register of Key, with the proposer's configuration and age.
type Ask struct {
	Key     string
	Epoch   uint64
	Age     uint64
	Kind    Kind
	Round   register.Round
	Value   register.Value
	Attempt uint64
}

// Answer is the answer of a copy. Other is the round that its value was written with, or the one that
// won.
type Answer struct {
	Key     string
	Kind    Kind
	Round   register.Round
	Other   register.Round
	Value   register.Value
	Attempt uint64
}

// Look asks for what a copy holds, without a promise.
type Look struct {
	Key    string
	Epoch  uint64
	Number uint64
}

// Seen answers a Look, or refuses to if the copy has a promise without a value.
type Seen struct {
	Number  uint64
	Written register.Round
	Value   register.Value
}

// Stale tells of a configuration that whoever asked does not have.
type Stale struct{ Configuration Configuration }

// Behind asks for the configuration of an epoch, or a later one.
type Behind struct{ Epoch uint64 }

// Younger tells a proposer that its age is below the one that copies wait for.
type Younger struct{ Age uint64 }

// Install is a configuration to take over.
type Install struct{ Configuration Configuration }

// Installed says that a configuration of that epoch is durable. Highest is at least the number of each
// round that was promised before.
type Installed struct{ Epoch, Highest uint64 }

// Pull asks for what a copy holds from a position on: all that changed there after the moment Since.
// Bare is for keys alone. Most bounds the page in bytes, but for one record, if it is not 0 and below
// Limits.Page.
type Pull struct {
	Number uint64
	Epoch  uint64
	From   Place
	Since  uint64
	Bare   bool
	Most   uint64
}

// Place is one in the order of all keys, which is that of their positions and, at one position, their
// own: the first behind After, which is at the position At, or, with Whole, the first from At on. The
// position of a key is the same at all processes, and for ever.
type Place struct {
	At    uint64
	Whole bool
	After string
}

// Page answers a Pull: all up to the place Next. Changes is the moment in which the page was made, as
// the copies of an Incarnation of their process count them.
type Page struct {
	Number      uint64
	Records     []Record
	Next        Place
	Changes     uint64
	Incarnation process.Incarnation
	// Least is what the copy refuses of registers that it does not hold: see Forbid.
	Least uint64
}

// Record is what a copy holds of one register.
type Record struct {
	Key     string
	Written register.Round
	Exists  bool
	Value   register.Value
}

// Catch asks a learner to tell, with a Caught, once it has pulled from a prepare quorum of the epoch.
type Catch struct{ Epoch uint64 }

// Caught says that it has.
type Caught struct{ Epoch uint64 }

// Collect asks a proposer to collect tombstones of a copy that does not propose. It is for where no
// proposer holds them.
type Collect struct {
	Epoch uint64
	Keys  []string
}

// Advance is step (b) of collection (§3.1): the proposer drops what it has cached of the keys, goes
// beyond Floor, and gets older.
type Advance struct {
	Number, Epoch uint64
	Keys          []string
	Floor         uint64
}

// Advanced tells the age of a proposer that did, but for some keys, which must not be removed.
type Advanced struct {
	Number, Age uint64
	Except      []string
}

// Forbid is step (c): copies take no messages of younger proposers any more, nor, of registers that
// they do not hold, of rounds up to Floor.
type Forbid struct {
	Number, Epoch uint64
	Ages          []Age
	Floor         uint64
}

// Forbidden says that this is durable.
type Forbidden struct{ Number uint64 }

// Age is the age of a proposer.
type Age struct {
	Process process.ID
	Age     uint64
}

// Remove is step (d): registers go that hold just the tombstone that is named.
type Remove struct {
	Number, Epoch uint64
	Tombstones    []Tombstone
}

// Removed says that they have gone, durably, as far as they did.
type Removed struct{ Number uint64 }

// Tombstone names a tombstone by the round that it was written in.
type Tombstone struct {
	Key    string
	Ballot register.Round
}

func (Ask) of()       {}
func (Answer) of()    {}
func (Look) of()      {}
func (Seen) of()      {}
func (Stale) of()     {}
func (Behind) of()    {}
func (Younger) of()   {}
func (Install) of()   {}
func (Installed) of() {}
func (Pull) of()      {}
func (Page) of()      {}
func (Catch) of()     {}
func (Caught) of()    {}
func (Collect) of()   {}
func (Advance) of()   {}
func (Advanced) of()  {}
func (Forbid) of()    {}
func (Forbidden) of() {}
func (Remove) of()    {}
func (Removed) of()   {}

// Messages lists the types of message of this part, for the codec.
func Messages() []process.Message {
	return []process.Message{
		Ask{},
		Answer{},
		Look{},
		Seen{},
		Stale{},
		Behind{},
		Younger{},
		Install{},
		Installed{},
		Pull{},
		Page{},
		Catch{},
		Caught{},
		Collect{},
		Advance{},
		Advanced{},
		Forbid{},
		Forbidden{},
		Remove{},
		Removed{},
	}
}

// String is the paper's name of the message.
func (k Kind) String() string {
	names := [...]string{
		"prepare", "accept", "promised", "prepare refused", "accepted", "accept refused",
	}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

func (m Ask) String() string {
	return fmt.Sprintf("%v(%q,%v,e%d,a%d%s)", m.Kind, m.Key, m.Round, m.Epoch, m.Age, shown(m.Value))
}

func (m Answer) String() string {
	return fmt.Sprintf("%v(%q,%v,%v%s)", m.Kind, m.Key, m.Round, m.Other, shown(m.Value))
}

func (m Look) String() string { return fmt.Sprintf("look(%q,#%d,e%d)", m.Key, m.Number, m.Epoch) }

func (m Seen) String() string {
	return fmt.Sprintf("seen(#%d,%v%s)", m.Number, m.Written, shown(m.Value))
}

func (m Stale) String() string     { return fmt.Sprintf("stale(e%d)", m.Configuration.Epoch) }
func (m Install) String() string   { return fmt.Sprintf("install(e%d)", m.Configuration.Epoch) }
func (m Installed) String() string { return fmt.Sprintf("installed(e%d)", m.Epoch) }

// shown is a register's value for a trace.
func shown(v register.Value) string {
	if len(v) == 0 {
		return ""
	}
	s, err := Decode(v)
	if err != nil {
		return "," + v.String()
	}
	return "," + s.String()
}

// wrap makes of a message of the register of a key one of this part.
func wrap(key string, m register.Message, epoch, age uint64) Message {
	switch m := m.(type) {
	case register.Read:
		return Ask{
			Key: key, Epoch: epoch, Age: age, Kind: Prepare, Round: m.Round, Attempt: m.Attempt,
		}
	case register.Write:
		return Ask{
			Key: key, Epoch: epoch, Age: age, Kind: Accept, Round: m.Round, Value: m.Value,
			Attempt: m.Attempt,
		}
	case register.AckRead:
		return Answer{key, Promised, m.Round, m.Written, m.Value, m.Attempt}
	case register.NackRead:
		return Answer{key, PromiseRefused, m.Round, m.Higher, nil, m.Attempt}
	case register.AckWrite:
		return Answer{key, Accepted, m.Round, register.Round{}, nil, m.Attempt}
	case register.NackWrite:
		return Answer{key, AcceptRefused, m.Round, m.Higher, nil, m.Attempt}
	}
	panic(fmt.Sprintf("caspaxos: a message of type %T, which no register sends", m))
}

// only is the one instance of the array that is the register of a key.
const only register.Instance = 1

// unwrap gives the register's message; ok is false if there is none such.
func (m Ask) unwrap() (of register.Message, ok bool) {
	switch m.Kind {
	case Prepare:
		return register.Read{Instance: only, Round: m.Round, Attempt: m.Attempt}, true
	case Accept:
		return register.Write{
			Instance: only, Round: m.Round, Value: m.Value, Attempt: m.Attempt,
		}, true
	case Promised, PromiseRefused, Accepted, AcceptRefused:
	}
	return nil, false
}

// refuse is the answer that a round of at least higher has been at the copy.
func (m Ask) refuse(higher register.Round) Answer {
	kind := PromiseRefused
	if m.Kind == Accept {
		kind = AcceptRefused
	}
	return Answer{m.Key, kind, m.Round, higher, nil, m.Attempt}
}

// unwrap gives the register's message; ok is false if there is none such.
func (m Answer) unwrap() (of register.Message, ok bool) {
	switch m.Kind {
	case Promised:
		return register.AckRead{
			Instance: only, Round: m.Round, Written: m.Other, Value: m.Value, Attempt: m.Attempt,
		}, true
	case PromiseRefused:
		return register.NackRead{
			Instance: only, Round: m.Round, Higher: m.Other, Attempt: m.Attempt,
		}, true
	case Accepted:
		return register.AckWrite{Instance: only, Round: m.Round, Attempt: m.Attempt}, true
	case AcceptRefused:
		return register.NackWrite{
			Instance: only, Round: m.Round, Higher: m.Other, Attempt: m.Attempt,
		}, true
	case Prepare, Accept:
	}
	return nil, false
}

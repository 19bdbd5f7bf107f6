package sim

import (
	"time"

	"paxon/process"
	"paxon/tob"
)

// Schedule is a run spelled out: every choice of the driver that is not the calm one. It replays
// without the seed that it was drawn from, so that an element can be left out and all others stay
// as they are, and so that it means the same when the simulator draws otherwise one day.
//
// What no intervention speaks of is calm: processes start at once, each message arrives once and
// each operation on a disk ends after Calm, and what is under way at a crash is lost.
type Schedule struct {
	Variant   string // The name of the composition.
	Processes int
	Disks     int           // Shared ones, if the composition has any.
	Duration  time.Duration // As in Config: then all faults heal.
	Bound     time.Duration // As in Config.
	Steps     uint64        // As in Config.
	Limits    tob.Limits
	Seed      uint64 // From which the run was drawn.
	// Property is what does not hold in the run, and Detail what was seen; empty if all hold.
	Property, Detail string

	Interventions []Intervention
}

// Calm is how long a message or an operation on a disk takes if nobody intervenes.
const Calm = 500 * time.Microsecond

// Act is what an intervention does.
type Act string

// The kinds of intervention, with the fields that each has beside At.
const (
	// ActStart starts Process.
	ActStart Act = "start"
	// ActClient has the outsider Client begin, as a client that Process gives out.
	ActClient Act = "client"
	// ActBroadcast broadcasts Payload at Process, for the outsider Client if that is not 0. Process
	// itself broadcasts More with it, in one call.
	ActBroadcast Act = "broadcast"
	// ActHand hands message Sequence of the outsider Client to Process as well.
	ActHand Act = "hand"
	// ActCrash crashes Process, which recovers after For; without For it does when all heals.
	ActCrash Act = "crash"
	// ActGone has Process be down when all heals, and ever after.
	ActGone Act = "gone"
	// ActCut breaks Links, each from its first process to its second, and mends them after For.
	ActCut Act = "cut"
	// ActStall has the disk of Process, or the shared Disk, do nothing for as long as For.
	ActStall Act = "stall"
	// ActVanish takes the shared Disk away, and gives it back after For; without For, never.
	ActVanish Act = "vanish"
	// ActTruncate drops from the history of Process what it has delivered.
	ActTruncate Act = "truncate"

	// The kinds that follow change what becomes of the first thing of a name that comes to pass at
	// At or later, or with Nth of the Nth.

	// ActLoss loses a message of the name Message from From to To.
	ActLoss Act = "loss"
	// ActDelay has it arrive after For.
	ActDelay Act = "delay"
	// ActCopy has it arrive once more after For.
	ActCopy Act = "copy"
	// ActDisk has an operation of Process on its disk, or of anybody on the shared Disk, take as
	// long as For.
	ActDisk Act = "disk"
	// ActKept has Kept operations survive of those that were under way at a crash of Process. A
	// process is asked this of its storage, its history and each shared disk in turn.
	ActKept Act = "kept"
)

// acts lists the kinds of intervention, first what a run can least do without: minimising leaves
// out the last first.
func acts() []Act {
	return []Act{
		ActClient, ActBroadcast, ActCrash, ActKept, ActGone, ActHand, ActStart, ActCut,
		ActVanish, ActStall, ActTruncate, ActLoss, ActCopy, ActDelay, ActDisk,
	}
}

// Intervention is one choice of the driver that is not the calm one. Which fields it has depends
// on its kind.
type Intervention struct {
	Act      Act
	At       time.Duration // Since the beginning of the run.
	For      time.Duration
	Process  process.ID
	From, To process.ID
	Message  string // What the text of the message in a trace begins with, such as ackREAD.
	Nth      int    // 0 and 1 are for the first.
	Links    []Link
	Disk     int // From 1.
	Kept     int
	Client   int // From 1, in the order in which outsiders begin.
	Sequence uint64
	Payload  string
	More     []string
}

// payloads are those of the messages that an ActBroadcast broadcasts.
func (i Intervention) payloads() []string { return append([]string{i.Payload}, i.More...) }

// Link is one direction of a link.
type Link struct{ From, To process.ID }

// scheduled says whether the intervention happens at a time of its own, rather than to something
// that happens.
func (i Intervention) scheduled() bool { return i.Act != ActGone && i.thing() == (thing{}) }

// thing is the name of what an intervention can happen to.
type thing struct {
	of       thingKind
	from, to process.ID // Or in to alone the process.
	message  string
	disk     int
}

type thingKind uint8

const (
	_ thingKind = iota
	aMessage
	anOperation // On a disk.
	aSurvival   // Of what was under way.
)

// thing names what the intervention happens to; it is empty if it happens by itself.
func (i Intervention) thing() thing {
	switch i.Act {
	case ActLoss, ActDelay, ActCopy:
		return thing{of: aMessage, from: i.From, to: i.To, message: i.Message}
	case ActDisk:
		return thing{of: anOperation, to: i.Process, disk: i.Disk}
	case ActKept:
		return thing{of: aSurvival, to: i.Process}
	default:
		return thing{}
	}
}

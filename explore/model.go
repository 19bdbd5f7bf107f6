package explore

import (
	"paxon/process"
	"paxon/register"
	"paxon/sim"
)

// Part is what runs as one incarnation of a process.
type Part interface {
	// Receive takes a message, or returns false to have it come again later.
	Receive(from process.ID, m process.Message) (accepted bool)
	// Restarted hears that another process runs as a new incarnation.
	Restarted(p process.ID)
	// Turn ends a turn of the loop.
	Turn()
}

// Properties judge what they see. Their state must be a function of the observations, in fields.
type Properties interface {
	See(o sim.Observation)
	// Violation is the first that was seen, nil if none was.
	Violation() *sim.Violation
}

// Call is something that the user of a process asks of it.
type Call struct {
	Name string // Shown in schedules; no two calls of a process share it.
	Do   func(h *Host)
}

// Model is what is searched: the parts of the processes, and all that may happen to them.
type Model struct {
	Processes int
	// Build makes the parts of one incarnation, again after every crash.
	Build func(h *Host) Part
	// Volatile says that crashes take all that a process has stored.
	Volatile bool
	// Disks is how many disks the processes share.
	Disks int
	// Calls are what may be asked of each process, by ID − 1, in this order. Each happens once at
	// most, in whatever incarnation; those before it that have not happened then never do.
	Calls [][]Call
	// Crashes and Recoveries bound how often processes crash and start again, together.
	Crashes, Recoveries int
	// Crashing is how many different processes may ever crash; negative for all.
	Crashing int
	// Leaders is how often each process hears of another leader, by ID − 1, and Candidates who
	// may be named. A process that never heard of a leader has none.
	Leaders    []int
	Candidates []process.ID
	// Timers says that timers fire, at any time after they were set; otherwise they never do. Fires
	// bounds how often they do, together; 0 for no bound.
	Timers bool
	Fires  int
	// Raw has the links hand over every message as it is, those of earlier incarnations too, and
	// has nobody hear of a restart from its host.
	Raw bool
	// Inspect looks at the part of a process after each of its steps, for what can be seen at one
	// process alone; nil for nothing. It must not change the part.
	Inspect func(p Part) *sim.Violation
	// Busy says that a process is asked for nothing now, as its part is; nil for never.
	Busy func(p Part) bool
	// Properties are those that are checked, before anything was seen; nil is for those of package sim.
	// Only, if not empty, is the one that is asked for.
	Properties func(only string) Properties
	// Lost says that a message never arrives; nil for never. It keeps what has no bound of its own
	// within the search.
	Lost func(m process.Message) bool
	// Dead says that a message can change nothing at its receiver any more, now that the
	// operations given are all that are under way there; nil for never. It need not find all.
	Dead func(m process.Message, underWay []Operation) bool
	// Past gives what the part of a process says of messages that can change nothing there any more, as
	// Dead does, nor at one that starts again with what is stored; nil for nothing. What it gives must not
	// change with the part. It is asked where all that was put is durable.
	Past func(p Part) func(m process.Message) bool
	// Sometimes are what must happen in some run.
	Sometimes []Mark
	// Symmetric are processes that differ in nothing but their names.
	Symmetric []process.ID
}

// Operation is an operation on a register that is under way at a process.
type Operation struct {
	Kind     sim.Kind // InvokeRead or InvokeWrite.
	Instance register.Instance
	Round    register.Round
}

// Mark is something that must happen in some run of a complete search.
type Mark struct {
	Name string
	// Seen says whether an observation is what must happen; recovered says that some process had
	// recovered before.
	Seen func(o sim.Observation, recovered bool) bool
}

// Reductions are what a search leaves out because it shows nothing new.
type Reductions struct {
	// Self has a process receive what it sends to itself before anything else happens there, as
	// the real hosts do.
	Self bool
	// Dead drops messages that Model.Dead and Model.Past know to be without effect, and those of earlier
	// incarnations to processes that have heard of a later one, and will not forget.
	Dead bool
	// Storage has what a process stores become durable before anything else happens there, unless
	// it crashes first. What it then sends may be delayed as long, but what it sends while it
	// waits is not seen: neither a nack, nor, of a broken part, an answer that should have waited.
	Storage bool
	// Symmetry takes states for one that differ in the names of Model.Symmetric only.
	Symmetry bool
}

// AllReductions is every reduction.
func AllReductions() Reductions {
	return Reductions{Self: true, Dead: true, Storage: true, Symmetry: true}
}

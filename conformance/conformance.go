package conformance

import (
	"fmt"
	"slices"
)

// Storage is what is left of a process's state when it crashes.
type Storage int

// The kinds of storage.
const (
	Stable Storage = iota // What was reported durable survives.
	None                  // Nothing survives.
	Shared                // Nothing of its own survives; there are shared disks.
)

// Assumptions say in which world a part must hold its properties. They bound the faults that a
// suite injects. The zero values of the fault fields mean that there are none.
type Assumptions struct {
	// Processes is how many there are, 3 if zero.
	Processes int
	// Crashes is how many processes may ever crash, at most; −1 for any number.
	Crashes int
	// Recovers says that those which crash come back.
	Recovers bool
	// Unstable says that some may do so again and again without end.
	Unstable bool
	Storage  Storage
	// Needed is how many processes must be up in the end for progress: a majority if zero.
	Needed int
	// Loss, Duplicates and Reordering are what links may do to messages, besides delaying them.
	Loss, Duplicates, Reordering bool
	// Disks is how many shared disks there are.
	Disks int
	// Seeds is how many random runs a suite does; if zero, as many as it takes to find what is in
	// its gallery: 200, and 3000 of registers and of consensus.
	Seeds int
	// Schedules bounds what the layer Exhaustive searches, for each of its plans; 1500 if zero, and
	// 8000 states of a whole composition.
	Schedules int
	// Layers are those that a suite does; all of them if there are none.
	Layers []string
	// Until ends a layer as soon as one of these properties has fallen in it.
	Until []string
}

// The layers of suites. In Progress are failures of Script and Seeds that are about what must
// happen in the end; it is no layer to be asked for.
const (
	Script      = "script"
	Exhaustive  = "exhaustive"
	Seeds       = "seeds"
	Persistence = "persistence"
	Hygiene     = "hygiene"
	Progress    = "progress"
)

// Does says whether a suite does a layer.
func (a Assumptions) Does(layer string) bool {
	return len(a.Layers) == 0 || slices.Contains(a.Layers, layer)
}

// CrashStop are the assumptions of §4: a minority may crash and does not come back.
func CrashStop() Assumptions {
	return Assumptions{Processes: 3, Crashes: 1, Loss: true, Duplicates: true, Reordering: true}
}

// CrashRecovery are the assumptions of §5: all may crash and recover, with stable storage.
func CrashRecovery() Assumptions {
	return Assumptions{
		Processes: 3, Crashes: -1, Recovers: true, Unstable: true, Storage: Stable,
		Loss: true, Duplicates: true, Reordering: true,
	}
}

// WithDefaults replaces zeros by their meaning.
func (a Assumptions) WithDefaults() Assumptions {
	if a.Processes == 0 {
		a.Processes = 3
	}
	if a.Seeds == 0 {
		a.Seeds = 200
	}
	return a
}

// Failure is a property that does not hold.
type Failure struct {
	Property string // Its name as the part's doc.go and package sim give it.
	Layer    string // Of the suite, such as Script.
	Replay   string // The seed, or the schedule, that shows it again.
	Detail   string // What was seen.
	Tried    int    // How many runs the layer had done then, that of the failure included.
}

func (f *Failure) Error() string {
	return fmt.Sprintf("%s does not hold (%s, %s): %s", f.Property, f.Layer, f.Replay, f.Detail)
}

// Failures lists all failures in an error, in the order in which it joins them.
func Failures(err error) []*Failure {
	var found []*Failure
	var collect func(err error)
	collect = func(err error) {
		switch e := err.(type) { //nolint:errorlint // All of the tree, not the first of a kind.
		case *Failure:
			found = append(found, e)
		case interface{ Unwrap() []error }:
			for _, each := range e.Unwrap() {
				collect(each)
			}
		case interface{ Unwrap() error }:
			collect(e.Unwrap())
		}
	}
	collect(err)
	return found
}

// Properties lists the properties that the failures in an error are about, in ascending order,
// each once.
func Properties(err error) []string {
	var names []string
	for _, f := range Failures(err) {
		names = append(names, f.Property)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

package bench

import "os"

// childVariable is set in the environment of the processes that Run starts.
const childVariable = "PAXON_BENCH_CHILD"

// IsChild says whether this process was started by Run, to be part of a cluster that is measured.
func IsChild() bool { return os.Getenv(childVariable) != "" }

// ServeChild is all that such a process does, until the program that started it has ended. It
// returns the exit status.
func ServeChild() int { return 1 }

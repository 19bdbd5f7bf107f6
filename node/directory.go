package node

import (
	"fmt"

	"paxon/node/link"
	"paxon/process"
	"paxon/seasons"
)

// LostDirectoryError is why a process has stopped that has another directory than when a peer saw it first:
// it does not know what it has promised.
type LostDirectoryError struct {
	// Directory is the name of the one that it has.
	Directory string
	// Err is what the peer says, with the name of the other one and what to do: a *link.RefusedError.
	Err error
}

func (e *LostDirectoryError) Error() string { return e.Err.Error() }

// Unwrap returns the error below.
func (e *LostDirectoryError) Unwrap() error { return e.Err }

// strangerError is what a peer is told that has come with another directory than when it was first seen.
type strangerError struct {
	process process.ID
	// came is the name of the directory that it has, expected of the one that it had.
	came, expected string
	// do is what can be done besides restoring the directory.
	do string
}

func (e *strangerError) Error() string {
	return fmt.Sprintf("node: %v has come with the directory %q: expected %q, as when it was first seen: "+
		"it must not forget what it has promised: bring back the very directory that it used last, and no "+
		"older copy of it, or %s",
		e.process, e.came, e.expected, e.do)
}

// Is says that it is link.ErrUnknown.
func (e *strangerError) Is(target error) bool { return target == link.ErrUnknown }

// recognize has the links talk to no peer that has lost its directory, and the process stop if it is
// such a one itself. Where nothing is stored there is nothing to forget.
func (r *running) recognize(c *link.Config, variant seasons.Variant, do func(process.ID) string) {
	if variant.Storage == seasons.None {
		return
	}
	c.Directory = r.storage.Directory()
	c.Recognize = func(p process.ID, directory string) error {
		first, err := r.storage.Recognize(p, directory)
		if err == nil && first != directory {
			err = &strangerError{process: p, came: directory, expected: first, do: do(p)}
		}
		return err
	}
	c.Disowned = func(err *link.RefusedError) {
		r.inbox.post(func() { r.fail(&LostDirectoryError{Directory: c.Directory, Err: err}) })
	}
}

package node

import (
	"fmt"

	"paxon/node/link"
	"paxon/process"
	"paxon/seasons"
)

// LostDirectoryError says that a process has come with another directory than it had when it was first
// seen: it does not know what it has promised.
type LostDirectoryError struct {
	Process process.ID
	// Came is the name of the directory that it has, Expected of the one that it had.
	Came, Expected string
	// Do is what can be done besides restoring the directory.
	Do string
}

func (e *LostDirectoryError) Error() string {
	return fmt.Sprintf("node: %v has come with the directory %q: expected %q, as when it was first seen: "+
		"it must not forget what it has promised: bring back the very directory that it used last, and no "+
		"older copy of it, or %s",
		e.Process, e.Came, e.Expected, e.Do)
}

// Is says that it is link.ErrUnknown.
func (e *LostDirectoryError) Is(target error) bool { return target == link.ErrUnknown }

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
			err = &LostDirectoryError{Process: p, Came: directory, Expected: first, Do: do(p)}
		}
		return err
	}
	c.Disowned = func(err *link.RefusedError) { r.inbox.post(func() { r.fail(err) }) }
}

package disks

import (
	"fmt"
	"strconv"
)

// UnformattedError says that a directory is not a shared disk: it was never made one, or the disk
// that should be mounted there is not.
type UnformattedError struct{ Path string }

func (e *UnformattedError) Error() string {
	return fmt.Sprintf("%s has no %s: expected a disk that is mounted and was formatted for this "+
		"cluster", e.Path, identityName)
}

// FormattedError says that a directory is a shared disk already.
type FormattedError struct{ Path, Cluster string }

func (e *FormattedError) Error() string {
	return fmt.Sprintf("%s is a disk of cluster %q already: expected a directory that is none; "+
		"remove it if its cluster is not needed any more", e.Path, e.Cluster)
}

// IdentityError says that a disk is not the one that it should be.
type IdentityError struct{ Path, Field, Found, Wanted string }

func (e *IdentityError) Error() string {
	return fmt.Sprintf("%s: its %s is %s: expected %s; check the order of the disks, and what is "+
		"mounted there", e.Path, e.Field, e.Found, e.Wanted)
}

// DuplicateError says that two of the disks are one.
type DuplicateError struct{ First, Second string }

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("%s and %s are the same directory: expected a disk of its own for each",
		e.First, e.Second)
}

// CorruptError says that a file does not hold what was written there.
type CorruptError struct{ File, What string }

func (e *CorruptError) Error() string {
	return fmt.Sprintf("%s is corrupt: %s; replace the disk, or remove the file if its loss is "+
		"the only failure of a disk in the cluster", e.File, e.What)
}

// LockedError says that a process with the same id uses a disk.
type LockedError struct {
	File string
	Err  error
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("%s is locked (%v): expected no other process with this id, or one that "+
		"is about to end", e.File, e.Err)
}

// Unwrap returns the error of the file system.
func (e *LockedError) Unwrap() error { return e.Err }

// CountError says that there are not enough disks to begin with.
type CountError struct{ Count int }

func (e *CountError) Error() string {
	return "there are " + strconv.Itoa(e.Count) + " disks: expected at least 1, and 3 to do " +
		"without one of them"
}

package storage

import (
	"fmt"

	"paxon/process"
)

// CorruptError reports that a file is not what was written to it, so that promises of this
// process may be lost. Open has changed neither log nor identity when it returns one.
type CorruptError struct {
	// File is the path of the damaged or missing file.
	File string
	// Offset is the first byte that cannot be read, in bytes from the beginning of File.
	Offset int64
	// What says what came and what was expected.
	What string
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("%s is corrupt at offset %d: %s; restore the file as it was, or give up "+
		"this process: its promises are lost, so it must not start on an empty or older directory",
		e.File, e.Offset, e.What)
}

// IdentityError reports a directory that belongs to something else than was asked for.
type IdentityError struct {
	// Dir is the directory and Field what differs: format, cluster, process or variant.
	Dir, Field string
	// Found is what the directory holds and Wanted what Open was called with.
	Found, Wanted string
}

func (e *IdentityError) Error() string {
	return fmt.Sprintf("%s belongs to %s %s, not to %s %s: give this process its own directory",
		e.Dir, e.Field, e.Found, e.Field, e.Wanted)
}

// RecordsError reports a directory whose records this build cannot read.
type RecordsError struct {
	Dir string
	// Found is the form of the records in it, and Wanted that of this build.
	Found, Wanted string
}

func (e *RecordsError) Error() string {
	return fmt.Sprintf("%s holds records of the form %s, not of %s: run the build that has written them, "+
		"or give up this process, and have another one with an id and a directory of its own in its place",
		e.Dir, e.Found, e.Wanted)
}

// ForeignError reports a directory that is not empty and was not made by this package.
type ForeignError struct {
	// Dir is the directory and File one of the things found in it.
	Dir, File string
}

func (e *ForeignError) Error() string {
	return fmt.Sprintf("%s holds %s but no %s: it is not the directory of a process, "+
		"give an empty or a new one", e.Dir, e.File, identityName)
}

// LockedError reports a directory that a running process uses.
type LockedError struct {
	Dir string
	Err error
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("%s is in use by another running process (%v): "+
		"stop that one, or give this one its own directory", e.Dir, e.Err)
}

func (e *LockedError) Unwrap() error { return e.Err }

// CrashStopError reports a second start where there may be only one: a crash-stop process
// keeps no forced log and never comes back.
type CrashStopError struct {
	Dir         string
	Incarnation process.Incarnation
}

func (e *CrashStopError) Error() string {
	return fmt.Sprintf("%s was used by a process that started %d time(s), and a crash-stop process "+
		"never comes back: start a new process with an id and a directory of its own, "+
		"or use a variant with stable storage from the beginning", e.Dir, e.Incarnation)
}

// FailedError reports that the storage no longer accepts anything, because one write or force
// failed: what of it reached the disk is unknown, and only a restart finds out.
type FailedError struct {
	Err error
}

func (e *FailedError) Error() string {
	return fmt.Sprintf("stable storage failed (%v): nothing is durable from here on; "+
		"make room on the disk or replace it, then restart the process", e.Err)
}

func (e *FailedError) Unwrap() error { return e.Err }

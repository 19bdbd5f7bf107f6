// Package storage is the stable storage of one process (§2.1) in one directory: its identity,
// its forced log, and the history of what it delivered.
//
//	Implements   process.Disk and tob.History, at the level of bytes
//	Uses         a file system with a force (fdatasync), and an exclusive lock on a file
//
//	Requests     Open, Put, Forget, Force, Stored, History (Append, Force, Read, Truncate)
//	Indications  done of a Force, Failed
//
// Properties:
//
//	S1  durability    what a done(nil) covered is there after every crash
//	S2  order         Puts become durable in their order: a crash leaves a prefix of them
//	S3  at most once  done runs at most once, in the order of the Forces
//	S4  fail-stop     after a failed write or force nothing is reported durable any more
//	S5  integrity     Open gives the records that were put, or an error that names the file
//	S6  ownership     one process at a time, and always the same one, uses a directory
//	S7  bounds        segments ≤ 4·live bytes/segment size + a constant
//
// Assumptions: a force makes durable what was written before it; a crash damages only 4 KiB
// pages that were written since the last force, and leaves of each the old or the new content.
//
// # Files
//
//	LOCK             locked while a process uses the directory
//	identity.json    whose directory it is, its incarnation, its newest log segment
//	log/*.seg        segments of the forced log, in the order of their numbers
//	log/*.spare      zero-filled or used-up segments, to be overwritten by the next ones
//	history.json     the instance up to which the history was last forced
//	history/         the delivered history, a Pebble database without a log of its own
//
// # The forced log
//
// A segment is a sequence of records in the format of Pebble's log (blocks of 32 KiB, chunks
// with a checksum and the number of the log, so that remains in a file used again are not
// taken for data). Pebble's Reader reads it. It is written by a writer of our own, because a
// force then costs one goroutine switch, one write and one fdatasync, and because each chunk
// can state exactly how far the segment was durable when it was written, which Pebble's
// LogWriter (v2.1.7) does not: whole blocks are missing from its count.
//
// The first record of a segment is its header: the segments that the log consists of besides
// this one, with their exact lengths, and the keys below which each space has forgotten. A
// new segment is begun at every Open and whenever the last one is full. At that moment old
// segments without a live record drop out of the list, and live records of the emptiest ones
// are copied if there are too many segments. A file is used again only once the header that
// no longer lists it is durable.
//
// # What damage is detected
//
// In all segments but the newest, any: their lengths are known. In the newest one, any before
// the last force: a later chunk, or identity.json, says that those bytes were durable. Damage
// to the very last force cannot be told from a crash in the middle of it: the log then ends
// before that force. Damage behind the end is never looked at. After a [CorruptError] nothing
// has been changed in the directory.
package storage

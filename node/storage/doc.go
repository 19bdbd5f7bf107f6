// Package storage is the stable storage of one process (§2.1) in one directory: its identity,
// its forced log, and the history of what it delivered.
//
//	Implements   process.Disk and tob.History, at the level of bytes
//	Uses         a file system with a force (fdatasync), and an exclusive lock on a file
//
//	Requests     Open, Put, PutValue, Forget, Force, ForceNow, Stored,
//	             History (Append, Force, Read, ReadAt, Stored, Truncate)
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
//	S7  bounds        segments that hold live records ≤ 4·live bytes/segment size + a constant;
//	                  others only as far as the history is in them
//	S8  history       what is read of the history is what was appended, or an error that names
//	                  the file; after a crash it is a prefix of what was appended, and no
//	                  shorter than at the last done(nil) of its Force
//
// Assumptions: a force makes durable what was written before it; a crash damages only 4 KiB
// pages that were written since the last force, and leaves of each the old or the new content.
//
// # Files
//
//	LOCK             locked while a process uses the directory
//	identity.json    whose directory it is, its incarnation, its own name, the form of its records,
//	                 and the newest log segment at the last Open
//	newest           the number of the newest log segment
//	peers.json       which directories the peers had when they were first seen
//	log/*.seg        segments of the log, in the order of their numbers
//	log/*.spare      zero-filled or used-up segments, to be overwritten by the next ones
//	history/         where in the log the batches of the history are: a Pebble database
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
// this one, each with its exact length, the highest instance whose batch is in it, and
// whether it may hold live records; and the keys below which each space has forgotten. A new
// segment is begun at every Open and whenever the last one is full. At that moment old
// segments without a live record and without a batch of the history drop out of the list,
// and live records of the emptiest ones are copied if too many hold some. A file is used
// again only once the header that no longer lists it is durable. The next file gets its name
// once half of the newest segment is written, and a segment with little room left is given
// up between two forces, so that its successor's header is forced with what comes next and
// nobody waits for a segment to begin, unless live records are to be copied. Open reads those
// segments that may hold live records, and a file that was got ready, and so takes no longer
// for a longer history.
//
// # The history
//
// A batch is written once: as the value of a put that a register needs anyway, or for the
// history alone. A row says where: segment, offset and length. Rows are in a table by instance,
// which is never forced for the sake of a Force: that puts the rows since the last one into the
// log, as a record in a space of its own, so that it takes part in the group force. Now and then
// the table is flushed in the background, and then these records are forgotten, but for the
// newest one. While a flush goes on and the table has too much in memory, what is to be forced
// waits until that is over, or has failed. The newest record says how far the history is good:
// Open sets the rows again that the records have, and drops those behind, whose batches need not
// be durable.
//
// The last batches stay in memory, without a copy: those whose rows are not yet in the table, and
// as many more as Options.TailBytes has room for, but some hundred at most. Who reads further behind
// reads the segments.
// There every chunk is checked, and has the number of its segment, and the entry has the
// instance: a row needs no checksum of its own, and where a file was truncated away and used again
// under a slow reader, this shows.
//
// # What damage is detected
//
// In a segment with live records but the newest, any: their lengths are known. In one that
// has only batches, when these are read; that it is missing, at Open. In the newest one, any
// before the last force: a later chunk, or the file newest, says that those bytes were
// durable. Damage to the very last force cannot be told from a crash in the middle of it:
// the log then ends before that force. The newest segment as a whole is not missed until
// the file newest tells of it, which is written beside what goes on from the segment's first
// force on, and before the first force of the next one is done.
// Damage behind the end is never looked at. After a [CorruptError] of Open nothing has been
// changed in the directory, but that Pebble may have begun files of its own.
package storage

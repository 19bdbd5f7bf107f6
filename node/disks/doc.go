// Package disks is the shared disks of Summer (§6.3) for real: each is a directory, on a local disk
// or on one that all processes mount, such as an NFS share.
//
//	Implements   process.Disks[B], by Open
//	Uses         the file system; one goroutine for each disk
//	Requests     Format once for the whole cluster; Count, Write, Read, Forget, Status, Close
//	Indications  done of each operation, by Config.Post; Config.Report
//
// A disk is laid out so that each process writes in a directory of its own alone:
//
//	disk.json      whose disk it is, and which of how many
//	p2/lock        locked by p2 while it runs
//	p2/17          p2's block of key 17
//	p2/floor       p2 needs no block below this key any more
//
// A block is written to a temporary file that is forced, renamed and forced again with its directory,
// so that whoever reads sees the old block or the new one. It carries a checksum, its key
// and its owner. A block that does not pass them is a failure of the disk, and never data.
//
// Properties: those of process.Disks. Every error, be it of the file system or of what is stored
// there, is a failure of the disk: it is reported once, and the operation is tried again every
// Config.Retry until it succeeds or is cancelled. So it is with a disk that is missing when a process
// starts. A disk that hangs holds up its own goroutine only.
//
// Assumptions: a directory's rename is atomic and its fsync durable (for NFS: a server with stable
// storage, mounted hard and without caches: hard,noac,lookupcache=none). What waits for a disk is
// bounded by its user: some operations for each open instance, and a look.
//
// A block is removed by its owner once all processes have forgotten its key. A process that is
// down therefore keeps the others' blocks on the disks, for it may come to need them.
package disks

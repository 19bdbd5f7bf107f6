package storage

import "github.com/cockroachdb/pebble/v2/vfs"

// Options are the knobs of a Storage. The zero value of each asks for its default.
type Options struct {
	// FS is the file system, the operating system's by default.
	FS vfs.FS
	// Volatile is for a crash-stop process: its log has only the batches of the history and is
	// never forced, and the directory can be opened only once.
	Volatile bool
	// Unforced makes every force a lie: what is written reaches the operating system, which
	// writes it to the disk when it likes. It is for measuring what forces cost. A process that
	// is killed loses nothing, but after a crash of the machine a promise may be forgotten and
	// then broken, and the cluster may deliver different sequences at different processes.
	Unforced bool
	// SegmentBytes is the length of a segment of the log, 64 MiB by default. A record that is
	// longer gets a longer segment of its own.
	SegmentBytes int64
	// Spares is how many files of SegmentBytes are kept at most to be overwritten, 2 by
	// default, besides the one that is ready for the next segment.
	Spares int
	// Prepared is how many of these Open makes and fills with zeros, if there are fewer, 0 by
	// default, Spares at most. Without them a log that grows writes zeros to each file first,
	// beside what is forced.
	Prepared int
	// TailBytes is how much of the end of the history stays in memory for those that read it
	// as it grows, 4 MiB by default, of at most 256 batches. Up to a quarter more stays, or
	// another 256 batches, and what is not yet written.
	TailBytes int
	// MemTableBytes bounds what the table of the history's rows holds in memory before it
	// writes it out, 1 MiB by default. Up to four times that is in memory while the disk is
	// behind. A row takes some tens of bytes.
	MemTableBytes uint64
	// CacheBytes bounds what is kept in memory of the rows that were read, 1 MiB by default.
	CacheBytes int64
	// Reading, if it is not nil, hears from Open how many segments of the log were read, of those that
	// must be.
	Reading func(segments, of int)
}

// withDefaults returns the options with the defaults filled in.
func (o Options) withDefaults() Options {
	if o.FS == nil {
		o.FS = vfs.Default
	}
	if o.Unforced {
		o.FS = unforcedFS{o.FS}
	}
	if o.SegmentBytes <= 0 {
		o.SegmentBytes = 64 << 20
	}
	if o.Spares <= 0 {
		o.Spares = 2
	}
	if o.TailBytes <= 0 {
		o.TailBytes = 4 << 20
	}
	if o.MemTableBytes == 0 {
		o.MemTableBytes = 1 << 20
	}
	if o.CacheBytes <= 0 {
		o.CacheBytes = 1 << 20
	}
	return o
}

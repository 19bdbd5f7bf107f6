package storage

import (
	"cmp"
	"crypto/rand"
	"io"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"

	"paxon/node/durable"
	"paxon/process"
)

// What a directory holds.
const (
	lockName     = "LOCK"
	identityName = "identity.json"
	peersName    = "peers.json"
	logName      = "log"
	historyName  = "history"
	newestName   = "newest"
)

// Storage is the stable storage of one process.
type Storage struct {
	// History is the delivered history.
	History *History

	fs        vfs.FS
	dir       string
	lock      io.Closer
	identity  identity
	newest    *newest // nil if the storage is volatile
	records   string  // The form that Stamp writes down.
	started   process.Incarnation
	directory string
	failure   *failure
	forcer    *forcer
	volatile  bool
	peers     *peers
}

// Open opens the directory of the process id, or makes one of a directory that is empty or
// does not exist. The process has its new incarnation durably when Open returns. Errors are a
// *LockedError, *ForeignError, *IdentityError, *RecordsError, *CrashStopError or *CorruptError, or
// the file system's.
func Open(dir string, id Identity, opts Options) (*Storage, error) {
	opts = opts.withDefaults()
	s := &Storage{fs: opts.FS, dir: dir, failure: newFailure(), volatile: opts.Volatile}
	if err := makeDir(s.fs, dir); err != nil {
		return nil, err
	}
	if err := s.refuseForeign(); err != nil {
		return nil, err
	}
	lock, err := s.fs.Lock(s.path(lockName))
	if err != nil {
		return nil, &LockedError{Dir: dir, Err: err}
	}
	s.lock = lock
	if err := s.open(id, opts); err != nil {
		return nil, closeAfter(err, s)
	}
	return s, nil
}

func (s *Storage) path(name string) string { return s.fs.PathJoin(s.dir, name) }

// refuseForeign refuses a directory that holds anything that an interrupted first Open does
// not leave.
func (s *Storage) refuseForeign() error {
	names, err := s.fs.List(s.dir)
	if err != nil {
		return err
	}
	foreign := ""
	for _, name := range names {
		switch name {
		case identityName:
			return nil
		case lockName, identityName + tempSuffix:
		default:
			if foreign == "" || strings.Compare(name, foreign) < 0 {
				foreign = name
			}
		}
	}
	if foreign != "" {
		return &ForeignError{Dir: s.dir, File: foreign}
	}
	return nil
}

// open does what needs the lock.
func (s *Storage) open(id Identity, opts Options) error {
	if err := s.identify(id, opts.Volatile); err != nil {
		return err
	}
	fs := s.fs
	if opts.Volatile {
		fs = unforcedFS{fs} // Only the identity is durable.
	}
	var err error
	if s.peers, err = openPeers(fs, s.path(peersName)); err != nil {
		return err
	}
	if !opts.Volatile {
		if s.newest, err = readNewest(s.fs, s.path(newestName)); err != nil {
			return err
		}
	}
	log, err := s.openLog(fs, opts)
	if err != nil {
		return err
	}
	keeper, err := openKeeper(fs, s.path(historyName), log, opts, s.failure)
	if err != nil {
		return closeAfter(err, log)
	}
	if s.newest != nil {
		err = s.newest.make()
	}
	if err == nil {
		err = log.begin(opts.Prepared)
	}
	if err == nil {
		err = s.identity.change(func(f *identityFile) {
			f.Incarnation++
			f.CrashStop = opts.Volatile
			if s.newest != nil {
				f.Segment = log.newest.number
			}
			f.Directory = cmp.Or(f.Directory, rand.Text())
			s.started, s.directory = f.Incarnation, f.Directory
		})
	}
	if err != nil {
		return closeAfter(closeAfter(err, keeper.table), log)
	}
	s.forcer = startForcer(log, keeper, s.failure)
	s.History = newHistory(s.forcer)
	return nil
}

// Stamp writes down the form of the records in a directory that does not tell it. It is for whoever has
// read them all: otherwise a build that cannot read them would shut out the one that has written them. It
// comes before anything is put.
func (s *Storage) Stamp() error {
	return s.identity.change(func(f *identityFile) { f.Records = cmp.Or(f.Records, s.records) })
}

// identify checks whose directory it is, or makes it that of id.
func (s *Storage) identify(id Identity, volatile bool) error {
	s.identity.fs, s.identity.path = s.fs, s.path(identityName)
	found, err := exists(s.fs, s.dir, identityName)
	if err != nil {
		return err
	}
	if !found {
		return s.identity.change(func(f *identityFile) {
			*f = identityFile{
				Format: FormatVersion, Cluster: id.Cluster, Process: id.Process, Variant: id.Variant,
				CrashStop: volatile, Directory: rand.Text(), Records: id.Records,
			}
		})
	}
	f, err := readIdentity(s.fs, s.identity.path)
	if err != nil {
		return err
	}
	if err := f.check(s.dir, id); err != nil {
		return err
	}
	if f.Incarnation > 0 && (volatile || f.CrashStop) {
		return &CrashStopError{Dir: s.dir, Incarnation: f.Incarnation}
	}
	s.identity.file, s.records = f, id.Records
	if f.Incarnation > 0 {
		return nil
	}
	return durable.SyncDir(s.fs, s.dir) // Who made it may have been killed before.
}

// openLog opens the log. Each of its segments is known before anything in the next one counts as durable,
// so that a segment that is gone is missed.
func (s *Storage) openLog(fs vfs.FS, opts Options) (*forcedLog, error) {
	dir, known := s.path(logName), s.identity.file.Segment // Which earlier builds keep up to date.
	if s.newest != nil {
		known = max(known, s.newest.number)
	}
	if known == 0 {
		if err := makeDir(s.fs, dir); err != nil {
			return nil, err
		}
	} else if found, err := exists(s.fs, s.dir, logName); err != nil {
		return nil, err
	} else if !found {
		return nil, &CorruptError{File: dir, What: "the log is missing, though the process used it"}
	}
	return openLog(fs, dir, opts, known, func(number uint32) {
		if s.newest != nil {
			s.newest.becomes(number, s.failure.set)
		}
	})
}

// Directory is what the directory is called, and no other is: it was drawn by lot. It is durable.
func (s *Storage) Directory() string { return s.directory }

// Recognize gives the directory that a peer had when it was first seen, which is the one that is given
// if it is seen for the first time; then that is durable when Recognize returns. It is safe for
// concurrent use.
func (s *Storage) Recognize(p process.ID, directory string) (first string, err error) {
	return s.peers.recognize(p, directory)
}

// Incarnation is that of this start of the process, 1 for the first.
func (s *Storage) Incarnation() process.Incarnation { return s.started }

// Err is the *FailedError that ended the service of the storage, nil while it serves. It is safe for
// concurrent use.
func (s *Storage) Err() error { return s.failure.get() }

// Failed gives the error that ended the service of the storage, once: a *FailedError.
func (s *Storage) Failed() <-chan error { return s.failure.report }

// Backlog is how many bytes of records were put, and of batches appended to the history that
// are not the value of a put, and are not yet written, or not yet durable if they are to be. It
// is safe for concurrent use.
func (s *Storage) Backlog() int { return int(s.forcer.backlog.Load()) }

// Stats are figures for a status page.
type Stats struct {
	// Segments is how many files the log consists of, Bytes what is written in them.
	Segments int
	Bytes    int64
	// Records is how many records are live, and RecordBytes what they take.
	Records     int
	RecordBytes int64
	// Forces counts the forces since Open, those not that found all durable.
	Forces uint64
	// Backlog is as in Storage.Backlog, in bytes.
	Backlog int
}

// Stats returns the figures as of the last force, none for a crash-stop process. It is safe
// for concurrent use.
func (s *Storage) Stats() Stats {
	if s.volatile {
		return Stats{}
	}
	s.forcer.mu.Lock()
	stats := s.forcer.stats
	s.forcer.mu.Unlock()
	stats.Backlog = s.Backlog()
	return stats
}

// Close ends all that was forced and frees the directory. What was put and not forced is
// lost. No method may be called any more, ReadAt of the history included.
func (s *Storage) Close() error {
	var err error
	if s.forcer != nil {
		s.forcer.close()
		s.History.readers.Wait()
		err = closeAfter(s.forcer.log.Close(), s.forcer.keeper.table)
	}
	if s.newest != nil {
		err = closeAfter(err, s.newest)
	}
	return closeAfter(err, s.lock)
}

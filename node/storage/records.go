package storage

// Put replaces the record at key in a space below 255, once a Force says so. It keeps rec, which
// must not change any more. It only buffers: see Backlog. Put, PutValue, Forget, Force, ForceNow
// and Stored are called by one goroutine, the same as the History's; a crash-stop process has
// none of them, and they panic.
func (s *Storage) Put(space byte, key uint64, rec []byte) { s.PutValue(space, key, nil, rec, nil) }

// PutValue is Put of the record head ‖ value ‖ tail. It copies head and tail, which should be
// short, and keeps value, which must not change any more.
func (s *Storage) PutValue(space byte, key uint64, head, value, tail []byte) {
	s.log().add(entry{
		kind: kindPut, space: checkSpace(space), key: key, head: head, value: value, tail: tail,
	})
}

// Forget drops the records of a space below a key. A crash may bring them back.
func (s *Storage) Forget(space byte, below uint64) {
	s.log().add(entry{kind: kindForget, space: checkSpace(space), key: below})
}

func checkSpace(space byte) byte {
	if space == rowsSpace {
		panic("storage: space 255 is that of the history")
	}
	return space
}

// Force has all that was put and forgotten before the call made durable, and then calls done,
// on a goroutine of the storage: done should only post to the caller's loop. Forces that
// wait for one that runs are done together. If the storage failed, now or before, done gets a
// *FailedError.
func (s *Storage) Force(done func(error)) { s.log().force(done) }

// ForceNow does what Force does before it returns, if no other force runs or waits: then all
// is durable, or err is a *FailedError. Else it does nothing, and forced is false. It saves two
// changes of goroutines where little goes on, and the caller waits for the disk.
func (s *Storage) ForceNow() (forced bool, err error) { return s.log().now() }

// Stored calls yield with the records of a space that Open found, in ascending order of keys,
// until yield returns false. The caller may keep and change a record. It is for constructors:
// it panics after the first Force, when what Open found is let go. If a record cannot be read
// again, the storage fails, and the rest is not given.
func (s *Storage) Stored(space byte, yield func(key uint64, rec []byte) bool) {
	f := s.log()
	if f.stored == nil {
		panic("storage: Stored is called after the first Force")
	}
	r := segmentReader{handles: f.log.files}
	defer r.close()
	for _, at := range f.stored[space] {
		rec, err := r.record(at)
		if err != nil {
			s.failure.set(f.log.files.explain(err))
			return
		}
		if !yield(at.key, rec) {
			return
		}
	}
}

func (s *Storage) log() *forcer {
	if s.volatile {
		panic("storage: a crash-stop process has no forced log")
	}
	return s.forcer
}

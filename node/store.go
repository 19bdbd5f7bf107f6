package node

import (
	"fmt"
	"time"

	"paxon/process"
	"paxon/wire"
)

// forcedLog is what the store needs of the storage.
type forcedLog interface {
	Put(space byte, key uint64, rec []byte)
	Forget(space byte, below uint64)
	Stored(space byte, yield func(key uint64, rec []byte) bool)
	Force(done func(error))
	Backlog() int
}

const (
	// maxBacklog is how many bytes may be put and not durable before the loop takes no more
	// packets: about what a disk forces in a tenth of a second.
	maxBacklog = 16 << 20
	// maxForce is how long a force may take in a process that is healthy.
	maxForce = 3 * time.Second
)

// store implements process.Store over the forced log. All its methods but forced run on the
// loop.
type store struct {
	log   forcedLog
	codec *wire.Codec
	post  func(call func()) bool
	now   func() time.Time

	put      bool       // Something was put since the last force.
	dones    []func()   // Of what was put since the last force.
	forcing  [][]func() // The dones of each force that runs, in order.
	spare    []func()
	progress time.Time // When the oldest force that runs had nothing before it.
	complete func()    // completed, made a function value once.
	err      error     // What is stored cannot be read.
}

func newStore(
	log forcedLog, codec *wire.Codec, post func(call func()) bool, now func() time.Time,
) *store {
	s := &store{log: log, codec: codec, post: post, now: now}
	s.complete = s.completed
	return s
}

// Put implements process.Store.
func (s *store) Put(space process.Space, key uint64, record process.Record, done func()) {
	rec, err := s.codec.Append(nil, record)
	if err != nil {
		panic(fmt.Sprintf("node: a record of space %d cannot be stored: %v", space, err))
	}
	s.log.Put(byte(space), key, rec)
	s.put = true
	if done != nil {
		s.dones = append(s.dones, done)
	}
}

// Forget implements process.Store. It asks for no force: the next one takes it along.
func (s *store) Forget(space process.Space, below uint64) { s.log.Forget(byte(space), below) }

// Stored implements process.Store. What cannot be decoded ends it and is kept in err, for Open
// to find.
func (s *store) Stored(space process.Space, yield func(key uint64, record process.Record) bool) {
	s.log.Stored(byte(space), func(key uint64, rec []byte) bool {
		record, err := s.codec.Decode(rec)
		if err != nil {
			s.err = fmt.Errorf("node: the record at key %d of space %d: %w", key, space, err)
			return false
		}
		return yield(key, record)
	})
}

// force has all that was put in this turn forced together.
func (s *store) force() {
	if !s.put {
		return
	}
	if len(s.forcing) == 0 {
		s.progress = s.now()
	}
	s.forcing = append(s.forcing, s.dones)
	s.put, s.dones, s.spare = false, s.spare, nil
	s.log.Force(s.forced)
}

// forced runs on a goroutine of the storage. A failure comes to the node through the
// storage's Failed; here it only means that nothing is acknowledged.
func (s *store) forced(err error) {
	if err == nil {
		s.post(s.complete)
	}
}

// completed runs the dones of the oldest force.
func (s *store) completed() {
	dones := s.forcing[0]
	s.forcing[0] = nil
	s.forcing = s.forcing[1:]
	s.progress = s.now()
	for _, done := range dones {
		done()
	}
	s.spare = emptied(dones)
}

// healthy says whether the disk makes progress.
func (s *store) healthy() bool {
	return len(s.forcing) == 0 || s.now().Sub(s.progress) < maxForce
}

// behind says whether so much is not yet durable that no more should come. It is safe for
// concurrent use.
func (s *store) behind() bool { return s.log.Backlog() > maxBacklog }

package node

import (
	"bytes"
	"fmt"
	"maps"
	"time"

	"paxon/node/storage"
	"paxon/process"
	"paxon/wire"
)

// forcedLog is what the store needs of the storage.
type forcedLog interface {
	PutValue(space byte, key uint64, head, value, tail []byte)
	Forget(space byte, below uint64)
	Stored(space byte, yield func(key uint64, rec []byte) bool)
	Force(done func(error))
	ForceNow() (forced bool, err error)
	Backlog() int
}

const (
	// maxBacklog is how many bytes may be put and not durable before the loop takes no more
	// packets: about what a disk forces in a tenth of a second.
	maxBacklog = 16 << 20
	// forceNowBytes is how much is forced on the loop at most.
	forceNowBytes = 64 << 10
	// paceRecords is after how many records that were read it is looked at the time.
	paceRecords = 1 << 10
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

	atOnce  bool   // A force takes no time worth another goroutine.
	scratch []byte // Of Put.
	// values are what was put of the batches that are not delivered yet, by instance.
	values map[uint64][]byte

	put        int                         // Bytes, at least one for each record, put since the last force.
	dones      []func()                    // Of what was put since the last force.
	memory     process.Derived[[][]func()] // Of forcing.
	forcing    [][]func()                  // The dones of each force that runs, in order.
	spare      []func()
	progress   time.Time   // When the oldest force that runs had nothing before it.
	complete   func()      // completed, made a function value once.
	toldForced func(error) // forced, likewise.
	err        error       // What is stored cannot be read.

	// pace tells, if it is not nil, how many records were read back, and records how many there are.
	pace    *pace
	records int
	read    int
}

func newStore(
	log forcedLog, codec *wire.Codec, post func(call func()) bool, now func() time.Time,
) *store {
	s := &store{log: log, codec: codec, post: post, now: now, values: map[uint64][]byte{}}
	s.complete, s.toldForced = s.completed, s.forced
	return s
}

// Put implements process.Store.
func (s *store) Put(space process.Space, key uint64, record process.Record, done func()) {
	b, cut, value, err := s.codec.AppendApart(s.scratch[:0], record, 0)
	if err != nil {
		panic(fmt.Sprintf("node: a record of space %d cannot be stored: %v", space, err))
	}
	s.log.PutValue(byte(space), key, b[:cut], value, b[cut:])
	if byte(space) == storage.BatchSpace {
		s.values[key] = value
	}
	s.scratch = b[:0]
	s.put += len(b) + len(value)
	if done != nil {
		s.dones = append(s.dones, done)
	}
}

// took says whether a batch is what was put last for its instance. It is asked once for each, when
// the instance is delivered.
func (s *store) took(instance uint64, batch []byte) bool {
	value := s.values[instance]
	delete(s.values, instance)
	if len(value) == 0 || len(value) != len(batch) {
		return false
	}
	return &value[0] == &batch[0] || bytes.Equal(value, batch)
}

// Forget implements process.Store. It asks for no force: the next one takes it along.
func (s *store) Forget(space process.Space, below uint64) {
	if byte(space) == storage.BatchSpace { // What was put after its instance was delivered.
		maps.DeleteFunc(s.values, func(key uint64, _ []byte) bool { return key < below })
	}
	s.log.Forget(byte(space), below)
}

// Stored implements process.Store. What cannot be decoded ends it and is kept in err, for Open
// to find.
func (s *store) Stored(space process.Space, yield func(key uint64, record process.Record) bool) {
	s.log.Stored(byte(space), func(key uint64, rec []byte) bool {
		record, err := s.codec.Decode(rec)
		if err != nil {
			s.err = &RecordError{Space: space, Key: key, Err: err}
			return false
		}
		if s.read++; s.pace != nil && s.read%paceRecords == 0 {
			s.pace.tell("reading what is stored", s.read, s.records)
		}
		return yield(key, record)
	})
}

// force has all that was put in this turn forced together. Where that is little, and the loop has
// nothing else to do, or where a force takes no time, it is done here; then done is true, and the
// dones have run.
func (s *store) force(idle bool) (done bool) {
	if s.put == 0 {
		return false
	}
	if s.atOnce || idle && s.put <= forceNowBytes {
		if forced, err := s.log.ForceNow(); forced {
			dones := s.dones
			s.put, s.dones, s.spare = 0, s.spare, nil
			if err == nil {
				s.run(dones)
			}
			return err == nil
		}
	}
	if len(s.forcing) == 0 {
		s.progress = s.now()
	}
	s.forcing = process.Push(s.forcing, &s.memory, s.dones)
	s.put, s.dones, s.spare = 0, s.spare, nil
	s.log.Force(s.toldForced)
	return false
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
	s.run(dones)
}

// run calls the dones of what is durable.
func (s *store) run(dones []func()) {
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

package disks

import (
	"sync"
	"time"

	"paxon/process"
)

// Config says which disks a process shares with which others.
type Config[B any] struct {
	// Cluster is the name that the disks were formatted with.
	Cluster string
	// Process is the id of this process; Processes are those of all, in ascending order.
	Process   process.ID
	Processes []process.ID
	// Paths are the directories of the disks, in the order in which they were formatted.
	Paths []string
	// Encode appends a block to dst; Decode takes one from bytes that are its own. They are called
	// on several goroutines.
	Encode func(dst []byte, b B) ([]byte, error)
	Decode func(encoded []byte) (B, error)
	// Post has a call run on the loop, or drops it when the loop has ended.
	Post func(call func()) bool
	// Report hears when a disk fails, once until it works again, and then with a nil error. The
	// disks are numbered from 0. It is called on several goroutines; nil is for nobody.
	Report func(disk int, path string, err error)
	// Retry is the time between two tries of an operation that fails, by default 200 ms.
	Retry time.Duration
}

const defaultRetry = 200 * time.Millisecond

// Status is how a disk does.
type Status struct {
	Path string
	// Err is why it fails, nil if it does not.
	Err error
	// Waiting is how many operations are not done.
	Waiting int
	// Busy is for how long the operation that the disk is at has been tried, 0 if there is none. A
	// disk that hangs has a nil Err and is busy.
	Busy time.Duration
}

// Disks implements process.Disks on directories. Its methods are for the loop, but Status and
// Close are safe for concurrent use.
type Disks[B any] struct {
	config  Config[B]
	volumes []*volume
	stop    func() // Has all volumes end, once.
}

// Open begins to use disks. Some may be missing and are used when they come. The error is a
// *DuplicateError, a *CountError, an *IdentityError if a disk is not the one that it should be, a
// *CorruptError if it does not say what it is, or an *UnformattedError if none does.
func Open[B any](c Config[B]) (*Disks[B], error) {
	if len(c.Paths) == 0 {
		return nil, &CountError{0}
	}
	if err := checkDistinct(c.Paths); err != nil {
		return nil, err
	}
	set, err := findSet(c.Cluster, c.Paths)
	if err != nil {
		return nil, err
	}
	if c.Retry == 0 {
		c.Retry = defaultRetry
	}
	d := &Disks[B]{config: c}
	for i, path := range c.Paths {
		report := func(error) {}
		if c.Report != nil {
			report = func(err error) { c.Report(i, path, err) }
		}
		v := &volume{
			path: path, self: c.Process, all: c.Processes, retry: c.Retry, report: report,
			wanted: identity{formatVersion, c.Cluster, set, i + 1, len(c.Paths)},
			wake:   make(chan struct{}, 1), closed: make(chan struct{}), ended: make(chan struct{}),
		}
		d.volumes = append(d.volumes, v)
		go v.run()
	}
	d.stop = sync.OnceFunc(func() {
		for _, v := range d.volumes {
			close(v.closed)
		}
	})
	return d, nil
}

// findSet checks the disks that are there, and finds out which were formatted together.
func findSet(cluster string, paths []string) (set string, err error) {
	var missing error
	for i, path := range paths {
		wanted := identity{formatVersion, cluster, set, i + 1, len(paths)}
		id, err := identify(path)
		switch {
		case isUnformatted(err):
			missing = err
			continue
		case err != nil:
			return "", err
		}
		if err := id.check(path, wanted); err != nil {
			return "", err
		}
		set = id.Set
	}
	if set == "" {
		return "", missing
	}
	return set, nil
}

// Count is process.Disks.
func (d *Disks[B]) Count() int { return len(d.volumes) }

// Write is process.Disks.
func (d *Disks[B]) Write(disk int, key uint64, block B, done func()) (cancel func()) {
	encoded, err := d.config.Encode(header(key, d.config.Process), block)
	if err != nil {
		panic("disks: a block cannot be stored: " + err.Error())
	}
	seal(encoded)
	r := &request{try: func(u *use) error { return u.write(key, encoded) }}
	r.done = func() { d.post(r, done) }
	return d.volumes[disk].ask(r)
}

// Read is process.Disks.
func (d *Disks[B]) Read(
	disk int, key uint64, done func(blocks []process.Block[B]),
) (cancel func()) {
	var blocks []process.Block[B]
	r := &request{try: func(u *use) error {
		blocks = nil
		return u.read(key, func(owner process.ID, encoded []byte) error {
			b, err := d.config.Decode(encoded)
			blocks = append(blocks, process.Block[B]{Owner: owner, Block: b})
			return err
		})
	}}
	r.done = func() { d.post(r, func() { done(blocks) }) }
	return d.volumes[disk].ask(r)
}

// post has done called on the loop, unless the request is cancelled there before.
func (d *Disks[B]) post(r *request, done func()) {
	d.config.Post(func() {
		if !r.cancelled.Load() {
			done()
		}
	})
}

// Forget is process.Disks. A later call takes the place of one that waits.
func (d *Disks[B]) Forget(below uint64) {
	for _, v := range d.volumes {
		v.forget(below)
	}
}

// Status is how each disk does, in the order of the configuration.
func (d *Disks[B]) Status() []Status {
	var all []Status
	for _, v := range d.volumes {
		all = append(all, v.status())
	}
	return all
}

// Close ends the use of the disks. Operations under way are not waited for longer than the time
// given: a disk that hangs cannot be interrupted, and stays locked until it answers or the
// program ends.
func (d *Disks[B]) Close(patience time.Duration) {
	d.stop()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for _, v := range d.volumes {
		select {
		case <-v.ended:
		case <-timeout.C:
			return
		}
	}
}

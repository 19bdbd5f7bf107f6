package storage

// run does all work that waits, together, one time after the other until close. A fatal error of
// the table of rows ends the goroutine; then another one goes on, to tell those who wait.
func (f *forcer) run() {
	ended := false
	defer func() {
		if !ended {
			go f.run()
		}
	}()
	if len(f.current) > 0 {
		f.tell(f.failure.get())
		f.release(false)
	}
	for f.take() {
		force := false
		for _, w := range f.current {
			force = force || w.done != nil
		}
		synced, err := f.write(f.current, force)
		f.tell(err)
		if err == nil {
			_ = f.settle() // What comes next finds the failure.
		}
		f.release(synced)
	}
	ended = true
	close(f.ended)
}

// take waits for work and takes it. It reports whether there was some before close.
func (f *forcer) take() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.queue) == 0 && !f.closing || f.busy {
		f.changed.Wait()
	}
	f.current, f.queue = f.queue, f.current[:0]
	f.busy = len(f.current) > 0
	return f.busy
}

// tell calls the dones of the current work.
func (f *forcer) tell(err error) {
	for _, w := range f.current {
		if done := w.done; done != nil {
			w.done = nil
			done(err)
		}
	}
}

// freeWork is how many pieces of work are kept to be used again.
const freeWork = 8

// release gives the current work back.
func (f *forcer) release(synced bool) {
	for _, w := range f.current {
		w.reset()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.free = append(f.free, f.current[:min(len(f.current), freeWork-len(f.free))]...)
	clear(f.current)
	f.current = f.current[:0]
	f.busy = false
	f.publish(synced)
	f.written.Broadcast()
}

// write writes what works hold, in order, and has it durable if force says so, unless the
// storage failed before. It reports whether anything was forced.
func (f *forcer) write(works []*work, force bool) (synced bool, err error) {
	if err := f.failure.get(); err != nil {
		return false, err
	}
	bytes := int64(0)
	for _, w := range works {
		bytes += w.bytes
	}
	synced, err = f.writeAll(works, force)
	if err == nil {
		err = f.failure.get() // Of what is written beside.
	}
	if err != nil {
		f.failure.set(err)
		return false, f.failure.get()
	}
	f.backlog.Add(-bytes)
	return synced, nil
}

func (f *forcer) writeAll(works []*work, force bool) (synced bool, err error) {
	for _, w := range works {
		if len(w.entries) == 0 {
			continue
		}
		if err := f.keeper.forget(); err != nil {
			return false, err
		}
		for i := range w.entries {
			if err := f.keeper.take(&w.entries[i]); err != nil {
				return false, err
			}
		}
	}
	if !force || f.log.durable() {
		return false, f.log.flush()
	}
	return true, f.log.sync()
}

// settle does what has time until those who waited were told.
func (f *forcer) settle() error {
	err := f.keeper.settle()
	if err == nil {
		err = f.log.rollEarly()
	}
	if err != nil {
		f.failure.set(err)
	}
	return f.failure.get()
}

// publish sets the figures. It is called by whoever writes, with the lock.
func (f *forcer) publish(synced bool) {
	forces := f.stats.Forces
	if synced {
		forces++
	}
	f.stats = Stats{
		Segments: len(f.log.older) + 1, Bytes: f.log.bytes + f.log.w.position(),
		Records: f.log.live.count, RecordBytes: f.log.live.bytes, Forces: forces,
	}
}

package storage

import "paxon/register"

// ReadAt returns batches in order from instance from on: at least one if from is within
// bounds, then as many as fit into maxBytes; none if from is out of bounds. They must not be
// changed. Those at the end of the history are not even copied, as far as Options.TailBytes says.
func (h *History) ReadAt(from register.Instance, maxBytes int) ([]register.Value, error) {
	if uint64(from) < h.first.Load() || uint64(from) >= h.next.Load() {
		return nil, nil
	}
	var batches []register.Value
	l, left := uint64(from), maxBytes
	for {
		if all, ok := h.tail.read(batches, l, left, len(batches) == 0); ok {
			return all, nil
		}
		if len(batches) > 0 && left <= 0 {
			return batches, nil
		}
		rows, err := h.table.read(l, h.tail.begins(), left)
		if err == nil && len(batches) > 0 && int(rows[0].length) > left {
			return batches, nil
		}
		var read []register.Value
		if err == nil {
			read, err = h.readRows(l, rows)
		}
		if err != nil {
			if uint64(from) < h.first.Load() {
				return nil, nil // It was truncated meanwhile, and its files used again.
			}
			return nil, h.files.explain(err)
		}
		batches = append(batches, read...)
		l += uint64(len(read))
		for _, b := range read {
			left -= len(b)
		}
	}
}

// readRows reads the batches of rows, of which the first is that of instance from, into one
// piece of memory.
func (h *History) readRows(from uint64, rows []row) ([]register.Value, error) {
	size := 0
	for _, r := range rows {
		size += int(r.skip) + int(r.length)
	}
	memory := make([]byte, size)
	batches := make([]register.Value, 0, len(rows))
	r := segmentReader{handles: h.files}
	defer r.close()
	for i, w := range rows {
		n := int(w.skip) + int(w.length)
		batch, err := r.batch(from+uint64(i), w, memory[:n:n])
		if err != nil {
			return nil, err
		}
		memory = memory[n:]
		batches = append(batches, batch)
	}
	return batches, nil
}

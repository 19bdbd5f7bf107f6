package fake

import "paxon/register"

// History is a tob.History that forces and reads when the test says so.
type History struct {
	First   register.Instance
	Batches []register.Value
	// Note hears of each operation when it is asked for; it may be nil.
	Note func(operation string)

	forces, reads []func()
}

// NewHistory makes an empty history.
func NewHistory() *History { return &History{First: 1} }

// Bounds is tob.History.
func (h *History) Bounds() (first, next register.Instance) {
	return h.First, h.First + register.Instance(len(h.Batches))
}

// Append is tob.History.
func (h *History) Append(batch register.Value) { h.Batches = append(h.Batches, batch) }

// Force is tob.History.
func (h *History) Force(done func()) {
	note(h.Note, "force")
	h.forces = append(h.forces, done)
}

// Forced completes the forces that were asked for.
func (h *History) Forced() {
	forces := h.forces
	h.forces = nil
	for _, done := range forces {
		done()
	}
}

// Read is tob.History.
func (h *History) Read(
	from register.Instance, maxBytes int, done func(batches []register.Value),
) {
	h.reads = append(h.reads, func() { done(h.read(from, maxBytes)) })
}

func (h *History) read(from register.Instance, maxBytes int) []register.Value {
	first, next := h.Bounds()
	if from < first || from >= next {
		return nil
	}
	kept := h.Batches[from-first:]
	n, size := 1, len(kept[0])
	for n < len(kept) && size+len(kept[n]) <= maxBytes {
		size += len(kept[n])
		n++
	}
	return kept[:n:n]
}

// Serve completes the reads that were asked for, and says how many there were.
func (h *History) Serve() int {
	reads := h.reads
	h.reads = nil
	for _, read := range reads {
		read()
	}
	return len(reads)
}

// Stored is tob.History.
func (h *History) Stored(
	from register.Instance, yield func(l register.Instance, batch register.Value) bool,
) {
	for i, batch := range h.Batches {
		if l := h.First + register.Instance(i); l >= from && !yield(l, batch) {
			return
		}
	}
}

// Truncate is tob.History.
func (h *History) Truncate(below register.Instance) {
	h.Batches, h.First = h.Batches[below-h.First:], below
}

package node

import (
	"paxon/node/storage"
	"paxon/register"
)

// history implements tob.History over the storage's, whose callbacks come on goroutines of its
// own.
type history struct {
	*storage.History
	store     *store // nil in crash-stop.
	retention *retention
	post      func(call func()) bool
	fail      func(err error)
	err       error // What is stored cannot be read, for Open to find.
}

// Append implements tob.History. A batch that a register holds is stored with it already.
func (h *history) Append(batch register.Value) {
	_, next := h.Bounds()
	h.retention.delivered(next, len(batch))
	h.History.Append(batch, h.store != nil && h.store.took(uint64(next), batch))
}

// Force implements tob.History. A failure comes to the node through the storage's Failed.
func (h *history) Force(done func()) {
	h.History.Force(func(err error) {
		if err == nil {
			h.post(done)
		}
	})
}

// Read implements tob.History.
func (h *history) Read(
	from register.Instance, maxBytes int, done func(batches []register.Value),
) {
	h.History.Read(from, maxBytes, func(batches []register.Value, err error) {
		if err != nil {
			h.fail(err)
			return
		}
		h.post(func() { done(batches) })
	})
}

// Stored implements tob.History.
func (h *history) Stored(
	from register.Instance, yield func(l register.Instance, batch register.Value) bool,
) {
	h.err = h.History.Stored(from, yield)
}

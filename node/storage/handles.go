package storage

import (
	"errors"
	"os"
	"sync"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// openFiles is how many segments are kept open to be read.
const openFiles = 8

// handles opens segments to be read, and keeps those open that were read last. It is safe for
// concurrent use.
type handles struct {
	fs  vfs.FS
	dir string

	mu   sync.Mutex
	open []*handle // the one used last is the last
}

// handle is an open segment.
type handle struct {
	vfs.File
	number uint32
	users  int  // besides the list
	listed bool // it is in the list
}

func (h *handles) path(number uint32) string {
	return h.fs.PathJoin(h.dir, fileName(number, segmentSuffix))
}

// explain makes a CorruptError of damage.
func (h *handles) explain(err error) error {
	if d, ok := errors.AsType[*damage](err); ok {
		return &CorruptError{File: h.path(d.number), Offset: d.offset, What: d.what}
	}
	return err
}

// get opens a segment; release gives it back. A file that is not there is a *damage.
func (h *handles) get(number uint32) (*handle, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, o := range h.open {
		if o.number == number {
			h.open = append(append(h.open[:i], h.open[i+1:]...), o)
			o.users++
			return o, nil
		}
	}
	f, err := h.fs.Open(h.path(number))
	if errors.Is(err, os.ErrNotExist) {
		return nil, &damage{number: number, what: "the segment is missing"}
	}
	if err != nil {
		return nil, err
	}
	o := &handle{File: f, number: number, users: 1, listed: true}
	h.open = append(h.open, o)
	if len(h.open) > openFiles {
		h.unlist(0)
	}
	return o, nil
}

func (h *handles) release(o *handle) {
	h.mu.Lock()
	defer h.mu.Unlock()
	o.users--
	o.closeUnused()
}

// forget closes a segment whose file is to be used again, once nobody reads it.
func (h *handles) forget(number uint32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, o := range h.open {
		if o.number == number {
			h.unlist(i)
			return
		}
	}
}

func (h *handles) unlist(i int) {
	o := h.open[i]
	h.open = append(h.open[:i], h.open[i+1:]...)
	o.listed = false
	o.closeUnused()
}

func (o *handle) closeUnused() {
	if o.users == 0 && !o.listed {
		_ = o.Close() // It was only read.
	}
}

// Close closes all. Nothing is read any more.
func (h *handles) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.open) > 0 {
		h.unlist(0)
	}
	return nil
}

// segmentReader reads entries of segments, one after the other.
type segmentReader struct {
	handles *handles
	blocks  *blockReader
	current *handle
}

// read fills p with the payload at an offset of a segment.
func (r *segmentReader) read(number uint32, p []byte, at int64) error {
	if r.current == nil || r.current.number != number {
		next, err := r.handles.get(number)
		if err != nil {
			return err
		}
		if r.current != nil {
			r.handles.release(r.current)
			r.blocks.change(next, number)
		} else {
			r.blocks = openBlocks(next, number)
		}
		r.current = next
	}
	return r.blocks.read(p, at)
}

// close ends the reading. It may be called if nothing was read.
func (r *segmentReader) close() {
	if r.current != nil {
		r.handles.release(r.current)
		r.blocks.free()
		r.current = nil
	}
}

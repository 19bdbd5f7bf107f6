package storage

import (
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// orderedFS makes Pebble's markers come after what they name. Pebble creates a manifest, then
// the marker file that names it, and forces the directory once for both: where a crash may
// keep either of two new files, the marker can be left without its manifest, and the database
// does not open. Forcing the directory before a marker is created rules that out.
type orderedFS struct{ vfs.FS }

// Create implements vfs.FS.
func (o orderedFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if strings.HasPrefix(o.PathBase(name), "marker.") {
		if err := syncDir(o.FS, o.PathDir(name)); err != nil {
			return nil, err
		}
	}
	return o.FS.Create(name, c)
}

// Unwrap implements vfs.FS.
func (o orderedFS) Unwrap() vfs.FS { return o.FS }

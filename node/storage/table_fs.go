package storage

import (
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"

	"paxon/node/durable"
)

// tableFS is the file system of the table of rows.
//
// It makes Pebble's markers come after what they name. Pebble creates a manifest, then the marker
// file that names it, and forces the directory once for both: where a crash may keep either of two
// new files, the marker can be left without its manifest, and the database does not open. Forcing
// the directory before a marker is created rules that out.
//
// And where a force of the directory fails, Pebble panics, on a goroutine of its own: fatal ends that
// goroutine instead.
type tableFS struct {
	vfs.FS
	fatal func(error)
}

// Create implements vfs.FS.
func (f tableFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if strings.HasPrefix(f.PathBase(name), "marker.") {
		if err := durable.SyncDir(f.FS, f.PathDir(name)); err != nil {
			return nil, err
		}
	}
	return f.FS.Create(name, c)
}

// OpenDir implements vfs.FS.
func (f tableFS) OpenDir(name string) (vfs.File, error) {
	d, err := f.FS.OpenDir(name)
	if err != nil {
		return nil, err
	}
	return tableDir{d, f.fatal}, nil
}

// Unwrap implements vfs.FS.
func (f tableFS) Unwrap() vfs.FS { return f.FS }

// tableDir is a directory of a tableFS.
type tableDir struct {
	vfs.File
	fatal func(error)
}

// Sync implements vfs.File.
func (d tableDir) Sync() error {
	if err := d.File.Sync(); err != nil {
		d.fatal(err)
	}
	return nil
}

package storage

import "github.com/cockroachdb/pebble/v2/vfs"

// unforcedFS is a file system on which a force does nothing.
type unforcedFS struct{ vfs.FS }

// Create implements vfs.FS.
func (u unforcedFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return unforced(u.FS.Create(name, c))
}

// Open implements vfs.FS.
func (u unforcedFS) Open(name string, opts ...vfs.OpenOption) (vfs.File, error) {
	return unforced(u.FS.Open(name, opts...))
}

// OpenReadWrite implements vfs.FS.
func (u unforcedFS) OpenReadWrite(
	name string, c vfs.DiskWriteCategory, opts ...vfs.OpenOption,
) (vfs.File, error) {
	return unforced(u.FS.OpenReadWrite(name, c, opts...))
}

// OpenDir implements vfs.FS.
func (u unforcedFS) OpenDir(name string) (vfs.File, error) { return unforced(u.FS.OpenDir(name)) }

// ReuseForWrite implements vfs.FS.
func (u unforcedFS) ReuseForWrite(
	from, to string, c vfs.DiskWriteCategory,
) (vfs.File, error) {
	return unforced(u.FS.ReuseForWrite(from, to, c))
}

// Unwrap implements vfs.FS.
func (u unforcedFS) Unwrap() vfs.FS { return u.FS }

// unforcedFile is a file of an unforcedFS.
type unforcedFile struct{ vfs.File }

func unforced(f vfs.File, err error) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	return unforcedFile{f}, nil
}

// Sync implements vfs.File.
func (unforcedFile) Sync() error { return nil }

// SyncData implements vfs.File.
func (unforcedFile) SyncData() error { return nil }

// SyncTo implements vfs.File.
func (unforcedFile) SyncTo(int64) (fullSync bool, err error) { return true, nil }

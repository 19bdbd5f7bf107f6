package durable

import (
	"errors"
	"io"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// TempSuffix marks a file that is not yet what it is to become.
const TempSuffix = ".tmp"

// Replace has the file at path hold content, durably when it returns. A crash leaves the old file or
// the new one, and so does a failure; what a crash may leave besides is a file with TempSuffix.
func Replace(fs vfs.FS, path string, content []byte) error {
	return ReplaceBy(fs, path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// ReplaceBy is Replace by what is written.
func ReplaceBy(fs vfs.FS, path string, write func(io.Writer) error) error {
	f, err := fs.Create(path+TempSuffix, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	if err = write(f); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = fs.Rename(path+TempSuffix, path)
	}
	if err != nil {
		return errors.Join(err, fs.Remove(path+TempSuffix))
	}
	return SyncDir(fs, fs.PathDir(path))
}

// SyncDir makes durable which files dir has.
func SyncDir(fs vfs.FS, dir string) error {
	d, err := fs.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

package storage

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/cockroachdb/pebble/v2/vfs"

	"paxon/node/durable"
)

// category is what the file system's statistics count our writes under.
const category = vfs.WriteCategoryUnspecified

// tempSuffix marks a file that is not yet what it is to become.
const tempSuffix = durable.TempSuffix

// makeDir makes dir, and the directories above it that are missing, durably.
func makeDir(fs vfs.FS, dir string) error {
	parent := fs.PathDir(dir)
	if _, err := fs.Stat(dir); errors.Is(err, os.ErrNotExist) && parent != dir {
		if err := makeDir(fs, parent); err != nil {
			return err
		}
	}
	if err := fs.MkdirAll(dir, 0o755); err != nil || parent == dir {
		return err
	}
	return durable.SyncDir(fs, parent)
}

// closeAfter closes c and returns err, or if that is nil the error of closing.
func closeAfter(err error, c io.Closer) error {
	if closeErr := c.Close(); err == nil {
		err = closeErr
	}
	return err
}

// writeJSON replaces the file at path by v in such a way that a crash leaves the old file or
// the new one, and has the new one durable when it returns.
func writeJSON(fs vfs.FS, path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return durable.Replace(fs, path, append(text, '\n'))
}

// readJSON reads the file at path into v. A file that is not JSON is a CorruptError.
func readJSON(fs vfs.FS, path string, v any) error {
	f, err := fs.Open(path)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(f)
	err = closeAfter(err, f)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return &CorruptError{File: path, What: fmt.Sprintf("not the JSON expected: %v", err)}
	}
	return nil
}

// exists reports whether there is a file at path.
func exists(fs vfs.FS, dir, name string) (bool, error) {
	names, err := fs.List(dir)
	if err != nil {
		return false, err
	}
	return slices.Contains(names, name), nil
}

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// linesFile is a file that is written under another name, and gets its own when it is finished.
type linesFile struct {
	path    string
	file    *os.File
	written bool // Whether there is anything in it.
}

// createLines begins a file beside the one that it is to replace.
func createLines(path string) (*linesFile, error) {
	switch info, err := os.Stat(path); {
	case err == nil && !info.Mode().IsRegular():
		return nil, &usageError{fmt.Errorf("--json %s: it is no regular file, expected one or a new name",
			path)}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return nil, err
	}
	return &linesFile{path: path, file: f}, nil
}

// Write implements io.Writer.
func (l *linesFile) Write(p []byte) (int, error) {
	n, err := l.file.Write(p)
	l.written = l.written || n > 0
	return n, err
}

// finish gives the file its name, also after an interruption, because each line tells all that is
// needed to understand it. If nothing was measured, what was there stays.
func (l *linesFile) finish() error {
	const mode = 0o644
	err := errors.Join(l.file.Chmod(mode), l.file.Close())
	if err != nil || !l.written {
		return errors.Join(err, os.Remove(l.file.Name()))
	}
	return os.Rename(l.file.Name(), l.path)
}

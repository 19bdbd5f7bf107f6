package storage

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"sync"

	"github.com/cockroachdb/pebble/v2/vfs"

	"paxon/process"
)

// peers are the directories that the other processes had when they were first seen.
type peers struct {
	fs   vfs.FS
	path string

	mu    sync.Mutex
	known map[process.ID]string
}

// peersFile is the content of peers.json.
type peersFile struct {
	Directories map[process.ID]string `json:"directories"`
	Checksum    string                `json:"checksum"` // of this file without it
}

// sum returns the checksum of the directories.
func (f peersFile) sum() string {
	f.Checksum = ""
	text, err := json.Marshal(f)
	if err != nil {
		panic(fmt.Sprintf("storage: numbers and texts are always JSON: %v", err))
	}
	return checksum(text)
}

// openPeers reads the file at path, which there is none of before the first peer was seen.
func openPeers(fs vfs.FS, path string) (*peers, error) {
	var f peersFile
	switch err := readJSON(fs, path, &f); {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return nil, err
	case f.Checksum != f.sum():
		return nil, &CorruptError{
			File: path,
			What: fmt.Sprintf("its checksum is %s, its content gives %s", f.Checksum, f.sum()),
		}
	}
	return &peers{fs: fs, path: path, known: f.Directories}, nil
}

func (p *peers) recognize(id process.ID, directory string) (first string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, seen := p.known[id]; seen {
		return known, nil
	}
	all := map[process.ID]string{id: directory}
	maps.Copy(all, p.known)
	f := peersFile{Directories: all}
	f.Checksum = f.sum()
	if err := writeJSON(p.fs, p.path, f); err != nil {
		return "", err
	}
	p.known = all
	return directory, nil
}

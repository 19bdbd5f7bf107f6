package storage

import (
	"errors"
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
	return checksum(f)
}

// openPeers reads the file at path, which there is none of before the first peer was seen.
func openPeers(fs vfs.FS, path string) (*peers, error) {
	var f peersFile
	switch err := readJSON(fs, path, &f); {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		if err := checkSum(path, f.Checksum, f.sum()); err != nil {
			return nil, err
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

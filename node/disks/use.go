package disks

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"paxon/process"
)

const (
	floorName = "floor"
	lockName  = "lock"
)

// use is a disk that was found in place. All its files are reached by way of its root, so that
// they cannot be those of another disk that is mounted in its place meanwhile.
type use struct {
	path  string
	root  *os.Root
	found os.FileInfo // Of the root.
	id    identity
	self  process.ID
	all   []process.ID
	lock  *os.File
}

// identify reads which disk is at a path. An *UnformattedError says that none is.
func identify(path string) (identity, error) {
	id, err := readIdentity(os.DirFS(path), path)
	if errors.Is(err, fs.ErrNotExist) {
		return id, &UnformattedError{path}
	}
	return id, err
}

// attach begins to use the disk at a path if it is the one wanted, and locks this process's
// directory there.
func attach(
	path string, wanted identity, self process.ID, all []process.ID,
) (*use, error) {
	root, err := os.OpenRoot(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &UnformattedError{path}
	}
	if err != nil {
		return nil, err
	}
	u := &use{path: path, root: root, self: self, all: all, id: wanted}
	if err := u.begin(); err != nil {
		u.close()
		return nil, err
	}
	return u, nil
}

// begin checks the disk and takes this process's directory.
func (u *use) begin() (err error) {
	if u.found, err = u.root.Stat("."); err != nil {
		return err
	}
	if err := u.check(); err != nil {
		return err
	}
	own := dirOf(u.self)
	if err := u.root.MkdirAll(own, 0o755); err != nil {
		return err
	}
	if err := syncDir(u.root, "."); err != nil {
		return err
	}
	name := path.Join(own, lockName)
	if u.lock, err = u.root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return err
	}
	if err := lock(u.lock); err != nil {
		return &LockedError{filepath.Join(u.path, name), err}
	}
	return nil
}

// check says whether the disk is in its place and the one that it should be. After an operation
// it says that what was not found is not there, and not merely gone with the disk.
func (u *use) check() error {
	now, err := os.Stat(u.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(u.found, now) {
		return &UnformattedError{u.path}
	}
	if err != nil {
		return err
	}
	id, err := readIdentity(u.root.FS(), u.path)
	if err != nil {
		return err
	}
	return id.check(u.path, u.id)
}

func (u *use) close() {
	if u.lock != nil {
		u.lock.Close() //nolint:errcheck // Nothing was written.
	}
	u.root.Close() //nolint:errcheck // It is a directory.
}

// dirOf is the directory that a process writes in.
func dirOf(p process.ID) string { return p.String() }

// write replaces this process's block of a key by a sealed file.
func (u *use) write(key uint64, file []byte) error {
	return replace(u.root, dirOf(u.self), strconv.FormatUint(key, 10), file)
}

// read calls yield with each process's block of a key.
func (u *use) read(key uint64, yield func(owner process.ID, encoded []byte) error) error {
	for _, p := range u.all {
		name := path.Join(dirOf(p), strconv.FormatUint(key, 10))
		block, there, err := u.block(name, key, p)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		if err := yield(p, block); err != nil {
			return &CorruptError{filepath.Join(u.path, name), err.Error()}
		}
	}
	return nil
}

// block reads the file of a block and checks whose and of which key it is.
func (u *use) block(name string, key uint64, p process.ID) (block []byte, there bool, err error) {
	file, there, err := read(u.root, name)
	if err != nil || !there {
		return nil, false, err
	}
	corrupt := func(what string) ([]byte, bool, error) {
		return nil, false, &CorruptError{filepath.Join(u.path, name), what}
	}
	if len(file) > maxBlock {
		return corrupt(fmt.Sprintf("it is longer than %d bytes", maxBlock))
	}
	foundKey, owner, block, wrong := parseBlock(file)
	switch {
	case wrong != "":
		return corrupt(wrong)
	case foundKey != key || owner != p:
		return corrupt(fmt.Sprintf("it is the block of %v of key %d, expected that of %v of key %d",
			owner, foundKey, p, key))
	}
	return block, true, nil
}

// forget notes that this process needs no block below a key, and removes its own blocks that no
// process needs.
func (u *use) forget(below uint64) error {
	floor := seal(header(below, u.self))
	if err := replace(u.root, dirOf(u.self), floorName, floor); err != nil {
		return err
	}
	lowest, err := u.lowestFloor()
	if err != nil {
		return err
	}
	names, err := list(u.root, dirOf(u.self))
	if err != nil {
		return err
	}
	for _, name := range names {
		key, err := strconv.ParseUint(strings.TrimSuffix(name, tempSuffix), 10, 64)
		if err != nil || key >= lowest {
			continue
		}
		if err := u.root.Remove(path.Join(dirOf(u.self), name)); err != nil {
			return err
		}
	}
	return nil
}

// lowestFloor is below which key no process needs a block.
func (u *use) lowestFloor() (uint64, error) {
	var floors []uint64
	for _, p := range u.all {
		name := path.Join(dirOf(p), floorName)
		file, there, err := read(u.root, name)
		if err != nil || !there {
			return 0, err
		}
		floor, owner, _, wrong := parseBlock(file)
		if wrong == "" && owner != p {
			wrong = fmt.Sprintf("it is that of %v", owner)
		}
		if wrong != "" {
			return 0, &CorruptError{filepath.Join(u.path, name), wrong}
		}
		floors = append(floors, floor)
	}
	return slices.Min(floors), nil
}

package disks

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// formatVersion is the version of all that this package stores.
const formatVersion = 1

const identityName = "disk.json"

// identity says whose disk a directory is. It is written once, by Format.
type identity struct {
	Format  int    `json:"format"`
	Cluster string `json:"cluster"`
	Set     string `json:"set"`  // Drawn at random for all disks that were formatted together.
	Disk    int    `json:"disk"` // From 1.
	Of      int    `json:"of"`
}

// Format makes directories the shared disks of a cluster. It is done once for all its processes,
// which must name the same disks in the same order. Directories that are missing are made. The
// error is a *FormattedError if one of them is a disk already, a *CountError, a *DuplicateError,
// or one of the file system.
func Format(cluster string, paths []string) error {
	if len(paths) == 0 {
		return &CountError{0}
	}
	for _, path := range paths {
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
		found, err := readIdentity(os.DirFS(path), path)
		switch {
		case err == nil:
			return &FormattedError{path, found.Cluster}
		case !isUnformatted(err):
			return err
		}
	}
	if err := checkDistinct(paths); err != nil {
		return err
	}
	set := rand.Text()
	for i, path := range paths {
		id := identity{formatVersion, cluster, set, i + 1, len(paths)}
		if err := writeIdentity(path, id); err != nil {
			return err
		}
	}
	return nil
}

func isUnformatted(err error) bool {
	_, unformatted := errors.AsType[*UnformattedError](err)
	return unformatted
}

func writeIdentity(path string, id identity) error {
	text, err := json.Marshal(id)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // All that was written is durable before.
	return replace(root, ".", identityName, append(text, '\n'))
}

// readIdentity reads the identity of the disk at path from its files.
func readIdentity(files fs.FS, path string) (identity, error) {
	var id identity
	text, err := fs.ReadFile(files, identityName)
	if errors.Is(err, fs.ErrNotExist) {
		return id, &UnformattedError{path}
	}
	if err != nil {
		return id, err
	}
	if err := json.Unmarshal(text, &id); err != nil {
		return id, &CorruptError{filepath.Join(path, identityName), err.Error()}
	}
	return id, nil
}

// check compares the identity of the disk at path with the one expected, of which the set may
// not be known yet.
func (id identity) check(path string, wanted identity) error {
	if wanted.Set == "" {
		wanted.Set = id.Set
	}
	for _, field := range []struct{ name, found, wanted string }{
		{"format", strconv.Itoa(id.Format), strconv.Itoa(wanted.Format)},
		{"cluster", strconv.Quote(id.Cluster), strconv.Quote(wanted.Cluster)},
		{"number", place(id), place(wanted)},
		{"set", id.Set, wanted.Set},
	} {
		if field.found != field.wanted {
			return &IdentityError{path, field.name, field.found, field.wanted}
		}
	}
	return nil
}

func place(id identity) string { return fmt.Sprintf("%d of %d", id.Disk, id.Of) }

// checkDistinct says whether two of the directories that are there are one, as a
// *DuplicateError.
func checkDistinct(paths []string) error {
	var infos []os.FileInfo
	for i, path := range paths {
		info, err := os.Stat(path)
		for j, other := range infos {
			if filepath.Clean(paths[j]) == filepath.Clean(path) ||
				err == nil && other != nil && os.SameFile(info, other) {
				return &DuplicateError{paths[j], paths[i]}
			}
		}
		if err != nil {
			info = nil
		}
		infos = append(infos, info)
	}
	return nil
}

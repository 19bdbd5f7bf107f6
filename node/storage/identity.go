package storage

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"

	"github.com/cockroachdb/pebble/v2/vfs"

	"paxon/process"
)

// FormatVersion is the version of all that this package stores.
const FormatVersion = 2

// Identity says whose directory it is.
type Identity struct {
	// Cluster names the set of processes that this one belongs to.
	Cluster string
	// Process is the id of this one, at least 1.
	Process process.ID
	// Variant names the composition that writes the records.
	Variant string
	// Records names the form of its records.
	Records string
}

// identityFile is the content of identity.json.
type identityFile struct {
	Format      int                 `json:"format"`
	Cluster     string              `json:"cluster"`
	Process     process.ID          `json:"process"`
	Variant     string              `json:"variant"`
	CrashStop   bool                `json:"crash_stop"`
	Incarnation process.Incarnation `json:"incarnation"` // 0 until the first log is durable
	Segment     uint32              `json:"segment"`     // the newest known to be durable at the last Open
	// Directory is drawn by lot when the directory is made, or first used by a build that knows of it.
	Directory string `json:"directory,omitempty"`
	// Records is the form of what is in the log. Directories of earlier builds do not tell.
	Records  string `json:"records,omitempty"`
	Checksum string `json:"checksum"` // of this file without it
}

// check compares the file's owner with the one that asks for the directory dir.
func (f identityFile) check(dir string, id Identity) error {
	for _, field := range []struct{ name, found, wanted string }{
		{"format", strconv.Itoa(f.Format), strconv.Itoa(FormatVersion)},
		{"cluster", strconv.Quote(f.Cluster), strconv.Quote(id.Cluster)},
		{"process", f.Process.String(), id.Process.String()},
		{"variant", strconv.Quote(f.Variant), strconv.Quote(id.Variant)},
	} {
		if field.found != field.wanted {
			return &IdentityError{
				Dir: dir, Field: field.name, Found: field.found, Wanted: field.wanted,
			}
		}
	}
	if f.Records != "" && f.Records != id.Records {
		return &RecordsError{Dir: dir, Found: f.Records, Wanted: id.Records}
	}
	return nil
}

// sum returns the checksum of the file's other fields.
func (f identityFile) sum() string {
	f.Checksum = ""
	return checksum(f)
}

// checksum returns the CRC-32C of v as JSON, in hexadecimal.
func checksum(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("storage: what is in a file of ours is always JSON: %v", err))
	}
	return fmt.Sprintf("%08x", crc32.Checksum(text, castagnoli))
}

// checkSum compares the checksum that the file at path has with that of its content.
func checkSum(path, found, content string) error {
	if found == content {
		return nil
	}
	return &CorruptError{
		File: path, What: fmt.Sprintf("its checksum is %s, its content gives %s", found, content),
	}
}

// readIdentity reads the identity file at path.
func readIdentity(fs vfs.FS, path string) (identityFile, error) {
	var f identityFile
	if err := readJSON(fs, path, &f); err != nil {
		return f, err
	}
	if f.Format != FormatVersion {
		return f, nil // What another format sums up is not known here.
	}
	return f, checkSum(path, f.Checksum, f.sum())
}

// writeIdentity replaces the identity file at path and has it durable when it returns.
func writeIdentity(fs vfs.FS, path string, f identityFile) error {
	f.Checksum = f.sum()
	return writeJSON(fs, path, f)
}

// identity is the file identity.json.
type identity struct {
	fs   vfs.FS
	path string
	file identityFile // what it says
}

// change makes a change, which is durable when it returns.
func (i *identity) change(by func(*identityFile)) error {
	f := i.file
	by(&f)
	if f == i.file {
		return nil
	}
	if err := writeIdentity(i.fs, i.path, f); err != nil {
		return err
	}
	i.file = f
	return nil
}

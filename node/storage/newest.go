package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/cockroachdb/pebble/v2/vfs"

	"paxon/node/durable"
)

// newest is the file that says which segment of the log is the newest one known to be durable. It is
// overwritten in place, because to replace a file makes one, which takes the file system the longer the more
// files went away in the last seconds.
//
//	place = number of the segment (4) · checksum of that (4)
//
// There are two places, which are written in turns: a write that fails leaves the other. Directories of
// earlier builds have no such file. One that is gone is made anew, and then what was known at the last Open,
// by identity.json, is all that is known.
type newest struct {
	fs     vfs.FS
	path   string
	file   vfs.File       // nil before it is made
	number uint32         // what the file says
	place  int            // where it says so
	beside sync.WaitGroup // a write that nobody waits for
}

const (
	placeBytes  = 8
	placesApart = 4 << 10 // in blocks of the disk that no write has in common
	newestBytes = 2 * placesApart
)

// readNewest reads the file at path, if there is one, and changes nothing.
func readNewest(fs vfs.FS, path string) (*newest, error) {
	n := &newest{fs: fs, path: path}
	if _, err := fs.Stat(path); errors.Is(err, os.ErrNotExist) {
		return n, nil
	}
	var err error
	if n.file, err = fs.OpenReadWrite(path, category); err != nil {
		return nil, err
	}
	b := make([]byte, newestBytes)
	if has, err := n.file.ReadAt(b, 0); has < newestBytes {
		if errors.Is(err, io.EOF) {
			what := fmt.Sprintf("it has %d bytes, and should have %d", has, newestBytes)
			err = &CorruptError{File: path, What: what}
		}
		return nil, closeAfter(err, n)
	}
	var readable bool
	if n.number, n.place, readable = parseNewest(b); !readable {
		return nil, closeAfter(&CorruptError{File: path, What: "neither of its two places is readable"}, n)
	}
	return n, nil
}

// make makes the file if there is none, and has what it says durable: a process that was killed may have
// written that without forcing it.
func (n *newest) make() error {
	if n.file != nil {
		return n.file.SyncData()
	}
	err := durable.Replace(n.fs, n.path, make([]byte, newestBytes))
	if err == nil {
		n.file, err = n.fs.OpenReadWrite(n.path, category)
	}
	return err
}

// parseNewest finds the highest number, 0 before the first, and in which of the places it is. One of them may
// be unreadable.
func parseNewest(b []byte) (number uint32, place int, readable bool) {
	for i := range 2 {
		p := b[i*placesApart:][:placeBytes]
		value := binary.LittleEndian.Uint32(p)
		if sum := binary.LittleEndian.Uint32(p[4:]); sum != chunkChecksum(p[:4]) && (value != 0 || sum != 0) {
			continue
		}
		if value >= number {
			number, place = value, i
		}
		readable = true
	}
	return number, place, readable
}

// becomes has the file say a number, beside what goes on, once the last write is over. An error is given to
// failed. It is called by one goroutine at a time.
func (n *newest) becomes(number uint32, failed func(error)) {
	n.beside.Wait()
	n.beside.Go(func() {
		var p [placeBytes]byte
		binary.LittleEndian.PutUint32(p[:], number)
		binary.LittleEndian.PutUint32(p[4:], chunkChecksum(p[:4]))
		place := 1 - n.place
		_, err := n.file.WriteAt(p[:], int64(place)*placesApart)
		if err == nil {
			err = n.file.SyncData()
		}
		if err != nil {
			failed(err)
			return // The place that is left stays as it is.
		}
		n.number, n.place = number, place
	})
}

// Close waits for what is written beside, and ends the use of the file.
func (n *newest) Close() error {
	n.beside.Wait()
	if n.file == nil {
		return nil
	}
	return n.file.Close()
}

package storage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"

	"paxon/node/durable"
)

// How files of the log are named: a number of six or more digits and what the file is.
const (
	segmentSuffix = ".seg"
	spareSuffix   = ".spare" // was a segment and is to be overwritten by another
	zeroSuffix    = ".zero"  // zero-filled, to be overwritten by its first segment
)

func fileName(number uint32, suffix string) string {
	return fmt.Sprintf("%06d%s", number, suffix)
}

// segmentNumber returns the number in the name of a segment, and whether it is one.
func segmentNumber(name string) (uint32, bool) {
	digits, ok := strings.CutSuffix(name, segmentSuffix)
	n, err := strconv.ParseUint(digits, 10, 32)
	return uint32(n), ok && err == nil && name == fileName(uint32(n), segmentSuffix)
}

const (
	// fillBytes is how much of a file is filled before it is forced: little, so that a force of the
	// log at the same time does not wait for all of it.
	fillBytes = 1 << 20
	// fillPiece is how much of it is written at a time. Linux keeps a file in its memory in pieces as
	// large as the writes that have made them, and each later write goes through all blocks of the
	// pieces that it touches.
	fillPiece = 64 << 10
)

// Fill makes a file of so many bytes, all zero, as the log overwrites them: under a temporary name, and
// it has its name once it is durable.
func Fill(fs vfs.FS, path string, size int64) error {
	f, err := fs.Create(path+tempSuffix, category)
	if err != nil {
		return err
	}
	zeros := make([]byte, fillPiece)
	for at := int64(0); at < size && err == nil; at += fillPiece {
		_, err = f.Write(zeros[:min(size-at, fillPiece)])
		if err == nil && (at+fillPiece)%fillBytes == 0 {
			err = f.SyncData()
		}
	}
	if err == nil {
		err = f.Sync()
	}
	err = closeAfter(err, f)
	if err == nil {
		err = fs.Rename(path+tempSuffix, path)
	}
	return err
}

// spares are the files that coming segments overwrite.
type spares struct {
	fs      vfs.FS
	dir     string
	size    int64 // of a segment
	max     int   // kept at most
	empty   bool  // files begin without zeros, because they are never forced
	names   []string
	getting chan named // not nil once the file of the next segment is got ready
}

// named is the open file of a segment, which has its name durably.
type named struct {
	file vfs.File
	err  error
}

// prepare begins to get the file of the segment of that number ready, unless that was begun. It
// is the next one that is taken.
func (s *spares) prepare(number uint32) {
	if s.getting != nil {
		return
	}
	ready := make(chan named, 1)
	s.getting = ready
	from, size := "", s.size
	if len(s.names) > 0 {
		from, s.names = s.names[0], s.names[1:]
	} else if s.empty {
		size = 0
	}
	go func() {
		var n named
		n.file, n.err = s.get(from, number, size)
		ready <- n
	}()
}

// get opens a file for the segment of that number: the one called from, or one that is filled.
func (s *spares) get(from string, number uint32, size int64) (vfs.File, error) {
	to := s.fs.PathJoin(s.dir, fileName(number, segmentSuffix))
	var err error
	if from == "" {
		err = Fill(s.fs, to, size)
	} else {
		err = s.fs.Rename(s.fs.PathJoin(s.dir, from), to)
	}
	if err != nil {
		return nil, err
	}
	if err := durable.SyncDir(s.fs, s.dir); err != nil {
		return nil, err
	}
	return s.fs.OpenReadWrite(to, category)
}

// fillUp fills files, for the segments from a number on, until there are as many as count, or as
// are kept.
func (s *spares) fillUp(number uint32, count int) error {
	for ; len(s.names) < min(count, s.max); number++ {
		name := fileName(number, zeroSuffix)
		if slices.Contains(s.names, name) {
			continue
		}
		if err := Fill(s.fs, s.fs.PathJoin(s.dir, name), s.size); err != nil {
			return err
		}
		s.names = append(s.names, name)
	}
	return nil
}

// ready reports whether take returns at once.
func (s *spares) ready() bool { return len(s.getting) > 0 }

// take returns the file for the segment of that number, the next one.
func (s *spares) take(number uint32) (vfs.File, error) {
	s.prepare(number)
	return s.got()
}

// got waits for the file that is got ready.
func (s *spares) got() (vfs.File, error) {
	n := <-s.getting
	s.getting = nil
	return n.file, n.err
}

// close ends once no file is got ready. One that was is found by the next tidy.
func (s *spares) close() error {
	if s.getting == nil {
		return nil
	}
	file, err := s.got()
	if err != nil {
		return err
	}
	return file.Close()
}

// add makes the named file a spare one, or removes it if it does not fit or is not needed.
func (s *spares) add(name string) error {
	path := s.fs.PathJoin(s.dir, name)
	info, err := s.fs.Stat(path)
	if err != nil {
		return err
	}
	number, isSegment := segmentNumber(name)
	if isSegment {
		name = fileName(number, spareSuffix)
	}
	// A crash in a renaming may have left the file under both names.
	fits := info.Size() == s.size || s.empty && info.Size() < s.size
	if !fits || len(s.names) >= s.max || slices.Contains(s.names, name) {
		return s.fs.Remove(path)
	}
	if isSegment {
		if err := s.fs.Rename(path, s.fs.PathJoin(s.dir, name)); err != nil {
			return err
		}
	}
	s.names = append(s.names, name)
	return nil
}

// tidy adds what is in the directory and not in the log, once the log is recovered.
func (s *spares) tidy(inLog func(number uint32) bool) error {
	names, err := s.fs.List(s.dir)
	if err != nil {
		return err
	}
	// Of the same number, a spare file must come before a segment, which takes its name.
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(b, a) })
	for _, name := range names {
		number, isSegment := segmentNumber(name)
		switch {
		case slices.Contains(s.names, name):
		case strings.HasSuffix(name, tempSuffix):
			err = s.fs.Remove(s.fs.PathJoin(s.dir, name))
		case strings.HasSuffix(name, spareSuffix), strings.HasSuffix(name, zeroSuffix):
			err = s.add(name)
		case isSegment && !inLog(number):
			err = s.add(name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

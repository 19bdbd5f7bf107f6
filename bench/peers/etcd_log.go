package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"go.etcd.io/raft/v3/raftpb"
)

const (
	etcdSegment = 32 << 20 // How long a file of the log is.
	// etcdFiles are made before there is any load, so that as long as the log is compacted none is
	// made beside it.
	etcdFiles = 3
)

// etcdLog is a write-ahead log in files that are filled with zeros before they are written, and
// written anew once all in them is compacted, so that a force has no metadata to write. One
// goroutine uses it.
//
//	record = checksum of what follows (4) · length of what follows (4) · number of the file (8) ·
//	         term, vote and commit (8 each) · index of the first entry (8) · entries
type etcdLog struct {
	dir   string
	force bool

	file   *os.File
	number uint64 // Of files begun.
	made   int    // Files.
	offset int64
	last   uint64 // The highest index in the file.
	older  []etcdFile
	spare  chan etcdSpare // Holds a file that is being made, nil if none is.
	buf    []byte
}

// etcdFile is a file that is full.
type etcdFile struct {
	file *os.File
	last uint64 // The highest index in it.
}

type etcdSpare struct {
	file *os.File
	err  error
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli) //nolint:gochecknoglobals // A constant.

func openEtcdLog(dir string, force bool) (*etcdLog, error) {
	l := &etcdLog{dir: dir, force: force}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	for range etcdFiles {
		if err := l.begin(0); err != nil {
			return nil, errors.Join(err, l.close())
		}
	}
	return l, nil
}

// begin goes on in another file: the oldest, if all in it is compacted, or a new one.
func (l *etcdLog) begin(compacted uint64) error {
	if l.file != nil {
		l.older = append(l.older, etcdFile{l.file, l.last})
	}
	l.number++
	l.offset = 0
	if l.reusable(compacted) {
		l.file = l.older[0].file
		l.older = l.older[1:]
		return nil
	}
	l.prepare()
	made := <-l.spare
	l.spare, l.file = nil, made.file
	return made.err
}

// reusable says whether all that is in the oldest file is compacted.
func (l *etcdLog) reusable(compacted uint64) bool {
	return len(l.older) > 0 && l.older[0].last < compacted
}

// prepare begins to make a file if none is being made.
func (l *etcdLog) prepare() {
	if l.spare != nil {
		return
	}
	made := make(chan etcdSpare, 1)
	l.spare = made
	l.made++
	path := filepath.Join(l.dir, fmt.Sprintf("%06d.wal", l.made))
	go func() {
		f, err := zeroFile(path, etcdSegment)
		made <- etcdSpare{f, err}
	}()
}

// write writes what messages to the append thread carry, and forces it if one of them has somebody to
// answer to.
func (l *etcdLog) write(messages []raftpb.Message, compacted uint64) error {
	answers := slices.ContainsFunc(messages, func(m raftpb.Message) bool {
		return len(m.Responses) > 0
	})
	return l.writeAll(messages, answers, compacted)
}

// writeAll writes the entries and states of messages, with one write and at most one force. What is below
// compacted is not needed any more.
func (l *etcdLog) writeAll(messages []raftpb.Message, force bool, compacted uint64) error {
	if l.offset > 0 && l.offset+recordBytes(messages) > etcdSegment {
		if err := l.begin(compacted); err != nil {
			return err
		}
	}
	l.buf = l.buf[:0]
	for i := range messages {
		m := &messages[i]
		if len(m.Entries) > 0 || m.Term != 0 {
			l.record(m)
		}
	}
	if len(l.buf) > 0 {
		if _, err := l.file.WriteAt(l.buf, l.offset); err != nil {
			return err
		}
		l.offset += int64(len(l.buf))
	}
	if l.offset > etcdSegment/2 && !l.reusable(compacted) {
		l.prepare()
	}
	if !l.force || !force {
		return nil
	}
	return unix.Fdatasync(int(l.file.Fd()))
}

// etcdRecordHeader is how long a record without entries is.
const etcdRecordHeader = 4 + 4 + 5*8

// recordBytes is how much messages take in the log, at most.
func recordBytes(messages []raftpb.Message) int64 {
	n := int64(0)
	for i := range messages {
		n += etcdRecordHeader
		for _, e := range messages[i].Entries {
			n += etcdEntryHeader + int64(len(e.Data))
		}
	}
	return n
}

// record adds a record to what is written next.
func (l *etcdLog) record(m *raftpb.Message) {
	le := binary.LittleEndian
	at := len(l.buf)
	l.buf = append(l.buf, make([]byte, 8)...)
	first := uint64(0)
	if len(m.Entries) > 0 {
		first = m.Entries[0].Index
		l.last = m.Entries[len(m.Entries)-1].Index
	}
	for _, n := range [...]uint64{l.number, m.Term, m.Vote, m.Commit, first} {
		l.buf = le.AppendUint64(l.buf, n)
	}
	for i := range m.Entries {
		l.buf = appendEntry(l.buf, &m.Entries[i])
	}
	body := l.buf[at+8:]
	le.PutUint32(l.buf[at:], crc32.Checksum(body, castagnoli))
	le.PutUint32(l.buf[at+4:], uint32(len(body)))
}

func (l *etcdLog) close() error {
	var err error
	if l.spare != nil {
		made := <-l.spare
		l.older = append(l.older, etcdFile{file: made.file})
		err = made.err
	}
	if l.file != nil {
		err = errors.Join(err, l.file.Close())
	}
	for _, f := range l.older {
		if f.file != nil {
			err = errors.Join(err, f.file.Close())
		}
	}
	return err
}

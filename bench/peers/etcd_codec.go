package main

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/raft/v3/raftpb"
)

// A message is written by hand, so that neither reflection nor a copy for each entry counts
// against etcd/raft:
//
//	type (1) · reject (1) · eight numbers of eight bytes · length of context (4) · number of
//	entries (4) · context · entries
//	entry = type (1) · term (8) · length (4) · data
//
// Entries have consecutive indexes, which begin behind the message's.
const (
	etcdHeader      = 2 + 8*8 + 4 + 4
	etcdEntryHeader = 1 + 8 + 4
)

// appendMessage adds a message without snapshot and responses to b.
func appendMessage(b []byte, m *raftpb.Message) []byte {
	le := binary.LittleEndian
	reject := byte(0)
	if m.Reject {
		reject = 1
	}
	b = append(b, byte(m.Type), reject)
	for _, n := range [...]uint64{
		m.To, m.From, m.Term, m.LogTerm, m.Index, m.Commit, m.Vote, m.RejectHint,
	} {
		b = le.AppendUint64(b, n)
	}
	b = le.AppendUint32(b, uint32(len(m.Context)))
	b = le.AppendUint32(b, uint32(len(m.Entries)))
	b = append(b, m.Context...)
	for i := range m.Entries {
		b = appendEntry(b, &m.Entries[i])
	}
	return b
}

func appendEntry(b []byte, e *raftpb.Entry) []byte {
	b = append(b, byte(e.Type))
	b = binary.LittleEndian.AppendUint64(b, e.Term)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(e.Data)))
	return append(b, e.Data...)
}

// readMessage is what appendMessage wrote. It keeps b.
func readMessage(b []byte) (m raftpb.Message, err error) {
	if len(b) < etcdHeader {
		return m, fmt.Errorf("a message of %d bytes: expected at least %d", len(b), etcdHeader)
	}
	le := binary.LittleEndian
	m.Type, m.Reject = raftpb.MessageType(b[0]), b[1] != 0
	b = b[2:]
	for _, n := range [...]*uint64{
		&m.To, &m.From, &m.Term, &m.LogTerm, &m.Index, &m.Commit, &m.Vote, &m.RejectHint,
	} {
		*n = le.Uint64(b)
		b = b[8:]
	}
	context, entries := uint64(le.Uint32(b)), uint64(le.Uint32(b[4:]))
	b = b[8:]
	if context+entries*etcdEntryHeader > uint64(len(b)) {
		return m, fmt.Errorf("%d bytes after the header of a message: expected a context of %d and "+
			"%d entries", len(b), context, entries)
	}
	if context > 0 {
		m.Context = b[:context:context]
	}
	b = b[context:]
	if entries > 0 {
		m.Entries = make([]raftpb.Entry, entries)
	}
	for i := range m.Entries {
		if b, err = readEntry(b, &m.Entries[i]); err != nil {
			return m, err
		}
		m.Entries[i].Index = m.Index + 1 + uint64(i)
	}
	if len(b) > 0 {
		return m, fmt.Errorf("%d bytes after a message: expected none", len(b))
	}
	return m, nil
}

// readEntry reads an entry but for its index, and returns what follows.
func readEntry(b []byte, e *raftpb.Entry) ([]byte, error) {
	if len(b) < etcdEntryHeader {
		return nil, fmt.Errorf("an entry of %d bytes: expected at least %d", len(b), etcdEntryHeader)
	}
	size := uint64(binary.LittleEndian.Uint32(b[9:]))
	e.Type, e.Term = raftpb.EntryType(b[0]), binary.LittleEndian.Uint64(b[1:])
	b = b[etcdEntryHeader:]
	if size > uint64(len(b)) {
		return nil, fmt.Errorf("data of %d bytes: expected %d", len(b), size)
	}
	if size > 0 {
		e.Data = b[:size:size]
	}
	return b[size:], nil
}

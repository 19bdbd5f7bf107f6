package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"paxon/node"
	"paxon/process"
	"paxon/register"
	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/tob"
)

// paxonSystem is Paxon as a program uses it: package node with its defaults.
type paxonSystem struct{}

// A crash is suspected after as long as by the peers, rather than by default, so that a leader on
// a busy machine keeps its place as long as theirs.
const (
	paxonHeartbeat = 100 * time.Millisecond
	paxonTimeout   = time.Second
)

// paxonRetain is how much of the history a member keeps behind what all have, in bytes, for readers
// that are behind. The rest goes, as entries that all have go from the logs of the peers' driver.
const paxonRetain = 32 << 20

// The files of a member's log, of so many bytes, are made before the load, as those of etcd/raft's and
// hashicorp/raft's are: of the five, two or three hold what is retained and what somebody may not have
// yet, one is written, and one is to be.
const (
	paxonSegment  = 32 << 20
	paxonPrepared = 4
)

// Name implements System.
func (paxonSystem) Name() string { return "paxon" }

// Modules implements System.
func (paxonSystem) Modules() []string { return []string{"paxon"} }

// Settings implements System.
func (paxonSystem) Settings(fsync bool) string {
	s := "variant " + catalog.Default + ", defaults but for suspicion after 1 s as in the peers; " +
		fmt.Sprintf("RetainBytes of %d MiB; %d log files of %d MiB made before the load; ",
			paxonRetain>>20, paxonPrepared, paxonSegment>>20) +
		"SubmitAll at the leader; each member applies in Config.DeliverBatch"
	if !fsync {
		s += "; storage.Options.Unforced (written, not forced)"
	}
	return s
}

// Open implements System.
func (paxonSystem) Open(_ context.Context, s Setup) (Member, error) {
	peers := map[process.ID]string{}
	for i, a := range s.Addresses {
		peers[process.ID(i+1)] = a
	}
	log := logrus.New()
	log.SetLevel(logrus.ErrorLevel)
	options := seasons.DefaultOptions()
	options.Omega.Interval, options.Omega.Timeout = paxonHeartbeat, paxonTimeout
	config := node.Config{
		Cluster: "bench", Process: process.ID(s.Member + 1), Peers: peers, Logger: log,
		Options: &options, Dir: s.Dir, RetainBytes: paxonRetain,
	}
	config.Storage.Unforced = !s.Fsync
	config.Storage.SegmentBytes = paxonSegment
	config.Storage.Spares, config.Storage.Prepared = paxonPrepared, paxonPrepared
	if s.Applied != nil {
		config.DeliverBatch = func(_ register.Instance, batch tob.Scanner) {
			for batch.Next() {
				s.Applied.add(batch.Payload())
			}
			s.Applied.show()
		}
	}
	n, err := node.Open(config)
	if err != nil {
		return nil, err
	}
	m := &paxonMember{node: n, applied: s.Applied}
	m.running, m.stop = context.WithCancel(context.Background())
	return m, nil
}

// Recovers implements Recoverer.
func (paxonSystem) Recovers() {}

// paxonMember is a node, and an application that takes what it delivers.
type paxonMember struct {
	node    *node.Node
	applied *Sequence
	batches sync.Pool // Of *paxonBatch.
	running context.Context
	stop    context.CancelFunc
}

// Leader implements Member.
func (m *paxonMember) Leader() (int, error) {
	s, err := m.node.Status(m.running)
	if err != nil {
		return -1, err
	}
	return int(s.Leader) - 1, nil
}

// Submit implements Member.
func (m *paxonMember) Submit(messages []*Message) {
	b, ok := m.batches.Get().(*paxonBatch)
	if !ok {
		b = &paxonBatch{}
		b.done = func(first, count int, o tob.Outcome) { m.done(b, first, count, o) }
	}
	b.messages, b.payloads = append(b.messages[:0], messages...), b.payloads[:0]
	for _, carried := range messages {
		b.payloads = append(b.payloads, carried.Payload)
	}
	b.left = len(messages)
	if taken, err := m.node.SubmitAll(m.running, b.payloads, b.done); err != nil {
		done(messages[taken:], err)
	}
}

// paxonBatch is messages that were submitted together. It is used again when all are done.
type paxonBatch struct {
	messages []*Message
	payloads [][]byte
	left     int // Not done yet; the loop's.
	done     tob.Done
}

// done is called on the loop.
func (m *paxonMember) done(b *paxonBatch, first, count int, o tob.Outcome) {
	var err error
	if o.Status != tob.Delivered {
		err = fmt.Errorf("a message is %v: expected delivered", o.Status)
	}
	done(b.messages[first:first+count], err)
	if b.left -= count; b.left == 0 {
		m.batches.Put(b)
	}
}

// Settle implements Member.
func (m *paxonMember) Settle(ctx context.Context, count uint64) error {
	return settle(ctx, m.applied, count)
}

// Close implements Member.
func (m *paxonMember) Close() error {
	m.stop()
	return m.node.Close()
}

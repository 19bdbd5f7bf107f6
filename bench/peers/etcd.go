package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/tracker"
)

// etcdSystem is etcd/raft with a driver of our own, since the library has none; README.md says what is in it.
type etcdSystem struct{}

// What etcd/raft is tuned with.
const (
	etcdTick      = 100 * time.Millisecond
	etcdElection  = 10 // Ticks.
	etcdHeartbeat = 1  // Ticks.
	etcdMessage   = 1 << 20
	etcdInflight  = 512
	etcdApply     = 64 << 20 // Bytes being applied at a time.
	// etcdKept is how many entries the members that do not lead keep at least, and etcdCompact
	// after how many they look again. The leader keeps what somebody does not have yet.
	etcdKept    = 1 << 15
	etcdCompact = 1 << 14
)

// Name implements System.
func (etcdSystem) Name() string { return "etcd" }

// Modules implements System.
func (etcdSystem) Modules() []string { return []string{"go.etcd.io/raft/v3"} }

// Settings implements System.
func (etcdSystem) Settings(fsync bool) string {
	log := "one write and fdatasync for all that waits, on zero-filled recycled files, by an append " +
		"thread"
	if !fsync {
		log = "one write for all of a Ready, in the turn (written, not forced)"
	}
	return fmt.Sprintf("RawNode, AsyncStorageWrites, storage in memory over a log: %s; proposals batched, "+
		"MaxSizePerMsg %d, MaxInflightMsgs %d, PreVote, CheckQuorum; plain TCP, hand-set frames",
		log, etcdMessage, etcdInflight)
}

// Open implements System. The first member campaigns once all are connected.
func (etcdSystem) Open(ctx context.Context, s Setup) (Member, error) {
	n, err := newEtcdNode(s)
	if err != nil {
		return nil, err
	}
	if n.network, err = connect(ctx, s); err != nil {
		return nil, errors.Join(err, n.log.close())
	}
	n.start()
	if s.Member == 0 {
		n.inbox.campaign()
	}
	return n, nil
}

// Leader implements Member.
func (n *etcdNode) Leader() (int, error) {
	return int(n.lead.Load()) - 1, context.Cause(n.failed)
}

// Submit implements Member.
func (n *etcdNode) Submit(messages []*Message) { n.inbox.propose(messages) }

// Settle implements Member.
func (n *etcdNode) Settle(ctx context.Context, count uint64) error {
	return settle(ctx, n.applied, count)
}

// Close implements Member.
func (n *etcdNode) Close() error {
	err := context.Cause(n.failed)
	n.inbox.close()
	err = errors.Join(err, n.network.close())
	n.running.Wait() // Nobody makes turns any more.
	if n.appends != nil {
		close(n.appends)
		n.appending.Wait()
	}
	return errors.Join(err, n.log.close())
}

// etcdNode is one member: a loop that owns the RawNode, and with forced writes a goroutine that
// owns the log.
type etcdNode struct {
	id      uint64
	raw     *raft.RawNode
	storage *etcdStorage
	log     *etcdLog
	inbox   *etcdInbox
	network *etcdNetwork
	applied *Sequence
	failed  context.Context // Its cause is what failed.
	fail    context.CancelCauseFunc
	appends chan []raftpb.Message // To the append thread, nil without forced writes.
	running sync.WaitGroup        // The loop and its clock.

	appending sync.WaitGroup

	lead      atomic.Uint64
	compacted atomic.Uint64

	// Of whoever makes a turn.
	mail        *etcdMail
	entries     []raftpb.Entry   // Of the proposals of a turn.
	local       []raftpb.Message // To be stepped in this turn.
	toAppend    []raftpb.Message // Of this turn.
	copies      copies
	pending     []*Message // Proposed here and not applied yet, in order.
	appliedUpTo uint64
}

func newEtcdNode(s Setup) (n *etcdNode, err error) {
	n = &etcdNode{
		id: uint64(s.Member + 1), storage: newEtcdStorage(etcdVoters()),
		applied: s.Applied,
	}
	n.inbox = newEtcdInbox(n.handle)
	n.failed, n.fail = context.WithCancelCause(context.Background())
	c := etcdConfig(n.id)
	c.Storage, c.AsyncStorageWrites = n.storage, true
	n.raw, err = raft.NewRawNode(c)
	if err == nil {
		n.log, err = openEtcdLog(s.Dir, s.Fsync)
	}
	if s.Fsync {
		n.appends = make(chan []raftpb.Message, etcdQueue)
	}
	return n, err
}

// etcdVoters are all members, who are known from the start.
func etcdVoters() (voters []uint64) {
	for v := range members {
		voters = append(voters, uint64(v+1))
	}
	return voters
}

// etcdConfig is what both drivers have in common.
func etcdConfig(id uint64) *raft.Config {
	return &raft.Config{
		ID: id, ElectionTick: etcdElection, HeartbeatTick: etcdHeartbeat, Applied: 1,
		MaxSizePerMsg: etcdMessage, MaxCommittedSizePerReady: etcdApply,
		MaxInflightMsgs: etcdInflight, CheckQuorum: true, PreVote: true,
		DisableProposalForwarding: true,
		// What goes wrong shows as a run that fails.
		Logger: &raft.DefaultLogger{Logger: log.New(io.Discard, "", 0)},
	}
}

// etcdQueue is how many turns of the loop may wait for the append thread.
const etcdQueue = 1 << 10

func (n *etcdNode) start() {
	if n.appends != nil {
		n.appending.Go(n.append)
	}
	n.running.Go(n.inbox.loop)
	n.running.Go(n.tick)
	n.network.serve(n.inbox.receive, n.stop)
}

// handle makes a turn.
func (n *etcdNode) handle(mail *etcdMail) {
	n.mail = mail
	if err := n.turn(); err != nil {
		n.stop(err)
		return
	}
	n.network.flush()
}

// tick is the clock of the loop.
func (n *etcdNode) tick() {
	ticker := time.NewTicker(etcdTick)
	defer ticker.Stop()
	for n.inbox.tick() {
		<-ticker.C
	}
}

// stop ends the node because of an error, which comes of a cluster that is being closed, too.
func (n *etcdNode) stop(err error) {
	if !n.inbox.isClosed() {
		n.fail(fmt.Errorf("member %d: %w", n.id, err))
	}
	n.inbox.close()
}

// turn handles all mail, and then what comes of it.
func (n *etcdNode) turn() error {
	for range n.mail.ticks {
		n.raw.Tick()
	}
	if n.mail.campaign {
		if err := n.raw.Campaign(); err != nil {
			return err
		}
	}
	for i := range n.mail.messages {
		if err := n.step(n.mail.messages[i]); err != nil {
			return err
		}
	}
	if err := n.propose(); err != nil {
		return err
	}
	for n.raw.HasReady() {
		if err := n.ready(n.raw.Ready()); err != nil {
			return err
		}
	}
	return nil
}

// step hands a message to the RawNode, which does not know of those that come late.
func (n *etcdNode) step(m raftpb.Message) error {
	if m.Type == raftpb.MsgSnap {
		return errors.New("it fell behind so far that it was sent a snapshot")
	}
	if err := n.raw.Step(m); err != nil && !errors.Is(err, raft.ErrProposalDropped) {
		return err
	}
	return nil
}

// propose proposes all messages of the mail as one.
func (n *etcdNode) propose() error {
	if len(n.mail.proposals) == 0 {
		return nil
	}
	n.entries = n.entries[:0]
	for _, m := range n.mail.proposals {
		n.entries = append(n.entries, raftpb.Entry{Data: n.copies.of(m.Payload)})
	}
	n.pending = append(n.pending, n.mail.proposals...)
	return n.raw.Step(raftpb.Message{Type: raftpb.MsgProp, From: n.id, Entries: n.entries})
}

// ready does what a Ready asks for.
func (n *etcdNode) ready(rd raft.Ready) error {
	if rd.SoftState != nil {
		n.lead.Store(rd.Lead)
	}
	n.toAppend, n.local = nil, n.local[:0]
	for i := range rd.Messages {
		m := &rd.Messages[i]
		switch m.To {
		case raft.LocalAppendThread:
			n.toAppend = append(n.toAppend, *m)
		case raft.LocalApplyThread:
			n.apply(m.Entries)
			n.local = append(n.local, m.Responses...)
		default:
			n.network.links[m.To-1].add(m)
		}
	}
	if len(n.toAppend) > 0 {
		n.network.flush() // The others write while this member does.
		if n.appends != nil {
			n.appends <- n.toAppend
		} else if err := n.written(n.toAppend, func(m raftpb.Message) {
			n.local = append(n.local, m)
		}); err != nil {
			return err
		}
	}
	for _, m := range n.local {
		if err := n.step(m); err != nil {
			return err
		}
	}
	return n.compact()
}

// append is the append thread: it writes all that waits, forces it, and sends the answers.
func (n *etcdNode) append() {
	var own []raftpb.Message
	for batch := range n.appends {
		for more := true; more; {
			select {
			case next, ok := <-n.appends:
				batch, more = append(batch, next...), ok
			default:
				more = false
			}
		}
		own = own[:0]
		err := n.written(batch, func(m raftpb.Message) { own = append(own, m) })
		if err != nil {
			n.stop(err)
			for range n.appends {
				continue // Nobody is to wait for it.
			}
			return
		}
		n.network.flush()
		n.inbox.add(own)
	}
}

// written writes messages to the log and the storage, and sends the answers: those to this
// node itself to own.
func (n *etcdNode) written(messages []raftpb.Message, own func(raftpb.Message)) error {
	if err := n.log.write(messages, n.compacted.Load()); err != nil {
		return err
	}
	for i := range messages {
		m := &messages[i]
		n.storage.add(m.Entries)
		if m.Term != 0 {
			n.storage.setState(raftpb.HardState{Term: m.Term, Vote: m.Vote, Commit: m.Commit})
		}
		for j := range m.Responses {
			if r := &m.Responses[j]; r.To == n.id {
				own(*r)
			} else {
				n.network.links[r.To-1].add(r)
			}
		}
	}
	return nil
}

// apply applies entries, and tells of those that were proposed here.
func (n *etcdNode) apply(entries []raftpb.Entry) {
	told := 0
	for i := range entries {
		e := &entries[i]
		n.appliedUpTo = e.Index
		if len(e.Data) == 0 {
			continue // What a leader begins with.
		}
		n.applied.add(e.Data)
		if told < len(n.pending) {
			told++
		}
	}
	n.applied.show()
	done(n.pending[:told], nil)
	n.pending = n.pending[told:]
}

// compact lets go of entries that all members have, in bounds.
func (n *etcdNode) compact() error {
	below := n.appliedUpTo - min(n.appliedUpTo, etcdKept)
	if n.raw.BasicStatus().RaftState == raft.StateLeader {
		below = n.appliedUpTo
		if n.appliedUpTo >= n.compacted.Load()+etcdCompact {
			n.raw.WithProgress(func(_ uint64, _ raft.ProgressType, p tracker.Progress) {
				below = min(below, p.Match)
			})
		}
	}
	if below < n.compacted.Load()+etcdCompact {
		return nil
	}
	last, err := n.storage.LastIndex() // What is not written yet is not in it.
	if err != nil {
		return err
	}
	if below = min(below, last); below <= n.compacted.Load() {
		return nil
	}
	n.storage.compact(below)
	n.compacted.Store(below)
	return nil
}

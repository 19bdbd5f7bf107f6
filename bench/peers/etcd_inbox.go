package main

import (
	"sync"

	"go.etcd.io/raft/v3/raftpb"
)

// etcdInbox is what waits for the loop of a node. It is safe for concurrent use, but for take,
// which is for the loop alone.
type etcdInbox struct {
	mu     sync.Mutex
	wake   sync.Cond
	mail   etcdMail
	closed bool
}

// etcdMail is what one turn of the loop is about.
type etcdMail struct {
	ticks     int
	campaign  bool
	messages  []raftpb.Message
	proposals []*Message
}

func newEtcdInbox() *etcdInbox {
	in := &etcdInbox{}
	in.wake.L = &in.mu
	return in
}

// put changes the mail and wakes the loop. It says whether there will be another turn.
func (in *etcdInbox) put(change func(m *etcdMail)) (open bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	change(&in.mail)
	in.wake.Signal()
	return !in.closed
}

func (in *etcdInbox) tick() bool { return in.put(func(m *etcdMail) { m.ticks++ }) }
func (in *etcdInbox) campaign()  { in.put(func(m *etcdMail) { m.campaign = true }) }

// receive adds messages, and keeps the slice no longer than the call.
func (in *etcdInbox) receive(batch []raftpb.Message) {
	in.put(func(m *etcdMail) { m.messages = append(m.messages, batch...) })
}

// propose adds a proposal.
func (in *etcdInbox) propose(p *Message) {
	in.mu.Lock()
	in.mail.proposals = append(in.mail.proposals, p)
	in.mu.Unlock()
	in.wake.Signal()
}

// take waits for mail and swaps it for the empty buffers of m; false once the inbox is closed.
func (in *etcdInbox) take(m *etcdMail) (open bool) {
	clear(m.messages)
	empty := etcdMail{messages: m.messages[:0], proposals: m.proposals[:0]}
	in.mu.Lock()
	defer in.mu.Unlock()
	for !in.closed && in.mail.empty() {
		in.wake.Wait()
	}
	*m, in.mail = in.mail, empty
	return !in.closed
}

func (m *etcdMail) empty() bool {
	return m.ticks == 0 && !m.campaign && len(m.messages) == 0 && len(m.proposals) == 0
}

// close ends the loop.
func (in *etcdInbox) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closed = true
	in.wake.Broadcast()
}

func (in *etcdInbox) isClosed() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.closed
}

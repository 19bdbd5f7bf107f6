package main

import (
	"sync"

	"go.etcd.io/raft/v3/raftpb"
)

// etcdInbox is what waits for a node, and who makes its turns: one goroutine at a time, which is
// whoever brings messages of others while nobody does, and else the loop. So a message that
// arrives need not wake another goroutine. It is safe for concurrent use.
type etcdInbox struct {
	turn func(*etcdMail) // Handles mail. One goroutine at a time calls it.

	mu     sync.Mutex
	wake   sync.Cond // Of the loop.
	mail   etcdMail
	spare  etcdMail // Empty buffers, for whoever makes turns.
	busy   bool     // Somebody makes turns, and will look at the mail again.
	closed bool     // There are no more turns.
}

// etcdMail is what one turn of the loop is about.
type etcdMail struct {
	ticks     int
	campaign  bool
	messages  []raftpb.Message
	proposals []*Message
}

func newEtcdInbox(turn func(*etcdMail)) *etcdInbox {
	in := &etcdInbox{turn: turn}
	in.wake.L = &in.mu
	return in
}

// put changes the mail and wakes the loop. It says whether there will be another turn.
func (in *etcdInbox) put(change func(m *etcdMail)) (open bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	change(&in.mail)
	if !in.busy {
		in.wake.Signal()
	}
	return !in.closed
}

func (in *etcdInbox) tick() bool { return in.put(func(m *etcdMail) { m.ticks++ }) }
func (in *etcdInbox) campaign()  { in.put(func(m *etcdMail) { m.campaign = true }) }

// add adds messages, and keeps the slice no longer than the call.
func (in *etcdInbox) add(batch []raftpb.Message) {
	in.put(func(m *etcdMail) { m.messages = append(m.messages, batch...) })
}

// receive adds messages of others, and makes the turn if nobody else does.
func (in *etcdInbox) receive(batch []raftpb.Message) {
	in.mu.Lock()
	in.mail.messages = append(in.mail.messages, batch...)
	if in.busy || in.closed {
		in.mu.Unlock()
		return
	}
	in.turns()
}

// propose adds proposals.
func (in *etcdInbox) propose(messages []*Message) {
	in.mu.Lock()
	in.mail.proposals = append(in.mail.proposals, messages...)
	idle := !in.busy
	in.mu.Unlock()
	if idle {
		in.wake.Signal()
	}
}

// loop makes the turns that nobody else does, until the inbox is closed.
func (in *etcdInbox) loop() {
	for {
		in.mu.Lock()
		for !in.closed && (in.busy || in.mail.empty()) {
			in.wake.Wait()
		}
		if in.closed {
			in.mu.Unlock()
			return
		}
		in.turns()
	}
}

// turns makes turns as long as there is mail. It is called with the lock held, and unlocks.
func (in *etcdInbox) turns() {
	in.busy = true
	for !in.closed && !in.mail.empty() {
		mail := in.mail
		in.mail, in.spare = in.spare, etcdMail{}
		in.mu.Unlock()
		in.turn(&mail)
		clear(mail.messages)
		in.mu.Lock()
		in.spare = etcdMail{messages: mail.messages[:0], proposals: mail.proposals[:0]}
	}
	in.busy = false
	if in.closed {
		in.wake.Broadcast()
	}
	in.mu.Unlock()
}

func (m *etcdMail) empty() bool {
	return m.ticks == 0 && !m.campaign && len(m.messages) == 0 && len(m.proposals) == 0
}

// close ends the loop, after the turn that is being made.
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

package torture

import (
	"context"
	"sync"

	"paxon/client"
	"paxon/cmd/paxon/cluster"
	"paxon/process"
)

// Machine is one start of a process that can be paused.
type Machine interface {
	cluster.Machine
	Pause()
	Resume()
}

// session is one start of a process, as its callers see it. Whatever is called in a session is
// answered by that start or not at all: the next one begins when all calls have ended.
type session struct {
	process process.ID
	start   int // From 1.
	machine Machine
	client  *client.Client
	ctx     context.Context // Ends when the process is killed, or the round.
	end     context.CancelFunc
	paused  bool
	calls   sync.WaitGroup
}

// member is one process of the round, through all its starts.
type member struct {
	ctx  context.Context // Of the round.
	id   process.ID
	run  func(ctx context.Context, id process.ID) (Machine, error)
	died func(error) // Hears that it died though nobody killed it.

	mu     sync.Mutex
	now    *session // Nil while it is down.
	starts int
	gone   bool // It does not come back.
}

// start runs the process, for the first time or again.
func (m *member) start(ctx context.Context) error {
	machine, c, err := cluster.Connect(ctx, m.id, m.run)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.starts++
	s := &session{process: m.id, start: m.starts, machine: machine, client: c}
	s.ctx, s.end = context.WithCancel(m.ctx)
	m.now = s
	go m.watch(s)
	return nil
}

// watch tells when a session ends though nobody ended it.
func (m *member) watch(s *session) {
	<-s.machine.Done()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.now == s {
		m.died(&cluster.DiedError{Process: m.id, Err: s.machine.Err()})
	}
}

// enter gives the present session to call in, nil if there is none; leave is for after the call.
func (m *member) enter() *session {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.now != nil {
		m.now.calls.Add(1)
	}
	return m.now
}

func (s *session) leave() { s.calls.Done() }

// kill ends the present session, and says whether there was one.
func (m *member) kill(forGood bool) bool {
	m.mu.Lock()
	s := m.now
	m.now, m.gone = nil, m.gone || forGood
	m.mu.Unlock()
	if s == nil {
		return false
	}
	s.machine.Kill()
	s.end()
	s.calls.Wait()
	s.client.Close()
	return true
}

// pause stops the present session if there is one that is not stopped; resume lets it go on.
func (m *member) pause() (resume func(), paused bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.now
	if s == nil || s.paused {
		return nil, false
	}
	s.paused = true
	s.machine.Pause()
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		s.paused = false
		s.machine.Resume()
	}, true
}

// alive says whether the process runs, or will again.
func (m *member) alive() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.gone
}

package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"paxon/client"
	"paxon/internal/wait"
	"paxon/tob"
)

// pause is how long a session or a follower waits before it connects again.
const pause = 50 * time.Millisecond

// Window bounds what one client has broadcast and not heard of: a line waits while there are
// Lines of them, or Bytes in them.
type Window struct {
	Lines int
	Bytes int
}

// session is one client: it broadcasts at its home, and elsewhere while that is down.
type session struct {
	name    tob.Client
	home    *member
	members []*member // All, home first.
	window  Window
	given   *account
	times   *times

	mu       sync.Mutex
	changed  *sync.Cond
	queue    []line // Not answered yet, oldest first.
	bytes    int    // In queue.
	sent     int    // How many of queue were sent on the stream that is open.
	leaving  bool   // Home is up again: nothing more is sent on this stream.
	finished bool   // No more lines will come.
}

type line struct {
	sequence uint64
	payload  []byte
}

func newSession(name tob.Client, members []*member, home int, w Window, t *times) *session {
	s := &session{
		name: name, home: members[home], window: w, given: newAccount(), times: t,
		members: append(slices.Clone(members[home:]), members[:home]...),
	}
	s.changed = sync.NewCond(&s.mu)
	return s
}

// push adds a line, once the window has room.
func (s *session) push(ctx context.Context, payload []byte) error {
	stop := context.AfterFunc(ctx, s.wake)
	defer stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queue) >= s.window.Lines || s.bytes > 0 && s.bytes+len(payload) > s.window.Bytes {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.changed.Wait()
	}
	s.given.add(payload)
	s.queue = append(s.queue, line{s.given.count, payload})
	s.bytes += len(payload)
	s.changed.Broadcast()
	return nil
}

// finish says that no more lines will come.
func (s *session) finish() { s.set(func() { s.finished = true }) }

func (s *session) wake() { s.set(func() {}) }

func (s *session) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	s.changed.Broadcast()
}

// run broadcasts until all lines are answered.
func (s *session) run(ctx context.Context) error {
	for {
		at, c, err := s.choose(ctx)
		if err != nil {
			return err
		}
		err = s.serve(ctx, at, c)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil && !client.Retryable(err):
			return err
		case err == nil && s.done():
			return nil
		case err != nil:
			if err := wait.For(ctx, pause); err != nil {
				return err
			}
		}
	}
}

func (s *session) done() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.finished && len(s.queue) == 0
}

// choose gives the home if it is up, and otherwise the next process that is.
func (s *session) choose(ctx context.Context) (*member, *client.Client, error) {
	for {
		_, _, changed := s.home.state()
		for _, m := range s.members {
			if c, _, _ := m.state(); c != nil {
				return m, c, nil
			}
		}
		// All are down. It looks again after the pause, as any may be the first to return.
		timer := time.NewTimer(pause)
		select {
		case <-changed:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
	}
}

// serve broadcasts at one process, first what is not answered yet, until that process goes
// down, the home is back and nothing is unanswered here, or all lines are answered.
func (s *session) serve(ctx context.Context, at *member, c *client.Client) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.set(func() { s.sent, s.leaving = 0, false })
	stream, err := c.Stream(ctx, s.name)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, s.wake)
	defer stop()
	var group sync.WaitGroup
	if at != s.home {
		group.Go(func() {
			if _, err := s.home.up(ctx); err == nil {
				s.set(func() { s.leaving = true })
			}
		})
	}
	group.Go(func() {
		// Receive has the same error, or will have when the connection is seen to be broken.
		if err := s.send(ctx, stream); err != nil {
			cancel()
		}
	})
	err = s.receive(at, stream)
	cancel()
	stream.Close()
	group.Wait()
	return err
}

// send keeps sending what is not sent yet, and closes the stream's side when it is to end.
func (s *session) send(ctx context.Context, stream *client.Stream) error {
	for {
		lines := s.take(ctx)
		if len(lines) == 0 {
			return stream.CloseSend()
		}
		for _, l := range lines {
			s.times.stamp(l.sequence)
			if err := stream.Send(l.sequence, l.payload); err != nil {
				return err
			}
		}
		if err := stream.Flush(); err != nil {
			return err
		}
	}
}

// take waits for lines to send, and returns none when the stream is to end.
func (s *session) take(ctx context.Context) []line {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ctx.Err() == nil {
		switch {
		case s.leaving && s.sent == 0, s.finished && s.sent == len(s.queue):
			return nil
		case !s.leaving && s.sent < len(s.queue):
			lines := slices.Clone(s.queue[s.sent:])
			s.sent = len(s.queue)
			return lines
		}
		s.changed.Wait()
	}
	return nil
}

// receive settles what is answered, until the stream ends.
func (s *session) receive(at *member, stream *client.Stream) error {
	for {
		a, err := stream.Receive()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.settle(at, a); err != nil {
			return err
		}
	}
}

// settle takes the line that is answered out of the queue. Answers come in order.
func (s *session) settle(at *member, a client.Answer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sent == 0 || a.Sequence != s.queue[0].sequence {
		expected := "no answer, as nothing was asked"
		if s.sent > 0 {
			expected = fmt.Sprintf("message %d of client %v", s.queue[0].sequence, s.name)
		}
		return &AnswerError{at.id, fmt.Sprintf("message %d", a.Sequence), expected}
	}
	if a.Status != tob.Delivered && a.Status != tob.Forgotten {
		return &client.NotDeliveredError{Client: s.name, Sequence: a.Sequence, Status: a.Status}
	}
	s.bytes -= len(s.queue[0].payload)
	s.queue[0] = line{}
	s.queue = s.queue[1:]
	s.sent--
	s.changed.Broadcast()
	return nil
}

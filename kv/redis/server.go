package redis

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidwall/redcon"
)

// Server answers clients from Listen to Close.
type Server struct {
	config   Config
	commands map[string]*command // By name, in lower case.
	listener net.Listener
	started  time.Time

	// base is above the contexts of all commands; it ends when Close no longer waits for them.
	base context.Context
	stop context.CancelFunc

	running sync.WaitGroup // The goroutine that accepts, and one for each client.
	ids     atomic.Int64
	handled atomic.Int64 // Commands, for INFO.

	mu      sync.Mutex
	clients map[*client]struct{}
	closing bool
}

// Listen starts a server. The error is a *ConfigError or the network's.
func Listen(config Config) (*Server, error) {
	s, err := newServer(config)
	if err != nil {
		return nil, err
	}
	var network net.ListenConfig
	if s.listener, err = network.Listen(context.Background(), "tcp", config.Address); err != nil {
		return nil, err
	}
	s.running.Go(s.accept)
	return s, nil
}

// newServer is a server that does not listen.
func newServer(config Config) (*Server, error) {
	if err := config.fill(); err != nil {
		return nil, err
	}
	s := &Server{
		config: config, commands: table(config.Commands), started: time.Now(),
		clients: map[*client]struct{}{},
	}
	s.base, s.stop = context.WithCancel(context.Background())
	return s, nil
}

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Close stops listening, has commands under way finish and be answered, and closes all
// connections. When ctx ends it waits no longer: the rest is answered as unknown, if at all,
// and the error is that of ctx.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	for c := range s.clients {
		// Whoever waits for a request finds the end of it; an answer is still written.
		_ = c.conn.SetReadDeadline(time.Unix(1, 0))
	}
	s.mu.Unlock()
	_ = s.listener.Close() // If it is closed already that is what was wanted.

	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	defer s.stop()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	s.stop()
	s.mu.Lock()
	for c := range s.clients {
		_ = c.conn.SetWriteDeadline(time.Now().Add(farewell))
	}
	s.mu.Unlock()
	<-done
	return ctx.Err()
}

// farewell is how long a client has to take its last answer when Close waits no longer.
const farewell = 100 * time.Millisecond

// accept takes connections until the listener is closed.
func (s *Server) accept() {
	const least, most = 5 * time.Millisecond, time.Second
	wait := least
	for {
		conn, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // Such as no more descriptors, which may come back.
			s.config.Logger.WithError(err).Warn("cannot accept a connection")
			time.Sleep(wait)
			wait = min(2*wait, most)
			continue
		}
		wait = least
		s.admit(conn)
	}
}

// admit serves a connection if there is room for one more.
func (s *Server) admit(conn net.Conn) {
	c := newClient(s, conn)
	s.mu.Lock()
	full := len(s.clients) >= s.config.Limits.Connections
	if !full && !s.closing {
		s.clients[c] = struct{}{}
		s.running.Go(func() {
			defer s.leave(c)
			c.serve()
		})
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	if full {
		_ = conn.SetWriteDeadline(time.Now().Add(farewell))
		_, _ = conn.Write(redcon.AppendError(nil, errClients.Error())) // Nothing depends on it.
	}
	c.stop()
	_ = conn.Close()
}

func (s *Server) leave(c *client) {
	s.mu.Lock()
	delete(s.clients, c)
	s.mu.Unlock()
	c.stop()
	_ = c.conn.Close()
}

func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

func (s *Server) connected() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.clients)
}

package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"paxon/node"
)

const (
	// headerTime bounds how long the head of a request may take, and headerBytes its length.
	headerTime  = 5 * time.Second
	headerBytes = 16 << 10
	// idleTime is how long a connection without a request is kept.
	idleTime = 2 * time.Minute
)

// Server serves the API of a process at an address.
type Server struct {
	http     *http.Server
	listener net.Listener
	ended    chan error
}

// ListenError says that the API cannot be served at an address.
type ListenError struct {
	Address string
	Err     error
}

func (e *ListenError) Error() string {
	return fmt.Sprintf("api: cannot listen at %s: %v: stop the program that has this address, or "+
		"use another", e.Address, e.Err)
}

// Unwrap returns the network's error.
func (e *ListenError) Unwrap() error { return e.Err }

// Listen takes an address for the API, as host:port. The error is a *ListenError.
func Listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, &ListenError{Address: address, Err: err}
	}
	return l, nil
}

// Serve serves the API of a process at an address that Listen took.
func Serve(n *node.Node, l net.Listener) *Server {
	s := newServer(n, l)
	go func() { s.ended <- s.http.Serve(l) }()
	return s
}

func newServer(n *node.Node, l net.Listener) *Server {
	return &Server{
		http: &http.Server{
			Handler: New(n), ReadHeaderTimeout: headerTime, MaxHeaderBytes: headerBytes,
			IdleTimeout: idleTime,
		},
		listener: l, ended: make(chan error, 1),
	}
}

// Addr is the address of the API.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Close answers the requests that run, until ctx ends, breaks off the others, and returns once no
// goroutine of the server is left. Close the Node before: its broadcasts are then answered,
// and its deliveries end.
func (s *Server) Close(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	if served := <-s.ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"go.etcd.io/raft/v3/raftpb"
)

const (
	etcdFrameBytes  = 64 << 20  // Of a frame, at most.
	etcdBufferBytes = 256 << 10 // Of the reader of a connection.
)

// etcdLink is what goes to one peer. Frames are gathered and written together, by the goroutine that
// flushes. It is safe for concurrent use.
type etcdLink struct {
	conn net.Conn

	mu  sync.Mutex
	buf []byte
}

// add gathers a message.
func (l *etcdLink) add(m *raftpb.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := len(l.buf)
	l.buf = appendMessage(append(l.buf, 0, 0, 0, 0), m)
	binary.LittleEndian.PutUint32(l.buf[at:], uint32(len(l.buf)-at-4))
}

// flush writes what was gathered. What cannot be written is lost, as Raft allows: a member that
// ends closes its connections before the others do.
func (l *etcdLink) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.buf) > 0 {
		_, _ = l.conn.Write(l.buf)
		l.buf = l.buf[:0]
	}
}

// receive takes the messages of a connection until it ends, and hands over together what has
// arrived together.
func receive(conn net.Conn, hand func([]raftpb.Message)) error {
	r := bufio.NewReaderSize(conn, etcdBufferBytes)
	var batch []raftpb.Message
	for {
		m, err := readFrame(r)
		if lost := (*net.OpError)(nil); errors.As(err, &lost) || errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		batch = append(batch, m)
		if r.Buffered() == 0 {
			hand(batch)
			batch = batch[:0]
		}
	}
}

// readFrame reads one message. Its entries share one piece of memory.
func readFrame(r io.Reader) (raftpb.Message, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return raftpb.Message{}, err
	}
	size := binary.LittleEndian.Uint32(length[:])
	if size > etcdFrameBytes {
		return raftpb.Message{}, fmt.Errorf("a frame of %d bytes: expected at most %d",
			size, etcdFrameBytes)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return raftpb.Message{}, err
	}
	return readMessage(body)
}

// etcdNetwork is the connections of a member, one with each other member.
type etcdNetwork struct {
	links   [members]*etcdLink // nil for the member itself.
	readers sync.WaitGroup
}

// connect connects a member with all others: it dials those after it, and says who it is.
func connect(ctx context.Context, s Setup) (*etcdNetwork, error) {
	listener, err := net.Listen("tcp", s.Addresses[s.Member])
	if err != nil {
		return nil, err
	}
	defer listener.Close() //nolint:errcheck // All who connect have done so, or it failed anyway.
	n := &etcdNetwork{}
	for i := s.Member + 1; i < len(s.Addresses); i++ {
		c, err := dial(ctx, s.Addresses[i])
		if err == nil {
			n.links[i] = &etcdLink{conn: c}
			_, err = c.Write([]byte{byte(s.Member)})
		}
		if err != nil {
			return nil, errors.Join(err, n.close())
		}
	}
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	for range s.Member {
		c, err := listener.Accept()
		if err != nil {
			return nil, errors.Join(err, n.close())
		}
		var who [1]byte
		stop := context.AfterFunc(ctx, func() { _ = c.Close() })
		_, err = io.ReadFull(c, who[:])
		stop()
		if err != nil || int(who[0]) >= s.Member || n.links[who[0]] != nil {
			err = errors.Join(fmt.Errorf("a connection of member %d", who[0]), err)
			return nil, errors.Join(err, c.Close(), n.close())
		}
		n.links[who[0]] = &etcdLink{conn: c}
	}
	return n, nil
}

// serve hands over what comes from the others. fail is told of what nobody can have sent.
func (n *etcdNetwork) serve(hand func([]raftpb.Message), fail func(error)) {
	for _, l := range n.links {
		if l == nil {
			continue
		}
		n.readers.Go(func() {
			if err := receive(l.conn, hand); err != nil {
				fail(fmt.Errorf("what came from %v: %w", l.conn.RemoteAddr(), err))
			}
		})
	}
}

// dial connects to a member that may not listen yet.
func dial(ctx context.Context, address string) (c net.Conn, err error) {
	err = until(ctx, "a connection to "+address, func() (bool, error) {
		c, err = (&net.Dialer{}).DialContext(ctx, "tcp", address)
		return err == nil, nil
	})
	return c, err
}

// flush writes to all others what was gathered for them.
func (n *etcdNetwork) flush() {
	for _, l := range n.links {
		if l != nil {
			l.flush()
		}
	}
}

func (n *etcdNetwork) close() error {
	var err error
	for _, l := range n.links {
		if l != nil {
			err = errors.Join(err, l.conn.Close())
		}
	}
	n.readers.Wait()
	return err
}

package main

import (
	"bufio"
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

// etcdLink is a connection to one peer, on which this member only sends. Frames are gathered
// and written together, by the goroutine that flushes. It is safe for concurrent use.
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

// flush writes what was gathered.
func (l *etcdLink) flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.buf) == 0 {
		return nil
	}
	_, err := l.conn.Write(l.buf)
	l.buf = l.buf[:0]
	return err
}

// receive takes the messages of a connection until it ends, and hands over together what has
// arrived together.
func receive(conn net.Conn, hand func([]raftpb.Message)) error {
	r := bufio.NewReaderSize(conn, etcdBufferBytes)
	var batch []raftpb.Message
	for {
		m, err := readFrame(r)
		if errors.Is(err, net.ErrClosed) || errors.Is(err, io.EOF) {
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

// connect makes the links from each member to each other, and serves them.
func connect(hand [members]func([]raftpb.Message), fail func(error)) (*etcdNetwork, error) {
	n := &etcdNetwork{}
	for to := range members {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, errors.Join(err, n.close())
		}
		for from := range members {
			if from == to {
				continue
			}
			out, err := net.Dial("tcp", listener.Addr().String())
			if err != nil {
				return nil, errors.Join(err, listener.Close(), n.close())
			}
			n.conns = append(n.conns, out)
			n.links[from][to] = &etcdLink{conn: out}
			in, err := listener.Accept()
			if err != nil {
				return nil, errors.Join(err, listener.Close(), n.close())
			}
			n.conns = append(n.conns, in)
			n.readers.Go(func() {
				if err := receive(in, hand[to]); err != nil {
					fail(fmt.Errorf("member %d reads: %w", to+1, err))
				}
			})
		}
		if err := listener.Close(); err != nil {
			return nil, errors.Join(err, n.close())
		}
	}
	return n, nil
}

// etcdNetwork is the connections between all members.
type etcdNetwork struct {
	links   [members][members]*etcdLink // By sender and receiver, nil on the diagonal.
	conns   []net.Conn
	readers sync.WaitGroup
}

func (n *etcdNetwork) close() error {
	var err error
	for _, c := range n.conns {
		err = errors.Join(err, c.Close())
	}
	n.readers.Wait()
	return err
}

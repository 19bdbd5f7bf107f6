package link

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"paxon/process"
)

// ErrUnknown is what an error of Config.Recognize is, if the reason is the directory that the process came
// with, and not that of who looked.
var ErrUnknown = errors.New("link: another directory than when the process was first seen")

var errTooMany = errors.New("link: too many connections that have not greeted")

// incoming is the connection that one peer has dialled: the newest that it has greeted on.
type incoming struct {
	mu         sync.Mutex
	conn       net.Conn
	superseded chan struct{}
	// turn has an element while a connection is served. Receive may keep the reader of an older
	// one, so a newer one waits for its turn: at most one of each exists.
	turn chan struct{}
}

func newIncoming() *incoming { return &incoming{turn: make(chan struct{}, 1)} }

// replace makes conn the connection from the peer, and closes the one before. What it returns
// is closed when conn is replaced in turn.
func (i *incoming) replace(conn net.Conn) <-chan struct{} {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.conn != nil {
		closeConn(i.conn)
		close(i.superseded)
	}
	i.conn, i.superseded = conn, make(chan struct{})
	return i.superseded
}

// end closes the connection from the peer, if there is one.
func (i *incoming) end() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.conn != nil {
		closeConn(i.conn)
	}
}

// accept accepts connections until the links close.
func (l *Links) accept() {
	pace := backoff{start: time.Millisecond, max: time.Second}
	for {
		conn, err := l.listener.Accept()
		if l.ctx.Err() != nil {
			if err == nil {
				closeConn(conn)
			}
			return
		}
		if err != nil { // No file descriptors, for one: it passes.
			l.strange.warn(l.config.Log.WithError(err), "cannot accept a connection")
			select {
			case <-time.After(pace.next()):
			case <-l.ctx.Done():
			}
			continue
		}
		pace.reset()
		select {
		case l.greeting <- struct{}{}:
			l.goroutines.Go(func() { l.host(conn) })
		default:
			closeConn(conn)
			l.stranger(conn, errTooMany)
		}
	}
}

// host greets an accepted connection and serves it until it ends.
func (l *Links) host(conn net.Conn) {
	defer closeWith(l.ctx, conn)()
	h, superseded, err := l.welcome(conn)
	<-l.greeting
	if err != nil {
		if l.ctx.Err() == nil {
			l.stranger(conn, err)
		}
		return
	}
	if superseded == nil {
		return
	}
	i := l.peer(h.From).incoming
	select {
	case i.turn <- struct{}{}:
	case <-superseded:
		return
	case <-l.ctx.Done():
		return
	}
	_ = l.peer(h.From).outgoing.carry(conn, h.Incarnation, !l.dials(h.From)) // It has logged it.
	<-i.turn
}

// welcome reads a hello and answers it. It returns no channel if one of the two does not want to talk to the
// other, and else one that is closed when the process connects again.
func (l *Links) welcome(conn net.Conn) (h hello, superseded <-chan struct{}, err error) {
	if err := l.tune(conn); err != nil {
		return h, nil, err
	}
	if err := conn.SetDeadline(time.Now().Add(l.config.GreetTimeout)); err != nil {
		return h, nil, err
	}
	h, err = readGreeting[hello](conn, l.greetings)
	if err != nil {
		// Another version of Paxon finds this one's in the header of the answer.
		_ = writeGreeting(conn, l.greetings, answer{Refusal: "the greeting was not understood"})
		return h, nil, err
	}
	a := answer{
		Incarnation: l.config.Incarnation, Refusal: l.judge(h), Directory: l.config.Directory,
	}
	if a.Refusal == "" {
		if err := l.recognize(h.From, h.Directory); err != nil {
			a.Refusal, a.Unknown = err.Error(), errors.Is(err, ErrUnknown)
		}
	}
	if a.Refusal != "" {
		l.refused.Add(1)
		l.unwanted.warn(l.config.Log.WithFields(logrus.Fields{
			"from": h.From.String(), "address": conn.RemoteAddr().String(), "reason": a.Refusal,
		}), "refused a process")
		return h, nil, writeGreeting(conn, l.greetings, a)
	}
	superseded = l.peer(h.From).incoming.replace(conn) // In the order of the hellos.
	if err := writeGreeting(conn, l.greetings, a); err != nil {
		return h, nil, err
	}
	if _, err := readGreeting[agreement](conn, l.greetings); errors.Is(err, io.EOF) {
		l.unwanted.warn(l.config.Log.WithFields(logrus.Fields{
			"from": h.From.String(), "address": conn.RemoteAddr().String(),
		}), "a process ended the greeting")
		return h, nil, nil
	} else if err != nil {
		return h, nil, err
	}
	l.peer(h.From).outgoing.hear(h.Incarnation)
	return h, superseded, conn.SetDeadline(time.Time{})
}

// read hands over what arrives until the connection ends.
func (l *Links) read(conn net.Conn, from process.ID) error {
	counters := &l.peer(from).outgoing.counters
	r := newFrameReader(conn, l.config.Codec, l.config.Limits.MaxFrame)
	for {
		batch, size, err := r.next()
		if err != nil {
			return err
		}
		if closed := l.ctx.Err(); closed != nil {
			return closed
		}
		counters.packetsReceived.Add(uint64(len(batch)))
		counters.bytesReceived.Add(uint64(size))
		l.config.Receive(from, batch)
	}
}

// parted logs the end of a connection with a peer.
func (l *Links) parted(from process.ID, err error) {
	entry := l.config.Log.WithField("peer", from.String()).WithError(err)
	var broken *FrameError
	switch {
	case errors.As(err, &broken):
		l.peer(from).outgoing.counters.broken.Add(1)
		l.unwanted.warn(entry, "closed a connection for its bytes")
	case errors.Is(err, io.EOF), errors.Is(err, errClosedByPeer), errors.Is(err, net.ErrClosed),
		l.ctx.Err() != nil:
		entry.Debug("a connection with a peer ended")
	default:
		entry.Info("a connection with a peer broke")
	}
}

// stranger counts and logs a connection that did not greet as it should.
func (l *Links) stranger(conn net.Conn, err error) {
	l.strangers.Add(1)
	entry := l.config.Log.WithField("address", conn.RemoteAddr().String()).WithError(err)
	l.strange.warn(entry, "closed a connection that did not greet")
}

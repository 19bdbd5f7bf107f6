package link

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"paxon/process"
	"paxon/retransmit"
)

// writeAtOnce is the most that is written in one call, so that WriteTimeout measures progress
// and not size.
const writeAtOnce = 1 << 20

var errClosedByPeer = errors.New("link: the peer closed the connection")

// outgoing is the connection to one peer.
type outgoing struct {
	links   *Links
	id      process.ID
	address string
	// unflushed says that the peer is in Links.unflushed; it belongs to the loop.
	unflushed bool
	// wake has an element when there may be something to write.
	wake chan struct{}
	// heard has an element when the peer was heard since the last attempt to connect.
	heard    chan struct{}
	counters counters

	mu sync.Mutex
	// conn is nil while there is no connection, and incarnation is the peer's on it.
	conn        net.Conn
	incarnation process.Incarnation
	// out waits to be written, and writing is the size of what is being written.
	out     []byte
	packets int
	writing int
}

func newOutgoing(l *Links, id process.ID, address string) *outgoing {
	return &outgoing{
		links:   l,
		id:      id,
		address: address,
		wake:    make(chan struct{}, 1),
		heard:   make(chan struct{}, 1),
	}
}

func (p *outgoing) connected() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.conn != nil
}

// send encodes packet into the buffer, or drops it. The error says that it can never be sent.
func (p *outgoing) send(packet retransmit.Packet) error {
	limits := p.links.config.Limits
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conn == nil {
		p.counters.dropped.Add(1)
		return nil
	}
	out, err := appendFrame(p.out, p.links.config.Codec, packet)
	size := len(out) - len(p.out)
	switch {
	case err != nil:
		return err
	case size > limits.MaxFrame:
		return fmt.Errorf("it takes %d bytes, expected at most the %d of Limits.MaxFrame",
			size, limits.MaxFrame)
	case len(out)+p.writing > limits.OutBytes:
		p.counters.dropped.Add(1)
		return nil
	}
	p.out = out
	p.packets++
	return nil
}

// flush wakes the writer.
func (p *outgoing) flush() { signal(p.wake) }

// hear is told that the peer has greeted this process as the given incarnation: it is up, and
// a connection to an earlier incarnation is dead, though nothing may have said so.
func (p *outgoing) hear(incarnation process.Incarnation) {
	p.mu.Lock()
	if p.conn != nil && p.incarnation < incarnation {
		closeConn(p.conn)
	}
	p.mu.Unlock()
	signal(p.heard)
}

// run keeps the peer connected until the links close.
func (p *outgoing) run() {
	config := &p.links.config
	pace := backoff{start: config.BackoffStart, max: config.BackoffMax}
	reported := ""
	for {
		since := time.Now()
		greeted, err := p.connect()
		if greeted {
			reported = ""
			if time.Since(since) >= config.BackoffMax {
				pace.reset()
			}
		}
		if p.links.ctx.Err() != nil {
			return
		}
		p.report(err, &reported)
		if !p.wait(pace.next()) {
			return
		}
	}
}

// report logs why there is no connection, once for each reason in a row.
func (p *outgoing) report(err error, reported *string) {
	entry := p.links.config.Log.WithFields(logrus.Fields{"peer": p.id.String(), "address": p.address})
	reason := err.Error()
	if op, ok := errors.AsType[*net.OpError](err); ok {
		reason = op.Err.Error() // The rest has a port that differs each time.
	}
	if reason == *reported {
		entry.WithError(err).Debug("still not connected")
		return
	}
	*reported = reason
	entry.WithError(err).Warn("not connected, trying again")
}

// wait returns after d, or when the peer is heard; false if the links close.
func (p *outgoing) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-p.heard:
		return true
	case <-p.links.ctx.Done():
		return false
	}
}

// connect dials, greets, and serves the connection until it ends, for the reason returned.
func (p *outgoing) connect() (greeted bool, err error) {
	dialer := net.Dialer{Timeout: p.links.config.GreetTimeout}
	conn, err := dialer.DialContext(p.links.ctx, "tcp", p.address)
	if err != nil {
		return false, err
	}
	release := p.links.closeWith(conn)
	defer release()
	incarnation, err := p.greet(conn)
	if err != nil {
		return false, err
	}
	return true, p.serve(conn, incarnation)
}

// greet says hello and returns the incarnation of the peer that answered.
func (p *outgoing) greet(conn net.Conn) (process.Incarnation, error) {
	config := &p.links.config
	if err := p.links.tune(conn); err != nil {
		return 0, err
	}
	if err := conn.SetDeadline(time.Now().Add(config.GreetTimeout)); err != nil {
		return 0, err
	}
	err := writeGreeting(conn, p.links.greetings, hello{
		Cluster:     config.Cluster,
		Variant:     config.Variant,
		Fingerprint: config.Codec.Fingerprint(),
		From:        config.Self,
		Incarnation: config.Incarnation,
		To:          p.id,
	})
	if err != nil {
		return 0, err
	}
	a, err := readGreeting[answer](conn, p.links.greetings)
	if err != nil {
		return 0, err
	}
	if a.Refusal != "" {
		return 0, &RefusedError{Peer: p.id, Address: p.address, Reason: a.Refusal}
	}
	return a.Incarnation, conn.SetDeadline(time.Time{})
}

// serve writes what is sent until the connection breaks or the links close.
func (p *outgoing) serve(conn net.Conn, incarnation process.Incarnation) error {
	gone := make(chan struct{})
	p.links.goroutines.Go(func() {
		defer close(gone)
		var none [1]byte
		_, _ = conn.Read(none[:]) // The peer says nothing: it returns when the connection ends.
	})
	p.mu.Lock()
	p.conn, p.incarnation = conn, incarnation
	p.mu.Unlock()
	p.counters.connects.Add(1)
	p.links.config.Log.WithFields(logrus.Fields{
		"peer": p.id.String(), "address": p.address, "incarnation": uint64(incarnation),
	}).Info("connected")
	p.links.config.Connected(p.id)

	err := p.write(conn, gone)

	closeConn(conn)
	<-gone
	p.mu.Lock()
	p.counters.dropped.Add(uint64(p.packets))
	p.conn, p.out, p.packets, p.writing = nil, nil, 0, 0
	p.mu.Unlock()
	return err
}

// write writes what is sent, all that waits at a time. The two buffers take turns.
func (p *outgoing) write(conn net.Conn, gone <-chan struct{}) error {
	var spare []byte
	for {
		select {
		case <-p.wake:
		case <-gone:
			return errClosedByPeer
		}
		b, packets := p.take(spare)
		if err := p.writeAll(conn, b); err != nil {
			p.counters.dropped.Add(uint64(packets))
			return err
		}
		p.wrote(len(b), packets)
		if spare = b[:0]; cap(b) > keptBuffer {
			spare = nil
		}
	}
}

// take returns what waits to be written, and puts spare in its place.
func (p *outgoing) take(spare []byte) (b []byte, packets int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b, packets = p.out, p.packets
	p.out, p.packets, p.writing = spare, 0, len(b)
	return b, packets
}

// wrote says that what take returned was written.
func (p *outgoing) wrote(size, packets int) {
	p.mu.Lock()
	p.writing = 0
	p.mu.Unlock()
	p.counters.packetsSent.Add(uint64(packets))
	p.counters.bytesSent.Add(uint64(size))
}

func (p *outgoing) writeAll(conn net.Conn, b []byte) error {
	for len(b) > 0 {
		if err := conn.SetWriteDeadline(time.Now().Add(p.links.config.WriteTimeout)); err != nil {
			return err
		}
		n, err := conn.Write(b[:min(len(b), writeAtOnce)])
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// signal leaves an element in c, where one is enough.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

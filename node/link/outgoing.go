package link

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sirupsen/logrus"

	"paxon/process"
	"paxon/retransmit"
)

// writeAtOnce is the most that is written in one call, so that WriteTimeout measures progress
// and not size.
const writeAtOnce = 1 << 20

// flushBytes is how much waits for a Flush at most, unless the writer is writing: what is long goes at
// once, so that the peer takes it in while the next is made.
const flushBytes = 128 << 10

var (
	errClosedByPeer = errors.New("link: the peer closed the connection")
	errGivenUp      = errors.New("link: the attempt was given up for another one")
)

// outgoing is what goes to one peer.
type outgoing struct {
	links *Links
	id    process.ID
	// unflushed says that the peer is in Links.unflushed; it belongs to the loop.
	unflushed bool
	// wake has an element when there may be something to write.
	wake chan struct{}
	// heard has an element when the peer was heard since the last attempt to connect.
	heard    chan struct{}
	counters counters
	// rests says that the peer is connected to only when it is heard.
	rests atomic.Bool

	mu      sync.Mutex
	address string
	// drop ends the attempt to connect that began at since, or the connection that came of it once the peer
	// has greeted.
	drop    context.CancelFunc
	since   time.Time
	greeted bool
	// conn is nil while there is no connection, raw is what it is to the system, and incarnation
	// is the peer's on it.
	conn        net.Conn
	raw         syscall.RawConn
	incarnation process.Incarnation
	// out waits to be written. What is in flight is being written: by flush, or if writing, by the
	// writer. The two take turns. rest is what is not written yet of the pieces that are in flight.
	out, flight queue
	pieces      [][]byte
	rest        [][]byte
	writing     bool
	atOnce      func(fd uintptr) bool // Writes of rest what goes at once, made a value once.
}

func newOutgoing(l *Links, id process.ID, address string) *outgoing {
	p := &outgoing{
		links:   l,
		id:      id,
		address: address,
		wake:    make(chan struct{}, 1),
		heard:   make(chan struct{}, 1),
	}
	p.atOnce = func(fd uintptr) bool {
		p.rest = after(p.rest, tryWrite(fd, p.rest))
		return true
	}
	return p
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
	full, err := p.out.add(p.links.config.Codec, packet, limits.MaxFrame,
		limits.OutBytes-p.out.size-p.flight.size)
	if full {
		p.counters.dropped.Add(1)
	}
	if p.out.size >= flushBytes {
		p.writeNow()
	}
	return err
}

// flush writes what goes without waiting, and leaves the rest to the writer.
func (p *outgoing) flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writeNow()
}

// writeNow is flush, with the lock held.
func (p *outgoing) writeNow() {
	if p.conn == nil || p.writing || !p.takeOff() {
		return // Or the writer goes on with it by itself.
	}
	// An error is found again by the writer.
	if err := p.raw.Write(p.atOnce); err == nil && len(p.rest) == 0 {
		p.landed()
		return
	}
	p.writing = true
	signal(p.wake)
}

// takeOff puts what waits in flight, and says whether there was anything. Nothing is in flight.
func (p *outgoing) takeOff() bool {
	if p.out.packets == 0 {
		return false
	}
	p.out, p.flight = p.flight, p.out
	p.pieces = p.flight.pieces(p.pieces[:0])
	p.rest = p.pieces
	return true
}

// landed says that what was in flight is written.
func (p *outgoing) landed() {
	p.counters.packetsSent.Add(uint64(p.flight.packets))
	p.counters.bytesSent.Add(uint64(p.flight.size))
	p.flight.empty()
}

// hear is told that the peer has greeted this process as the given incarnation: it is up, and
// a connection to an earlier incarnation is dead, though nothing may have said so. So may be an attempt to
// connect that takes long.
func (p *outgoing) hear(incarnation process.Incarnation) {
	p.mu.Lock()
	if p.conn != nil && p.incarnation < incarnation {
		closeConn(p.conn)
	}
	if p.drop != nil && !p.greeted && time.Since(p.since) > p.links.config.BackoffStart {
		p.drop()
	}
	p.mu.Unlock()
	signal(p.heard)
}

// move has the peer be connected to, at an address.
func (p *outgoing) move(address string) {
	p.mu.Lock()
	moved := p.address != address
	if moved && p.drop != nil {
		p.drop()
	}
	p.address = address
	p.mu.Unlock()
	if p.rests.Swap(false) || moved {
		signal(p.heard)
	}
}

// at is the peer's address.
func (p *outgoing) at() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.address
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
			if p.rests.Load() { // It is heard again if it is there.
				p.links.peer(p.id).incoming.end()
			}
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
	entry := p.links.config.Log.WithFields(logrus.Fields{"peer": p.id.String(), "address": p.at()})
	reason := err.Error()
	if op, ok := errors.AsType[*net.OpError](err); ok {
		reason = op.Err.Error() // The rest has a port that differs each time.
	}
	if reason == *reported || p.connected() { // By the connection that the peer has dialled.
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
	elapsed := timer.C
	if p.rests.Load() {
		elapsed = nil
	}
	select {
	case <-elapsed:
		return true
	case <-p.heard:
		return true
	case <-p.links.ctx.Done():
		return false
	}
}

// connect dials, greets, and keeps the connection until it ends, for the reason returned.
func (p *outgoing) connect() (greeted bool, err error) {
	ctx, cancel := context.WithCancel(p.links.ctx)
	defer cancel()
	p.mu.Lock()
	p.drop, p.since, p.greeted = cancel, time.Now(), false
	p.mu.Unlock()
	greeted, err = p.dial(ctx)
	if !greeted && ctx.Err() != nil {
		err = errGivenUp
	}
	return greeted, err
}

// dial connects, greets and carries until ctx ends at the latest.
func (p *outgoing) dial(ctx context.Context) (greeted bool, err error) {
	dialer := net.Dialer{Timeout: p.links.config.GreetTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", p.at())
	if err != nil {
		return false, err
	}
	defer closeWith(ctx, conn)()
	incarnation, err := p.greet(ctx, conn)
	if err != nil {
		return false, err
	}
	return true, p.carry(conn, incarnation, p.links.dials(p.id))
}

// carry keeps a connection until it ends, and logs why. If the pair talks over the other one, it only says
// that the process that has dialled it is there.
func (p *outgoing) carry(conn net.Conn, incarnation process.Incarnation, frames bool) (err error) {
	if frames {
		err = p.serve(conn, incarnation)
	} else {
		err = untilEnd(conn)
	}
	p.links.parted(p.id, err)
	return err
}

// untilEnd waits for the end of a connection on which nothing is to come.
func untilEnd(conn net.Conn) error {
	var one [1]byte
	switch n, err := conn.Read(one[:]); {
	case n > 0:
		return &FrameError{
			Came:     "a byte",
			Expected: "nothing: the process with the lower number dials the connection that carries frames",
		}
	case errors.Is(err, io.EOF):
		return errClosedByPeer
	default:
		return err
	}
}

// greet says hello and returns the incarnation of the peer that answered.
func (p *outgoing) greet(ctx context.Context, conn net.Conn) (process.Incarnation, error) {
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
		Directory:   config.Directory,
	})
	if err != nil {
		return 0, err
	}
	a, err := readGreeting[answer](conn, p.links.greetings)
	if err != nil {
		return 0, err
	}
	if a.Refusal != "" {
		err := &RefusedError{Peer: p.id, Address: p.at(), Reason: a.Refusal, Unknown: a.Unknown}
		if err.Unknown && config.Disowned != nil {
			config.Disowned(err)
		}
		return 0, err
	}
	if err := p.links.recognize(p.id, a.Directory); err != nil {
		return 0, err
	}
	p.mu.Lock()
	p.greeted = true
	err = ctx.Err() // Nobody gives it up from now on.
	p.mu.Unlock()
	if err != nil {
		return 0, err
	}
	if err := writeGreeting(conn, p.links.greetings, agreement{}); err != nil {
		return 0, err
	}
	return a.Incarnation, conn.SetDeadline(time.Time{})
}

// serve writes what is sent, and hands over what arrives, until the connection breaks or the links close.
func (p *outgoing) serve(conn net.Conn, incarnation process.Incarnation) error {
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.conn, p.raw, p.incarnation = conn, raw, incarnation
	p.mu.Unlock()
	gone := make(chan struct{})
	p.links.goroutines.Go(func() {
		defer close(gone)
		p.links.parted(p.id, p.links.read(conn, p.id))
	})
	p.counters.connects.Add(1)
	p.links.config.Log.WithFields(logrus.Fields{
		"peer": p.id.String(), "address": p.at(), "incarnation": uint64(incarnation),
	}).Info("connected")
	p.links.config.Connected(p.id)

	err = p.write(conn, gone)

	closeConn(conn)
	<-gone
	p.mu.Lock()
	p.counters.dropped.Add(uint64(p.out.packets + p.flight.packets))
	p.conn, p.raw, p.writing = nil, nil, false
	p.out, p.flight, p.rest = queue{}, queue{}, nil
	p.mu.Unlock()
	return err
}

// write writes what flush leaves.
func (p *outgoing) write(conn net.Conn, gone <-chan struct{}) error {
	for {
		select {
		case <-p.wake:
		case <-gone:
			return errClosedByPeer
		}
		for rest := p.left(); len(rest) > 0; rest = p.wrote() {
			if err := p.writeAll(conn, rest); err != nil {
				return err
			}
		}
		if err := conn.SetWriteDeadline(time.Time{}); err != nil {
			return err // Flush knows no time-out, as it never waits.
		}
	}
}

// left is what flush has left to the writer, nothing if it was woken for an earlier connection.
func (p *outgoing) left() [][]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.writing {
		return nil
	}
	return p.rest
}

// wrote says that the writer has written what was in flight, and returns what has come to wait
// meanwhile. If that is nothing, flush writes again.
func (p *outgoing) wrote() [][]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.landed()
	if p.writing = p.takeOff(); p.writing {
		return p.rest
	}
	return nil
}

// writeAll writes pieces, so much at a time that the time-out measures progress.
func (p *outgoing) writeAll(conn net.Conn, pieces [][]byte) error {
	for len(pieces) > 0 {
		var together net.Buffers
		for size := 0; size < writeAtOnce && len(pieces) > 0; {
			piece := pieces[0][:min(len(pieces[0]), writeAtOnce-size)]
			together = append(together, piece)
			size += len(piece)
			pieces = after(pieces, len(piece))
		}
		if err := conn.SetWriteDeadline(time.Now().Add(p.links.config.WriteTimeout)); err != nil {
			return err
		}
		if _, err := together.WriteTo(conn); err != nil {
			return err
		}
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

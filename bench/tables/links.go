package tables

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Links stand between processes that reach each other over TCP: one for each ordered pair. Bytes
// come later by the delay of the link, in either direction of its connections, and keep their
// distances. A link that is held lets nothing through until it is not: so a network that loses
// packets looks to TCP, for as long as that lasts. Its methods are safe for concurrent use.
type Links struct {
	ctx   context.Context
	stop  context.CancelFunc
	group sync.WaitGroup

	mu        sync.Mutex
	listeners []net.Listener
	held      map[int]bool  // Processes whose links are held.
	changed   chan struct{} // Closed at the next change of held.
}

// NewLinks makes none yet.
func NewLinks() *Links {
	ctx, stop := context.WithCancel(context.Background())
	return &Links{ctx: ctx, stop: stop, held: map[int]bool{}, changed: make(chan struct{})}
}

// Add makes the link on which a process connects to another one, which listens at an address. It
// gives the address to connect to, and must not be called after Close.
func (l *Links) Add(from, to int, listens string, delay time.Duration) (string, error) {
	return l.listen(link{
		to: to, target: listens, from: from, delay: func(int) time.Duration { return delay },
	})
}

// unidentified is a process whose connection has not said yet whose it is.
const unidentified = -1

// AddShared makes the link on which all others connect to a process. What a connection carries to it
// tells identify, as soon as it can, which process it is from, or until then false; so long there is
// no delay.
func (l *Links) AddShared(
	to int, listens string, delay func(from int) time.Duration, identify func(b []byte) (int, bool),
) (string, error) {
	return l.listen(link{to: to, target: listens, from: unidentified, delay: delay, identify: identify})
}

func (l *Links) listen(k link) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	k.links = l
	l.mu.Lock()
	l.listeners = append(l.listeners, listener)
	l.mu.Unlock()
	l.group.Go(func() { k.accept(listener) })
	return listener.Addr().String(), nil
}

// Isolate holds all links of a process, or mends them.
func (l *Links) Isolate(process int, isolated bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held[process] = isolated
	close(l.changed)
	l.changed = make(chan struct{})
}

// Close breaks all connections, and returns when nothing of the links runs any more.
func (l *Links) Close() {
	l.stop()
	l.mu.Lock()
	for _, listener := range l.listeners {
		_ = listener.Close() // It was for accepting only.
	}
	l.mu.Unlock()
	l.group.Wait()
}

// link is that of one pair, or of all others to one.
type link struct {
	links    *Links
	from, to int
	target   string
	delay    func(from int) time.Duration
	identify func(b []byte) (from int, ok bool) // nil if from is known.
}

func (k link) accept(listener net.Listener) {
	for {
		c, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			k.links.group.Go(func() { k.join(c) })
		}
	}
}

// connection is one on a link.
type connection struct {
	link
	source atomic.Int64 // Process that it is from.
}

// join joins a connection with one to the target, until either ends. Where nothing gets through,
// nothing is connected either.
func (k link) join(dialer net.Conn) {
	defer dialer.Close() //nolint:errcheck // It only carries bytes.
	c := &connection{link: k}
	c.source.Store(int64(k.from))
	if !c.admit(k.links.ctx) {
		return
	}
	var d net.Dialer
	target, err := d.DialContext(k.links.ctx, "tcp", k.target)
	if err != nil {
		return
	}
	defer target.Close() //nolint:errcheck // As above.
	ctx, end := context.WithCancel(k.links.ctx)
	defer end()
	defer context.AfterFunc(ctx, func() {
		_ = dialer.Close() // As above.
		_ = target.Close()
	})()
	var group sync.WaitGroup
	pass := func(from, to net.Conn, identify func(b []byte) (int, bool)) {
		on := make(chan chunk, onTheirWay)
		group.Go(func() {
			defer close(on)
			c.read(ctx, from, on, identify)
		})
		group.Go(func() {
			defer end()
			c.write(ctx, to, on)
		})
	}
	pass(dialer, target, k.identify)
	pass(target, dialer, nil)
	group.Wait()
}

// A chunk is bytes with the time at which they are to come.
type chunk struct {
	bytes []byte
	due   time.Time
}

// Buffers of a direction of a connection.
const (
	onTheirWay = 1 << 12
	atOnce     = 16 << 10
)

func (c *connection) read(
	ctx context.Context, from net.Conn, on chan<- chunk, identify func(b []byte) (int, bool),
) {
	for {
		b := make([]byte, atOnce)
		n, err := from.Read(b)
		if n > 0 {
			if identify != nil && c.source.Load() == unidentified {
				if source, ok := identify(b[:n]); ok {
					c.source.Store(int64(source))
				}
			}
			select {
			case on <- chunk{b[:n], time.Now().Add(c.wait())}:
			case <-ctx.Done():
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (c *connection) wait() time.Duration {
	source := int(c.source.Load())
	if source == unidentified {
		return 0
	}
	return c.delay(source)
}

func (c *connection) write(ctx context.Context, to net.Conn, on <-chan chunk) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for next := range on {
		timer.Reset(time.Until(next.due))
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		if !c.admit(ctx) {
			return
		}
		if _, err := to.Write(next.bytes); err != nil {
			return
		}
	}
}

// admit waits until the link is not held, and says whether ctx has not ended.
func (c *connection) admit(ctx context.Context) bool {
	l := c.links
	for {
		l.mu.Lock()
		held, changed := l.held[int(c.source.Load())] || l.held[c.to], l.changed
		l.mu.Unlock()
		if !held {
			return ctx.Err() == nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

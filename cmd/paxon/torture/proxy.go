package torture

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"paxon/process"
)

// Network is the links between the processes of a round, as far as they can be broken. Its methods
// may be called by several goroutines at once. What they return mends what they broke; a link
// works again when all that broke it is mended.
type Network interface {
	// Cut breaks a link: what is sent on it is lost, or if hold is true comes when it is mended.
	Cut(from, to process.ID, hold bool) (mend func() error, err error)
	// Delay has what is sent on a link come so much later.
	Delay(from, to process.ID, d time.Duration) (mend func() error, err error)
}

// dialTime is how long a proxy tries to reach a process.
const dialTime = 2 * time.Second

// Proxies stand between processes that reach each other over TCP: one for each link, which passes
// connections on, or not. A connection carries what its dialer sends, so that to break it is to
// break one direction.
type Proxies struct {
	ctx    context.Context
	cancel context.CancelFunc
	group  sync.WaitGroup

	mu    sync.Mutex
	links map[arrow]*proxy
}

// NewProxies makes proxies for no links yet.
func NewProxies() *Proxies {
	ctx, cancel := context.WithCancel(context.Background())
	return &Proxies{ctx: ctx, cancel: cancel, links: map[arrow]*proxy{}}
}

// Add makes the proxy of a link to where a process listens, and gives the address that the other
// one is to dial. It must not be called after Close.
func (n *Proxies) Add(from, to process.ID, listens string) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	p := &proxy{target: listens, listener: listener, changed: make(chan struct{}), conns: map[net.Conn]bool{}}
	n.mu.Lock()
	n.links[arrow{from, to}] = p
	n.mu.Unlock()
	n.group.Go(func() { p.accept(n.ctx) })
	return listener.Addr().String(), nil
}

// Close breaks all connections and returns when nothing of the proxies runs any more.
func (n *Proxies) Close() {
	n.cancel()
	n.mu.Lock()
	for _, p := range n.links {
		_ = p.listener.Close() // It was for accepting only.
		p.set(func() { p.drop() })
	}
	n.mu.Unlock()
	n.group.Wait()
}

// Cut is of Network.
func (n *Proxies) Cut(from, to process.ID, hold bool) (func() error, error) {
	p := n.link(from, to)
	p.set(func() {
		if hold {
			p.held++
			return
		}
		p.cut++
		p.drop()
	})
	return func() error {
		p.set(func() {
			if hold {
				p.held--
			} else {
				p.cut--
			}
		})
		return nil
	}, nil
}

// Delay is of Network. Of several delays the sum counts.
func (n *Proxies) Delay(from, to process.ID, d time.Duration) (func() error, error) {
	p := n.link(from, to)
	p.set(func() { p.delay += d })
	return func() error {
		p.set(func() { p.delay -= d })
		return nil
	}, nil
}

func (n *Proxies) link(from, to process.ID) *proxy {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.links[arrow{from, to}]
}

// proxy is one link.
type proxy struct {
	target   string
	listener net.Listener

	mu        sync.Mutex
	cut, held int // How many faults break the link so.
	delay     time.Duration
	changed   chan struct{} // Closed at the next change.
	conns     map[net.Conn]bool
}

func (p *proxy) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	close(p.changed)
	p.changed = make(chan struct{})
}

// drop resets all connections, so that what is on its way in them is lost. The lock is held.
func (p *proxy) drop() {
	for c := range p.conns {
		reset(c)
	}
	clear(p.conns)
}

// reset closes a connection at once, with what is not sent yet.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // One that is closed already is as good.
	}
	_ = c.Close()
}

// keep has a connection reset when the link is cut, unless it is cut now.
func (p *proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut > 0 {
		reset(c)
		return false
	}
	p.conns[c] = true
	return true
}

func (p *proxy) forget(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
	reset(c)
}

func (p *proxy) accept(ctx context.Context) {
	var group sync.WaitGroup
	defer group.Wait()
	for {
		c, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			group.Go(func() { p.pass(ctx, c) })
		}
	}
}

// pass joins a connection with one to the target, until either ends.
func (p *proxy) pass(ctx context.Context, dialer net.Conn) {
	defer p.forget(dialer)
	if !p.keep(dialer) || ctx.Err() != nil {
		return
	}
	d := net.Dialer{Timeout: dialTime}
	target, err := d.DialContext(ctx, "tcp", p.target)
	if err != nil {
		return
	}
	defer p.forget(target)
	if !p.keep(target) {
		return
	}
	both, end := context.WithCancel(ctx)
	defer end()
	var group sync.WaitGroup
	defer group.Wait()
	stop := context.AfterFunc(both, func() {
		p.forget(dialer)
		p.forget(target)
	})
	defer stop()
	for _, way := range [][2]net.Conn{{dialer, target}, {target, dialer}} {
		group.Go(func() {
			defer end()
			p.copy(both, way[1], way[0])
		})
	}
}

// copy passes bytes on, when the link lets them.
func (p *proxy) copy(ctx context.Context, to io.Writer, from io.Reader) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !p.admit(ctx) {
			return
		}
		if _, failed := to.Write(buffer[:n]); err != nil || failed != nil {
			return
		}
	}
}

// admit waits until the link is not held, and for its delay.
func (p *proxy) admit(ctx context.Context) bool {
	for {
		p.mu.Lock()
		held, delay, changed := p.held > 0, p.delay, p.changed
		p.mu.Unlock()
		if !held {
			return delay == 0 || wait(ctx, delay)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// wait waits for a time, and says whether ctx has not ended meanwhile.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

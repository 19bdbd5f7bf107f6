package link

import (
	"context"
	"fmt"
	"maps"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"paxon/process"
	"paxon/retransmit"
	"paxon/wire"
)

// Links are the links of one process. Send and Flush belong to one goroutine, the loop; the
// other methods may be called by any.
type Links struct {
	config    Config
	greetings *wire.Codec
	listener  net.Listener

	// peers are never changed, only replaced, by Add under adding.
	peers  atomic.Pointer[map[process.ID]*peer]
	adding sync.Mutex

	// unflushed are the peers that something was sent to since the last Flush.
	unflushed []*outgoing
	// late flushes what was sent late, and lateSet says that it is set.
	late    *time.Timer
	lateSet atomic.Bool

	// greeting holds a token for each accepted connection that has not greeted yet.
	greeting           chan struct{}
	strangers, refused atomic.Uint64
	strange, unwanted  throttle

	ctx        context.Context
	cancel     context.CancelFunc
	goroutines sync.WaitGroup
}

// ListenError says that no connections can be accepted at an address.
type ListenError struct {
	Address string
	Err     error
}

// Error names the address and what to do.
func (e *ListenError) Error() string {
	return fmt.Sprintf("link: cannot listen at %s: %v: "+
		"stop the process that has this address, or use another", e.Address, e.Err)
}

// Unwrap returns the network's error.
func (e *ListenError) Unwrap() error { return e.Err }

// Listen begins to accept connections and to connect to the peers. Receive and Connected may
// be called before it returns. The error is a *ConfigError or a *ListenError.
func Listen(config Config) (*Links, error) {
	config, err := config.complete()
	if err != nil {
		return nil, err
	}
	codec, err := greetings()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", config.Listen)
	if err != nil {
		return nil, &ListenError{Address: config.Listen, Err: err}
	}
	l := &Links{
		config:    config,
		greetings: codec,
		listener:  listener,
		greeting:  make(chan struct{}, config.Limits.Greetings),
	}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.late = time.AfterFunc(time.Hour, l.flushLate)
	l.late.Stop()
	peers := make(map[process.ID]*peer, len(config.Peers))
	for id, address := range config.Peers {
		if id != config.Self {
			peers[id] = &peer{newOutgoing(l, id, address), newIncoming()}
		}
	}
	l.peers.Store(&peers)
	l.goroutines.Go(l.accept)
	for _, p := range peers {
		l.goroutines.Go(p.outgoing.run)
	}
	return l, nil
}

// peer is another process.
type peer struct {
	outgoing *outgoing
	incoming *incoming
}

// peer gives a peer, nil if it is none.
func (l *Links) peer(id process.ID) *peer { return (*l.peers.Load())[id] }

// dials says whether this process and a peer talk over the connection that this one dials.
func (l *Links) dials(peer process.ID) bool { return l.config.Self < peer }

// Add has the links connect to one more peer, or to one that they have at another address. Until
// then it is refused; it tries again.
func (l *Links) Add(id process.ID, address string) {
	l.adding.Lock()
	defer l.adding.Unlock()
	if id == l.config.Self || l.ctx.Err() != nil {
		return
	}
	if known := l.peer(id); known != nil {
		known.outgoing.move(address)
		return
	}
	peers := maps.Clone(*l.peers.Load())
	added := &peer{newOutgoing(l, id, address), newIncoming()}
	peers[id] = added
	l.peers.Store(&peers)
	l.goroutines.Go(added.outgoing.run)
}

// Rest has the links not connect any more to a peer that has left, unless they hear from it. A
// later Add ends that.
func (l *Links) Rest(id process.ID) {
	if known := l.peer(id); known != nil {
		known.outgoing.rests.Store(true)
	}
}

// Addr is the address at which connections are accepted.
func (l *Links) Addr() net.Addr { return l.listener.Addr() }

// Send encodes p for the peer to, which it reaches after the next Flush, or at once if much waits for
// that, or never. It does not wait, and keeps nothing of p. It panics on a packet that can never be
// sent: to no peer, of a type that the codec does not know, or larger than Limits.MaxFrame.
func (l *Links) Send(to process.ID, p retransmit.Packet) {
	peer := l.send(to, p)
	if !peer.unflushed {
		peer.unflushed = true
		l.unflushed = append(l.unflushed, peer)
	}
}

// SendLate is Send of what has time: it goes with whatever else is sent to the peer, or after
// Config.Patience. That saves a write where something follows soon.
func (l *Links) SendLate(to process.ID, p retransmit.Packet) {
	l.send(to, p)
	if !l.lateSet.Swap(true) {
		l.late.Reset(l.config.Patience)
	}
}

func (l *Links) send(to process.ID, p retransmit.Packet) *outgoing {
	known := l.peer(to)
	if known == nil {
		panic(fmt.Sprintf("link: a packet for %v, which is not among the peers of %v", to, l.config.Self))
	}
	peer := known.outgoing
	if err := peer.send(p); err != nil {
		panic(fmt.Sprintf("link: a packet for %v with %T that cannot be sent: %v", to, p.Body, err))
	}
	return peer
}

// flushLate lets go of everything that was sent late.
func (l *Links) flushLate() {
	l.lateSet.Store(false)
	for _, p := range *l.peers.Load() {
		p.outgoing.flush()
	}
}

// Flush lets go of everything sent since the last one. It does not wait.
func (l *Links) Flush() {
	for _, p := range l.unflushed {
		p.unflushed = false
		p.flush()
	}
	l.unflushed = l.unflushed[:0]
}

// Close closes all connections and returns when no goroutine of the links is left, so that
// neither Receive nor Connected is called any more. Neither of them may call it.
func (l *Links) Close() {
	l.late.Stop()
	l.flushLate()
	l.adding.Lock() // Or a goroutine might begin while those that run are waited for.
	l.cancel()
	l.adding.Unlock()
	l.listener.Close() //nolint:errcheck // A listener that is closed already is as good.
	l.goroutines.Wait()
}

// tune sets the options of a connection.
func (l *Links) tune(c net.Conn) error {
	tcp := c.(*net.TCPConn)
	if err := tcp.SetNoDelay(true); err != nil {
		return err
	}
	err := tcp.SetKeepAliveConfig(net.KeepAliveConfig{
		Enable:   true,
		Idle:     5 * time.Second,
		Interval: 2 * time.Second,
		Count:    3,
	})
	if err != nil {
		return err
	}
	return boundSilence(tcp, l.config.WriteTimeout)
}

// closeWith closes c when ctx ends, until release is called, which closes it too.
func closeWith(ctx context.Context, c net.Conn) (release func()) {
	stop := context.AfterFunc(ctx, func() { closeConn(c) })
	return func() {
		stop()
		closeConn(c)
	}
}

// closeConn closes c. All that could go wrong with a connection that is given up does not
// matter.
func closeConn(c net.Conn) { _ = c.Close() }

package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"paxon/node/disks"
	"paxon/node/link"
	"paxon/node/storage"
	"paxon/process"
	"paxon/register"
	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/wire"
)

const (
	// drainTime bounds how long Close waits for the broadcasts that are pending.
	drainTime = 5 * time.Second
	// releaseTime bounds how long it waits for a loop that a failed disk may hold for ever.
	releaseTime = 5 * time.Second
)

// Node is one incarnation of a process. Its methods are safe for concurrent use.
type Node struct {
	*running
	config  Config
	options seasons.Options

	disks   *disks.Disks[register.Copy] // nil if the variant has none.
	failing failing                     // Of the disks.
	loop    *broadcasts
	feed    *feed
	room    *room
	pools   *pools

	drain   time.Duration // How long Close waits for what is pending.
	closing atomic.Bool   // No more broadcasts are taken.
	reading sync.RWMutex  // Held by those who read the history, against its being closed.
}

// Open starts a process on its storage, as a new incarnation. The caller closes it, also after
// a failure.
//
// The error is a *ConfigError, a *link.ListenError, one of storage.Open or disks.Open, or says that what is
// stored cannot be read. A port that is taken is found before the storage is touched, because a
// crash-stop process has only one start.
func Open(config Config) (*Node, error) {
	if err := config.Check(); err != nil {
		return nil, err
	}
	log, err := config.logger()
	if err != nil {
		return nil, err
	}
	variant, err := catalog.ByName(config.variant())
	if err != nil {
		return nil, err
	}
	config.Variant = variant.Name // Complete, and in the order that all use.
	if config.Listen == "" {
		config.Listen = config.Peers[config.Process]
	}
	if err := tryListen(config.Listen); err != nil {
		return nil, err
	}
	n := newNode(config, log)
	records, err := wire.New(n.config.codec(), anys(seasons.Records())...)
	if err != nil {
		return nil, err
	}
	id := storage.Identity{
		Cluster: config.Cluster, Process: config.Process, Variant: config.Variant,
		Records: records.Fingerprint(),
	}
	if err := n.openStorage(config.Dir, id, config.Storage, variant); err != nil {
		return nil, err
	}
	if err := n.start(variant, records); err != nil {
		n.inbox.close()
		return nil, errors.Join(err, n.closeParts())
	}
	return n, nil
}

// tryListen finds out whether an address can be listened at.
func tryListen(address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return &link.ListenError{Address: address, Err: err}
	}
	return l.Close()
}

func newNode(config Config, log logrus.FieldLogger) *Node {
	n := &Node{
		config: config, options: seasons.DefaultOptions(), feed: &feed{}, drain: drainTime,
	}
	n.running = newRunning(config.Process, log, n.closeParts)
	if config.Options != nil {
		n.options = *config.Options
	}
	n.room = newRoom(n.options.Limits)
	return n
}

// start puts the process together on its open storage, and runs it.
func (n *Node) start(variant seasons.Variant, records *wire.Codec) error {
	packets, err := wire.New(n.config.codec(), anys(seasons.Messages())...)
	if err != nil {
		return err
	}
	n.inbox = newInbox(func() bool { return n.loop.store == nil || !n.loop.store.behind() })
	n.loop = &broadcasts{
		loop: &loop{inbox: n.inbox, atATime: int(n.options.Limits.Window)},
		feed: n.feed, room: n.room, log: n.leaderChanged,
		peerNext:  map[process.ID]register.Instance{},
		retention: retention{keep: n.config.RetainBytes},
		indicate:  n.config.Deliver, batches: n.config.DeliverBatch,
	}
	n.loop.hosted = n.loop
	n.pools = &pools{loop: n.loop}
	n.loop.pools = n.pools
	if variant.Recovers {
		n.loop.store = newStore(n.storage, records, n.inbox.post, n.now)
		n.loop.store.pace, n.loop.store.records = newPace(n.log, n.now), n.storage.Stats().Records
		n.loop.store.atOnce = n.config.Storage.Unforced
	}
	if n.disks, err = n.openDisks(variant, records); err != nil {
		return fmt.Errorf("node: the shared disks: %w", err)
	}
	config := link.Config{
		Self: n.config.Process, Incarnation: n.storage.Incarnation(),
		Cluster: n.config.Cluster, Codec: packets,
		// Processes that differ in what must be agreed refuse each other, as of another variant.
		Variant: n.config.Variant + ", " + n.options.Agreed(),
		Listen:  n.config.Listen, Peers: n.config.Peers, Log: n.log,
		Receive: n.loop.arrived, Connected: n.connected,
	}
	n.recognize(&config, variant, func(process.ID) string {
		return "leave it down: the members do not change here, and the others go on without it"
	})
	if n.links, err = link.Listen(config); err != nil {
		return err
	}
	n.loop.network = newNetwork(n.config.Process, n.config.ids(), n.links)
	if err := n.build(variant); err != nil {
		return err
	}
	if err := n.storage.Stamp(); err != nil {
		return err
	}
	n.log.WithFields(logrus.Fields{
		"cluster": n.config.Cluster, "variant": variant.Name, "dir": n.config.Dir,
		"incarnation": uint64(n.storage.Incarnation()), "address": n.links.Addr().String(),
		"nextBatch": uint64(n.loop.parts.TOB().Next()),
	}).Info("process started")
	if n.config.Storage.Unforced {
		n.log.Warn("nothing is forced to the disk: a crash of the machine may break the cluster")
	}
	n.inbox.post(n.loop.parts.Start)
	n.run(n.loop.loop)
	return nil
}

// build makes the parts on what the storage returns.
func (n *Node) build(variant seasons.Variant) error {
	h := &history{
		History: n.storage.History, store: n.loop.store, retention: &n.loop.retention,
		post: n.inbox.post, fail: n.fail,
	}
	host := seasons.Host{
		Net: n.loop.network, Incarnation: n.storage.Incarnation(), Clock: clock{n.inbox.post},
		History: h, Deliver: n.loop.deliver,
	}
	s := n.loop.store
	if s != nil {
		host.Store, host.Healthy = s, s.healthy
	}
	if n.disks != nil {
		host.Disks = n.disks
	}
	n.loop.parts = variant.Build(host, n.options)
	if s != nil && s.err != nil {
		return s.err
	}
	return cmp.Or(h.err, n.storage.Err())
}

// connected hears from the links that a peer is there again.
func (n *Node) connected(p process.ID) {
	n.inbox.post(func() { n.loop.parts.Reconnected(p) })
}

func (n *Node) leaderChanged(to process.ID, epoch process.Incarnation) {
	if to == 0 {
		n.log.Warn("no leader")
		return
	}
	n.log.WithFields(logrus.Fields{"leader": to.String(), "epoch": uint64(epoch)}).Info("leader changed")
}

// Close takes no more broadcasts, waits up to some seconds until those that are pending are
// delivered, stops the process, and frees its directory. It returns the failure of the process
// if there was one, or the error of closing.
func (n *Node) Close() error {
	if !n.closing.Swap(true) {
		ctx, cancel := context.WithTimeout(n.stopped, n.drain)
		if err := n.room.drain(ctx); err != nil && n.Err() == nil {
			n.log.Warn("broadcasts are still pending: their outcome is not known")
		}
		cancel()
		n.halt(ErrClosed)
	}
	return n.release()
}

// closeParts closes the links and the storage. The inbox is closed.
func (n *Node) closeParts() error {
	if n.links != nil {
		n.links.Close()
	}
	if n.disks != nil {
		n.disks.Close(patience)
	}
	n.reading.Lock()
	defer n.reading.Unlock()
	return n.storage.Close()
}

// anys are values as the codec wants them.
func anys[T any](values []T) []any {
	all := make([]any, len(values))
	for i, v := range values {
		all[i] = v
	}
	return all
}

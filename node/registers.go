package node

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"
	"golang.org/x/sync/semaphore"

	"paxon/caspaxos"
	"paxon/node/link"
	"paxon/node/storage"
	"paxon/process"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/wire"
)

// Registers is one incarnation of a process of CASPaxos. Its methods are safe for concurrent use.
type Registers struct {
	*running
	config  RegistersConfig
	options caspaxos.Options
	loop    *changes

	room    *semaphore.Weighted // What may be pending, a part of Limits.Pending.
	size    int64
	editing *semaphore.Weighted // One edit at a time: there is one place for it.
	keeps   bool                // The registers have stable storage.
	closing atomic.Bool         // No more is taken.
	members atomic.Pointer[[]process.ID]
	calls   sync.Pool
	waiters waiters[caspaxos.Outcome]
}

// changes is the parts of CASPaxos on a loop.
type changes struct {
	*loop
	parts *caspaxos.Process
	watch func(key string, s caspaxos.State) // nil until somebody watches.
	book  map[process.ID]string              // Where processes are, as far as is known.
	room  *semaphore.Weighted
	over  int64 // How many calls ended in this turn.
}

func (l *changes) receive(from process.ID, p retransmit.Packet) {
	// Copies are kept for long, and must not keep the frames that their values came in.
	switch m := p.Body.(type) {
	case caspaxos.Ask:
		m.Value = slices.Clone(m.Value)
		p.Body = m
	case caspaxos.Page:
		for i := range m.Records {
			m.Records[i].Value = slices.Clone(m.Records[i].Value)
		}
	}
	l.parts.Receive(from, p)
}

func (l *changes) own(from process.ID, p retransmit.Packet) { l.parts.Receive(from, p) }
func (l *changes) guards()                                  { l.parts.Turn() }

func (l *changes) ended() {
	if l.over > 0 {
		l.room.Release(l.over)
		l.over = 0
	}
}

// OpenRegisters starts a process on its storage, as a new incarnation. The caller closes it, also
// after a failure. The errors are those of Open.
func OpenRegisters(config RegistersConfig) (*Registers, error) {
	if err := config.Check(); err != nil {
		return nil, err
	}
	log, err := config.logger()
	if err != nil {
		return nil, err
	}
	variant, err := config.registers()
	if err != nil {
		return nil, err
	}
	if config.Listen == "" {
		config.Listen = config.Peers[config.Process]
	}
	if err := tryListen(config.Listen); err != nil {
		return nil, err
	}
	r := newRegisters(config, log)
	records, err := wire.New(r.config.codec(), anys(caspaxos.Records())...)
	if err != nil {
		return nil, err
	}
	id := storage.Identity{
		Cluster: config.Cluster, Process: config.Process, Variant: config.variant(),
		Records: fmt.Sprint(caspaxos.Format, "-", records.Fingerprint()),
	}
	if err := r.openStorage(config.Dir, id, config.Storage, variant); err != nil {
		return nil, err
	}
	if err := r.start(variant, records); err != nil {
		r.inbox.close()
		return nil, errors.Join(err, r.closeParts())
	}
	return r, nil
}

func newRegisters(config RegistersConfig, log logrus.FieldLogger) *Registers {
	r := &Registers{config: config, options: config.options()}
	r.running = newRunning(config.Process, log, r.closeParts)
	r.size = int64(max(r.options.Limits.Pending/2, 1)) // The rest is for collections and scans.
	r.room = semaphore.NewWeighted(r.size)
	r.editing = semaphore.NewWeighted(1)
	r.calls.New = func() any {
		c := &registerCall{on: r}
		c.ended = c.end
		return c
	}
	return r
}

// start puts the process together on its open storage, and runs it.
func (r *Registers) start(variant seasons.Variant, records *wire.Codec) error {
	packets, err := wire.New(r.config.codec(), anys(caspaxos.Messages())...)
	if err != nil {
		return err
	}
	r.inbox = newInbox(func() bool { return r.loop.store == nil || !r.loop.store.behind() })
	r.loop = &changes{
		loop: &loop{inbox: r.inbox}, room: r.room, book: maps.Clone(r.config.Peers),
	}
	r.loop.hosted = r.loop
	if variant.Recovers {
		r.loop.store = newStore(r.storage, records, r.inbox.post, r.now)
		r.loop.store.pace, r.loop.store.records = newPace(r.log, r.now), r.storage.Stats().Records
		r.loop.store.atOnce = r.config.Storage.Unforced
	}
	config := link.Config{
		Self: r.config.Process, Incarnation: r.storage.Incarnation(),
		Cluster: r.config.Cluster, Codec: packets, Variant: r.config.variant(),
		Listen: r.config.Listen, Peers: r.config.Peers, Log: r.log,
		Receive: r.loop.arrived, Connected: r.connected,
	}
	r.recognize(&config, variant, func(p process.ID) string {
		return fmt.Sprintf("have it replaced by one with another id: "+
			"paxon kv members replace %d ID=HOST:PORT", p)
	})
	if r.links, err = link.Listen(config); err != nil {
		return err
	}
	r.loop.network = newNetwork(r.config.Process, r.config.ids(), r.links)
	if err := r.build(variant); err != nil {
		return err
	}
	if err := r.storage.Stamp(); err != nil {
		return err
	}
	r.log.WithFields(logrus.Fields{
		"cluster": r.config.Cluster, "registers": variant.Name, "dir": r.config.Dir,
		"incarnation": uint64(r.storage.Incarnation()), "address": r.links.Addr().String(),
		"copies": r.loop.parts.Copies(), "epoch": r.loop.parts.Configuration().Epoch,
	}).Info("process started")
	if r.config.Storage.Unforced {
		r.log.Warn("nothing is forced to the disk: a crash of the machine may lose what was acknowledged")
	}
	r.inbox.post(r.loop.parts.Start)
	r.run(r.loop.loop)
	return nil
}

// build makes the parts on what the storage returns.
func (r *Registers) build(variant seasons.Variant) error {
	host := seasons.Host{
		Net: r.loop.network, Incarnation: r.storage.Incarnation(), Clock: clock{r.inbox.post},
	}
	s := r.loop.store
	if s != nil {
		host.Store, host.Healthy = s, s.healthy
	}
	r.keeps = variant.Needs(host).Store != nil
	r.loop.parts = caspaxos.Build(variant, host, r.options, caspaxos.Setting{
		Initial: r.config.initial(), Configured: r.configured,
		Rand: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())),
		Watch: func(key string, s caspaxos.State) {
			if r.loop.watch != nil {
				r.loop.watch(key, s)
			}
		},
	})
	if s != nil && s.err != nil {
		return s.err
	}
	return r.storage.Err()
}

// configured takes notice, on the loop, of where the processes of a configuration are, so that they
// can be sent to, and of those that have left.
func (r *Registers) configured(c caspaxos.Configuration) {
	for _, a := range c.Addresses {
		r.loop.book[a.Process] = a.At
	}
	r.members.Store(&c.Proposers)
	members := c.Members()
	for id, address := range r.loop.book {
		if id == r.id {
			continue
		}
		r.loop.network.add(id)
		r.links.Add(id, address)
		if len(c.Target) == 0 && !slices.Contains(members, id) && slices.Contains(members, r.id) {
			r.links.Rest(id)
		}
	}
	r.log.WithFields(logrus.Fields{
		"epoch": c.Epoch, "acceptors": fmt.Sprint(c.Acceptors()), "target": fmt.Sprint(c.Target),
	}).Info("configuration")
}

// connected hears from the links that a peer is there again.
func (r *Registers) connected(p process.ID) {
	r.inbox.post(func() { r.loop.parts.Reconnected(p) })
}

// closeTime bounds how long Close waits for the changes that are pending.
const closeTime = time.Second

// Close takes no more changes, waits up to a second until those that are pending are done, stops
// the process, and frees its directory. It returns the failure of the process if there was one, or
// the error of closing.
func (r *Registers) Close() error {
	if !r.closing.Swap(true) {
		ctx, cancel := context.WithTimeout(r.stopped, closeTime)
		if r.room.Acquire(ctx, r.size) != nil && r.Err() == nil {
			r.log.Warn("changes are still pending: their outcome is not known")
		}
		cancel()
		r.halt(ErrClosed)
	}
	return r.release()
}

func (r *Registers) closeParts() error {
	if r.links != nil {
		r.links.Close()
	}
	return r.storage.Close()
}

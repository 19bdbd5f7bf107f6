package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// natsSystem is a JetStream stream with three replicas.
type natsSystem struct{}

const (
	natsAccount = "$G" // That of clients without one.
	natsStream  = "bench"
	natsDirect  = "$JS.API.DIRECT.GET." + natsStream
	natsBatch   = 4096 // Messages read at a time.
	natsWait    = 10 * time.Second
)

// Name implements System.
func (natsSystem) Name() string { return "nats" }

// Modules implements System.
func (natsSystem) Modules() []string {
	return []string{"github.com/nats-io/nats-server/v2", "github.com/nats-io/nats.go"}
}

// Settings implements System.
func (natsSystem) Settings(fsync bool) string {
	sync := "sync_interval always"
	if !fsync {
		sync = "sync_interval 2m, the default (written, forced in the background)"
	}
	return "JetStream stream R3, file storage, " + sync + "; one client at the stream leader's server " +
		"over TCP, PublishMsgAsync with an ack handler; members read back after the load"
}

// Start implements System.
func (natsSystem) Start(ctx context.Context, s Setup) (Cluster, error) {
	addresses, err := freeAddresses()
	if err != nil {
		return nil, err
	}
	c := &natsCluster{applied: s.Applied}
	for i := range c.servers {
		options, err := natsOptions(i, addresses, s)
		if err == nil {
			c.servers[i], err = server.NewServer(options)
		}
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
		c.servers[i].Start()
	}
	if err := c.open(ctx, s); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// natsOptions is the configuration of a member's server.
func natsOptions(i int, routes [members]string, s Setup) (*server.Options, error) {
	_, port, err := net.SplitHostPort(routes[i])
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	options := &server.Options{
		ServerName: fmt.Sprintf("member-%d", i+1), Host: "127.0.0.1", Port: server.RANDOM_PORT,
		Cluster:   server.ClusterOpts{Name: natsStream, Host: "127.0.0.1", Port: number},
		JetStream: true, StoreDir: filepath.Join(s.Dir, fmt.Sprintf("member-%d", i+1)),
		SyncAlways: s.Fsync, NoLog: true, NoSigs: true,
	}
	for _, r := range routes {
		options.Routes = append(options.Routes, &url.URL{Scheme: "nats-route", Host: r})
	}
	return options, nil
}

// natsCluster is three servers, and a client of the stream's leader.
type natsCluster struct {
	servers  [members]*server.Server
	conn     *nats.Conn
	js       jetstream.JetStream
	applied  [members]*Sequence
	messages sync.Map // Of *nats.Msg: the *Message that it carries.
}

// open makes the stream, and connects to the server that leads it.
func (c *natsCluster) open(ctx context.Context, s Setup) error {
	err := until(ctx, "a cluster of all servers", func() (bool, error) {
		known := 0 // Only the leader of the meta group knows of any.
		for _, s := range c.servers {
			if !s.ReadyForConnections(askAgain) || !s.JetStreamIsCurrent() {
				return false, nil
			}
			known = max(known, len(s.JetStreamClusterPeers()))
		}
		return known == members, nil
	})
	if err != nil {
		return err
	}
	if err := c.create(ctx); err != nil {
		return err
	}
	if err := led(ctx, c); err != nil {
		return err
	}
	leader, err := c.Leader()
	if err != nil {
		return err
	}
	if c.conn, err = nats.Connect(c.servers[leader].ClientURL()); err != nil {
		return err
	}
	c.js, err = jetstream.New(c.conn,
		jetstream.WithPublishAsyncMaxPending(s.Outstanding+1),
		jetstream.WithPublishAsyncAckHandler(
			func(_ jetstream.JetStream, m *nats.Msg, _ *jetstream.PubAck) { c.done(m, nil) }),
		jetstream.WithPublishAsyncErrHandler(
			func(_ jetstream.JetStream, m *nats.Msg, err error) { c.done(m, err) }))
	return err
}

// create makes the stream, over a connection of its own.
func (c *natsCluster) create(ctx context.Context) error {
	conn, err := nats.Connect(c.servers[0].ClientURL())
	if err != nil {
		return err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return err
	}
	return until(ctx, "the stream", func() (bool, error) {
		_, err := js.CreateStream(ctx, jetstream.StreamConfig{
			Name: natsStream, Subjects: []string{natsStream}, Replicas: members,
			Storage: jetstream.FileStorage, AllowDirect: true,
		})
		// The servers may not all be known to the one that places the replicas yet.
		if refused := (*jetstream.APIError)(nil); errors.As(err, &refused) {
			return false, nil
		}
		return err == nil, err
	})
}

// done tells of the message that m carries.
func (c *natsCluster) done(m *nats.Msg, err error) {
	if carried, ok := c.messages.Load(m); ok {
		carried.(*Message).Done(err)
	}
}

// Leader implements Cluster.
func (c *natsCluster) Leader() (int, error) {
	leader := -1
	for i, s := range c.servers {
		if !s.JetStreamIsStreamLeader(natsAccount, natsStream) {
			continue
		}
		if leader >= 0 {
			return 0, fmt.Errorf("members %d and %d both lead", leader+1, i+1)
		}
		leader = i
	}
	if leader < 0 {
		return 0, errors.New("no member leads")
	}
	return leader, nil
}

// Submit implements Cluster.
func (c *natsCluster) Submit(m *Message) {
	carrier, ok := m.System.(*nats.Msg)
	if !ok {
		carrier = &nats.Msg{Subject: natsStream, Data: m.Payload}
		m.System = carrier
		c.messages.Store(carrier, m)
	}
	if _, err := c.js.PublishMsgAsync(carrier); err != nil {
		m.Done(err)
	}
}

// Settle implements Cluster. What a replica holds is what it has applied.
func (c *natsCluster) Settle(ctx context.Context, count uint64) error {
	for i := range c.servers {
		if err := c.read(ctx, i, count); err != nil {
			return fmt.Errorf("member %d: %w", i+1, err)
		}
	}
	return nil
}

// read applies what one replica holds. A server answers direct gets of its own clients from its
// own replica if it has one that is current, which is waited for.
func (c *natsCluster) read(ctx context.Context, i int, count uint64) error {
	s := c.servers[i]
	err := until(ctx, "all messages", func() (bool, error) {
		if !s.JetStreamIsStreamCurrent(natsAccount, natsStream) {
			return false, nil
		}
		local, err := s.Subsz(&server.SubszOptions{Subscriptions: true, Test: natsDirect})
		return err == nil && local.Total > 0, err
	})
	if err != nil {
		return err
	}
	conn, err := nats.Connect(s.ClientURL())
	if err != nil {
		return err
	}
	defer conn.Close()
	inbox := conn.NewInbox()
	answers, err := conn.SubscribeSync(inbox)
	if err != nil {
		return err
	}
	if err := answers.SetPendingLimits(-1, -1); err != nil {
		return err
	}
	applied := c.applied[i]
	return until(ctx, fmt.Sprintf("the application of %d messages", count), func() (bool, error) {
		for {
			before := applied.Count()
			left, err := readBatch(conn, answers, inbox, applied)
			if err != nil || applied.Err() != nil {
				return false, errors.Join(err, applied.Err())
			}
			if applied.Count() == before || !left {
				return applied.Count() >= count && !left, nil
			}
		}
	})
}

// readBatch applies the next messages of a replica, and says whether it has more.
func readBatch(
	conn *nats.Conn, answers *nats.Subscription, inbox string, applied *Sequence,
) (left bool, err error) {
	request, err := json.Marshal(map[string]uint64{"seq": applied.Count() + 1, "batch": natsBatch})
	if err != nil {
		return false, err
	}
	if err := conn.PublishRequest(natsDirect, inbox, request); err != nil {
		return false, err
	}
	for {
		m, err := answers.NextMsg(natsWait)
		if err != nil {
			return false, err
		}
		switch status := m.Header.Get("Status"); status {
		case "":
			if at := m.Header.Get("Nats-Sequence"); at != strconv.FormatUint(applied.Count()+1, 10) {
				return false, fmt.Errorf("message %s after message %d", at, applied.Count())
			}
			applied.add(m.Data)
		case "204": // The end of the batch.
			return m.Header.Get("Nats-Num-Pending") != "0", nil
		case "404": // There is no such message yet, or any more.
			return false, nil
		default:
			return false, fmt.Errorf("a read was answered with %s %s", status,
				m.Header.Get("Description"))
		}
		if applied.Err() != nil {
			return false, applied.Err()
		}
	}
}

// Close implements Cluster.
func (c *natsCluster) Close() error {
	if c.conn != nil {
		c.conn.Close()
	}
	for _, s := range c.servers {
		if s != nil {
			s.Shutdown()
			s.WaitForShutdown()
		}
	}
	return nil
}

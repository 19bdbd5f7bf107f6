package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
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
	natsCreate  = 2 * time.Second // For one try to make the stream.
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

// Open implements System.
func (natsSystem) Open(ctx context.Context, s Setup) (Member, error) {
	options, err := natsOptions(s)
	if err != nil {
		return nil, err
	}
	c := &natsMember{applied: s.Applied}
	if c.server, err = server.NewServer(options); err != nil {
		return nil, err
	}
	c.server.Start()
	if err := c.open(ctx, s); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func natsName(member int) string { return fmt.Sprintf("member-%d", member+1) }

// natsOptions is the configuration of a member's server.
func natsOptions(s Setup) (*server.Options, error) {
	_, port, err := net.SplitHostPort(s.Addresses[s.Member])
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	options := &server.Options{
		ServerName: natsName(s.Member), Host: "127.0.0.1", Port: server.RANDOM_PORT,
		Cluster:   server.ClusterOpts{Name: natsStream, Host: "127.0.0.1", Port: number},
		JetStream: true, StoreDir: s.Dir,
		SyncAlways: s.Fsync, NoLog: true, NoSigs: true,
	}
	for _, r := range s.Addresses {
		options.Routes = append(options.Routes, &url.URL{Scheme: "nats-route", Host: r})
	}
	return options, nil
}

// natsMember is a server with a replica, and a client of it.
type natsMember struct {
	server   *server.Server
	conn     *nats.Conn
	js       jetstream.JetStream
	applied  *Sequence
	messages sync.Map // Of *nats.Msg: the *Message that it carries.
}

// open connects to the server, and has the first member make the stream.
func (c *natsMember) open(ctx context.Context, s Setup) error {
	err := until(ctx, "a cluster of all servers", func() (bool, error) {
		return c.server.ReadyForConnections(askAgain) && c.server.JetStreamIsCurrent(), nil
	})
	if err != nil {
		return err
	}
	if c.conn, err = nats.Connect(c.server.ClientURL()); err != nil {
		return err
	}
	c.js, err = jetstream.New(c.conn,
		jetstream.WithPublishAsyncMaxPending(s.Outstanding+1),
		jetstream.WithPublishAsyncAckHandler(
			func(_ jetstream.JetStream, m *nats.Msg, _ *jetstream.PubAck) { c.done(m, nil) }),
		jetstream.WithPublishAsyncErrHandler(
			func(_ jetstream.JetStream, m *nats.Msg, err error) { c.done(m, err) }))
	if err == nil && s.Member == 0 {
		err = c.create(ctx)
	}
	return err
}

// create makes the stream, again and again until all servers are there to hold a replica.
func (c *natsMember) create(ctx context.Context) error {
	return until(ctx, "the stream", func() (bool, error) {
		asking, cancel := context.WithTimeout(ctx, natsCreate)
		defer cancel()
		_, err := c.js.CreateStream(asking, jetstream.StreamConfig{
			Name: natsStream, Subjects: []string{natsStream}, Replicas: members,
			Storage: jetstream.FileStorage, AllowDirect: true,
		})
		refused := (*jetstream.APIError)(nil)
		if errors.As(err, &refused) || errors.Is(err, nats.ErrNoResponders) || asking.Err() != nil {
			return false, nil
		}
		return err == nil, err
	})
}

// done tells of the message that m carries.
func (c *natsMember) done(m *nats.Msg, err error) {
	if carried, ok := c.messages.Load(m); ok {
		carried.(*Message).done(err)
	}
}

// Leader implements Member.
func (c *natsMember) Leader() (int, error) {
	state, err := c.server.Jsz(&server.JSzOptions{Account: natsAccount, Streams: true})
	if err != nil {
		return -1, err
	}
	for _, a := range state.AccountDetails {
		for _, stream := range a.Streams {
			for i := range members {
				if stream.Name == natsStream && stream.Cluster != nil &&
					stream.Cluster.Leader == natsName(i) {
					return i, nil
				}
			}
		}
	}
	return -1, nil
}

// Submit implements Member.
func (c *natsMember) Submit(messages []*Message) {
	for _, m := range messages {
		c.publish(m)
	}
}

func (c *natsMember) publish(m *Message) {
	carrier, ok := m.System.(*nats.Msg)
	if !ok {
		carrier = &nats.Msg{Subject: natsStream, Data: m.Payload}
		m.System = carrier
		c.messages.Store(carrier, m)
	}
	if _, err := c.js.PublishMsgAsync(carrier); err != nil {
		m.done(err)
	}
}

// Settle implements Member. What a replica holds is what it has applied. A server answers direct
// gets of its own clients from its own replica if it has one that is current, which is waited for.
func (c *natsMember) Settle(ctx context.Context, count uint64) error {
	s := c.server
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
	conn := c.conn
	inbox := conn.NewInbox()
	answers, err := conn.SubscribeSync(inbox)
	if err != nil {
		return err
	}
	if err := answers.SetPendingLimits(-1, -1); err != nil {
		return err
	}
	applied := c.applied
	return until(ctx, fmt.Sprintf("the application of %d messages", count), func() (bool, error) {
		for {
			before := applied.Count()
			left, err := readBatch(conn, answers, inbox, applied)
			if errors.Is(err, nats.ErrNoResponders) {
				return false, nil // A replica that is current may not answer yet.
			}
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
			applied.show()
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

// Close implements Member.
func (c *natsMember) Close() error {
	if c.conn != nil {
		c.conn.Close()
	}
	c.server.Shutdown()
	c.server.WaitForShutdown()
	return nil
}

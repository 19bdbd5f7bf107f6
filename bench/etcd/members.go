package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/types"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/etcdserver/api/membership"
	"go.uber.org/zap"

	"paxon/bench/tables"
)

// group is three members with a client of each.
type group struct {
	links   *tables.Links
	members [tables.Regions]*embed.Etcd
	clients [tables.Regions]*clientv3.Client
}

// startTime bounds how long members take until they serve.
const startTime = 30 * time.Second

// open starts members at the places of a layout, and has the first of them lead.
func open(ctx context.Context, l tables.Layout, t tables.Timing) (g *group, err error) {
	g = &group{links: tables.NewLinks()}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.close())
			g = nil
		}
	}()
	ctx, stop := context.WithTimeoutCause(ctx, startTime, errors.New("the members do not serve"))
	defer stop()
	peers, err := tables.Addresses(tables.Regions)
	if err != nil {
		return g, err
	}
	clients, err := tables.Addresses(tables.Regions)
	if err != nil {
		return g, err
	}
	advertised, err := g.link(l, peers)
	if err != nil {
		return g, err
	}
	for i := range g.members {
		c := config(i, l.Dir, t, peers[i], clients[i], advertised)
		if g.members[i], err = embed.StartEtcd(c); err != nil {
			return g, fmt.Errorf("member %d: %w", i+1, err)
		}
	}
	for i, m := range g.members {
		select {
		case <-m.Server.ReadyNotify():
		case <-ctx.Done():
			return g, context.Cause(ctx)
		}
		if g.clients[i], err = clientv3.New(clientv3.Config{
			Endpoints: []string{"http://" + clients[i]}, Context: context.Background(), Logger: zap.NewNop(),
		}); err != nil {
			return g, err
		}
	}
	err = g.lead(ctx)
	return g, err
}

// link puts a link before each member. Members must know each other under the same addresses, so
// there is one for all who connect to a member; requests tell whose they are.
func (g *group) link(l tables.Layout, listens []string) (advertised [tables.Regions]string, err error) {
	ids := make(chan map[string]int, 1) // Given before any member starts, and so before it is taken.
	known := sync.OnceValue(func() map[string]int { return <-ids })
	for to, address := range listens {
		delay := func(from int) time.Duration { return l.Delay(from, to) }
		identify := func(b []byte) (int, bool) { return sender(b, known()) }
		if advertised[to], err = g.links.AddShared(to, address, delay, identify); err != nil {
			return advertised, err
		}
	}
	all := map[string]int{}
	for i, address := range advertised {
		urls, err := types.NewURLs([]string{"http://" + address})
		if err != nil {
			return advertised, err
		}
		m := membership.NewMember(name(i), urls, embed.NewConfig().InitialClusterToken, nil)
		all[m.ID.String()] = i
	}
	ids <- all
	return advertised, nil
}

// sender finds who sends a request to another member.
func sender(request []byte, ids map[string]int) (from int, ok bool) {
	_, rest, _ := bytes.Cut(request, []byte("X-Server-From: "))
	id, _, _ := bytes.Cut(rest, []byte("\r"))
	from, ok = ids[string(id)]
	return from, ok
}

func config(
	i int, dir string, t tables.Timing, peer, client string, advertised [tables.Regions]string,
) *embed.Config {
	c := embed.NewConfig()
	c.Name = name(i)
	c.Dir = filepath.Join(dir, c.Name)
	c.ListenPeerUrls, c.AdvertisePeerUrls = at(peer), at(advertised[i])
	c.ListenClientUrls, c.AdvertiseClientUrls = at(client), at(client)
	var all []string
	for j, address := range advertised {
		all = append(all, name(j)+"=http://"+address)
	}
	c.InitialCluster = strings.Join(all, ",")
	c.TickMs = uint(t.Heartbeat.Milliseconds())
	c.ElectionMs = uint(t.Election.Milliseconds())
	c.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zap.NewNop())
	return c
}

func name(i int) string { return fmt.Sprintf("member%d", i+1) }

func at(address string) []url.URL { return []url.URL{{Scheme: "http", Host: address}} }

// lead has the first member lead.
func (g *group) lead(ctx context.Context) error {
	want := g.members[0].Server.MemberID()
	for {
		leader := g.members[0].Server.Leader()
		for _, m := range g.members {
			if m.Server.MemberID() == leader && leader != want {
				// It may have been elected anew meanwhile, so that the next turn tells.
				_ = m.Server.MoveLeader(ctx, uint64(leader), uint64(want))
			}
		}
		if leader == want {
			return nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (g *group) close() error {
	var all error
	for _, c := range g.clients {
		if c != nil {
			if err := c.Close(); !errors.Is(err, context.Canceled) {
				all = errors.Join(all, err)
			}
		}
	}
	for _, m := range g.members {
		if m != nil {
			m.Close()
		}
	}
	g.links.Close()
	return all
}

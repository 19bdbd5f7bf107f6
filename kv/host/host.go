package host

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"paxon/kv"
	"paxon/kv/redis"
	"paxon/kv/registers"
	"paxon/node"
)

const (
	// commandTime is how long a command may take before its outcome is told to be unknown.
	commandTime = 10 * time.Second
	// drainTime is how long commands under way have to end when the process stops.
	drainTime = 2 * time.Second
)

// Process is one process that serves clients. Its methods are safe for concurrent use.
type Process struct {
	*node.Registers
	server *redis.Server
	log    logrus.FieldLogger

	stop    context.CancelFunc // Of what runs beside the server.
	running sync.WaitGroup
	base    context.Context
}

// Open starts a process. The caller closes it. The error is one of node.OpenRegisters, or of the
// network.
func Open(config Config) (*Process, error) {
	if err := config.Check(); err != nil {
		return nil, err
	}
	if config.Logger == nil {
		level, err := logrus.ParseLevel(config.logLevel())
		if err != nil {
			return nil, err // Check has found it to be one.
		}
		log := logrus.New()
		log.SetLevel(level)
		config.Logger = log
	}
	r, err := node.OpenRegisters(config.registers())
	if err != nil {
		return nil, err
	}
	p := &Process{Registers: r, log: config.Logger.WithField("process", config.Process.String())}
	p.base, p.stop = context.WithCancel(context.Background())
	engine := registers.New(r)
	expiry := kv.NewExpiry(engine, commandTime, p.log)
	p.server, err = redis.Listen(redis.Config{
		Address: config.Redis, Engine: engine, Expiry: expiry, Logger: p.log, Timeout: commandTime,
		Limits: redis.Limits{Connections: maxConnections},
		Commands: []redis.Command{{
			Name: "paxon.members", Summary: "List or change the members of the cluster", Run: p.members,
		}},
	})
	if err != nil {
		p.stop()
		return nil, errors.Join(err, r.Close())
	}
	p.running.Go(func() { expiry.Run(p.base) })
	p.log.WithField("redis", p.server.Addr().String()).Info("serving")
	return p, nil
}

// maxConnections is how many clients may be connected.
const maxConnections = 10_000

func (c Config) logLevel() string {
	if c.Log == "" {
		return logrus.InfoLevel.String()
	}
	return c.Log
}

// Clients is the address for clients.
func (p *Process) Clients() net.Addr { return p.server.Addr() }

// Close has commands under way finish, as far as they do so in some seconds, and stops the process.
// The error is that of the registers.
func (p *Process) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if p.server.Close(ctx) != nil {
		p.log.Warn("commands were under way: their outcome is not known")
	}
	p.stop()
	err := p.Registers.Close()
	p.running.Wait()
	return err
}

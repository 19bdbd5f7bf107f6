package redis_test

import (
	"context"
	"io"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paxon/kv"
	"paxon/kv/kvtest"
	"paxon/kv/redis"
)

func readFull(r io.Reader, b []byte) (int, error) { return io.ReadFull(r, b) }

func quiet() logrus.FieldLogger {
	log := logrus.New()
	log.SetOutput(io.Discard)
	return log
}

// start serves an engine in memory until the test ends. Adapt may change the configuration.
func start(tb testing.TB, adapt func(*redis.Config)) *redis.Server {
	tb.Helper()
	log := quiet()
	config := redis.Config{Address: "127.0.0.1:0", Engine: kvtest.NewMemory(), Logger: log}
	if adapt != nil {
		adapt(&config)
	}
	config.Expiry = kv.NewExpiry(config.Engine, time.Second, log)
	server, err := redis.Listen(config)
	require.NoError(tb, err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		config.Expiry.Run(ctx)
	}()
	tb.Cleanup(func() {
		assert.NoError(tb, server.Close(context.Background()))
		stop()
		<-done
	})
	return server
}

// dial is a client library of others, as programs use it.
func dial(tb testing.TB, server *redis.Server) *goredis.Client {
	tb.Helper()
	client := goredis.NewClient(&goredis.Options{Addr: server.Addr().String(), MaxRetries: -1})
	tb.Cleanup(func() { assert.NoError(tb, client.Close()) })
	return client
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/spf13/cobra"

	"paxon/cmd/paxon/cluster"
	"paxon/node"
	"paxon/node/api"
	"paxon/seasons"
)

// drainTime is how long requests that run have to end when the process stops.
const drainTime = 10 * time.Second

// errStdinEnded says that whoever started this process is gone.
var errStdinEnded = errors.New("standard input has ended: this process ends with its parent")

func newNodeCommand() *cobra.Command {
	var smallLimits bool
	c := &cobra.Command{
		Use:   "node --config FILE",
		Short: "Run one process of a cluster, with an HTTP API",
		Long: `Run one process of a cluster until it gets SIGTERM or SIGINT; then finish what is under way
and stop. The configuration of process 1 of three looks like this:

  cluster: demo            # processes of different clusters refuse each other
  process: 1
  variant: fall+spring     # optional: one of those that paxon variants lists
  dir: ./data/1            # its stable storage, its alone
  peers:                   # all processes, this one included: id: host:port of the links
    1: 10.0.0.1:7101
    2: 10.0.0.2:7101
    3: 10.0.0.3:7101
  disks: [/mnt/a, /mnt/b, /mnt/c]  # variants with summer only: the disks that all share
  api: 127.0.0.1:7201      # HTTP: whoever reaches it may broadcast and read
  codec: msgpack           # optional: msgpack or hashicorp
  log: info                # optional: the least severe level that is logged

A mistake in it ends the command with exit status 2, and any failure with 1.`,
		Example: `  paxon node --config node.yaml
  curl -d 'hello' http://127.0.0.1:7201/v1/broadcast
  curl http://127.0.0.1:7201/v1/status`,
		Args: noArguments,
	}
	oneProcess(c, "node.yaml", func(ctx context.Context, config string) error {
		return runNode(ctx, config, smallLimits)
	})
	c.Flags().BoolVar(&smallLimits, cluster.SmallLimits, false,
		"take checkpoints and forget clients all the time; all processes must")
	hide(c, cluster.SmallLimits)
	return c
}

// oneProcess makes of a command one that runs a process of a configuration, until the command's context
// ends or, if it is asked for, its input.
func oneProcess(c *cobra.Command, what string, run func(ctx context.Context, config string) error) {
	var config string
	var untilStdinEnds bool
	c.RunE = func(c *cobra.Command, _ []string) error {
		if config == "" {
			return &usageError{fmt.Errorf("no --config: expected the path of a %s", what)}
		}
		ctx, cancel := context.WithCancelCause(c.Context())
		defer cancel(nil)
		if untilStdinEnds {
			go func() {
				// What ends the input does not matter.
				_, _ = io.Copy(io.Discard, c.InOrStdin())
				cancel(errStdinEnded)
			}()
		}
		return run(ctx, config)
	}
	c.Flags().StringVar(&config, "config", "", "the process's configuration, a YAML `FILE`")
	c.Flags().BoolVar(&untilStdinEnds, cluster.UntilStdinEnds, false,
		"stop when standard input ends, as it does when a parent dies")
	hide(c, cluster.UntilStdinEnds)
}

// hide leaves a flag that the command has out of its help.
func hide(c *cobra.Command, flag string) {
	if err := c.Flags().MarkHidden(flag); err != nil {
		panic(err)
	}
}

// runNode runs a process until ctx ends or the process fails.
func runNode(ctx context.Context, path string, smallLimits bool) error {
	config, err := node.ReadConfig(path)
	if err != nil {
		return &usageError{err}
	}
	if smallLimits {
		config.Options = new(small())
	}
	if config.API == "" {
		return &usageError{&node.ConfigError{
			File: path, Key: "api", Came: "nothing", Expected: "host:port, such as 127.0.0.1:7201",
		}}
	}
	listener, err := api.Listen(config.API)
	if err != nil {
		return err
	}
	n, err := node.Open(config)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server := api.Serve(n, listener)
	logrus.WithFields(logrus.Fields{
		"process": config.Process.String(), "links": n.Addr().String(), "api": server.Addr().String(),
	}).Info("listening")
	select {
	case <-ctx.Done():
		if errors.Is(context.Cause(ctx), errStdinEnded) {
			return errStdinEnded // As in a crash: nobody is left to drain for.
		}
		logrus.Info("stopping")
	case <-n.Done(): // Close has the reason.
	}
	err = n.Close()
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	return errors.Join(err, server.Close(drain))
}

// small is options whose limits a test of some seconds reaches.
func small() seasons.Options {
	o := seasons.DefaultOptions()
	o.Limits.Batch, o.Limits.Update = 512, 4<<10
	o.Limits.CheckpointBytes, o.Limits.CheckpointBatches = 16<<10, 16
	o.Limits.ClientIdle, o.Limits.Clients = 3*o.Limits.Ahead, 12
	return o
}

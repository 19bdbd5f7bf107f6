package main

import (
	"context"
	"errors"

	"github.com/sirupsen/logrus"
	"github.com/spf13/cobra"

	"paxon/kv/host"
)

func newKVNodeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "node --config FILE",
		Short: "Run one process of a cluster that keeps values by key",
		Long: `Run one process until it gets SIGTERM or SIGINT; then finish what is under way and stop. The
configuration of process 1 of three looks like this:

  cluster: shop             # processes of different clusters refuse each other
  process: 1
  dir: ./data/1             # its stable storage, its alone
  redis: 127.0.0.1:6379     # for clients: whoever reaches it may read and write
  peers:                    # all that the cluster begins with: id: host:port of the links
    1: 10.0.0.1:7101
    2: 10.0.0.2:7101
    3: 10.0.0.3:7101
  fsync: true               # optional: false may lose what was acknowledged if a machine crashes
  prepare: 2                # optional: how many are a quorum of the first phase, or lists of ids
  accept: [[1, 2], [1, 3], [2, 3]]   # of the second; any two of the two phases must meet
  log: info                 # optional: the least severe level that is logged

A process that is added later (see "paxon kv members") has some of the members as its peers, and
itself, and

  join: true                # it waits to be added

An id is used for one directory only, for ever: a process that has lost its disk is replaced by
one with another id ("paxon kv members replace"). If it comes back with another directory, those that
have seen it with its own refuse it, and it ends.

A mistake in it ends the command with exit status 2, and any failure with 1.`,
		Example: `  paxon kv node --config kv.yaml`,
		Args:    noArguments,
	}
	oneProcess(c, "kv.yaml", runKVNode)
	return c
}

// runKVNode runs a process until ctx ends or the process fails.
func runKVNode(ctx context.Context, path string) error {
	config, err := host.ReadConfig(path)
	if err != nil {
		return &usageError{err}
	}
	p, err := host.Open(config)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		if errors.Is(context.Cause(ctx), errStdinEnded) {
			return errStdinEnded // As in a crash: nobody is left to finish anything for.
		}
		logrus.Info("stopping")
	case <-p.Done(): // Close has the reason.
	}
	return p.Close()
}

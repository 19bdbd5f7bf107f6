// Command etcd runs etcd's server for paxon bench, three members in one process of the operating
// system. See README.md.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"paxon/bench/tables"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Fprintf(os.Stderr, "etcd: argument %q: expected none, and orders on standard input: "+
			"this program is started by paxon bench --etcd\n", os.Args[1])
		os.Exit(2)
	}
	signal.Ignore(os.Interrupt) // The parent ends this process.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := tables.Serve(ctx, os.Stdin, os.Stdout, peer{}); err != nil {
		fmt.Fprintf(os.Stderr, "etcd: %v\n", err)
		os.Exit(1) //nolint:gocritic // Nothing is left to stop.
	}
}

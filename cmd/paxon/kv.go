package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/redis/go-redis/v9"
	"github.com/spf13/cobra"

	"paxon/cmd/paxon/cluster"
	"paxon/internal/ports"
	"paxon/node"
	"paxon/node/durable"
)

const (
	kvStartTime = 30 * time.Second // How long a process has until it answers.
	kvStopTime  = 10 * time.Second // How long it has to end.
	kvAskAgain  = 50 * time.Millisecond
)

// kvOptions are the flags of paxon kv.
type kvOptions struct {
	processes, port int
	dir             string
	noFsync         bool
}

func newKVCommand() *cobra.Command {
	var o kvOptions
	c := &cobra.Command{
		Use:   "kv",
		Short: "Keep values by key in several processes (CASPaxos), for clients of Redis",
		Long: `Start processes on this machine that keep values by key together, linearizably and without a
leader, and serve clients of Redis at the ports PORT, PORT+1, and so on. Any of them will do, and a
majority must be up. Each key is a register of its own.

The storage is in DIR/1, DIR/2, and so on, and the configurations next to them, which are those of
"paxon kv node". Begun again with the same directory the cluster goes on with what is there. Each
value is on the disks of a majority when it is acknowledged, unless --no-fsync is given.

A process that dies is not started again: "paxon kv node --config DIR/ID.yaml" does. Ctrl-C stops
all.`,
		Example: `  paxon kv
  redis-cli -p 6379 set greeting hello
  redis-cli -p 6380 get greeting
  paxon kv members list`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return runKV(c, o) },
	}
	f := c.Flags()
	f.IntVarP(&o.processes, "processes", "n", 3,
		fmt.Sprintf("how many processes, 1 to %d", node.MaxProcesses))
	f.StringVarP(&o.dir, "dir", "d", "paxon-kv", "directory for the processes' storage, kept")
	f.IntVarP(&o.port, "port", "p", 6379, "port for clients of the first process")
	f.BoolVar(&o.noFsync, "no-fsync", false,
		"force nothing to the disk: a crash of the machine may lose what was acknowledged")
	c.AddCommand(newKVNodeCommand(), newKVMembersCommand())
	return c
}

// kvDirectory is what a directory remembers between runs, in kv.json.
type kvDirectory struct {
	Links []string `json:"links"` // Addresses, by id − 1.
}

func runKV(c *cobra.Command, o kvOptions) error {
	if o.processes < 1 || o.processes > node.MaxProcesses {
		return &usageError{fmt.Errorf("--processes %d: expected 1 to %d", o.processes, node.MaxProcesses)}
	}
	if o.port < 1 || o.port+o.processes-1 > 1<<16-1 {
		return &usageError{fmt.Errorf(
			"--port %d: expected 1 to %d, so that each process has one", o.port, 1<<16-o.processes)}
	}
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	if err := o.prepare(); err != nil {
		return err
	}
	var children []*cluster.Child
	defer func() { stopAll(children) }()
	for id := 1; id <= o.processes; id++ {
		child, err := cluster.Spawn([]string{
			executable, "kv", "node", "--config", o.path(id, ".yaml"), "--" + cluster.UntilStdinEnds,
		}, o.path(id, ".stderr"))
		if err != nil {
			return err
		}
		children = append(children, child)
	}
	for i, child := range children {
		if err := answers(c.Context(), child, o.redis(i+1)); err != nil {
			return fmt.Errorf("process %d: %w", i+1, err)
		}
	}
	o.greet(c.OutOrStdout())
	return watchAll(c.Context(), c.ErrOrStderr(), o, children)
}

// redis is the address for clients of a process.
func (o kvOptions) redis(id int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(o.port+id-1))
}

func (o kvOptions) path(id int, suffix string) string {
	return filepath.Join(o.dir, strconv.Itoa(id)+suffix)
}

// greet says how to connect.
func (o kvOptions) greet(w io.Writer) {
	say(w, "%d processes serve; what they keep is in %s\n", o.processes, o.dir)
	for id := 1; id <= o.processes; id++ {
		say(w, "  process %d   redis-cli -p %d\n", id, o.port+id-1)
	}
	say(w, "Ctrl-C stops them.\n")
}

// say tells who runs the command something that nothing depends on.
func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }

// prepare makes the directory that of a cluster of so many processes, or finds it to be, and writes the
// configurations.
func (o kvOptions) prepare() error {
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return err
	}
	path := filepath.Join(o.dir, "kv.json")
	var d kvDirectory
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if d.Links, err = ports.Free(o.processes); err != nil {
			return err
		}
		if text, err = json.Marshal(d); err != nil {
			return err
		}
		if err := durable.Replace(vfs.Default, path, append(text, '\n')); err != nil {
			return err
		}
	case err != nil:
		return err
	case json.Unmarshal(text, &d) != nil:
		return &cluster.DirError{
			Dir: o.dir, Came: "has a kv.json that cannot be read",
			Expected: "that of an earlier run, or a new directory",
		}
	case len(d.Links) != o.processes:
		return &usageError{&cluster.DirError{
			Dir: o.dir, Came: fmt.Sprintf("belongs to %d processes", len(d.Links)),
			Expected: fmt.Sprintf("--processes %d, or a new directory; to add one see %q", len(d.Links),
				"paxon kv members --help"),
		}}
	}
	for id := 1; id <= o.processes; id++ {
		text := []byte(o.yaml(id, d.Links))
		if err := durable.Replace(vfs.Default, o.path(id, ".yaml"), text); err != nil {
			return err
		}
	}
	return nil
}

func (o kvOptions) yaml(id int, links []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "cluster: kv\nprocess: %d\ndir: %q\nredis: %s\nfsync: %t\npeers:\n",
		id, o.path(id, ""), o.redis(id), !o.noFsync)
	for i, address := range links {
		fmt.Fprintf(&b, "  %d: %s\n", i+1, address)
	}
	return b.String()
}

// newRedisClient is a client of one process, that leaves it to others to try again, and to say so.
func newRedisClient(address string) *redis.Client {
	redis.SetLogger(silent{})
	return redis.NewClient(&redis.Options{
		Addr: address, Protocol: 2, DisableIdentity: true, MaxRetries: -1, DialerRetries: 1,
		ReadTimeout: redisTime,
	})
}

// redisTime is how long an answer may take: longer than a process has for a command.
const redisTime = 12 * time.Second

// silent is a log of the client library that says nothing: its errors are told where they are handled.
type silent struct{}

// Printf is for the library.
func (silent) Printf(context.Context, string, ...any) {}

// answers waits until a process answers clients.
func answers(ctx context.Context, child *cluster.Child, address string) error {
	client := newRedisClient(address)
	defer client.Close() //nolint:errcheck // Nothing is left to be done with it.
	ctx, cancel := context.WithTimeout(ctx, kvStartTime)
	defer cancel()
	ticker := time.NewTicker(kvAskAgain)
	defer ticker.Stop()
	for {
		// Another program at this port would answer, too, while the child dies of it.
		info, err := client.Info(ctx, "registers").Result()
		if err == nil && strings.Contains(info, "epoch") {
			return nil
		}
		select {
		case <-child.Done():
			return child.Err()
		case <-ctx.Done():
			return fmt.Errorf("no answer at %s: %w", address, ctx.Err())
		case <-ticker.C:
		}
	}
}

// watchAll tells of each process that dies, and returns when the context ends or none is left.
func watchAll(ctx context.Context, w io.Writer, o kvOptions, children []*cluster.Child) error {
	type death struct {
		id  int
		err error
	}
	died := make(chan death, len(children))
	for i, child := range children {
		go func() {
			<-child.Done()
			died <- death{i + 1, child.Err()}
		}()
	}
	for left := len(children); left > 0; left-- {
		select {
		case <-ctx.Done():
			return nil // That is how it is stopped.
		case d := <-died:
			say(w, "paxon: process %d has died: %v\nTo start it again: paxon kv node --config %s\n",
				d.id, d.err, o.path(d.id, ".yaml"))
		}
	}
	return errors.New("no process is left")
}

// stopAll stops processes, by force if they take long.
func stopAll(children []*cluster.Child) {
	for _, child := range children {
		child.Terminate()
	}
	timer := time.NewTimer(kvStopTime)
	defer timer.Stop()
	for _, child := range children {
		select {
		case <-child.Done():
		case <-timer.C:
			timer.Reset(0)
			child.Kill()
		}
	}
}

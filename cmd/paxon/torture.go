package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"paxon/cmd/paxon/cluster"
	"paxon/cmd/paxon/torture"
	"paxon/history"
	"paxon/node"
	"paxon/process"
	"paxon/seasons"
	"paxon/seasons/catalog"
)

// allFaults stands for every kind that the network can have.
const allFaults = "all"

// maxTortureClients bounds the clients: beyond, the checker gets slow.
const maxTortureClients = 64

// patience is how long a client waits for an answer, at most: shorter than many faults last, so that
// there are unknown calls.
const patience = 2 * time.Second

// tortureOptions are the flags of paxon torture.
type tortureOptions struct {
	variant       string
	processes     int
	clients       int
	histories     int
	duration      time.Duration
	settle, check time.Duration
	faults        string
	seed          uint64
	dir           string
	network       string
}

// The networks that processes may have.
const (
	byProxies    = "proxies"
	byNamespaces = "namespaces"
)

func newTortureCommand() *cobra.Command {
	var o tortureOptions
	c := &cobra.Command{
		Use:   "torture",
		Short: "Crash, stop and cut off real processes, and check what their clients saw",
		Long: `Start processes on this machine, and let clients broadcast and read at all of them while
processes are killed (kill -9) and start again, are stopped (SIGSTOP) for a time, and links
between them break or become slow. Then the faults heal: every client's next broadcast must be
answered, and all processes must deliver the same. What the clients saw is a history; it is
checked by Porcupine against a log that all share, in which each message stands once, from
after its broadcast on and before its answer. A call that was not answered counts as unknown: its
message may be delivered at any later time, or never.

Each history is that of a new cluster, with the seed after the last one's. A seed determines the
faults and what clients choose, but not the timing of the processes: another run with it is similar,
not the same. A variant's assumptions are kept: of crash-stop a minority is killed, for good;
with winter no more different processes than it stands.

With an odd seed the processes take checkpoints and forget clients every few moments, rather than
after millions of bytes.

The links are TCP connections through proxies of this program, which break or hold them. With
--network namespaces each process has a network namespace of its own, and packets vanish on the way
from one to another; there are no delays then. It takes Linux with the tools ip and nsenter, and
root, or a machine on which users may make namespaces.

At a failure the directory is kept, and its path printed. In it are history.ndjson (paxon history
check reads it), history.html (a picture), failure.txt, and the processes' logs and storage.

Exit status: 1 if a history is not as it must be, if it cannot be decided in time, if the processes
do not settle, or if one of them ends that was not killed.`,
		Example: `  paxon torture
  paxon torture --variant all --histories 5
  paxon torture --variant winter+fall --processes 5 --faults kill,partition --duration 1m`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return runTorture(c, o) },
	}
	f := c.Flags()
	f.StringVar(&o.variant, "variant", catalog.Default,
		"which composition, as paxon variants lists them, or all for each of them")
	f.IntVarP(&o.processes, "processes", "n", 3,
		fmt.Sprintf("how many processes, 1 to %d", node.MaxProcesses))
	f.IntVar(&o.clients, "clients", 6,
		fmt.Sprintf("how many clients broadcast, 1 to %d", maxTortureClients))
	f.IntVar(&o.histories, "histories", 1, "how many histories of each variant")
	f.DurationVar(&o.duration, "duration", 10*time.Second, "time with faults in a history")
	f.StringVar(&o.faults, "faults", allFaults, "kinds of fault that histories may have: `LIST` of "+
		wordList(torture.Kinds())+"; all or none")
	f.Uint64Var(&o.seed, "seed", 1, "the seed of the first history")
	f.StringVarP(&o.dir, "dir", "d", "", "directory for the processes' storage (default temporary)")
	f.StringVar(&o.network, "network", byProxies, "how links are broken: "+byProxies+" or "+byNamespaces)
	f.DurationVar(&o.settle, "settle", 30*time.Second,
		"time after the faults in which all must be delivered everywhere")
	f.DurationVar(&o.check, "check", time.Minute, "time to check a history in")
	return c
}

// plan checks the flags.
func (o tortureOptions) plan() ([]seasons.Variant, []torture.Kind, error) {
	kinds, err := torture.ParseFaults(o.faults)
	switch {
	case err != nil:
		return nil, nil, &usageError{fmt.Errorf("--faults: %w", err)}
	case o.processes < 1 || o.processes > node.MaxProcesses:
		return nil, nil, &usageError{fmt.Errorf(
			"--processes %d: expected 1 to %d", o.processes, node.MaxProcesses)}
	case o.clients < 1 || o.clients > maxTortureClients:
		return nil, nil, &usageError{fmt.Errorf(
			"--clients %d: expected 1 to %d", o.clients, maxTortureClients)}
	case o.histories < 1:
		return nil, nil, &usageError{fmt.Errorf("--histories %d: expected at least 1", o.histories)}
	case o.network != byProxies && o.network != byNamespaces:
		return nil, nil, &usageError{fmt.Errorf(
			"--network %q: expected %s or %s", o.network, byProxies, byNamespaces)}
	case o.network == byNamespaces && o.faults != allFaults && slices.Contains(kinds, torture.Delay):
		return nil, nil, &usageError{fmt.Errorf(
			"--faults %s: expected no delay with --network %s", o.faults, byNamespaces)}
	case o.duration <= 0 || o.settle <= 0 || o.check <= 0:
		return nil, nil, &usageError{fmt.Errorf("--duration %v --settle %v --check %v: expected above 0",
			o.duration, o.settle, o.check)}
	}
	if o.network == byNamespaces {
		kinds = slices.DeleteFunc(kinds, func(k torture.Kind) bool { return k == torture.Delay })
	}
	names := []string{o.variant}
	if o.variant == everything {
		names = catalog.Names()
	}
	var variants []seasons.Variant
	for _, name := range names {
		v, err := hosted(name, o.processes)
		if err != nil {
			return nil, nil, err
		}
		variants = append(variants, v)
	}
	return variants, kinds, nil
}

func runTorture(c *cobra.Command, o tortureOptions) error {
	variants, kinds, err := o.plan()
	if err != nil {
		return err
	}
	if o.network == byNamespaces && !torture.Isolated() {
		status, err := torture.Isolate(c.Context())
		if err == nil && status != 0 {
			err = &endedError{status}
		}
		return err
	}
	bar := newTortureBar(c.ErrOrStderr(), time.Duration(len(variants)*o.histories)*o.duration)
	var rows []*tortured
	seed := o.seed
	for _, v := range variants {
		row := &tortured{variant: v.Name, faults: map[torture.Kind]int{}}
		rows = append(rows, row)
		for range o.histories {
			bar.begin(v.Name)
			report, failure := o.history(c.Context(), v, kinds, seed, bar.show)
			if failure != nil {
				err = fmt.Errorf("%s, seed %d: %w", v.Name, seed, failure)
				break
			}
			seed++
			bar.end(o.duration)
			row.add(report)
		}
		if err != nil {
			break
		}
	}
	bar.finish()
	return errors.Join(printTortured(c.OutOrStdout(), kinds, rows), err)
}

// history makes one history. At a failure its directory is kept.
func (o tortureOptions) history(ctx context.Context, v seasons.Variant, kinds []torture.Kind, seed uint64,
	progress func(time.Duration),
) (torture.Report, error) {
	if o.dir != "" {
		if err := os.MkdirAll(o.dir, 0o755); err != nil {
			return torture.Report{}, err
		}
	}
	dir, err := os.MkdirTemp(o.dir, fmt.Sprintf("paxon-torture-%s-%d-", v.Name, seed))
	if err != nil {
		return torture.Report{}, err
	}
	report, err := o.round(ctx, dir, v, kinds, seed, progress)
	if err == nil || ctx.Err() != nil {
		return report, errors.Join(err, os.RemoveAll(dir))
	}
	return report, fmt.Errorf("%w\nWhat is known is in %s", errors.Join(err, o.keep(dir, report, err)), dir)
}

func (o tortureOptions) round(ctx context.Context, dir string, v seasons.Variant, kinds []torture.Kind,
	seed uint64, progress func(time.Duration),
) (torture.Report, error) {
	executable, err := os.Executable()
	if err != nil {
		return torture.Report{}, err
	}
	local, err := cluster.NewLocal(executable, dir, v, o.processes)
	if err != nil {
		return torture.Report{}, err
	}
	if seed%2 == 1 {
		local.Shrink()
	}
	network, remove, err := o.connect(ctx, local)
	if err != nil {
		return torture.Report{}, err
	}
	defer remove()
	return torture.Round(ctx, torture.Config{
		Variant: v, Processes: o.processes, Clients: o.clients, Faults: kinds, Seed: seed,
		Duration: o.duration, Patience: patience, Settle: o.settle, Check: o.check,
		Network: network, Progress: progress,
		Start: func(ctx context.Context, id process.ID) (torture.Machine, error) {
			return local.Run(ctx, id)
		},
	})
}

// connect makes the network of a cluster, which remove removes.
func (o tortureOptions) connect(ctx context.Context, local *cluster.Local) (
	network torture.Network, remove func(), err error,
) {
	if o.network == byNamespaces {
		namespaces, err := torture.NewNamespaces(ctx, o.processes)
		if err != nil {
			return nil, nil, err
		}
		if err := local.Place(namespaces.Host, namespaces.Enter); err != nil {
			namespaces.Close()
			return nil, nil, err
		}
		return namespaces, namespaces.Close, nil
	}
	proxies := torture.NewProxies()
	if err := local.Route(proxies.Add); err != nil {
		proxies.Close()
		return nil, nil, err
	}
	return proxies, proxies.Close, nil
}

// keep writes what a failed history leaves besides the processes' files.
func (o tortureOptions) keep(dir string, report torture.Report, failure error) error {
	return errors.Join(
		writeFile(filepath.Join(dir, "failure.txt"), func(w io.Writer) error {
			_, err := fmt.Fprintln(w, failure)
			return err
		}),
		writeFile(filepath.Join(dir, "history.ndjson"), func(w io.Writer) error {
			return history.Write(w, report.History)
		}),
		writeFile(filepath.Join(dir, "history.html"), func(w io.Writer) error {
			return history.Draw(w, report.History, o.check)
		}),
	)
}

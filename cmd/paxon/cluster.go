package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"paxon/cmd/paxon/cluster"
	"paxon/node"
	"paxon/process"
	"paxon/seasons"
)

// What a cluster run allows itself.
const (
	windowLines  = 4096
	windowBytes  = 16 << 20
	restartAfter = time.Second
	stallTime    = time.Minute
)

// clusterOptions are the flags of paxon cluster.
type clusterOptions struct {
	processes int
	variant   string
	crashes   []string
	out, dir  string
	json      bool
}

func newClusterCommand() *cobra.Command {
	var o clusterOptions
	c := &cobra.Command{
		Use:   "cluster [FILE...]",
		Short: "Broadcast the lines of files through processes on this machine, and check the order",
		Long: `Start processes on this machine, broadcast every line of the files (or of standard input, if
there is none or it is "-") from all of them in turn, and wait until every process has delivered
them all. Then check that all delivered the same sequence and each line exactly once, write the
sequences to OUT/<id>.log, and print a table. The SHA-256 in it is that of the file.

With --crash a process is killed (kill -9) when that share of the input is broadcast. Lines that
were broadcast at it are handed to another one, and still delivered once. A process starts
again a second later; one of crash-stop stays dead, and a majority must be left.

paxon variants lists the variants.

Lines may be empty or binary, and have up to 8 MiB. Files of any size will do.

The shared disks of a variant with summer are three directories next to the processes' storage.

Without --dir the processes keep their storage in a temporary directory, which is removed at
the end. A directory that is given is kept and may be used again: the cluster goes on where it
was, and only the lines of the new run are checked and written.

Exit status: 0 only if all sequences are as they must be.`,
		Example: `  paxon cluster words.txt
  paxon cluster --crash 1@30 --crash 2@60 --out result words.txt
  paxon cluster --processes 5 --json a.txt b.txt
  paxon cluster --variant crash-stop --crash 2@50 words.txt
  seq 100000 | paxon cluster --dir data`,
		RunE: func(c *cobra.Command, files []string) error { return runCluster(c, o, files) },
	}
	f := c.Flags()
	f.IntVarP(&o.processes, "processes", "n", 3,
		fmt.Sprintf("how many processes, 1 to %d", node.MaxProcesses))
	addVariantFlag(f, &o.variant)
	f.StringArrayVar(&o.crashes, "crash", nil,
		"kill process ID when PERCENT of the input is broadcast, as `ID@PERCENT`; repeatable")
	f.StringVarP(&o.out, "out", "o", "", "directory for the sequences (default DIR/out, or ./out)")
	f.StringVarP(&o.dir, "dir", "d", "", "directory for the processes' storage, kept (default temporary)")
	f.BoolVar(&o.json, "json", false, "print the result as JSON")
	return c
}

// plan checks what can be checked on the command line alone.
func (o clusterOptions) plan() (seasons.Variant, []cluster.Crash, error) {
	if o.processes < 1 || o.processes > node.MaxProcesses {
		return seasons.Variant{}, nil, &usageError{fmt.Errorf(
			"--processes %d: expected 1 to %d", o.processes, node.MaxProcesses)}
	}
	variant, err := hosted(o.variant, o.processes)
	if err != nil {
		return seasons.Variant{}, nil, err
	}
	var crashes []cluster.Crash
	for _, s := range o.crashes {
		crash, err := cluster.ParseCrash(s)
		if err != nil {
			return seasons.Variant{}, nil, &usageError{fmt.Errorf("--crash: %w", err)}
		}
		crashes = append(crashes, crash)
	}
	if err := cluster.CheckCrashes(crashes, o.processes, variant.Recovers); err != nil {
		return seasons.Variant{}, nil, &usageError{fmt.Errorf("--crash: %w", err)}
	}
	if err := checkAssumed(variant, crashes, o.processes); err != nil {
		return seasons.Variant{}, nil, &usageError{err}
	}
	return variant, crashes, nil
}

// checkAssumed says whether so many different processes may crash.
func checkAssumed(v seasons.Variant, crashes []cluster.Crash, processes int) error {
	if v.Crashes == nil {
		return nil
	}
	crashed := map[process.ID]bool{}
	for _, c := range crashes {
		crashed[c.Process] = true
	}
	if most := v.Crashes(processes); len(crashed) > most {
		return fmt.Errorf("--crash of %d processes: of %d processes %s assumes that at most %d ever crash",
			len(crashed), processes, v.Name, most)
	}
	return nil
}

func runCluster(c *cobra.Command, o clusterOptions, files []string) (err error) {
	variant, crashes, err := o.plan()
	if err != nil {
		return err
	}
	input, err := cluster.OpenInput(files, c.InOrStdin())
	if err != nil {
		return err
	}
	dir, out, remove, err := o.directories()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	ctx := c.Context()
	if len(crashes) > 0 && input.Size() < 0 {
		var spooled string
		if spooled, err = spool(ctx, input, dir); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(spooled)) }()
	}
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	local, err := cluster.NewLocal(executable, dir, variant, o.processes)
	if err != nil {
		return err
	}
	bar := newBar(c.ErrOrStderr(), input.Size())
	report, err := cluster.Run(ctx, cluster.Config{
		Processes: o.processes, Recovers: variant.Recovers, Crashes: crashes,
		Input: input, Out: out, Start: local.Start, Progress: bar.show,
		Window:       cluster.Window{Lines: windowLines, Bytes: windowBytes},
		RestartAfter: restartAfter, Stall: stallTime,
	})
	bar.finish()
	if err != nil {
		return err
	}
	if o.json {
		return printJSON(c.OutOrStdout(), variant.Name, report)
	}
	return printTable(c.OutOrStdout(), variant.Name, report)
}

// spool has the size of the input known, with what that takes in a new directory within dir.
func spool(ctx context.Context, input *cluster.Input, dir string) (spooled string, err error) {
	spooled, err = os.MkdirTemp(dir, "input")
	if err != nil {
		return "", err
	}
	if err := input.Spool(ctx, spooled); err != nil {
		return "", errors.Join(err, os.RemoveAll(spooled))
	}
	return spooled, nil
}

// directories makes the directories of a run. What remove removes was made here, and is not to
// be kept.
func (o clusterOptions) directories() (dir, out string, remove func() error, err error) {
	dir, out, remove = o.dir, o.out, func() error { return nil }
	if out == "" {
		out = filepath.Join(dir, "out")
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return "", "", nil, err
	}
	if dir != "" {
		return dir, out, remove, os.MkdirAll(dir, 0o755)
	}
	dir, err = os.MkdirTemp("", "paxon-cluster-")
	return dir, out, func() error { return os.RemoveAll(dir) }, err
}

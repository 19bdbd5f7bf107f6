package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"paxon/cmd/paxon/simulate"
	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/sim"
	"paxon/sim/flawed"
	"paxon/sim/replay"
)

// maxSimulated is how many processes a simulation has at most: one for each bit of the random
// number that draws a partition.
const maxSimulated = 63

// simOptions are the flags of paxon sim.
type simOptions struct {
	processes     int
	variant, part string
	seed, seeds   uint64
	steps         uint64
	faults, trace string
	broadcasts    int
	together      int
	duration      time.Duration
	coverage      bool
	out, replayed string
}

// everything is the --variant or --part that stands for all there are.
const everything = "all"

func newSimCommand() *cobra.Command {
	var o simOptions
	c := &cobra.Command{
		Use:   "sim",
		Short: "Run a composition in a simulated world with faults, and check every property",
		Long: fmt.Sprintf(`Run a composition on simulated processes, in virtual time. From the seed come
the faults of the run, when messages are broadcast, and every choice of the links, disks and
clocks: the same seed gives the same run. The properties of the register, of consensus and of
total order broadcast are checked at every step. When the faults have healed, all that was
broadcast must be delivered everywhere within a bound of virtual time.

Kinds of fault: %s. Each run draws which of those that are allowed it has.

With --part register or consensus these are run alone, over links and storage whose every step is
drawn: their runs are many times as fast, and reach rarer orders of events. With --part caspaxos
it is CASPaxos on the registers of paxos. With --variant all or --part all, or both, all other runs
are done of one kind after the other, and a table is printed.

With --coverage a table tells how often branches of handlers were taken and faults came when they
matter. It is a failure if one that runs of the kind must show some time was never seen; a
thousand runs with all kinds of fault, of three processes or more, see each.

Names that begin with broken/ are those of compositions that are broken on purpose, for which flags
that are not given take what finds the flaw; "paxon killboard" lists them.

With --trace the events of one run are written as NDJSON, one a line.

A violation in a whole run leaves a folder, unless a trace was asked for: the shortest schedule in
which the property falls, its trace and diagram, a test that plays it, and a README.txt that says what
happens. With --replay the schedule is played again.

Exit status: 1 if a property is violated; the command that replays the run is printed.`,
			strings.Join(sim.FaultNames(), ", ")),
		Example: `  paxon sim --seeds 100000
  paxon sim --variant crash-stop --processes 5 --seeds 10000 --faults loss,partitions
  paxon sim --seed 42 --trace run.ndjson
  paxon sim --variant all --part all --seeds 300000 --coverage
  paxon sim --variant broken/rounds-restart --seeds 10000 --out restart
  paxon sim --replay restart/schedule.json`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.replayed != "" {
				return replaySchedule(c, o)
			}
			if err := brokenRuns(c.Flags(), o.variant); err != nil {
				return err
			}
			if err := o.forPart(c.Flags()); err != nil {
				return err
			}
			return runSim(c, o)
		},
	}
	addSimFlags(c, &o)
	return c
}

func addSimFlags(c *cobra.Command, o *simOptions) {
	f := c.Flags()
	f.IntVarP(&o.processes, "processes", "n", 3,
		fmt.Sprintf("how many processes, 1 to %d", maxSimulated))
	addVariantFlag(f, &o.variant)
	f.Lookup("variant").Usage += "; all for one after the other"
	f.StringVar(&o.part, "part", string(sim.OfBroadcast), "tob, consensus, register, caspaxos or all")
	f.Uint64Var(&o.seed, "seed", 0, "the seed, or the first of --seeds")
	f.Uint64Var(&o.seeds, "seeds", 1, "how many seeds to run of each kind, on all cores")
	f.Uint64Var(&o.steps, "steps", 1_000_000, "events after which a run has failed to terminate")
	f.StringVar(&o.faults, "faults", "all", "kinds of fault that runs may have: `LIST`, all or none")
	f.StringVar(&o.trace, "trace", "", "write the events of the run to `FILE`; one seed only")
	f.StringVar(&o.out, "out", "", "leave what a violation shows in the folder `DIR`, which must not exist "+
		"(default violation-VARIANT-SEED)")
	f.StringVar(&o.replayed, "replay", "", "play the schedule of `FILE` instead")
	f.IntVar(&o.broadcasts, "broadcasts", 24, "how often somebody broadcasts in a run")
	f.IntVar(&o.together, "together", 8, "how many messages a process broadcasts at once, at most; 0 for one")
	f.DurationVar(&o.duration, "duration", 400*time.Millisecond, "virtual time with faults")
	f.BoolVar(&o.coverage, "coverage", false, "count which branches runs take, and demand those they must")
}

// plan checks the flags, and gives the runs of each kind that they ask for.
func (o simOptions) plan() ([]simulate.Kind, error) {
	faults, err := sim.ParseFaults(o.faults)
	switch {
	case err != nil:
		return nil, &usageError{err}
	case o.processes < 1 || o.processes > maxSimulated:
		return nil, &usageError{fmt.Errorf(
			"--processes %d: expected 1 to %d", o.processes, maxSimulated)}
	case o.seeds < 1:
		return nil, &usageError{errors.New("--seeds 0: expected at least 1")}
	case o.seed+o.seeds < o.seed:
		return nil, &usageError{fmt.Errorf(
			"--seed %d --seeds %d: expected the last seed to fit into 64 bits", o.seed, o.seeds)}
	case o.broadcasts < 0 || o.together < 0 || o.duration <= 0:
		return nil, &usageError{fmt.Errorf(
			"--broadcasts %d --together %d --duration %v: expected at least 0, and above 0", o.broadcasts,
			o.together, o.duration)}
	}
	variants, err := o.variants()
	if err != nil {
		return nil, err
	}
	var kinds []simulate.Kind
	for _, v := range variants {
		if err := v.Check(o.processes); err != nil {
			return nil, &usageError{err}
		}
		of, err := o.kinds(v, faults)
		if err != nil {
			return nil, err
		}
		kinds = append(kinds, of...)
	}
	if o.trace != "" && (o.seeds != 1 || len(kinds) > 1 || kinds[0].Trace == nil) {
		return nil, &usageError{fmt.Errorf("--trace with --seeds %d, --variant %s, --part %s: "+
			"expected a single --seed, and variant, of --part tob or caspaxos", o.seeds, o.variant, o.part)}
	}
	return kinds, o.checkOut(len(kinds))
}

func (o simOptions) variants() ([]seasons.Variant, error) {
	if o.part == string(sim.OfCASPaxos) {
		return []seasons.Variant{seasons.Paxos()}, nil
	}
	if o.variant == everything {
		var all []seasons.Variant
		for _, e := range catalog.Variants() {
			all = append(all, e.Variant)
		}
		return all, nil
	}
	v, err := replay.Variant(o.variant)
	if err != nil {
		return nil, &usageError{err}
	}
	return []seasons.Variant{v}, nil
}

// config is the whole runs of one variant.
func (o simOptions) config(v seasons.Variant, faults sim.Faults) sim.Config {
	c := sim.DefaultConfig(v, o.processes)
	c.Faults, c.Broadcasts, c.Together = faults, o.broadcasts, o.together
	c.Duration, c.Steps = o.duration, o.steps
	return c
}

// kinds are the runs of one variant.
func (o simOptions) kinds(v seasons.Variant, faults sim.Faults) ([]simulate.Kind, error) {
	if o.part == string(sim.OfCASPaxos) {
		return []simulate.Kind{simulate.CASPaxos(o.processes)}, nil
	}
	c := o.config(v, faults)
	all := []simulate.Kind{
		simulate.Broadcast(c), simulate.Consensus(v, o.processes, c.Disks),
		simulate.Registers(v, o.processes, c.Disks),
	}
	if o.part == everything {
		return all, nil
	}
	for _, k := range all {
		if string(k.Part) == o.part {
			return []simulate.Kind{k}, nil
		}
	}
	return nil, &usageError{fmt.Errorf(
		"--part %q: expected tob, consensus, register or all, or caspaxos", o.part)}
}

// forPart refuses flags that runs of a part alone have no use for.
func (o simOptions) forPart(f *pflag.FlagSet) error {
	if o.part == string(sim.OfBroadcast) || o.part == everything {
		return nil
	}
	for _, name := range []string{"steps", "faults", "broadcasts", "together", "duration"} {
		if f.Changed(name) && !strings.HasPrefix(o.variant, flawed.Prefix) {
			return &usageError{fmt.Errorf("--%s with --part %s: it is for --part tob", name, o.part)}
		}
	}
	if o.part == string(sim.OfCASPaxos) && f.Changed("variant") {
		return &usageError{errors.New(
			"--variant with --part caspaxos: expected none, for it is on the registers of paxos")}
	}
	return nil
}

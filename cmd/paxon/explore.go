package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"paxon/cmd/paxon/violation"
	"paxon/explore"
	"paxon/explore/setting"
	"paxon/sim"
)

// exploreOptions are the flags of paxon explore.
type exploreOptions struct {
	setting.Setting
	part, rounds, property        string
	broadcasts, elections, beats  string
	quorums                       string
	proposers                     int
	states, memory                uint64
	depth, workers                int
	twins, table                  bool
	chosen                        bool // The variant.
	schedule, trace, out, without string
}

func newExploreCommand() *cobra.Command {
	var o exploreOptions
	c := &cobra.Command{
		Use:   "explore",
		Short: "Search every state of a composition within bounds, and check every property",
		Long: `Search every state that the parts of a composition can come to within the bounds: every
message, crash, force and timer at every time. Loss is a message that never comes. The search is breadth
first, so that the first violation is one after the fewest choices. It is complete unless it says
at which bound it was cut.

States that a reduction takes for one are counted once. The reductions, which --without switches
off: ` + strings.Join(setting.Reductions(), ", ") + `; docs/explore.md explains them.

A violation leaves a folder with the choices that lead to it, their trace and diagram, and a test.

Exit status: 1 if a property is violated, or if what must happen in some run of a complete search
does not.`,
		Example: `  paxon explore --variant paxos --crashes 1 --recoveries 1
  paxon explore --variant paxos --rounds 2,1 --crashes 1 --recoveries 1 --as-printed --property CA
  paxon explore --variant fall --part broadcast --broadcasts 1,1 --elections 1,1 --instances 2
  paxon explore --part caspaxos --changes 'append,append;cas' --waits 1
  paxon explore --part caspaxos --variant broken/disjoint-quorums --changes 'append;cas'
  paxon explore --schedule violation-paxos/schedule.txt --trace run.ndjson
  paxon explore --table`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			o.chosen = c.Flags().Changed("variant")
			return runExplore(c, o)
		},
	}
	o.addFlags(c)
	return c
}

func (o *exploreOptions) addFlags(c *cobra.Command) {
	f := c.Flags()
	f.IntVarP(&o.Processes, "processes", "n", 3, "how many processes, 1 to 9")
	addVariantFlag(f, &o.Variant)
	f.StringVar(&o.part, "part", string(setting.Consensus),
		"what is searched: register, consensus, broadcast or caspaxos")
	f.IntVar(&o.proposers, "proposers", 2, "how many processes operate on registers or propose")
	f.StringVar(&o.rounds, "rounds", "1", "in how many rounds each, or a `LIST` such as 2,1; of broadcast, "+
		"the highest round")
	f.IntVar(&o.Instances, "instances", 1, "how many registers")
	f.IntVar(&o.Crashes, "crashes", 0, "how many crashes in a run")
	f.IntVar(&o.Recoveries, "recoveries", 0, "how many recoveries in a run")
	f.StringVar(&o.broadcasts, "broadcasts", "",
		"how many messages each process broadcasts: `LIST` such as 1,1")
	f.IntVar(&o.Together, "together", 0,
		"how many of its messages a process broadcasts in one call; 0 for one")
	f.IntVar(&o.Handed, "handed", 0, "which process is handed the messages of p1 too, by name; 0 for none")
	f.StringVar(&o.elections, "elections", "", "how often each process hears of a leader: `LIST` such as 1,1")
	f.StringVar(&o.beats, "beats", "", "how many heartbeats each process sends: `LIST` such as 1,0")
	f.StringVar(&o.Changes, "changes", "", "what each process of CASPaxos is asked for: `LIST;LIST` of "+
		strings.Join(setting.Kinds(), ", ")+"; of cas after = a version, of members the acceptors, such as "+
		"members=12; with an empty list a process proposes, and with none it is a copy only")
	f.IntVar(&o.Members, "members", 0, "how many processes of CASPaxos hold copies at first; 0 for all")
	f.StringVar(&o.quorums, "quorums", "", "how many copies are a prepare, and an accept, quorum of "+
		"CASPaxos: `LIST` such as 2,2 (default majorities)")
	f.IntVar(&o.Waits, "waits", 0, "how often processes of CASPaxos go on after a conflict in a run")
	f.BoolVar(&o.AsPrinted, "as-printed", false,
		"begin the rounds of consensus anew after a recovery, as the paper prints it")
	f.BoolVar(&o.Timers, "timers", false, "have timers fire, at any time")
	f.StringVar(&o.property, "property", "", "check this property alone, such as CA (default all)")
	f.StringVar(&o.without, "without", "", "switch off these reductions: `LIST`")
	f.Uint64Var(&o.states, "max-states", 0, "cut the search after so many states; 0 for no limit")
	f.IntVar(&o.depth, "max-depth", 0, "cut the search after so many choices; 0 for no limit")
	f.Uint64Var(&o.memory, "max-memory", defaultMemory()>>20,
		"cut the search when so many `MB` are in use; 0 for no limit")
	f.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "how many states are expanded at a time")
	f.BoolVar(&o.twins, "twins", false, "check that states are told apart as they must be; takes longer")
	f.BoolVar(&o.table, "table", false,
		"do the searches of docs/explore.md again, those of --part if it is given, and compare")
	f.StringVar(&o.schedule, "schedule", "", "make the choices of `FILE` instead")
	f.StringVar(&o.trace, "trace", "", "write the events of --schedule to `FILE`")
	f.StringVar(&o.out, "out", "", "leave what a violation shows in the folder `DIR`, which must not exist "+
		"(default violation-VARIANT)")
}

// plan checks the flags, and gives the search that they ask for.
func (o *exploreOptions) plan() (explore.Config, error) {
	err := o.read()
	var c explore.Config
	if err == nil {
		c, err = o.Config()
	}
	switch {
	case err != nil:
		return c, &usageError{err}
	case o.workers < 1 || o.depth < 0:
		return c, &usageError{fmt.Errorf("--workers %d --max-depth %d: expected at least 1, and 0",
			o.workers, o.depth)}
	case o.trace != "":
		return c, &usageError{errors.New("--trace: expected --schedule with it; " +
			"what a search finds leaves its trace in a folder")}
	case o.out != "" && violation.Missing(o.out) != nil:
		return c, &usageError{fmt.Errorf("--out: %w", violation.Missing(o.out))}
	}
	c.States, c.Depth, c.Bytes = o.states, o.depth, o.memory<<20
	c.Workers, c.Twins = o.workers, o.twins
	return c, nil
}

// read reads what flags give as text.
func (o *exploreOptions) read() (err error) {
	o.Part = setting.Part(o.part)
	lists := []struct {
		text string
		to   *[]int
		flag string
	}{
		{o.rounds, &o.Rounds, "rounds"},
		{o.broadcasts, &o.Broadcasts, "broadcasts"},
		{o.elections, &o.Elections, "elections"},
		{o.beats, &o.Beats, "beats"},
		{o.quorums, &o.Quorums, "quorums"},
	}
	for _, l := range lists {
		if *l.to, err = setting.ParseNumbers(l.text); err != nil {
			return fmt.Errorf("--%s: %w", l.flag, err)
		}
	}
	if o.proposers < 1 || o.proposers > o.Processes {
		return fmt.Errorf("--proposers %d: expected 1 to %d", o.proposers, o.Processes)
	}
	o.fillIn()
	if o.without != "" {
		o.Without = strings.Split(o.without, ",")
	}
	if o.property != "" {
		o.Property, err = setting.Property(o.property)
	}
	return err
}

// fillIn gives what the flags leave open.
func (o *exploreOptions) fillIn() {
	switch o.Part {
	case setting.CASPaxos:
		o.Rounds, o.Changes = nil, cmp.Or(o.Changes, "append;cas")
		if !o.chosen {
			o.Variant = "paxos"
		}
	case setting.Broadcast:
		if o.broadcasts == "" {
			o.Broadcasts, o.Elections = []int{1}, []int{1}
		}
	case setting.Register, setting.Consensus:
		if len(o.Rounds) == 1 {
			o.Rounds = slices.Repeat(o.Rounds, o.proposers)
		}
	}
}

func runExplore(c *cobra.Command, o exploreOptions) error {
	if o.schedule != "" {
		return replayChoices(c, o)
	}
	config, err := o.plan()
	if err != nil {
		return err
	}
	if config.Bytes > 0 {
		before := debug.SetMemoryLimit(int64(min(config.Bytes/8*7, 1<<62)))
		defer debug.SetMemoryLimit(before)
	}
	if o.table {
		only := setting.Part("")
		if c.Flags().Changed("part") {
			only = o.Part
		}
		return exploreTable(c, config, only)
	}
	r, err := searched(c, config)
	printed := printResult(c.OutOrStdout(), r)
	if err = errors.Join(err, printed); err != nil {
		return err
	}
	switch {
	case r.Violation != nil:
		return errors.Join(falls(r.Violation), o.leave(c, r))
	case r.Cut == "" && len(r.Never) > 0:
		return fmt.Errorf("the search is complete, and in no run: %s; expected each in some",
			strings.Join(r.Never, "; "))
	}
	return nil
}

// falls is a violation without a time: a search has none.
func falls(v *sim.Violation) error { return fmt.Errorf("%s is violated: %s", v.Property, v.Detail) }

// searched searches, with progress on a terminal.
func searched(c *cobra.Command, config explore.Config) (explore.Result, error) {
	if file := terminal(c.ErrOrStderr()); file != nil {
		bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(file),
			progressbar.OptionSetElapsedTime(true), progressbar.OptionClearOnFinish())
		begun := time.Now()
		config.Progress = func(p explore.Progress) {
			bar.Describe(fmt.Sprintf("%d states, %d transitions, %.0f states/s; depth %d: %d of %d",
				p.States, p.Transitions, float64(p.States)/time.Since(begun).Seconds(),
				p.Depth, p.Expanded, p.Frontier))
			_ = bar.Add(1) // Drawing may fail.
		}
		defer func() { _ = bar.Clear() }()
	}
	return explore.Run(c.Context(), config)
}

// printResult says what a search has shown.
func printResult(w io.Writer, r explore.Result) error {
	end := "complete"
	switch {
	case r.Cut != "":
		end = "cut at " + r.Cut
	case r.Violation != nil:
		end = "ended by a violation"
	}
	_, err := fmt.Fprintf(w, "%s: %d states, %d transitions, depth %d, %d local states; %v, "+
		"%.0f states/s, %d MB\n", end, r.States, r.Transitions, r.Depth, r.Locals,
		r.Time.Round(time.Millisecond), float64(r.States)/r.Time.Seconds(), r.Bytes>>20)
	if len(r.Never) > 0 && (r.Cut != "" || r.Violation != nil) {
		_, said := fmt.Fprintf(w, "not seen until then: %s\n", strings.Join(r.Never, "; "))
		err = errors.Join(err, said)
	}
	for i, choice := range r.Schedule {
		_, said := fmt.Fprintf(w, "%3d  %s\n", i+1, choice)
		err = errors.Join(err, said)
	}
	return err
}

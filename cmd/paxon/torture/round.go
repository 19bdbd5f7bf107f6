package torture

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"paxon/client"
	"paxon/cmd/paxon/cluster"
	"paxon/history"
	"paxon/process"
	"paxon/seasons"
)

// Config says what a round is made of.
type Config struct {
	Variant   seasons.Variant
	Processes int
	Clients   int
	Faults    []Kind
	Seed      uint64        // Of the schedule of faults and what clients choose; not of the timing.
	Duration  time.Duration // Of the time with faults.
	Patience  time.Duration // The longest that a call waits for its answer while there are faults.
	Settle    time.Duration // After the faults have healed, until all must be delivered everywhere.
	Check     time.Duration // That long the checker may take.
	// Start runs a process, for the first time or again, and returns once its API answers.
	Start func(ctx context.Context, id process.ID) (Machine, error)
	// Network breaks links; it may be nil if Faults has no Partition and no Delay.
	Network Network
	// Progress hears from time to time how long the round has been running; it may be nil.
	Progress func(time.Duration)
}

// Report is what a round was and showed.
type Report struct {
	History []history.Operation
	Result  history.Result
	Faults  map[Kind]int // How many of each kind took place.
}

// ViolationError says that a history is not one that total order broadcast allows, or that nobody
// knows whether it is.
type ViolationError struct {
	Verdict history.Verdict
	Reason  string
}

// Error gives the verdict and what the checker says.
func (e *ViolationError) Error() string {
	if e.Verdict == history.Undecided {
		return "undecided: the checker had not enough time: expected ok: give it more, or a shorter history"
	}
	return fmt.Sprintf("%v of total order broadcast: %s", e.Verdict, e.Reason)
}

// SettleError says that something did not happen though all faults had healed.
type SettleError struct {
	After    time.Duration
	What     string
	Expected string
}

// Error says what did not happen.
func (e *SettleError) Error() string {
	return fmt.Sprintf("%v after all faults had healed %s: expected %s", e.After, e.What, e.Expected)
}

// errNobody says that no process runs though all faults have healed.
var errNobody = errors.New("no process runs: expected all that are not left dead")

// round is one round as it runs.
type round struct {
	Config
	recorder *recorder
	members  []*member
	callers  []*caller
	readers  []*reader

	mu      sync.Mutex
	faults  map[Kind]int
	crashed map[process.ID]bool
}

// Round runs a cluster of new processes under faults, has it settle, and checks. The error is the
// cause of ctx, or joins what of these there is: a *ViolationError; a *SettleError, a
// *cluster.DiedError or one of client. The report has in any case what is known until then.
func Round(ctx context.Context, config Config) (Report, error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	r := &round{
		Config: config, recorder: &recorder{begun: time.Now()},
		faults: map[Kind]int{}, crashed: map[process.ID]bool{},
	}
	err := r.run(ctx, fail)
	report := Report{History: r.recorder.all(), Faults: r.faults}
	if _, died := errors.AsType[*cluster.DiedError](err); !died && ctx.Err() != nil {
		return report, err
	}
	var wrong error
	report.Result, wrong = history.Check(report.History, config.Check)
	if wrong == nil && report.Result.Verdict != history.OK {
		wrong = &ViolationError{report.Result.Verdict, report.Result.Reason}
	}
	return report, errors.Join(wrong, err)
}

func (r *round) run(ctx context.Context, fail context.CancelCauseFunc) error {
	defer r.close()
	if err := r.startAll(ctx, fail); err != nil {
		return err
	}
	for i := range r.Clients {
		r.callers = append(r.callers, newCaller(r, i))
	}
	for _, m := range r.members {
		r.readers = append(r.readers, newReader(r, m))
	}
	if err := r.suffer(ctx); err != nil {
		return err
	}
	return r.settle(ctx)
}

// close kills what runs.
func (r *round) close() {
	var group sync.WaitGroup
	for _, m := range r.members {
		group.Go(func() { m.kill(true) })
	}
	group.Wait()
}

func (r *round) startAll(ctx context.Context, fail context.CancelCauseFunc) error {
	group, started := errgroup.WithContext(ctx)
	for i := range r.Processes {
		m := &member{ctx: ctx, id: process.ID(i + 1), run: r.Start, died: fail}
		r.members = append(r.members, m)
		group.Go(func() error { return m.start(started) })
	}
	return errors.Join(group.Wait(), context.Cause(ctx))
}

// suffer is the phase with faults. It returns when all of them have healed and the last calls have
// ended.
func (r *round) suffer(ctx context.Context) error {
	group, all := errgroup.WithContext(ctx)
	faulty, heal := context.WithTimeout(all, r.Duration)
	defer heal()
	for _, c := range r.callers {
		group.Go(func() error { return c.run(faulty) })
	}
	for _, reader := range r.readers {
		group.Go(func() error { return reader.run(faulty) })
	}
	random := rand.New(rand.NewPCG(r.Seed, 0))
	for _, f := range schedule(random, r.Faults, r.Processes, r.Duration) {
		group.Go(func() error {
			if !wait(faulty, f.at) {
				return nil
			}
			return r.inflict(all, faulty, f)
		})
	}
	r.show(faulty)
	err := group.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return cause // It is the reason of whatever else failed.
	}
	return err
}

// show tells how far the phase with faults is.
func (r *round) show(ctx context.Context) {
	begun := time.Now()
	for wait(ctx, 10*betweenLooks) {
		if r.Progress != nil {
			r.Progress(time.Since(begun))
		}
	}
}

// inflict lets one fault take place, and heals it after its time or when faulty ends.
func (r *round) inflict(ctx, faulty context.Context, f fault) error {
	m := r.members[f.target-1]
	switch f.kind {
	case Kill:
		return r.crash(ctx, faulty, m, f.lasts)
	case Stop:
		resume, paused := m.pause()
		if !paused {
			return nil
		}
		r.count(Stop)
		wait(faulty, f.lasts)
		resume()
		return nil
	case Partition, Delay:
	}
	return r.disturb(faulty, f)
}

func (r *round) count(k Kind) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults[k]++
}

// mayCrash says whether the variant stands that a process crashes, and if so remembers it.
func (r *round) mayCrash(id process.ID) bool {
	most := r.Processes
	switch {
	case !r.Variant.Recovers:
		most -= process.Majority(r.Processes)
	case r.Variant.Crashes != nil:
		most = r.Variant.Crashes(r.Processes)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.crashed[id] && len(r.crashed) >= most {
		return false
	}
	r.crashed[id] = true
	return true
}

// crash kills a process, and starts it again if it recovers.
func (r *round) crash(ctx, faulty context.Context, m *member, lasts time.Duration) error {
	if !r.mayCrash(m.id) || !m.kill(!r.Variant.Recovers) {
		return nil
	}
	r.count(Kill)
	if !r.Variant.Recovers {
		return nil
	}
	wait(faulty, lasts)
	return m.start(ctx)
}

// disturb cuts links, or slows them down.
func (r *round) disturb(faulty context.Context, f fault) (err error) {
	var mends []func() error
	defer func() {
		for _, mend := range mends {
			err = errors.Join(err, mend())
		}
	}()
	for _, a := range f.links {
		var mend func() error
		if f.kind == Partition {
			mend, err = r.Network.Cut(a.from, a.to, f.hold)
		} else {
			mend, err = r.Network.Delay(a.from, a.to, f.delay)
		}
		if err != nil {
			return err
		}
		mends = append(mends, mend)
	}
	if len(mends) > 0 {
		r.count(f.kind)
		wait(faulty, f.lasts)
	}
	return nil
}

// settle is the phase without faults (TT2, TT3).
func (r *round) settle(ctx context.Context) error {
	var group errgroup.Group
	for _, c := range r.callers {
		group.Go(c.last)
	}
	err := group.Wait()
	if err == nil {
		err = r.equal(ctx)
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// last broadcasts a message that must be answered.
func (c *caller) last() error {
	s := c.session()
	if s == nil {
		return errNobody
	}
	defer s.leave()
	value := c.value()
	answered, err := c.try(s, 0, value, false, c.round.Settle)
	if err == nil && !answered {
		err = &SettleError{
			c.round.Settle, fmt.Sprintf("%v had not answered the broadcast of %s", s.process, value),
			"an answer",
		}
	}
	return err
}

// equal reads all processes, again and again, until they have delivered the same.
func (r *round) equal(ctx context.Context) error {
	begun := time.Now()
	for ctx.Err() == nil {
		same, state, err := r.compare()
		switch {
		case err != nil || same:
			return err
		case time.Since(begun) > r.Settle:
			return &SettleError{
				r.Settle, "the processes had not delivered the same:\n  " + strings.Join(state, "\n  "),
				"equal sequences",
			}
		}
		wait(ctx, 10*betweenLooks)
	}
	return context.Cause(ctx)
}

// compare says whether all processes that are alive have delivered the same, and what.
func (r *round) compare() (same bool, state []string, err error) {
	sums := map[string]bool{}
	for _, reader := range r.readers {
		m := reader.member
		if !m.alive() {
			continue
		}
		s := m.enter()
		if s == nil {
			return false, nil, errNobody
		}
		sum, err := reader.whole(s, r.Settle)
		s.leave()
		if err != nil && !client.Retryable(err) {
			return false, nil, err
		}
		if err != nil {
			sum = fmt.Sprintf("%v: %v", m.id, err) // Equal to none.
			sums[""] = true
		}
		sums[sum] = true
		state = append(state, fmt.Sprintf("%v: %s", m.id, sum))
	}
	return len(sums) == 1, state, nil
}

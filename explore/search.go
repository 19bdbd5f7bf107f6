package explore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"paxon/process"
	"paxon/sim"
)

// Config says what is searched, and how far.
type Config struct {
	Model      Model
	Reductions Reductions
	// States, Depth and Bytes cut the search: how many states are visited, after how many choices,
	// and how much memory may be in use; 0 for no limit.
	States uint64
	Depth  int
	Bytes  uint64
	// Property, if not empty, is the one that is checked.
	Property string
	// Workers is how many states are expanded at a time, at least 1.
	Workers int
	// Twins checks that states of processes are told apart as they must be: when two histories lead
	// to what has one fingerprint, all that was found to follow on the one must follow on the other.
	// It takes several times as long.
	Twins bool
	// Progress hears several times a second how far the search is, never twice at a time; it may be
	// nil.
	Progress func(p Progress)
}

// Progress is how far a search is.
type Progress struct {
	States      uint64 // Visited.
	Transitions uint64
	Depth       int
	Frontier    int // States at this depth.
	Expanded    int // Of those, how many were.
}

// Result is what a search showed.
type Result struct {
	States      uint64 // Different ones, counting one for all that a reduction takes for one.
	Transitions uint64 // Choices in all of them.
	Depth       int    // Choices on the longest of the shortest ways to a state.
	Locals      int    // Different states of single processes.
	// Cut names the bound that ended the search, "" if it is complete.
	Cut string
	// Violation is the first one on a shortest way, and Schedule the choices that lead to it.
	Violation *sim.Violation
	Schedule  []string
	// Never are the marks of the model that were not seen.
	Never []string
	Time  time.Duration
	Bytes uint64 // Memory in use at the end.
}

// search is the state of a search.
type search struct {
	model      *Model
	config     Config
	reductions Reductions
	all        []process.ID
	at         layout
	namings    [][]process.ID // By number: the name of each process, by ID. The first keeps all.
	origins    [][]process.ID // By number: the process of each name, by ID − 1.
	encoders   sync.Pool

	locals       table[local]
	messages     table[message]
	observations table[observation]
	properties   table[verdict]
	disks        table[diskState]
	reads        table[diskRead]

	visited     visits
	transitions atomic.Uint64
	marks       atomic.Uint64 // A bit for each of Model.Sometimes that was seen.
	depth       int
	level       atomic.Pointer[level]

	mu    sync.Mutex
	found []finding // Violations at the present depth.
	twins []twins
}

// finding is a violation, and the state in which it was seen.
type finding struct {
	at        Hash
	violation *sim.Violation
}

func newSearch(c Config) *search {
	x := &search{model: &c.Model, config: c, reductions: c.Reductions, at: layoutOf(&c.Model)}
	x.encoders.New = func() any { return &encoder{} }
	for i := range c.Model.Processes {
		x.all = append(x.all, process.ID(i+1))
	}
	x.name(c.Model.Symmetric)
	nothing := uint32(0)
	x.reads.intern(Hash{}, func(uint32) *diskRead {
		return &diskRead{hashes: make([]Hash, len(x.namings))}
	})
	if id := x.disk(map[uint64]blocks{}); id != nothing {
		panic("explore: the empty disk is not the first")
	}
	return x
}

// name makes the namings: all permutations of the symmetric processes.
func (x *search) name(symmetric []process.ID) {
	identity := make([]process.ID, len(x.all)+1)
	for _, p := range x.all {
		identity[p] = p
	}
	x.namings = [][]process.ID{identity}
	if x.reductions.Symmetry {
		for i := range symmetric {
			for _, naming := range x.namings {
				for j := range i {
					other := slices.Clone(naming)
					other[symmetric[i]], other[symmetric[j]] = other[symmetric[j]], other[symmetric[i]]
					x.namings = append(x.namings, other)
				}
			}
		}
	}
	for _, naming := range x.namings {
		origin := make([]process.ID, len(x.all))
		for _, p := range x.all {
			origin[naming[p]-1] = p
		}
		x.origins = append(x.origins, origin)
	}
}

// initial is the state in which all processes have started and nothing else has happened.
func (x *search) initial() (state, *sim.Violation) {
	s := make(state, x.at.messages)
	b := budget{crashes: uint8(x.model.Crashes), recoveries: uint8(x.model.Recoveries)}
	s[x.at.budget], s[x.at.fires] = b.word(), uint32(x.model.Fires)
	s[x.at.properties] = x.verdict(&verdict{}, x.unseen()).id
	for i, p := range x.all {
		s[i] = x.down(p, 0, &snapshot{history: history{first: 1}}).id
		if i < len(x.model.Leaders) {
			s[x.at.users+i] = user{leaders: uint8(x.model.Leaders[i])}.word()
		}
	}
	for _, p := range x.all {
		var violation *sim.Violation
		if s, violation = x.after(s, choice{p, input{kind: start}}, nil); violation != nil {
			return s, violation
		}
	}
	return s, nil
}

// Run searches every state within the bounds, breadth first. When the context ends, it returns its
// error and what was found until then. The error is an *UnsearchableError if the parts cannot be searched.
func Run(ctx context.Context, c Config) (r Result, err error) {
	if err := c.check(); err != nil {
		return Result{}, err
	}
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *UnsearchableError:
			err = p
		default:
			panic(p)
		}
	}()
	begun := time.Now()
	x := newSearch(c)
	cut := x.watched(ctx)
	r = Result{
		States: x.visited.count(), Transitions: x.transitions.Load(), Depth: x.depth,
		Locals: x.locals.size(), Cut: cut, Time: time.Since(begun), Bytes: inUse(),
	}
	for i, m := range c.Model.Sometimes {
		if x.marks.Load()>>i&1 == 0 {
			r.Never = append(r.Never, m.Name)
		}
	}
	if len(x.found) > 0 {
		first := slices.MinFunc(x.found, func(a, b finding) int { return compare(a.at, b.at) })
		r.Violation = first.violation
		for _, step := range x.way(first.at) {
			r.Schedule = append(r.Schedule, step.text)
		}
	}
	if err := x.compareTwins(); err != nil {
		return r, err
	}
	return r, ctx.Err()
}

// UnsearchableError says why parts cannot be searched: they do not do the same again, or hold what
// no fingerprint can be taken of.
type UnsearchableError struct{ Reason string }

func (e *UnsearchableError) Error() string { return "explore: " + e.Reason }

func (c Config) check() error {
	m := c.Model
	switch {
	case m.Processes < 1 || m.Processes > 15:
		return fmt.Errorf("a search of %d processes: expected 1 to 15", m.Processes)
	case c.Workers < 1:
		return fmt.Errorf("a search by %d workers: expected at least 1", c.Workers)
	case m.Crashes > 255 || m.Recoveries > 255 || m.Crashes < 0 || m.Recoveries < 0:
		return fmt.Errorf("%d crashes and %d recoveries: expected 0 to 255", m.Crashes, m.Recoveries)
	case m.Fires < 0 || m.Fires > math.MaxInt32:
		return fmt.Errorf("timers that fire %d times: expected 0 to %d", m.Fires, math.MaxInt32)
	case len(m.Sometimes) > 64:
		return fmt.Errorf("%d marks: expected at most 64", len(m.Sometimes))
	case len(m.Calls) != m.Processes:
		return fmt.Errorf("calls of %d processes: expected %d", len(m.Calls), m.Processes)
	case slices.ContainsFunc(m.Calls, func(calls []Call) bool { return len(calls) > 255 }):
		return errors.New("more than 255 calls of a process: expected 0 to 255")
	case slices.ContainsFunc(m.Leaders, func(n int) bool { return n < 0 || n > 255 }):
		return fmt.Errorf("%d leaders of the processes: expected 0 to 255 of each", m.Leaders)
	}
	return nil
}

// run searches level by level, and names the bound that cut it.
func (x *search) run(ctx context.Context) (cut string) {
	first, violation := x.initial()
	root, _ := x.hash(first, nil)
	x.visited.add(root, root, 0)
	if x.counts(violation) {
		x.found = append(x.found, finding{root, violation})
	}
	frontier := []state{first}
	for len(x.found) == 0 {
		next := x.expand(ctx, frontier)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx).Error()
		case len(x.found) > 0 || len(next) == 0 && !x.full():
			return ""
		}
		frontier = next
		x.depth++
		if x.config.Depth > 0 && x.depth >= x.config.Depth {
			return fmt.Sprintf("%d choices", x.config.Depth)
		}
		if cut := x.cut(); cut != nil {
			return cut.Error()
		}
	}
	return ""
}

// counts says whether a violation is one that the search is for.
func (x *search) counts(v *sim.Violation) bool {
	return v != nil && (x.config.Property == "" || v.Property == x.config.Property)
}

// expand gives the states that follow on those of a level and were not visited before.
func (x *search) expand(ctx context.Context, states []state) []state {
	const grain = 64
	l := &level{depth: x.depth, states: len(states)}
	x.level.Store(l)
	var mu sync.Mutex
	var all []state
	var workers sync.WaitGroup
	for range x.config.Workers {
		workers.Go(func() {
			w := worker{search: x}
			for ctx.Err() == nil && !x.full() {
				from := int(l.taken.Add(grain)) - grain
				if from >= len(states) {
					break
				}
				for _, s := range states[from:min(from+grain, len(states))] {
					w.expand(s)
				}
				x.transitions.Add(w.transitions)
				w.transitions = 0
			}
			mu.Lock()
			all = append(all, w.next...)
			mu.Unlock()
		})
	}
	workers.Wait()
	return all
}

// worker expands states.
type worker struct {
	*search
	next        []state
	transitions uint64
	buf         []byte
	scratch     state // Room for the state after a choice.
}

func (w *worker) expand(s state) {
	var parent Hash
	parent, w.buf = w.hash(s, w.buf)
	w.choices(s, func(c choice) {
		w.transitions++
		next, violation := w.after(s, c, w.scratch)
		w.scratch = next
		var h Hash
		h, w.buf = w.hash(next, w.buf)
		added := w.visited.add(h, parent, w.depth+1)
		switch {
		case violation != nil:
			if added && w.counts(violation) {
				w.mu.Lock()
				w.found = append(w.found, finding{h, violation})
				w.mu.Unlock()
			}
		case added:
			w.next = append(w.next, slices.Clone(next))
		}
	})
}

// mark notes that an observation was made.
func (x *search) mark(o uint32, s state) {
	for i, m := range x.model.Sometimes {
		if bit := uint64(1) << i; x.marks.Load()&bit == 0 {
			recovered := int(budgetOf(s[x.at.budget]).recoveries) < x.model.Recoveries
			if m.Seen(x.observations.at(o).Observation, recovered) {
				x.marks.Or(bit)
			}
		}
	}
}

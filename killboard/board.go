package killboard

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// Budget says how much is tried. Zeros are for the defaults of the checkers.
type Budget struct {
	Seeds     int // Of a suite, and of whole runs.
	Schedules int // Of each plan that a suite searches.
}

// Config says what a board is made of.
type Config struct {
	Budget
	// Part and Only, if not empty, leave the entries of a part, and of a name or an ID.
	Part, Only string
	// First ends the checks of an entry with the first checker that kills it; the others have no
	// verdict. It shows in seconds that nothing survives.
	First bool
	// Workers is how many entries are checked at a time, at least 1.
	Workers int
	// Progress hears after each entry how many are done; it may be nil. Calls may overlap.
	Progress func(done, all int)
}

// Result is how a checker fared with an entry.
type Result string

// The results.
const (
	Killed   Result = "killed"   // A property fell that the flaw breaks.
	Other    Result = "other"    // A property fell, but none that the flaw is known to break.
	Survived Result = "survived" // Nothing fell.
	None     Result = "none"     // The checker cannot be applied.
)

// Verdict is what a checker says of an entry.
type Verdict struct {
	Checker  string `json:"checker"` // Of Columns.
	Result   Result `json:"result"`
	Property string `json:"property,omitempty"` // That fell.
	// After is how many scripts, schedules, seeds, crashes or states it took.
	After  int    `json:"after,omitempty"`
	Replay string `json:"replay,omitempty"`
}

// Row is an entry with a verdict for each of Columns.
type Row struct {
	Entry
	Verdicts []Verdict
}

// Of is the verdict of a checker.
func (r Row) Of(checker string) Verdict {
	found := Verdict{Checker: checker, Result: None}
	for _, v := range r.Verdicts {
		if v.Checker == checker && v.Result != None {
			found = v
		}
	}
	return found
}

// Killers are the checkers that killed the entry.
func (r Row) Killers() []string {
	var names []string
	for _, v := range r.Verdicts {
		if v.Result == Killed {
			names = append(names, v.Checker)
		}
	}
	return names
}

// Board is what all checkers say of all entries.
type Board struct{ Rows []Row }

// Survivors are the entries that no checker killed.
func (b Board) Survivors() []Row {
	return slices.DeleteFunc(slices.Clone(b.Rows), func(r Row) bool { return len(r.Killers()) > 0 })
}

// Worst is the row that took a checker the longest to kill, of all that it killed, or with alone of
// those that no other checker killed; false if there is none.
func (b Board) Worst(checker string, alone bool) (Row, bool) {
	rows := slices.DeleteFunc(slices.Clone(b.Rows), func(r Row) bool {
		return r.Of(checker).Result != Killed || alone && len(r.Killers()) > 1
	})
	if len(rows) == 0 {
		return Row{}, false
	}
	return slices.MaxFunc(rows, func(r, o Row) int {
		return cmp.Compare(r.Of(checker).After, o.Of(checker).After)
	}), true
}

// UnknownError says that no entry is meant.
type UnknownError struct{ Part, Only string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("no broken part %q in %q: expected a part of %q, and a name that the board "+
		"without these has", e.Only, e.Part, Parts())
}

// Run makes a board. When the context ends, it returns its error and no board. The error is an
// *UnknownError if there is no such entry.
func Run(ctx context.Context, c Config) (Board, error) {
	entries := slices.DeleteFunc(Entries(), func(e Entry) bool {
		return c.Part != "" && e.Part != c.Part || c.Only != "" && e.Name != c.Only && e.ID() != c.Only
	})
	if len(entries) == 0 {
		return Board{}, &UnknownError{c.Part, c.Only}
	}
	board := Board{Rows: make([]Row, len(entries))}
	var next, done atomic.Int64
	var workers sync.WaitGroup
	for range max(1, c.Workers) {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1) - 1)
				if i >= len(entries) {
					return
				}
				board.Rows[i] = check(entries[i], c)
				if now := int(done.Add(1)); c.Progress != nil {
					c.Progress(now, len(entries))
				}
			}
		})
	}
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return Board{}, err
	}
	return board, nil
}

// check has the checkers at an entry.
func check(e Entry, c Config) Row {
	row := Row{Entry: e}
	for _, checker := range checkers(c.First) {
		if c.First && len(row.Killers()) > 0 {
			break
		}
		row.Verdicts = append(row.Verdicts, checker(e, c.Budget)...)
	}
	return row
}

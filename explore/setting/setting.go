package setting

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"paxon/explore"
	"paxon/process"
	"paxon/seasons"
	"paxon/sim/replay"
)

// Part is what of a composition is searched.
type Part string

// The parts.
const (
	Register  Part = "register"
	Consensus Part = "consensus"
	Broadcast Part = "broadcast"
	CASPaxos  Part = "caspaxos"
)

// Bounds of what a setting may ask for. A search of much less than that is never complete.
const (
	mostProcesses = 9 // All namings of the symmetric ones are tried at each state.
	mostOfAll     = 9
)

// Setting is a search in words.
type Setting struct {
	// Variant names a composition, which may be one that is broken on purpose.
	Variant   string
	Part      Part
	Processes int
	// Rounds is in how many rounds each process, from p1 on, operates on registers or proposes;
	// of total order broadcast, it is a single number, beyond which no round gets through.
	Rounds []int
	// Instances is how many registers there are, or instances get through.
	Instances           int
	Crashes, Recoveries int
	// AsPrinted has the rounds of consensus begin anew after a recovery, as in Fig. 13.
	AsPrinted bool
	// Timers says that timers fire, at any time.
	Timers bool
	// Broadcasts, Elections and Beats are those of explore.BroadcastBounds.
	Broadcasts, Elections, Beats []int
	// Together and Handed are those of explore.BroadcastBounds.
	Together, Handed int
	// Changes are what CASPaxos is asked for, of each process from p1 on, such as "append,delete;read".
	// Those with a list, if empty, propose.
	Changes string
	// Members is how many processes, from p1 on, hold copies at first; 0 is for all. Quorums are how many
	// of them make a prepare and an accept quorum; none is for majorities.
	Members int
	Quorums []int
	// Waits is how often processes of CASPaxos go on after a conflict.
	Waits int
	// Property is the full name of the one that is checked, empty for all.
	Property string
	// Without names the reductions that are switched off.
	Without []string
}

// Config is the search of a setting, by one worker. The error says what is wrong with the setting.
func (s Setting) Config() (explore.Config, error) {
	m, err := s.model()
	if err != nil {
		return explore.Config{}, err
	}
	reductions := explore.AllReductions()
	for _, name := range s.Without {
		if err := without(&reductions, name); err != nil {
			return explore.Config{}, err
		}
	}
	m.Timers = m.Timers || s.Timers
	return explore.Config{
		Model: m, Reductions: reductions, Property: s.Property, Workers: 1,
	}, nil
}

// model checks the setting, and gives what it is of.
func (s Setting) model() (m explore.Model, err error) {
	if s.Part == CASPaxos {
		if err = s.check(); err == nil {
			err = s.checkCASPaxos()
		}
		if err != nil {
			return m, err
		}
		return s.caspaxos()
	}
	v, err := replay.Variant(s.Variant)
	if err == nil {
		err = s.check()
	}
	if err == nil {
		err = s.checkRounds()
	}
	if err == nil {
		err = v.Check(s.Processes)
	}
	if err != nil {
		return m, err
	}
	return s.modelOf(v), nil
}

func (s Setting) modelOf(v seasons.Variant) explore.Model {
	if s.Part == Broadcast {
		return explore.Broadcast(v, explore.BroadcastBounds{
			Processes: s.Processes, Broadcasts: s.Broadcasts, Elections: s.Elections, Beats: s.Beats,
			Together: s.Together, Handed: process.ID(s.Handed),
			Rounds: uint64(s.Rounds[0]), Instances: uint64(s.Instances),
			Crashes: s.Crashes, Recoveries: s.Recoveries,
		})
	}
	b := explore.Bounds{
		Processes: s.Processes, Rounds: s.Rounds, Instances: s.Instances,
		Crashes: s.Crashes, Recoveries: s.Recoveries, AsPrinted: s.AsPrinted,
	}
	if s.Part == Register {
		return explore.Registers(v, b)
	}
	return explore.Consensus(v, b)
}

// check refuses what is no search, or one that is too large to be meant.
func (s Setting) check() error {
	lists := [][]int{s.Rounds, s.Broadcasts, s.Elections, s.Beats}
	for _, list := range lists {
		if len(list) > s.Processes || slices.ContainsFunc(list, outside(0)) {
			return fmt.Errorf("rounds, broadcasts, elections or beats %v of %d processes: "+
				"expected one for each at most, of 0 to %d", list, s.Processes, mostOfAll)
		}
	}
	switch {
	case !slices.Contains([]Part{Register, Consensus, Broadcast, CASPaxos}, s.Part):
		return fmt.Errorf("part %q: expected register, consensus, broadcast or caspaxos", s.Part)
	case s.Processes < 1 || s.Processes > mostProcesses:
		return fmt.Errorf("processes %d: expected 1 to %d", s.Processes, mostProcesses)
	case outside(1)(s.Instances) || outside(0)(s.Crashes) || outside(0)(s.Recoveries):
		return fmt.Errorf("instances %d, crashes %d, recoveries %d: expected 1, 0 and 0 to %d",
			s.Instances, s.Crashes, s.Recoveries, mostOfAll)
	}
	return nil
}

// checkRounds refuses what is no search of a part of total order broadcast.
func (s Setting) checkRounds() error {
	switch {
	case s.Changes != "" || s.Members != 0 || len(s.Quorums) > 0 || s.Waits != 0:
		return fmt.Errorf("changes, members, quorums or waits of part %s: they are for part caspaxos",
			s.Part)
	case len(s.Rounds) == 0:
		return errors.New("no rounds: expected how many for each proposer, such as 2,1")
	case s.Part == Broadcast && (len(s.Rounds) != 1 || s.AsPrinted):
		return fmt.Errorf("rounds %v of part broadcast, as printed %v: expected one bound for all, "+
			"and rounds that do not begin anew", s.Rounds, s.AsPrinted)
	case s.Part != Broadcast && len(s.Broadcasts)+len(s.Elections)+len(s.Beats) > 0:
		return fmt.Errorf("broadcasts, elections or beats of part %s: they are for part broadcast",
			s.Part)
	case outside(0)(s.Together) || s.Part != Broadcast && s.Together != 0:
		return fmt.Errorf("together %d of part %s: expected 0 to %d, of part broadcast",
			s.Together, s.Part, mostOfAll)
	case s.Handed < 0 || s.Handed > s.Processes || s.Handed > 0 &&
		(s.Crashes > 0 || len(s.Broadcasts) == 0 || s.Broadcasts[0] == 0):
		return fmt.Errorf("handed to process %d: expected 0 to %d, and 0 unless p1 broadcasts and "+
			"nobody crashes", s.Handed, s.Processes)
	case s.Part == Register && s.AsPrinted:
		return errors.New("part register as printed: expected part consensus")
	}
	return nil
}

func outside(least int) func(n int) bool {
	return func(n int) bool { return n < least || n > mostOfAll }
}

// Reductions are the names of all reductions.
func Reductions() []string { return []string{"self", "dead", "storage", "symmetry"} }

func without(r *explore.Reductions, name string) error {
	switch name {
	case "self":
		r.Self = false
	case "dead":
		r.Dead = false
	case "storage":
		r.Storage = false
	case "symmetry":
		r.Symmetry = false
	default:
		return fmt.Errorf("unknown reduction %q: expected some of %s", name,
			strings.Join(Reductions(), ", "))
	}
	return nil
}

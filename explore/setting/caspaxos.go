package setting

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"paxon/caspaxos"
	"paxon/caspaxos/caspaxostest"
	"paxon/caspaxos/caspaxostest/broken"
	"paxon/explore"
	"paxon/history/keys"
	"paxon/process"
	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/sim/flawed"
)

// Kinds are the words of Setting.Changes.
func Kinds() []string {
	return []string{
		"append", "set", "initialise", "cas", "delete", "read", "look", "collect", "members", "proposers",
		"go-on",
	}
}

// caspaxos is the model of a setting of part CASPaxos.
func (s Setting) caspaxos() (explore.Model, error) {
	v, over, err := changing(s.Variant)
	if err == nil {
		err = v.Check(s.Processes)
	}
	if err != nil {
		return explore.Model{}, err
	}
	b := explore.CASPaxosBounds{
		Processes: s.Processes, Waits: s.Waits, Crashes: s.Crashes, Recoveries: s.Recoveries, Crashing: -1,
	}
	if v.Crashes != nil {
		b.Crashing = v.Crashes(s.Processes)
	}
	if !v.Recovers {
		b.Recoveries = 0
	}
	if b.Asked, err = parseChanges(s.Changes, s.Processes); err != nil {
		return explore.Model{}, err
	}
	if b.Initial, err = s.initial(len(b.Asked)); err != nil {
		return explore.Model{}, err
	}
	return explore.CASPaxos(over, b), nil
}

// changing finds CASPaxos on the registers of a variant, or what the gallery has of it, which is on those
// of paxos.
func changing(variant string) (v seasons.Variant, over explore.Over, err error) {
	if name, isBroken := strings.CutPrefix(variant, flawed.Prefix); isBroken {
		p, err := broken.ByName(name)
		return seasons.Paxos(), explore.Over(p.Over), err
	}
	v, err = catalog.ByName(variant)
	if err == nil {
		err = caspaxos.Check(v)
	}
	if err == nil && v.Disks {
		err = fmt.Errorf("part caspaxos of %s: expected a variant without disks", v.Name)
	}
	return v, explore.Sound(v), err
}

// parseChanges reads what each process is asked for.
func parseChanges(text string, processes int) (all [][]explore.Asked, err error) {
	lists := strings.Split(text, ";")
	if len(lists) > processes {
		return nil, fmt.Errorf("changes %q of %d processes: expected a list for each at most",
			text, processes)
	}
	for _, list := range lists {
		var asked []explore.Asked
		for word := range strings.SplitSeq(list, ",") {
			if word == "" && list == "" {
				continue
			}
			a, err := parseAsked(word, processes)
			if err != nil {
				return nil, err
			}
			asked = append(asked, a)
		}
		if len(asked) > mostOfAll {
			return nil, fmt.Errorf("changes %q: expected at most %d of a process", list, mostOfAll)
		}
		all = append(all, asked)
	}
	return all, nil
}

func parseAsked(word string, processes int) (a explore.Asked, err error) {
	name, of, given := strings.Cut(word, "=")
	a.Call.Key = "k"
	switch name {
	case "append":
		a.Call.Kind = keys.Append
	case "set":
		a.Call.Kind = keys.Set
	case "initialise":
		a.Call.Kind = keys.Initialise
	case "cas":
		a.Call.Kind = keys.CompareAndSet
	case "delete":
		a.Call.Kind = keys.Delete
	case "read":
		a.Call.Kind = keys.Read
	case "look":
		a.Call.Kind, a.Call.Look = keys.Read, true
	case "collect":
		a.Collect = true
	case "go-on":
		a.GoOn = true
	case "members":
		a.Target, err = parseSome(word, of, processes)
		return a, err
	case "proposers":
		a.Proposers, err = parseSome(word, of, processes)
		return a, err
	default:
		return a, fmt.Errorf("unknown change %q: expected some of %s; of each process with commas, "+
			"and semicolons between processes", word, strings.Join(Kinds(), ", "))
	}
	switch {
	case given && a.Call.Kind != keys.CompareAndSet:
		return a, fmt.Errorf("%q: expected = of cas, members and proposers only", word)
	case given:
		expect, err := natural(of)
		a.Call.Expect = uint64(expect)
		return a, err
	}
	return a, nil
}

// parseSome reads processes as digits.
func parseSome(word, text string, processes int) (target []process.ID, err error) {
	for _, digit := range text {
		p, err := strconv.Atoi(string(digit))
		if err != nil || p < 1 || p > processes || slices.Contains(target, process.ID(p)) {
			return nil, fmt.Errorf("%s: expected some of %d processes as digits, such as members=12",
				word, processes)
		}
		target = append(target, process.ID(p))
	}
	if len(target) == 0 || !slices.IsSorted(target) {
		return nil, fmt.Errorf("%s: expected processes in ascending order, such as members=12", word)
	}
	return target, nil
}

// initial is the configuration that a search begins with: those who are asked for something propose.
func (s Setting) initial(proposers int) (c caspaxos.Configuration, err error) {
	members := s.Members
	if members == 0 {
		members = s.Processes
	}
	var all []process.ID
	for p := range s.Processes {
		all = append(all, process.ID(p+1))
	}
	if members > s.Processes || len(s.Quorums) != 0 && len(s.Quorums) != 2 {
		return c, fmt.Errorf("members %d, quorums %v of %d processes: expected as many at most, "+
			"and two sizes", members, s.Quorums, s.Processes)
	}
	prepare := caspaxos.MajorityOf(all[:members])
	accept := prepare
	if len(s.Quorums) > 0 {
		prepare.Least, accept.Least = s.Quorums[0], s.Quorums[1]
	}
	c = caspaxos.Flexible(all[:proposers], prepare, accept)
	return c, c.Check()
}

// checkCASPaxos refuses what is no search of CASPaxos, or one that is too large to be meant.
func (s Setting) checkCASPaxos() error {
	switch {
	case s.Changes == "":
		return fmt.Errorf("no changes: expected what each process is asked for, such as append;cas,read")
	case len(s.Rounds)+len(s.Broadcasts)+len(s.Elections)+len(s.Beats)+s.Together+s.Handed > 0 ||
		s.AsPrinted || s.Timers:
		return errors.New("rounds, broadcasts, elections, beats, together, handed, timers or as printed of " +
			"part caspaxos: they are for other parts; its timers are waits")
	case outside(0)(s.Waits):
		return fmt.Errorf("waits %d: expected 0 to %d", s.Waits, mostOfAll)
	}
	return nil
}

// CASPaxosProperties are those that are checked of CASPaxos.
func CASPaxosProperties() []string {
	return []string{
		caspaxostest.Theorem1, caspaxostest.ExactlyOnce, caspaxostest.Linearizability,
		caspaxostest.Removal, caspaxostest.Ballots, caspaxostest.DoneOnce,
	}
}

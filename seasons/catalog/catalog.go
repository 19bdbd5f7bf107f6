package catalog

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"paxon/seasons"
	"paxon/seasons/fall"
	"paxon/seasons/spring"
	"paxon/seasons/summer"
	"paxon/seasons/winter"
)

// Default names the composition that hosts run if they are not told otherwise.
const Default = "fall+spring"

// Entry is a composition and what must hold for it to work.
type Entry struct {
	seasons.Variant
	// Assumes has what follows the word "assumes" for each assumption, as in Season.Assumes.
	Assumes []string
}

// listed is a season in the list of all.
type listed struct {
	seasons.Season
	// register says that the season brings registers of its own, whose assumption takes the
	// place of plain Paxos's.
	register bool
}

// list is every season, in the order of the paper.
func list() []listed {
	return []listed{
		{winter.Season(winter.Most), true},
		{spring.Season(), false},
		{summer.Season(), true},
		{fall.Season(), false},
	}
}

// UnknownError says that there is no composition of a name.
type UnknownError struct {
	// Name is what was asked for, Part what in it is no season.
	Name, Part string
}

func (e *UnknownError) Error() string {
	part := ""
	if e.Part != e.Name {
		part = fmt.Sprintf(": there is no season %q", e.Part)
	}
	return fmt.Sprintf("unknown variant %q%s: expected one of %s", e.Name, part,
		strings.Join(Names(), ", "))
}

// ByName finds a composition: "crash-stop", "paxos", or names of seasons joined by "+" in any
// order. In place of "winter", "winter=2" says how many processes may be faulty; it is otherwise
// as many as Winter stands. The error is an *UnknownError, which lists what there is, or that of
// seasons.Compose: a *seasons.ContradictionError if the assumptions of two seasons contradict each
// other.
func ByName(name string) (seasons.Variant, error) {
	switch name {
	case seasons.CrashStop().Name:
		return seasons.CrashStop(), nil
	case seasons.Paxos().Name:
		return seasons.Paxos(), nil
	}
	all := list()
	var chosen []seasons.Season
	for part := range strings.SplitSeq(name, "+") {
		if s, ok := numbered(part); ok {
			chosen = append(chosen, s)
			continue
		}
		i := slices.IndexFunc(all, func(s listed) bool { return s.Name == part })
		if i < 0 {
			return seasons.Variant{}, &UnknownError{name, part}
		}
		chosen = append(chosen, all[i].Season)
	}
	v, err := seasons.Compose(chosen...)
	if err == nil && strings.Count(v.Name, "winter") > 1 {
		return seasons.Variant{}, errors.New("winter is there twice: expected each season once")
	}
	return v, err
}

// numbered is the season of a name such as "winter=2". Its name keeps the number, because all
// processes must have the same.
func numbered(name string) (seasons.Season, bool) {
	number, found := strings.CutPrefix(name, "winter=")
	faulty, err := strconv.Atoi(number)
	if !found || err != nil || faulty < 0 || number != strconv.Itoa(faulty) {
		return seasons.Season{}, false
	}
	s := winter.Season(faulty)
	s.Name = name
	return s, true
}

// Names lists the names of Variants, in the same order.
func Names() []string {
	var names []string
	for _, e := range Variants() {
		names = append(names, e.Name)
	}
	return names
}

// Variants lists the compositions that there are: crash-stop, then plain Paxos, then those with
// one season, with two, and so on, each in the order of the paper.
func Variants() []Entry {
	entries := []Entry{{seasons.CrashStop(), []string{
		"that a majority does not crash, and that a process which crashed never runs again",
	}}}
	all := list()
	for size := range len(all) + 1 {
		for _, chosen := range subsets(all, size) {
			if e, ok := compose(chosen); ok {
				entries = append(entries, e)
			}
		}
	}
	return entries
}

// subsets lists the subsets of a size, those with what comes first in all first.
func subsets(all []listed, size int) [][]listed {
	var found [][]listed
	for set := 1<<len(all) - 1; set >= 0; set-- { // The highest bit is what comes first.
		if bits.OnesCount(uint(set)) != size {
			continue
		}
		var subset []listed
		for i, s := range all {
			if set>>(len(all)-1-i)&1 == 1 {
				subset = append(subset, s)
			}
		}
		found = append(found, subset)
	}
	return found
}

// compose makes an entry of seasons, unless they contradict each other.
func compose(chosen []listed) (Entry, bool) {
	register := "a majority of correct processes, and stable storage that survives crashes"
	var composed []seasons.Season
	var assumes []string
	for _, s := range chosen {
		if s.register {
			register = s.Assumes
		} else {
			assumes = append(assumes, s.Assumes)
		}
		composed = append(composed, s.Season)
	}
	v, err := seasons.Compose(composed...)
	return Entry{v, append([]string{register}, assumes...)}, err == nil
}

package flawed

import (
	"fmt"
	"slices"
	"strings"

	"paxon/conformance"
	"paxon/seasons"
	"paxon/sim"
)

// Prefix begins the names of variants that are flawed.
const Prefix = "broken/"

// Composition is a variant with a flaw, and the runs that find it.
type Composition struct {
	conformance.Flaw
	// Variant is the broken composition. Its name is Prefix and that of the flaw.
	Variant seasons.Variant
	// Processes is how many there must be for the flaw to show.
	Processes int
	// Narrow, if not nil, leaves of the default runs those in which the flaw shows sooner.
	Narrow func(c *sim.Config)
	// Seeds is how many, from 0 on, are enough to find it.
	Seeds uint64
}

// Config is the runs that find the flaw.
func (c Composition) Config() sim.Config {
	config := sim.DefaultConfig(c.Variant, c.Processes)
	if c.Narrow != nil {
		c.Narrow(&config)
	}
	return config
}

// Kills says whether a run has shown the flaw, rather than nothing or something else.
func (c Composition) Kills(r sim.Result) bool {
	return r.Violation != nil && c.Breaks(r.Violation.Property)
}

// All lists the compositions.
func All() []Composition {
	all := slices.Concat(paxos(), broadcasts(), ofWinter(), ofSummer(), ofFall())
	for i := range all {
		all[i].Variant.Name = Prefix + all[i].Name
		if all[i].Processes == 0 {
			all[i].Processes = 3
		}
	}
	return all
}

// ByName finds a composition, with Prefix or without.
func ByName(name string) (Composition, error) {
	var names []string
	for _, c := range All() {
		if c.Name == strings.TrimPrefix(name, Prefix) {
			return c, nil
		}
		names = append(names, c.Variant.Name)
	}
	return Composition{}, fmt.Errorf("unknown broken variant %q: expected one of %s", name,
		strings.Join(names, ", "))
}

// flaw says what is broken.
func flaw(name, broken, source string, properties []string) conformance.Flaw {
	return conformance.Flaw{Name: name, Broken: broken, Source: source, Properties: properties}
}

// safety is what falls when a register or consensus forgets or mixes up values.
func safety() []string {
	return []string{
		sim.ConsensusAgreement, sim.TotalOrder, sim.WriteCommit, sim.ReadWriteCommit,
	}
}

// compose composes seasons that do not contradict each other.
func compose(parts ...seasons.Season) seasons.Variant {
	v, err := seasons.Compose(parts...)
	if err != nil {
		panic("flawed: " + err.Error())
	}
	return v
}

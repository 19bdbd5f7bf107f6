package conformance

import (
	"paxon/seasons"
	"paxon/sim"
)

// Simulate is what package sim must know to inject no fault that the assumptions exclude. Its
// variant has no parts. Disks are of this process alone here, and may always be slow.
func (a Assumptions) Simulate() sim.Config {
	v := seasons.Variant{Recovers: a.Recovers, Storage: seasons.None}
	if a.Storage == Stable {
		v.Storage = seasons.Stable
	}
	if a.Crashes >= 0 {
		v.Crashes = func(int) int { return a.Crashes }
		v.Faulty = func(processes int) int { return min(a.Crashes, (processes-1)/2) }
	}
	c := sim.DefaultConfig(v, a.WithDefaults().Processes)
	c.Faults = sim.Faults{
		Loss: a.Loss, Partitions: a.Loss, Duplicates: a.Duplicates,
		Delay: a.Reordering, Old: a.Duplicates && a.Reordering,
		Crashes: a.Crashes != 0, Disks: true,
	}
	return c
}

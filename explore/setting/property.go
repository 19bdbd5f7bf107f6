package setting

import (
	"fmt"
	"strings"

	"paxon/explore"
	"paxon/sim"
)

// Properties are the full names of all that a search can check.
func Properties() []string {
	return append([]string{
		sim.ReadWriteAbort, sim.ReadWriteCommit, sim.ReadCommit, sim.WriteCommit,
		sim.ConsensusValidity, sim.ConsensusAgreement, sim.ConsensusTermination, sim.RoundOnce,
		sim.Termination, sim.Validity, sim.TotalOrder, sim.ClientOrder, explore.NoPanic,
	}, CASPaxosProperties()...)
}

// Property finds the full name of a property, by that or by its first word, such as "CA".
func Property(name string) (string, error) {
	for _, full := range Properties() {
		short, _, _ := strings.Cut(full, " ")
		if strings.EqualFold(name, full) || strings.EqualFold(name, strings.TrimSuffix(short, ":")) {
			return full, nil
		}
	}
	return "", fmt.Errorf("unknown property %q: expected one of %q, or its first word", name,
		Properties())
}

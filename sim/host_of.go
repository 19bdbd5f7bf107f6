package sim

import (
	"fmt"

	"paxon/seasons"
)

// HostOf is the simulated host that made an offer to a composition, so that a part which is made
// for one kind of host can be plugged into the other.
func HostOf(offer seasons.Host) *Host {
	c, simulated := offer.Clock.(hostClock)
	if !simulated {
		panic(fmt.Sprintf("sim: a clock of type %T: expected that of a simulated host", offer.Clock))
	}
	return c.host
}

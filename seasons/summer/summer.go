package summer

import (
	"paxon/omega"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/tob"
)

// Season puts the registers of a variant on shared disks. A process may then lead though no other
// hears it, and decisions carry their values.
func Season() seasons.Season {
	return seasons.Season{
		Name:     "summer",
		Assumes:  "one correct process and a majority of the shared disks",
		Excludes: []string{"winter"},
		Apply: func(v seasons.Variant) seasons.Variant {
			v.Disks = true
			v.Registers = func(
				h seasons.Host, _ retransmit.Net[register.Message], c register.Config,
			) register.Array {
				r := NewRegisters(h.Net.Self(), h.Disks, c)
				Watch(r, h.Clock)
				return r
			}
			omegaOf, broadcast := v.Omega, v.Broadcast
			v.Omega = func(
				h seasons.Host, net process.Net[omega.Heartbeat], c omega.Config, hooks omega.Hooks,
			) omega.Part {
				c.Alone = true
				return omegaOf(h, net, c, hooks)
			}
			v.Broadcast = func(h seasons.Host, parts tob.Parts) *tob.TOB {
				parts.SendValues = true
				return broadcast(h, parts)
			}
			return v
		},
	}
}

package spring

import (
	"paxon/leader"
	"paxon/omega"
	"paxon/process"
	"paxon/seasons"
)

// Season swaps the leader election of a variant for that of Fig. 17.
func Season() seasons.Season {
	return seasons.Season{
		Name:    "spring",
		Assumes: "a correct majority; the other processes may crash and recover for ever",
		Apply: func(v seasons.Variant) seasons.Variant {
			v.MajorityLeads = true
			v.Leader = func(h seasons.Host, o omega.Part) leader.Leader {
				return Elect(o, process.Majority(len(h.Net.All())))
			}
			return v
		},
	}
}

// Elect makes the leader election of Fig. 17: leader() is the process that at least majority
// outputs of Ω name.
func Elect(o omega.Part, majority int) leader.Leader { return election{o, majority} }

type election struct {
	omega    omega.Part
	majority int
}

func (e election) Leader() (process.ID, bool) {
	outputs := e.omega.Outputs()
	for _, candidate := range outputs {
		votes := 0
		for _, output := range outputs {
			if output == candidate {
				votes++
			}
		}
		if candidate != 0 && votes >= e.majority {
			return candidate, true
		}
	}
	return 0, false
}

package broken

import (
	"slices"

	"paxon/leader"
	"paxon/omega"
	"paxon/process"
	"paxon/seasons"
)

// elected is a leader election that is one function.
type elected func() (process.ID, bool)

func (e elected) Leader() (process.ID, bool) { return e() }

// Nobody never elects.
func Nobody(seasons.Host, omega.Part) leader.Leader {
	return elected(func() (process.ID, bool) { return 0, false })
}

// Self has every process lead.
func Self(h seasons.Host, _ omega.Part) leader.Leader {
	return elected(func() (process.ID, bool) { return h.Net.Self(), true })
}

// SmallestID elects p1, up or down.
func SmallestID(h seasons.Host, _ omega.Part) leader.Leader {
	return elected(func() (process.ID, bool) { return h.Net.All()[0], true })
}

// FirstForEver keeps the first leader that there was.
func FirstForEver(_ seasons.Host, o omega.Part) leader.Leader {
	var first process.ID
	return elected(func() (process.ID, bool) {
		if first == 0 {
			first, _ = o.Trusted()
		}
		return first, first != 0
	})
}

// Minority takes one output of Ω for enough, anybody's: the smallest process that any names.
func Minority(_ seasons.Host, o omega.Part) leader.Leader {
	return elected(func() (process.ID, bool) {
		named := slices.DeleteFunc(slices.Clone(o.Outputs()), func(p process.ID) bool { return p == 0 })
		if len(named) == 0 {
			return 0, false
		}
		return slices.Min(named), true
	})
}

// Unanimity elects only whom all outputs of Ω name, so that one unstable process prevents it.
func Unanimity(_ seasons.Host, o omega.Part) leader.Leader {
	return elected(func() (process.ID, bool) {
		outputs := o.Outputs()
		for _, p := range outputs {
			if p == 0 || p != outputs[0] {
				return 0, false
			}
		}
		return outputs[0], true
	})
}

// SmallestEpoch elects by the recoveries that it knows of alone, whoever is up.
func SmallestEpoch(h seasons.Host, o omega.Part) leader.Leader {
	return elected(func() (process.ID, bool) {
		return slices.MinFunc(h.Net.All(), func(p, q process.ID) int {
			return int(o.Epoch(p)) - int(o.Epoch(q))
		}), true
	})
}

// StartsOmega has the constructor start the process's Ω, which is not its own.
func StartsOmega(_ seasons.Host, o omega.Part) leader.Leader {
	o.Start()
	return leader.New(o)
}

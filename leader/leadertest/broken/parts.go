package broken

import (
	"paxon/conformance"
	"paxon/leader/leadertest"
)

// Part is a broken leader election. The suite must find its properties violated, under
// conformance.CrashRecovery.
type Part struct {
	conformance.Flaw
	Factory leadertest.Factory
}

// Parts is the gallery.
func Parts() []Part {
	part := func(name, broken string, f leadertest.Factory, properties ...string) Part {
		return Part{conformance.Flaw{Name: name, Broken: broken, Properties: properties}, f}
	}
	leads, trivial := leadertest.Leadership, leadertest.NonTriviality
	return []Part{
		part("nobody", "it never elects", Nobody, trivial, leads),
		part("self", "every process leads", Self, trivial, leads),
		part("smallest-id", "p1 leads, up or down", SmallestID, leads),
		part("first-for-ever", "the first leader leads for ever", FirstForEver, leads),
		part("minority", "one output of Ω is enough", Minority, leads),
		part("unanimity", "one output of Ω can prevent every leader", Unanimity, leads),
		part("smallest-epoch", "whoever recovered least often leads, up or down", SmallestEpoch, leads),
		part("starts-omega", "it starts the process's Ω from the constructor", StartsOmega,
			leadertest.Silent),
	}
}

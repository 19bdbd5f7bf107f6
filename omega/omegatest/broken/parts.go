package broken

import (
	"paxon/conformance"
	"paxon/omega/omegatest"
)

// Part is a broken failure detector. The suite must find its properties violated, under
// conformance.CrashRecovery.
type Part struct {
	conformance.Flaw
	Factory omegatest.Factory
}

// Parts is the gallery.
func Parts() []Part {
	part := func(name, broken, source string, f omegatest.Factory, properties ...string) Part {
		return Part{conformance.Flaw{
			Name: name, Broken: broken, Source: source, Properties: properties,
		}, f}
	}
	leads, trivial := omegatest.Leadership, omegatest.NonTriviality
	return []Part{
		part("never-elects", "it trusts nobody", "", NeverElects(Sound),
			trivial, leads),
		part("elects-itself", "every process trusts itself", "", ElectsItself(Sound),
			trivial, leads),
		part("elects-the-dead", "it goes on trusting whom it trusted first", "",
			ElectsTheDead(Sound), leads),
		part("changes-for-ever", "it trusts all processes in turn", "", ChangesForEver(Sound), leads),
		part("ignores-epochs", "recoveries are not counted, as if every RECOVERED were lost", "trap 2",
			IgnoresEpochs, omegatest.Epoch, leads),
		part("ignores-fitness", "it trusts whoever is heard, also if that hears nobody",
			"trap 3: Fig. 28 as printed", IgnoresFitness(Sound), leads),
		part("ignores-storage", "it beats though its storage hangs", "trap 3: Fig. 28 as printed",
			IgnoresStorage(Sound), leads, omegatest.Healthy),
		part("impatient", "it suspects sooner than heartbeats can come, and does not learn", "",
			Impatient, leads),
		part("hides-progress", "it does not say how far its process has come", "trap 5: Fig. 28 as printed",
			HidesProgress(Sound), omegatest.Progress),
		part("beats-too-soon", "it beats from the constructor", "", BeatsTooSoon(Sound), omegatest.Silent),
	}
}

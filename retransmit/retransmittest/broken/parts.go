package broken

import (
	"paxon/conformance"
	"paxon/retransmit/retransmittest"
)

// Part is broken links. The suite must find one of their properties violated, under
// conformance.CrashRecovery.
type Part struct {
	conformance.Flaw
	Factory retransmittest.Factory
}

// Parts is the gallery.
func Parts() []Part {
	part := func(name, broken, source string, f retransmittest.Factory, property string) Part {
		return Part{conformance.Flaw{
			Name: name, Broken: broken, Source: source, Properties: []string{property},
		}, f}
	}
	return []Part{
		part("never-retransmits", "each message is sent once", "", GivesUp(1), retransmittest.Delivery),
		part("gives-up", "each message is sent twenty times at most", "",
			GivesUp(20), retransmittest.Delivery),
		part("acknowledges-anything", "what is pushed back is acknowledged", "",
			AcknowledgesAnything, retransmittest.Delivery),
		part("same-incarnation", "every incarnation numbers its messages as the first", "trap 11",
			SameIncarnation, retransmittest.Delivery),
		part("never-acknowledges", "what has arrived is kept and sent again for ever", "trap 7",
			NeverAcknowledges, retransmittest.Bounded),
		part("invents", "it receives what nobody sent", "", Invents, retransmittest.NoCreation),
		part("misattributes", "all messages come from the process itself", "",
			Misattributes, retransmittest.NoCreation),
		part("repeats", "it receives whatever comes, however often", "",
			Repeats, retransmittest.Duplication),
		part("ignores-cancel", "what is cancelled is sent on", "trap 7",
			IgnoresCancel, retransmittest.Cancel),
		part("hides-restarts", "it does not tell that another process has crashed", "",
			HidesRestarts, retransmittest.Restarted),
		part("hasty", "what a process sends to itself arrives within the call", "",
			Hasty, retransmittest.Asynchronous),
		part("greets", "it sends from the constructor", "", Greets, retransmittest.Silent),
		part("only-stubborn", "it sends nothing that is not s-sent", "",
			OnlyStubborn, retransmittest.NonTriviality),
	}
}

package sim

import (
	"slices"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/tob"
)

// Mark is something that must happen in some runs for them to show anything: a branch of a
// handler that is taken, or a fault at a moment when it matters. Marks are made from what the
// simulator sees; the parts know nothing of them.
type Mark uint8

// The marks.
const (
	ReadRefused       Mark = iota // A copy answered nackREAD.
	WriteRefused                  // A copy answered nackWRITE.
	ReadFound                     // A read committed a value.
	ReadAborted                   // A read aborted.
	WriteAborted                  // A write aborted.
	AttemptAgain                  // An operation began anew, with a new attempt (Winter).
	ProposeAborted                // A propose aborted.
	FastCommitted                 // A propose without a read committed (Fall).
	FastAborted                   // A propose without a read aborted (Fall).
	NoOpDecided                   // A hole was filled by a no-op.
	DecisionReference             // A decision arrived by reference.
	DecisionValue                 // A decision arrived with its value (Summer).
	Forwarded                     // A FORWARD arrived.
	PushedBack                    // A message was refused, to come again later.
	Pulled                        // A PULL arrived.
	Updated                       // An UPDATE arrived.
	PassedOver                    // Not all messages of a batch were delivered.
	ClientExpired                 // A broadcast ended because its client is forgotten.
	PoolFull                      // A broadcast was not taken.
	RunWhole                      // Messages that were broadcast together were delivered together.
	RunInParts                    // Of such messages, some were delivered apart from others.
	Resent                        // A message was sent again.
	Stale                         // A message of an earlier incarnation arrived.
	Restarted                     // A process started again after a crash.
	CopiesRetrieved               // It found copies of registers on its disk.
	HistoryRetrieved              // It found a history.
	Checkpointed                  // A checkpoint was stored.
	Truncated                     // A history was truncated.
	CrashedWriting                // A crash met a Put under way.
	PutLost                       // That Put was lost.
	PutKept                       // That Put was durable, and never reported so.
	Blackout                      // No process was up.
	LeaderChanged                 // A process saw a new leader.
	Leaderless                    // A process saw none any more.
	SplitLeadership               // Two processes that were up took themselves for the leader.
	StalledLeading                // The disk of a leader hung.
	OthersFound                   // A disk had blocks of others, and none of who read it (Summer).
	DiskGone                      // A shared disk went away (Summer).
	SomeGone                      // Progress was demanded with a process down for good.

	// Of runs of CASPaxos alone.

	EarlierEpoch     // A request arrived that was sent in an earlier configuration.
	ProposersChanged // The proposers changed, and nothing else of the membership.
	GatewayChanged   // A change was acknowledged by a process that holds no copy.
	ChangeCutOff     // A change was under way at a process that proposes no more.
	AddedCollects    // A proposer that was added took part in a collection.
	CopyAsksToBury   // A copy had a proposer without copies collect.
	TombstoneKept    // A tombstone was not removed, for somebody was promised since.
	marks
)

// String says what the mark is for.
func (m Mark) String() string {
	names := [...]string{
		ReadRefused: "read refused", WriteRefused: "write refused",
		ReadFound: "read found a value", ReadAborted: "read aborted",
		WriteAborted: "write aborted", AttemptAgain: "attempt began again",
		ProposeAborted: "propose aborted", FastCommitted: "fast propose committed",
		FastAborted: "fast propose aborted", NoOpDecided: "hole filled by a no-op",
		DecisionReference: "decision by reference", DecisionValue: "decision with its value",
		Forwarded: "FORWARD received", PushedBack: "message pushed back",
		Pulled: "PULL received", Updated: "UPDATE received",
		PassedOver: "duplicates passed over", ClientExpired: "client expired",
		PoolFull: "broadcast not taken: full",
		RunWhole: "run delivered as a whole", RunInParts: "run delivered in parts",
		Resent: "message sent again", Stale: "message of an earlier incarnation",
		Restarted: "process restarted", CopiesRetrieved: "copies retrieved",
		HistoryRetrieved: "history retrieved", Checkpointed: "checkpoint stored",
		Truncated: "history truncated", CrashedWriting: "crash with a Put under way",
		PutLost: "Put lost in a crash", PutKept: "Put durable, not reported",
		Blackout: "no process up", LeaderChanged: "leader changed", Leaderless: "leader lost",
		SplitLeadership: "two leaders at once", StalledLeading: "disk of a leader hung",
		OthersFound: "others' blocks found on a disk", DiskGone: "shared disk gone",
		SomeGone:         "process down for good",
		EarlierEpoch:     "request of an earlier configuration",
		ProposersChanged: "proposers changed alone", GatewayChanged: "change by one without copies",
		ChangeCutOff:   "change of one that proposes no more",
		AddedCollects:  "added proposer in a collection",
		CopyAsksToBury: "collection for a copy that cannot",
		TombstoneKept:  "tombstone kept: promised since",
	}
	return names[m]
}

// Marks counts how often each Mark was made. Nothing is counted in a nil *Marks.
type Marks [marks]uint64

// Add adds what was counted elsewhere.
func (m *Marks) Add(o *Marks) {
	for i, n := range o {
		m[i] += n
	}
}

// All lists every mark.
func (m *Marks) All() []Mark {
	var all []Mark
	for i := range m {
		all = append(all, Mark(i))
	}
	return all
}

// Make counts a mark.
func (m *Marks) Make(mark Mark) {
	if m != nil {
		m[mark]++
	}
}

// run has the ends of messages marked that were broadcast together, of which so many are taken.
func (m *Marks) run(taken *int, done tob.Done) tob.Done {
	if m == nil {
		return done
	}
	return func(first, count int, o tob.Outcome) {
		switch {
		case *taken == 1 || o.Status != tob.Delivered:
		case count == *taken:
			m[RunWhole]++
		default:
			m[RunInParts]++
		}
		done(first, count, o)
	}
}

// Message marks a message of a part that has arrived.
func (m *Marks) Message(body process.Message) {
	if m == nil {
		return
	}
	switch b := body.(type) {
	case register.NackRead:
		m[ReadRefused]++
	case register.NackWrite:
		m[WriteRefused]++
	case register.Read:
		m[AttemptAgain] += min(b.Attempt, 1)
	case register.Write:
		m[AttemptAgain] += min(b.Attempt, 1)
	case tob.Forward:
		m[Forwarded]++
	case tob.Pull:
		m[Pulled]++
	case tob.Update:
		m[Updated]++
	case tob.Decision:
		if len(b.Value) > 0 {
			m[DecisionValue]++
		} else {
			m[DecisionReference]++
		}
	}
}

// observe marks an observation that comes after others.
func (m *Marks) observe(o Observation, before *Properties) {
	const noOp = 1 // Byte is a no-op; any message is longer.
	switch o.Kind {
	case ReturnRead:
		m.ended(o.OK, ReadFound, ReadAborted, len(o.Value) > 0)
	case ReturnWrite:
		m.ended(o.OK, 0, WriteAborted, false)
	case ReturnPropose:
		m.ended(o.OK, NoOpDecided, ProposeAborted, len(o.Value) == noOp)
		if o.Round.Number == 0 {
			m.ended(o.OK, FastCommitted, FastAborted, true)
		}
	case Deliver:
		c := before.consensus[o.Instance]
		if c != nil && len(c.decision) > noOp && len(o.Value) < len(c.decision) {
			m[PassedOver]++
		}
	case BroadcastEnds:
		if o.Outcome.Status == tob.Expired {
			m[ClientExpired]++
		}
		if o.Outcome.Status == tob.Full {
			m[PoolFull]++
		}
	case InvokeRead, InvokeWrite, InvokePropose, Broadcast, Recovered, Other:
	}
}

func (m *Marks) ended(ok bool, committed, aborted Mark, counts bool) {
	switch {
	case !ok:
		m[aborted]++
	case counts:
		m[committed]++
	}
}

// Missing lists those of some marks that were never made.
func (m *Marks) Missing(of []Mark) []Mark {
	return slices.DeleteFunc(slices.Clone(of), func(mark Mark) bool { return m[mark] > 0 })
}

// link is what marks know of the packets from one process to another.
type link struct {
	from process.Incarnation
	last uint64 // The highest number sent.
}

// markSent marks a packet that is handed to a link.
func (w *World) markSent(from, to process.ID, packet retransmit.Packet) {
	if packet.Seq == 0 || packet.Body == nil {
		return
	}
	if w.links == nil {
		w.links = make([]link, len(w.all)*len(w.all))
	}
	l := &w.links[int(from-1)*len(w.all)+int(to-1)]
	if l.from != packet.From {
		*l = link{from: packet.From}
	}
	if packet.Seq <= l.last {
		w.Marks.Make(Resent)
	}
	l.last = max(l.last, packet.Seq)
}

// markArrived marks a packet that a process has taken, and what that has done to it.
func (w *World) markArrived(h *Host, e *event) {
	w.Marks.Message(e.packet.Body)
	if e.packet.From < w.Host(e.from).incarnation {
		w.Marks.Make(Stale)
	}
	if p, ok := h.actor.(*seasons.Process); ok && p.Refused() > h.refused {
		h.refused = p.Refused()
		w.Marks.Make(PushedBack)
	}
}

// markTurn marks whom a process sees leading.
func (w *World) markTurn(h *Host) {
	p, ok := h.actor.(*seasons.Process)
	if !ok {
		return
	}
	before := h.leader
	now, elected := p.Leader()
	if !elected {
		now = 0
	}
	if h.leader = now; now == before {
		return
	}
	if now == 0 {
		w.Marks.Make(Leaderless)
		return
	}
	w.Marks.Make(LeaderChanged)
	for _, other := range w.hosts {
		if now == h.id && other != h && other.up && other.leader == other.id {
			w.Marks.Make(SplitLeadership)
		}
	}
}

// markStart marks what a process finds when it starts again.
func (h *Host) markStart() {
	m := h.world.Marks
	if m == nil || h.incarnation == 1 {
		return
	}
	m.Make(Restarted)
	if len(h.Store.durable) > 0 && len(h.Store.durable[0]) > 0 {
		m.Make(CopiesRetrieved)
	}
	if _, next := h.History.Bounds(); next > 1 {
		m.Make(HistoryRetrieved)
	}
}

// markCrash marks what a crash did to the Puts under way, of which some survived.
func (s *Store) markCrash(survived int) {
	m := s.host.world.Marks
	if m == nil {
		return
	}
	puts := 0
	for i, o := range s.pending {
		switch {
		case o.record == nil:
		case i < survived:
			puts++
			m.Make(PutKept)
		default:
			puts++
			m.Make(PutLost)
		}
	}
	if puts > 0 {
		m.Make(CrashedWriting)
	}
}

// markDown marks that no process is left up.
func (w *World) markDown() {
	if !slices.ContainsFunc(w.hosts, func(h *Host) bool { return h.up }) {
		w.Marks.Make(Blackout)
	}
}

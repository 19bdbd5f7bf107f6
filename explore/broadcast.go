package explore

import (
	"fmt"
	"slices"
	"strings"

	"paxon/consensus"
	"paxon/omega"
	"paxon/process"
	"paxon/register"
	"paxon/seasons"
	"paxon/sim"
	"paxon/tob"
)

// BroadcastBounds say how much happens in a search of total order broadcast.
type BroadcastBounds struct {
	Processes int
	// Broadcasts is how many messages each process, from p1 on, broadcasts.
	Broadcasts []int
	// Together is how many of them it broadcasts in one call, and in one frame; 0 is for one.
	Together int
	// Handed is who is handed the messages of p1 as well, one by one, by somebody who names them; 0 is
	// for nobody. Nobody may crash then, for p1 names its messages differently afterwards.
	Handed process.ID
	// Elections is how often each process hears of another leader, from p1 on. All processes that
	// are named here may be elected.
	Elections []int
	// Beats is how often each process, from p1 on, tells the others how far it has come.
	Beats []int
	// Rounds and Instances bound what gets through: no message of a higher round, or of a later
	// instance, ever arrives.
	Rounds, Instances uint64
	// Crashes and Recoveries bound how often processes crash and start again.
	Crashes, Recoveries int
}

// beat is how far a process has come, as heartbeats tell it.
type beat struct{ omega.Progress }

func (b beat) String() string { return fmt.Sprintf("BEAT(%d,%d)", b.Next, b.Highest) }

// broadcaster is total order broadcast, with what it is made of, as a Part.
type broadcaster struct {
	consensus consensus.Array
	tob       *tob.TOB
}

func (b *broadcaster) Receive(from process.ID, m process.Message) bool {
	switch m := m.(type) {
	case register.Message:
		return b.consensus.Receive(from, m)
	case tob.Message:
		return b.tob.Receive(from, m)
	case beat:
		b.tob.Heard(from, m.Progress)
	}
	return true
}

func (b *broadcaster) Restarted(p process.ID) {
	b.consensus.Restarted(p)
	b.tob.Restarted(p)
}

func (b *broadcaster) Turn() { b.tob.Launch() }

// Broadcast is the model of a variant's total order broadcast: processes broadcast messages of
// their own, and elect whom they are told to.
func Broadcast(v seasons.Variant, b BroadcastBounds) Model {
	m := model(v, Bounds{
		Processes: b.Processes, Crashes: b.Crashes, Recoveries: b.Recoveries,
		Rounds: make([]int, max(len(b.Broadcasts), len(b.Elections), len(b.Beats))),
	})
	if m.Recoveries > 0 {
		m.Dead = nil // An answer to an earlier incarnation tells of an instance to fill.
	}
	m.Build = func(h *Host) Part { return buildBroadcaster(h, v, max(1, b.Together)) }
	m.Leaders = b.Elections
	for i := range b.Elections {
		m.Candidates = append(m.Candidates, process.ID(i+1))
	}
	m.Lost = b.beyond
	for i, n := range b.Broadcasts {
		var payloads []string
		for j := range n {
			payloads = append(payloads, fmt.Sprintf("m%d.%d", i+1, j+1))
		}
		for together := range slices.Chunk(payloads, max(1, b.Together)) {
			m.Calls[i] = append(m.Calls[i], broadcastCall(together))
		}
	}
	if p := b.Handed; p != 0 {
		for j := range b.Broadcasts[0] {
			m.Calls[p-1] = append(m.Calls[p-1], handCall(uint64(j+1)))
		}
	}
	for i, n := range b.Beats {
		for j := range n {
			m.Calls[i] = append(m.Calls[i], beatCall(j+1))
		}
	}
	m.Sometimes = b.marks(m.Recoveries > 0)
	return m
}

func buildBroadcaster(h *Host, v seasons.Variant, together int) Part {
	host, c := hostOf(h, v), config(h, v)
	array := sim.WatchConsensus(v.Consensus(host, registers(h, v), c), h.Self(), h.Observe)
	return &broadcaster{array, v.Broadcast(host, sim.WatchDeliveries(tob.Parts{
		Net: Links[tob.Message](h), Incarnation: h.Incarnation(), Consensus: array, Leader: h,
		History: h.History(), Limits: broadcastLimits(c, together),
	}, h.Observe))}
}

// broadcastLimits has a batch for each message, so that few messages make many instances, or room in
// it for those that are broadcast together.
func broadcastLimits(c register.Config, together int) tob.Limits {
	batch := 1
	if together > 1 {
		batch = 64 + 16*together
	}
	return tob.Limits{
		Payload: 64, Pending: 8, PendingBytes: 1 << 10, Batch: batch, Window: c.Window, Ahead: c.Ahead,
		Update: 1 << 10, CheckpointBytes: 1 << 20, CheckpointBatches: 1 << 20,
		ClientIdle: 4 * c.Ahead, Clients: 16,
	}
}

// beyond says that a message is of a round or an instance that the bounds do not let through.
func (b BroadcastBounds) beyond(m process.Message) bool {
	switch m := m.(type) {
	case register.Read:
		return m.Round.Number > b.Rounds || uint64(m.Instance) > b.Instances
	case register.Write:
		return m.Round.Number > b.Rounds || uint64(m.Instance) > b.Instances
	}
	return false
}

func broadcastCall(payloads []string) Call {
	return Call{"broadcast " + strings.Join(payloads, " "), func(h *Host) {
		t := h.part.(*broadcaster).tob //nolint:forcetypeassert // Built so.
		sim.BroadcastAll(t.BroadcastAll, payloads, func(payload string) func(tob.Outcome) {
			return sim.WatchBroadcast(sim.Observation{Process: h.Self(), Payload: payload}, h.Observe)
		})
	}}
}

// handCall hands over the message of p1 with a sequence.
func handCall(sequence uint64) Call {
	payload := fmt.Sprintf("m1.%d", sequence)
	client := tob.Client{Process: 1, Incarnation: 1, Born: 1}
	return Call{"be handed " + payload, func(h *Host) {
		t := h.part.(*broadcaster).tob //nolint:forcetypeassert // Built so.
		done := sim.WatchBroadcast(
			sim.Observation{Process: h.Self(), Payload: payload, Named: true}, h.Observe)
		m := tob.Broadcast{Client: client, Sequence: sequence, Payload: []byte(payload)}
		if o := t.BroadcastAs(m, done); o.Status != tob.Pending {
			done(o)
		}
	}}
}

func beatCall(i int) Call {
	return Call{fmt.Sprintf("send heartbeat %d", i), func(h *Host) {
		progress := h.part.(*broadcaster).tob.Progress() //nolint:forcetypeassert // Built so.
		for _, p := range h.All() {
			if p != h.Self() {
				Links[beat](h).Send(p, beat{progress})
			}
		}
	}}
}

// marks are what the bounds must bring about.
func (b BroadcastBounds) marks(recovers bool) []Mark {
	marks := []Mark{{
		"a process is told that its message is delivered", func(o sim.Observation, _ bool) bool {
			return o.Kind == sim.BroadcastEnds && o.Outcome.Status == tob.Delivered
		},
	}}
	if len(b.Broadcasts) > 1 && b.Instances > 1 {
		marks = append(marks, Mark{
			"a second instance is delivered", func(o sim.Observation, _ bool) bool {
				return o.Kind == sim.Deliver && o.Instance > 1
			},
		})
	}
	if len(b.Elections) > 1 && b.Elections[0] > 0 {
		marks = append(marks, returns("a propose aborts", sim.ReturnPropose, aborted))
	}
	if recovers {
		marks = append(marks, Mark{
			"delivers after a recovery", func(o sim.Observation, recovered bool) bool {
				return o.Kind == sim.Deliver && recovered
			},
		})
	}
	return marks
}

package tob_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/consensus"
	"paxon/internal/fake"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/tob"
)

// end is process p1 of 3 with its broadcast, on parts that do nothing before the test says so.
type end struct {
	*tob.TOB
	t         *testing.T
	limits    tob.Limits
	links     *fake.Links
	consensus *fakeConsensus
	leader    process.ID
	history   *fake.History
	disk      *fake.Disk[tob.Checkpoint]
	delivered []string // Such as "1/0 a".
	events    []string // What was asked of the storage and the registers, in order.
}

func limits() tob.Limits {
	return tob.Limits{
		Payload: 8, Pending: 8, PendingBytes: 1000, Batch: 100, Window: 2, Ahead: 4, Update: 20,
		CheckpointBytes: 1 << 20, CheckpointBatches: 1000, ClientIdle: 1000, Clients: 100,
	}
}

// newEnd makes the broadcast of Fig. 13 on empty storage, with limits that change alters.
func newEnd(t *testing.T, change ...func(l *tob.Limits)) *end {
	t.Helper()
	e := &end{t: t, limits: limits(), history: fake.NewHistory(), disk: fake.NewDisk[tob.Checkpoint]()}
	for _, c := range change {
		c(&e.limits)
	}
	e.history.Note, e.disk.Note = e.note, e.note
	e.start(1, e.disk)
	return e
}

func (e *end) note(event string) { e.events = append(e.events, event) }

// start builds an incarnation on what the storage has.
func (e *end) start(incarnation process.Incarnation, disk process.Disk[tob.Checkpoint]) {
	e.links = fake.NewLinks(1, 3)
	e.consensus = &fakeConsensus{note: e.note, accepted: map[register.Instance]accepted{}}
	e.delivered = nil
	e.TOB = tob.New(tob.Parts{
		Net: retransmit.For[tob.Message](e.links.Links), Incarnation: incarnation,
		Consensus: e.consensus, Leader: e, History: e.history, Disk: disk, Limits: e.limits,
		Deliver: func(l register.Instance, batch register.Value) {
			var offset uint32
			for m := range tob.Unpack(batch) {
				at := tob.Position{Instance: l, Offset: offset}
				e.delivered = append(e.delivered, fmt.Sprintf("%v %s", at, m.Payload))
				offset++
			}
		},
	})
}

// Leader is leader.Leader.
func (e *end) Leader() (process.ID, bool) { return e.leader, e.leader != 0 }

// lead makes a process the leader.
func (e *end) lead(p process.ID) {
	e.leader = p
	e.Launch()
}

// broadcast broadcasts payloads with the process's own client, and returns their outcomes.
func (e *end) broadcast(payloads ...string) []*tob.Outcome {
	e.t.Helper()
	var outcomes []*tob.Outcome
	for _, p := range payloads {
		o := &tob.Outcome{}
		outcomes = append(outcomes, o)
		require.Equal(e.t, tob.Outcome{}, e.Broadcast([]byte(p), once(e.t, o)), "it is not pending")
	}
	e.Launch()
	return outcomes
}

// once is a done that may be called once only.
func once(t *testing.T, o *tob.Outcome) func(tob.Outcome) {
	t.Helper()
	return func(given tob.Outcome) {
		require.Equal(t, tob.Pending, o.Status, "done is called again, with %v", given)
		require.NotEqual(t, tob.Pending, given.Status)
		*o = given
	}
}

// learn has a process send what was delivered in instance l and following.
func (e *end) learn(l register.Instance, batches ...register.Value) {
	e.Receive(2, tob.Update{First: l, Batches: batches, Next: l + register.Instance(len(batches))})
	e.Launch()
}

// sent is the messages sent since the last call, as text, such as "p2 PULL(L1)".
func (e *end) sent() []string {
	var all []string
	for _, s := range e.links.Take() {
		text := fmt.Sprint(s.Message)
		if f, ok := s.Message.(tob.Forward); ok {
			text = "FORWARD" + fmt.Sprint(payloads(f.Frames))
		}
		all = append(all, fmt.Sprintf("%v %s", s.To, text))
	}
	return all
}

// stranger is a client of p2.
func stranger(number uint64) tob.Client {
	return tob.Client{Process: 2, Incarnation: 1, Number: number, Born: 1}
}

// batch is messages of one client from sequence first on.
func batch(c tob.Client, first uint64, payloads ...string) register.Value {
	var b register.Value
	for i, p := range payloads {
		b = tob.AppendFrame(b, tob.Broadcast{
			Client: c, Sequence: first + uint64(i), Payload: []byte(p),
		})
	}
	return b
}

func join(batches ...register.Value) register.Value {
	var all register.Value
	for _, b := range batches {
		all = append(all, b...)
	}
	return all
}

// payloads is what the messages of a batch say.
func payloads(batch []byte) []string {
	all := []string{}
	for m := range tob.Unpack(batch) {
		all = append(all, string(m.Payload))
	}
	return all
}

func delivered(l register.Instance, offset uint32) tob.Outcome {
	return tob.Outcome{Status: tob.Delivered, Position: tob.Position{Instance: l, Offset: offset}}
}

// fakeConsensus keeps what is proposed until the test decides.
type fakeConsensus struct {
	proposals []*proposal
	accepted  map[register.Instance]accepted
	highest   register.Instance
	settled   register.Instance
	note      func(event string)
}

type accepted struct {
	round register.Round
	value register.Value
}

type proposal struct {
	instance  register.Instance
	round     register.Round
	value     register.Value
	done      func(d register.Value, ok bool, higher register.Round)
	cancelled bool
}

// take gives what was proposed since the last call, such as "L1 in 1.p1.1: [a b]".
func (c *fakeConsensus) take() []string {
	var all []string
	for _, p := range c.proposals {
		all = append(all, fmt.Sprintf("L%d in %v: %v", p.instance, p.round, payloads(p.value)))
	}
	c.proposals = nil
	return all
}

// last is the latest proposal.
func (c *fakeConsensus) last() *proposal { return c.proposals[len(c.proposals)-1] }

// decide commits a proposal with its own value.
func (e *end) decide(p *proposal) {
	p.done(p.value, true, register.Round{})
	e.Launch()
}

func (c *fakeConsensus) At(l register.Instance) consensus.Consensus { return &fakeInstance{c, l} }

func (c *fakeConsensus) Accepted(l register.Instance, k register.Round) (register.Value, bool) {
	a, ok := c.accepted[l]
	return a.value, ok && !a.round.Less(k)
}

// Permitted is that of Fig. 6: never.
func (c *fakeConsensus) Permitted(register.Instance) bool { return false }

func (c *fakeConsensus) Highest() register.Instance    { return c.highest }
func (c *fakeConsensus) Settle(next register.Instance) { c.settled = next }
func (c *fakeConsensus) Forget(below register.Instance) {
	c.note(fmt.Sprintf("forget below %d", below))
}

func (c *fakeConsensus) Receive(process.ID, register.Message) bool { return true }
func (c *fakeConsensus) Restarted(process.ID)                      {}

type fakeInstance struct {
	array    *fakeConsensus
	instance register.Instance
}

func (i *fakeInstance) Propose(
	k register.Round, v register.Value,
	done func(d register.Value, ok bool, higher register.Round),
) {
	i.array.proposals = append(i.array.proposals,
		&proposal{instance: i.instance, round: k, value: v, done: done})
}

func (i *fakeInstance) Cancel() {
	for _, p := range i.array.proposals {
		p.cancelled = p.cancelled || p.instance == i.instance
	}
}

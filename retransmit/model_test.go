package retransmit_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/internal/fake"
	"paxon/process"
	"paxon/retransmit"
)

// model is two processes, p1 and p2, on a link that loses, doubles and reorders, which crash,
// recover, cancel and push back at random.
type model struct {
	*rand.Rand
	t      *testing.T
	ends   [2]*modelEnd
	flying []packet
	healed bool
}

type packet struct {
	to     *modelEnd
	packet retransmit.Packet
}

type modelEnd struct {
	*retransmit.Links
	model       *model
	id, other   process.ID
	incarnation process.Incarnation
	net         *fake.Net[retransmit.Packet]
	clock       *fake.Clock
	sent        int
	owed        map[string]retransmit.Ticket // Messages that p s-sent and has not cancelled.
	got         map[string]bool              // In this incarnation.
	gotEver     map[string]bool
	wasSent     map[string]bool
}

func (m *model) start(e *modelEnd) {
	e.incarnation++
	e.net, e.clock = fake.NewNet[retransmit.Packet](e.id, 2), &fake.Clock{}
	e.Links = retransmit.New(e.net, e.clock, e.incarnation, config())
	e.owed, e.got = map[string]retransmit.Ticket{}, map[string]bool{}
	e.Deliver(e.receive, func(process.ID) {})
}

func (e *modelEnd) receive(from process.ID, message process.Message) bool {
	m := message.(string)
	if m == "last" {
		return true
	}
	require.Equal(e.model.t, e.other, from)
	require.True(e.model.t, e.model.ends[from-1].wasSent[m], "RT1: %s was never sent", m)
	require.False(e.model.t, e.got[m], "RT2: %s is received twice", m)
	if !e.model.healed && e.model.IntN(4) == 0 {
		return false
	}
	e.got[m], e.gotEver[m] = true, true
	return true
}

// name is the message that an end sent as its nth.
func (e *modelEnd) name(n int) string { return fmt.Sprintf("%v.%d.%d", e.id, e.incarnation, n) }

// collect takes up what an end has sent.
func (m *model) collect() {
	for i, e := range m.ends {
		for _, s := range e.net.Take() {
			m.flying = append(m.flying, packet{m.ends[1-i], s.Message})
		}
	}
}

func (m *model) step() {
	e := m.ends[m.IntN(2)]
	switch m.IntN(16) {
	case 0, 1, 2:
		m.send(e)
	case 3:
		message := e.name(1 + m.IntN(e.sent+1))
		e.Cancel(e.owed[message])
		delete(e.owed, message)
	case 4:
		e.Reconnected(e.other)
	case 5:
		if m.IntN(10) == 0 {
			m.start(e)
		}
	case 6, 7, 8:
		e.clock.Advance(ms * 5)
	case 9:
		m.deliver(true)
	default:
		m.deliver(false)
	}
	m.collect()
}

func (m *model) send(e *modelEnd) {
	if e.Kept(e.other) == config().Window {
		return
	}
	e.sent++
	message := e.name(e.sent)
	e.wasSent[message] = true
	e.owed[message] = e.SSend(e.other, message)
}

// deliver takes any packet on its way: it is lost, or arrives, or arrives and stays.
func (m *model) deliver(stays bool) {
	if len(m.flying) == 0 {
		return
	}
	i := m.IntN(len(m.flying))
	p := m.flying[i]
	if !stays {
		m.flying = append(m.flying[:i], m.flying[i+1:]...)
	}
	if m.IntN(3) > 0 {
		p.to.Receive(p.to.other, p.packet)
	}
}

// heal lets everything arrive until nothing is owed any more, and says whether that happens.
func (m *model) heal() bool {
	m.healed = true
	for range 50 {
		for len(m.flying) > 0 {
			p := m.flying[0]
			m.flying = m.flying[1:]
			p.to.Receive(p.to.other, p.packet)
			m.collect()
		}
		if m.ends[0].Kept(2) == 0 && m.ends[1].Kept(1) == 0 {
			return true
		}
		for _, e := range m.ends {
			e.clock.Advance(config().MaxInterval)
		}
		m.collect()
	}
	return false
}

func TestRT1RT2RT3OverAnyLink(t *testing.T) {
	received := 0
	for seed := range uint64(500) {
		m := &model{Rand: rand.New(rand.NewPCG(seed, 0)), t: t}
		for i := range m.ends {
			m.ends[i] = &modelEnd{
				model: m, id: process.ID(i + 1), other: process.ID(2 - i),
				gotEver: map[string]bool{}, wasSent: map[string]bool{},
			}
			m.start(m.ends[i])
		}
		for range 300 {
			m.step()
		}
		require.True(t, m.heal(), "seed %d: something is kept for ever", seed)
		for i, e := range m.ends {
			for message := range e.owed {
				require.True(t, m.ends[1-i].gotEver[message],
					"RT3: seed %d: %s of %v was acknowledged and never received", seed, message, e.id)
			}
			received += len(e.gotEver)
			m.ends[1-i].Send(e.id, "last") // It tells what was cancelled.
			e.Receive(e.other, m.ends[1-i].net.Take()[0].Message)
			_, beyond := e.Held(e.other)
			require.Zero(t, beyond, "seed %d: %v holds numbers for ever", seed, e.id)
		}
	}
	require.Greater(t, received, 10_000, "the runs were too poor to show anything")
}

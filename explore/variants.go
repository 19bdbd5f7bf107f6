package explore

import (
	"fmt"

	"paxon/consensus"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/sim"
)

// Bounds say how much happens in a search of a variant.
type Bounds struct {
	Processes int
	// Rounds is in how many rounds each process, from p1 on, operates on registers or proposes, in
	// each instance. Those beyond its end do not.
	Rounds []int
	// Instances is how many registers there are.
	Instances int
	// Crashes and Recoveries bound how often processes crash and start again.
	Crashes, Recoveries int
	// AsPrinted has the rounds of consensus begin anew after a recovery, as in Fig. 13 of the paper.
	AsPrinted bool
}

// contended says that there are several proposers.
func (b Bounds) contended() bool { return len(b.Rounds) > 1 }

// reg is an array of registers as a Part.
type reg struct{ register.Array }

func (r reg) Receive(from process.ID, m process.Message) bool {
	message, ok := m.(register.Message)
	return !ok || r.Array.Receive(from, message)
}

func (reg) Turn() {}

// con is an array of consensus as a Part.
type con struct {
	consensus.Array
	// As printed, a round does not tell which attempt it is of: how many there were of this
	// incarnation, and what the last one proposed.
	attempts map[register.Instance]int
	proposed map[register.Instance]register.Value
}

func (c con) Receive(from process.ID, m process.Message) bool {
	message, ok := m.(register.Message)
	return !ok || c.Array.Receive(from, message)
}

func (con) Turn() {}

// hostOf is what a variant's constructors are given.
func hostOf(h *Host, v seasons.Variant) seasons.Host {
	return v.Needs(seasons.Host{
		Net: nowhere{h}, Incarnation: h.Incarnation(), Clock: h.Clock(), History: h.History(),
		Store: h.Store(), Disks: h.Disks(),
	})
}

// nowhere names the processes, for the parts that have links of their own from Links.
type nowhere struct{ *Host }

func (nowhere) Send(process.ID, retransmit.Packet) {
	panic("explore: a part that is searched sends packets")
}

// model is what all models of a variant have in common.
func model(v seasons.Variant, b Bounds) Model {
	m := Model{
		Processes: b.Processes, Volatile: v.Storage != seasons.Stable,
		Crashes: b.Crashes, Crashing: -1, Calls: make([][]Call, b.Processes), Dead: answered,
	}
	if v.Recovers {
		m.Recoveries = b.Recoveries
	}
	if v.Crashes != nil {
		m.Crashing = v.Crashes(b.Processes)
	}
	if v.Disks {
		m.Disks = 3
	}
	for p := len(b.Rounds) + 1; p <= b.Processes; p++ {
		m.Symmetric = append(m.Symmetric, process.ID(p))
	}
	return m
}

// answered says that an answer is to no operation that is under way: rounds are used once.
func answered(m process.Message, underWay []Operation) bool {
	var l register.Instance
	var k register.Round
	kind := sim.InvokeRead
	switch m := m.(type) {
	case register.AckRead:
		l, k = m.Instance, m.Round
	case register.NackRead:
		l, k = m.Instance, m.Round
	case register.AckWrite:
		l, k, kind = m.Instance, m.Round, sim.InvokeWrite
	case register.NackWrite:
		l, k, kind = m.Instance, m.Round, sim.InvokeWrite
	default:
		return false
	}
	for _, o := range underWay {
		if o.Instance == l && o.Round == k && o.Kind == kind {
			return false
		}
	}
	return true
}

func config(h *Host, v seasons.Variant) register.Config {
	return register.Config{
		Members: func(register.Instance) []process.ID { return h.All() },
		Ahead:   16, Window: 1, Permission: v.Permission,
	}
}

func registers(h *Host, v seasons.Variant) register.Array {
	return sim.WatchRegisters(v.Registers(hostOf(h, v), Links[register.Message](h), config(h, v)),
		h.Self(), h.Observe)
}

// round is the one of a process's i-th attempt.
func round(h *Host, i int) register.Round {
	return register.Round{Number: uint64(i), Process: h.Self(), Incarnation: h.Incarnation()}
}

// Registers is the model of a variant's registers: each proposer reads, and writes a value of
// its own, in each of its rounds.
func Registers(v seasons.Variant, b Bounds) Model {
	m := model(v, b)
	m.Build = func(h *Host) Part { return reg{registers(h, v)} }
	each(b, func(p process.ID, l register.Instance, i int) {
		value := register.Value(fmt.Sprintf("%v.%d", p, i))
		m.Calls[p-1] = append(m.Calls[p-1],
			Call{fmt.Sprintf("read L%d in round %d", l, i), func(h *Host) {
				h.part.(reg).At(l).Read(round(h, i), func(register.Value, bool, register.Round) {})
			}},
			Call{fmt.Sprintf("write L%d in round %d", l, i), func(h *Host) {
				h.part.(reg).At(l).Write(round(h, i), value, func(bool, register.Round) {})
			}})
	})
	m.Sometimes = []Mark{returns("a write commits", sim.ReturnWrite, committed)}
	if b.contended() {
		m.Sometimes = append(m.Sometimes,
			returns("a read commits a value", sim.ReturnRead, func(o sim.Observation, _ bool) bool {
				return o.OK && len(o.Value) > 0
			}),
			returns("a read aborts", sim.ReturnRead, aborted),
			returns("a write aborts", sim.ReturnWrite, aborted))
	}
	return m
}

// Consensus is the model of a variant's consensus: each proposer proposes a value of its own in
// each of its rounds, or where it is permitted in a round of number 0.
func Consensus(v seasons.Variant, b Bounds) Model {
	m := model(v, b)
	if b.AsPrinted {
		m.Dead = nil // An answer to a round may be one to the same round after a recovery.
	}
	m.Build = func(h *Host) Part {
		array := v.Consensus(hostOf(h, v), registers(h, v), config(h, v))
		return con{
			Array:    sim.WatchConsensus(array, h.Self(), h.Observe),
			attempts: map[register.Instance]int{},
			proposed: map[register.Instance]register.Value{},
		}
	}
	each(b, func(p process.ID, l register.Instance, i int) {
		value := register.Value(fmt.Sprintf("%v.%d", p, i))
		m.Calls[p-1] = append(m.Calls[p-1], Call{
			fmt.Sprintf("propose %v in L%d", value, l), func(h *Host) {
				array, k := h.part.(con), round(h, i)
				if b.AsPrinted {
					array.attempts[l]++
					array.proposed[l] = value
					k = register.Round{Number: uint64(array.attempts[l]), Process: p}
				}
				if array.Permitted(l) {
					k.Number = 0
				}
				array.At(l).Propose(k, value, func(register.Value, bool, register.Round) {})
			},
		})
	})
	m.Sometimes = []Mark{returns("decides", sim.ReturnPropose, committed)}
	if b.contended() {
		m.Sometimes = append(m.Sometimes, returns("decides what another proposed", sim.ReturnPropose,
			func(o sim.Observation, _ bool) bool {
				return o.OK && string(o.Value[:2]) != o.Process.String()
			}), returns("aborts", sim.ReturnPropose, aborted))
	}
	if m.Recoveries > 0 {
		m.Sometimes = append(m.Sometimes, returns("decides after a recovery", sim.ReturnPropose,
			func(o sim.Observation, recovered bool) bool { return o.OK && recovered }))
	}
	if v.Permission && b.Instances > 1 {
		m.Sometimes = append(m.Sometimes, returns("decides fast", sim.ReturnPropose,
			func(o sim.Observation, _ bool) bool { return o.OK && o.Round.Number == 0 }))
	}
	if v.Permission && b.Instances > 1 && b.contended() {
		m.Sometimes = append(m.Sometimes, returns("aborts in a fast round", sim.ReturnPropose,
			func(o sim.Observation, _ bool) bool { return !o.OK && o.Round.Number == 0 }))
	}
	return m
}

// each calls do for every attempt of every proposer, in order.
func each(b Bounds, do func(p process.ID, l register.Instance, i int)) {
	for p, rounds := range b.Rounds {
		for l := 1; l <= b.Instances; l++ {
			for i := 1; i <= rounds; i++ {
				do(process.ID(p+1), register.Instance(l), i)
			}
		}
	}
}

// returns is a mark of an operation that returns in some way.
func returns(name string, kind sim.Kind, how func(o sim.Observation, recovered bool) bool) Mark {
	return Mark{name, func(o sim.Observation, recovered bool) bool {
		return o.Kind == kind && how(o, recovered)
	}}
}

func committed(o sim.Observation, _ bool) bool { return o.OK }
func aborted(o sim.Observation, _ bool) bool   { return !o.OK }

package stage

import (
	"fmt"
	"strings"
	"time"

	"paxon/conformance"
	"paxon/explore"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/sim"
)

// The names of what the suites check besides the properties of package sim.
const (
	NonTriviality = "Non-triviality"                       // With nothing in its way it commits.
	Progress      = "Progress"                             // So does, after the faults, the highest round.
	AbortLegality = "Abort legality"                       // An abort names a higher round, invoked.
	DoneOnce      = "Hygiene: done at most once"           // No operation ends twice.
	DoneLater     = "Hygiene: never synchronously"         // It ends after the call has returned.
	DoneUp        = "Hygiene: nothing after a crash"       // An earlier incarnation ends nothing.
	DoneWanted    = "Hygiene: nothing after Cancel"        // Nor does what was cancelled end.
	Constructor   = "Hygiene: a constructor sends nothing" // Nobody can answer it yet.
	Deterministic = "Hygiene: deterministic"               // The same choices give the same events.
	Duplicates    = "Hygiene: duplicates harmless"         // All holds if everything arrives twice.
	NoPanic       = "Hygiene: no panic"                    // Whatever the messages and their order.
)

// Part is what the array under test has to do with others.
type Part interface {
	Receive(from process.ID, m register.Message) (accepted bool)
	Restarted(p process.ID)
}

// Subject is a kind of part under test.
type Subject struct {
	// Build makes the array of one incarnation of a process, watched by the monitor.
	Build func(m *sim.Monitor, h *sim.Host, net retransmit.Net[register.Message],
		c register.Config) Part
	// Attempt begins the operations of round k in an instance that get v, or the value found,
	// decided.
	Attempt func(s *Stage, p process.ID, l register.Instance, k register.Round,
		v register.Value) *Attempt
	// Other, if not nil, begins another operation of a round.
	Other func(s *Stage, p process.ID, l register.Instance, k register.Round, v register.Value)
	// Cancel ends what is under way in an instance.
	Cancel func(part Part, l register.Instance)
	// Inspect, if not nil, is called after every event, and may Fail.
	Inspect func(s *Stage)
	// Model, if not nil, is what of the part is searched for all states, within bounds.
	Model func(v seasons.Variant, b explore.Bounds) explore.Model
	// Scripts are scenarios of this kind of part.
	Scripts []Script
	// Instances is how many are operated on, from 1.
	Instances int
}

// Stage is a run under way.
type Stage struct {
	World   *sim.World
	Monitor *sim.Monitor

	subject     Subject
	assumptions conformance.Assumptions

	parts     []*member // By ID − 1.
	messages  []*message
	calls     map[place]*Call
	numbers   []uint64 // By ID − 1: of the last round of the incarnation.
	highest   uint64   // Of all numbers.
	invoked   map[register.Instance]map[register.Round]bool
	values    int
	decisions []Decision
	tried     map[occasion]bool
	crashed   map[process.ID]bool
	cut       map[[2]process.ID]bool
	horizon   time.Duration // No event of the storage happens after it; 0 for none.
	received  uint64        // Messages.
	found     []int         // Of arrivable.
	busy      []bool        // In arrivable, by the numbers of links.
	doubling  bool          // Run has every message arrive twice.
	logging   bool
	log       strings.Builder

	property, detail string
}

// member is one incarnation of a process. It is the sim.Actor.
type member struct {
	net  *net
	part Part
	// known are the incarnations heard of, by ID − 1.
	known []process.Incarnation
}

func (*member) Start()                                {}
func (*member) Turn()                                 {}
func (*member) Receive(process.ID, retransmit.Packet) {}

// chooser makes the choices that storage leaves open; it is most of a sim.Driver.
type chooser interface {
	Disk(p process.ID) time.Duration
	Survives(p process.ID, underWay int) int
}

// driver completes a chooser: no packet is sent, because the stage has its own links.
type driver struct{ chooser }

func (driver) Message(process.ID, process.ID, retransmit.Packet) []time.Duration { return nil }

// place is where one operation at a time is under way.
type place struct {
	process  process.ID
	instance register.Instance
}

// occasion is a place in one incarnation.
type occasion struct {
	place
	incarnation process.Incarnation
}

// newStage makes a stage with all processes started, with a log or without.
func newStage(
	subject Subject, a conformance.Assumptions, choose chooser, logging bool,
) *Stage {
	s := &Stage{
		subject: subject, assumptions: a, logging: logging,
		World: sim.NewWorld(a.Processes, driver{choose}),
		parts: make([]*member, a.Processes), numbers: make([]uint64, a.Processes),
		busy:  make([]bool, a.Processes*a.Processes),
		calls: map[place]*Call{}, crashed: map[process.ID]bool{}, cut: map[[2]process.ID]bool{},
		tried:   map[occasion]bool{},
		invoked: map[register.Instance]map[register.Round]bool{},
	}
	s.Monitor = sim.NewMonitor(s.World)
	s.World.Volatile = a.Storage != conformance.Stable
	if a.Disks > 0 {
		s.World.Disks = sim.NewDisks(s.World, a.Disks, func(int) time.Duration {
			return choose.Disk(0)
		})
	}
	s.World.Build = s.build
	for _, p := range s.World.All() {
		s.start(p)
	}
	return s
}

// build is World.Build.
func (s *Stage) build(h *sim.Host) sim.Actor {
	p := h.Net().Self()
	all := s.World.All()
	m := &member{net: newNet(s, h), known: make([]process.Incarnation, len(all))}
	s.parts[p-1] = m
	m.net.constructing = true
	m.part = s.subject.Build(s.Monitor, h, m.net, register.Config{
		Members: func(register.Instance) []process.ID { return all }, Ahead: 64, Window: 1,
	})
	m.net.constructing = false
	return m
}

// start starts a process, and has the announcements of restarts made that this calls for.
func (s *Stage) start(p process.ID) {
	s.logf("start %v", p)
	s.numbers[p-1] = 0
	s.World.Start(p)
	for _, q := range s.World.All() {
		if q != p && s.World.Host(p).Incarnation() > 1 {
			s.announce(p, q)
		}
		if q != p && s.IsUp(q) && s.World.Host(q).Incarnation() > 1 {
			s.announce(q, p)
		}
	}
}

func (s *Stage) announce(p, to process.ID) {
	s.messages = append(s.messages, &message{
		from: p, to: to, incarnation: s.World.Host(p).Incarnation(), owed: true,
	})
}

// IsUp says whether a process is up.
func (s *Stage) IsUp(p process.ID) bool { return s.World.Host(p).Up() }

// Part is the part of a process that is up.
func (s *Stage) Part(p process.ID) Part { return s.parts[p-1].part }

// Up lists the processes that are up.
func (s *Stage) Up() []process.ID {
	var up []process.ID
	for _, p := range s.World.All() {
		if s.IsUp(p) {
			up = append(up, p)
		}
	}
	return up
}

// mayCrash says whether the assumptions allow a process to crash now.
func (s *Stage) mayCrash(p process.ID) bool {
	a := s.assumptions
	return s.IsUp(p) && (a.Crashes < 0 || s.crashed[p] || len(s.crashed) < a.Crashes)
}

// mayRecover says whether they allow it to start again.
func (s *Stage) mayRecover(p process.ID) bool { return !s.IsUp(p) && s.assumptions.Recovers }

// crash ends a process, whose messages to itself are lost and whose others are not sent again.
func (s *Stage) crash(p process.ID) {
	s.logf("crash %v", p)
	s.crashed[p] = true
	s.World.Crash(p)
	kept := s.messages[:0]
	for _, m := range s.messages {
		switch {
		case m.from == p && (m.to == p || m.body == nil):
			continue
		case m.from == p:
			m.owed = false
		}
		kept = append(kept, m)
	}
	s.messages = kept
	for at := range s.calls {
		if at.process == p {
			s.calls[at].why = DoneUp
			delete(s.calls, at)
		}
	}
}

// NextRound is a new round of a process, by some above its last.
func (s *Stage) NextRound(p process.ID, by uint64) register.Round {
	s.numbers[p-1] += by
	s.highest = max(s.highest, s.numbers[p-1])
	return register.Round{
		Number: s.numbers[p-1], Process: p, Incarnation: s.World.Host(p).Incarnation(),
	}
}

// highestRound is a new round of a process above all others.
func (s *Stage) highestRound(p process.ID) register.Round {
	return s.NextRound(p, s.highest+1-s.numbers[p-1])
}

// value is one that no operation had before.
func (s *Stage) value() register.Value {
	s.values++
	return fmt.Appendf(nil, "v%d", s.values)
}

// Fail notes that a property does not hold. The first failure counts.
func (s *Stage) Fail(property, format string, args ...any) {
	if !s.violated() {
		s.property, s.detail = property, fmt.Sprintf(format, args...)
	}
}

// violated says whether a property has failed, of those that the monitor checks or others.
func (s *Stage) violated() bool {
	if v := s.Monitor.Violation(); v != nil && s.property == "" {
		s.property, s.detail = v.Property, v.Detail
	}
	return s.property != ""
}

// failed has the part inspected, and says whether a property has failed.
func (s *Stage) failed() bool {
	if !s.violated() && s.subject.Inspect != nil {
		s.subject.Inspect(s)
	}
	return s.violated()
}

func (s *Stage) logf(format string, args ...any) {
	if s.logging {
		fmt.Fprintf(&s.log, format+"\n", args...)
	}
}

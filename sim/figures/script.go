package figures

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/sim"
)

// Figure is an execution that the paper draws.
type Figure struct {
	Name  string // Such as "figure8a".
	Title string
	play  func(s *script)
}

// All lists the figures in the order of the paper.
func All() []Figure {
	return []Figure{
		{"figure1", "Figure 1: a round-based register", figure1},
		{"figure2", "Figure 2: round-based consensus", figure2},
		{"figure3", "Figure 3: weak leader election", figure3},
		{"figure8a", "Figure 8(a): p1 elects itself", figure8a},
		{"figure8b", "Figure 8(b): p1 elects p5", figure8b},
		{"figure8c", "Figure 8(c): p1 elects p3, which does nothing, then p5", figure8c},
		{"figure8d", "Figure 8(d): p1 elects p4, then p2, which aborts, then p5", figure8d},
		{"figure19", "Figure 19: a regular decision followed by a fast one", figure19},
	}
}

// Run is what came of a figure.
type Run struct {
	Lines []string // The transcript.
	Trace []byte   // Of everything, for sim.ReadTrace.
}

// Play plays the figure on the real parts. It returns an error if the script cannot go on, or if a
// property is violated.
func (f Figure) Play() (Run, error) {
	s := &script{}
	f.play(s)
	if s.err == nil && s.World != nil {
		s.err = s.Trace.Err()
	}
	if s.err != nil {
		return Run{}, fmt.Errorf("%s: %w", f.Name, s.err)
	}
	return Run{Lines: s.lines, Trace: s.trace.Bytes()}, nil
}

// steady is the driver of scripts: every message takes a millisecond, or what the script says
// for its sender more, and so does the disk.
type steady struct{ slow map[process.ID]time.Duration }

func (s steady) Message(from, _ process.ID, _ retransmit.Packet) []time.Duration {
	return []time.Duration{time.Millisecond + s.slow[from]}
}

func (steady) Disk(process.ID) time.Duration           { return time.Millisecond }
func (steady) Survives(_ process.ID, underWay int) int { return underWay }

// script is a world that a figure steers, with the transcript of what happens.
type script struct {
	*sim.World
	trace bytes.Buffer
	lines []string
	err   error // The first.
}

// stage makes the world, of n processes.
func (s *script) stage(n int, driver sim.Driver) {
	s.World = sim.NewWorld(n, driver)
	s.Trace = sim.NewTrace(&s.trace)
}

func (s *script) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf(format, args...)
	}
}

// start starts all processes.
func (s *script) start() {
	for _, p := range s.All() {
		s.Start(p)
	}
}

// settle lets happen what an operation leads to.
func (s *script) settle() { s.Until(s.Now() + 20*time.Millisecond) }

// say adds a line to the transcript.
func (s *script) say(format string, args ...any) {
	s.lines = append(s.lines, fmt.Sprintf(format, args...))
}

// note adds an event to the trace.
func (s *script) note(event string, p process.ID, l register.Instance, text string) {
	s.Trace.Event(s.Now(), sim.TraceEvent{Event: event, Process: p, Instance: l, Text: text})
}

// tell adds the events of the trace that pass a filter to the transcript.
func (s *script) tell(filter func(e sim.TraceEvent) bool) {
	for e, err := range sim.ReadTrace(bytes.NewReader(s.trace.Bytes()), "the trace") {
		if err != nil {
			s.fail("%w", err)
			return
		}
		if !filter(e) {
			continue
		}
		who := e.Process.String()
		if e.From != 0 {
			who = fmt.Sprintf("%v to %v", e.From, e.To)
		}
		text := e.Text
		if e.Instance != 0 {
			text = fmt.Sprintf("L%d %s", e.Instance, text)
		}
		at := float64(e.Nanoseconds) / float64(time.Millisecond)
		s.say("%6.1f ms  %-8s  %-9s  %s", at, who, e.Event, strings.TrimSpace(text))
	}
}

// only lets the named events pass, and of messages those whose text begins with a prefix.
func only(events []string, messages ...string) func(e sim.TraceEvent) bool {
	return func(e sim.TraceEvent) bool {
		if e.Event == "send" {
			return slices.ContainsFunc(messages, func(prefix string) bool {
				return strings.HasPrefix(e.Text, prefix)
			})
		}
		return slices.Contains(events, e.Event)
	}
}

// round is the k-th round of the paper's figures, as process p uses it.
func round(k uint64, p process.ID) register.Round {
	return register.Round{Number: k, Process: p, Incarnation: 1}
}

// registers is an actor that has nothing but registers, for scripts that operate on them.
type registers struct {
	links *retransmit.Links
	array *register.Registers
}

func buildRegisters(o seasons.Options) func(h *sim.Host) sim.Actor {
	return func(h *sim.Host) sim.Actor {
		r := &registers{links: retransmit.New(h.Net(), h.Clock(), h.Incarnation(), o.Retransmit)}
		all := h.Net().All()
		r.array = register.New(retransmit.For[register.Message](r.links),
			process.DiskOf[register.Copy](h.Store, 0), register.Config{
				Members: func(register.Instance) []process.ID { return all }, Ahead: 1,
			})
		r.links.Deliver(func(from process.ID, m process.Message) bool {
			message, ok := m.(register.Message)
			return !ok || r.array.Receive(from, message)
		}, r.array.Restarted)
		return r
	}
}

func (*registers) Start() {}
func (*registers) Turn()  {}

func (r *registers) Receive(from process.ID, p retransmit.Packet) { r.links.Receive(from, p) }

// on gives the registers of a process, nil if it does not run them.
func (s *script) on(p process.ID) register.Array {
	r, ok := s.Host(p).Actor().(*registers)
	if !ok {
		s.fail("%v does not run registers", p)
		return nil
	}
	return r.array
}

// composition gives the whole of a process, nil if it does not run one.
func (s *script) composition(p process.ID) *seasons.Process {
	c, ok := s.Host(p).Actor().(*seasons.Process)
	if !ok {
		s.fail("%v does not run a composition", p)
	}
	return c
}

package sim_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/sim"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the expected transcripts in testdata")

// steady is the driver of scripts: every message takes a millisecond, or what the script says
// for its sender, and so does the disk.
type steady struct{ slow map[process.ID]time.Duration }

func (s steady) Message(from, _ process.ID, _ retransmit.Packet) []time.Duration {
	return []time.Duration{time.Millisecond + s.slow[from]}
}

func (steady) Disk(process.ID) time.Duration           { return time.Millisecond }
func (steady) Survives(_ process.ID, underWay int) int { return underWay }

// script is a world that a test steers, with the transcript of what happens.
type script struct {
	*sim.World
	t     *testing.T
	trace bytes.Buffer
	lines []string
}

func newScript(t *testing.T, n int, driver sim.Driver) *script {
	t.Helper()
	s := &script{World: sim.NewWorld(n, driver), t: t}
	s.Trace = sim.NewTrace(&s.trace)
	return s
}

// start starts all processes.
func (s *script) start() {
	for _, p := range s.All() {
		s.Start(p)
	}
}

// until lets events happen up to a time.
func (s *script) until(end time.Duration) {
	reached := false
	s.At(end-s.Now(), func() { reached = true })
	for !reached && s.Step() {
	}
}

// say adds a line to the transcript.
func (s *script) say(format string, args ...any) {
	s.lines = append(s.lines, fmt.Sprintf(format, args...))
}

// tell adds the events of the trace that pass a filter to the transcript.
func (s *script) tell(filter func(e sim.TraceEvent) bool) {
	for decoder := json.NewDecoder(&s.trace); decoder.More(); {
		var e sim.TraceEvent
		require.NoError(s.t, decoder.Decode(&e))
		if !filter(e) {
			continue
		}
		who := e.Process.String()
		if e.From != 0 {
			who = fmt.Sprintf("%v to %v", e.From, e.To)
		}
		text := e.Text
		if e.Event == "leader" {
			text = e.To.String()
		}
		if e.Instance != 0 {
			text = fmt.Sprintf("L%d %s", e.Instance, text)
		}
		at := float64(e.Nanoseconds) / float64(time.Millisecond)
		s.say("%6.1f ms  %-8s  %-9s  %s", at, who, e.Event, strings.TrimSpace(text))
	}
}

// expect compares the transcript with testdata/NAME.txt.
func (s *script) expect(name string) {
	path := filepath.Join("testdata", name+".txt")
	came := strings.Join(s.lines, "\n") + "\n"
	if *rewrite {
		require.NoError(s.t, os.MkdirAll("testdata", 0o755))
		require.NoError(s.t, os.WriteFile(path, []byte(came), 0o644))
	}
	expected, err := os.ReadFile(path)
	require.NoError(s.t, err, "go test ./sim -run %s -rewrite writes it", s.t.Name())
	require.Equal(s.t, string(expected), came, "go test ./sim -run %s -rewrite accepts it", s.t.Name())
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

// on gives the registers of a process.
func on(s *script, p process.ID) register.Array {
	r, ok := s.Host(p).Actor().(*registers)
	require.True(s.t, ok)
	return r.array
}

// round is the k-th round of the paper's figures, as process p uses it.
func round(k uint64, p process.ID) register.Round {
	return register.Round{Number: k, Process: p, Incarnation: 1}
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

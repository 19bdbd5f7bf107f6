package draw

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"paxon/process"
	"paxon/sim"
)

// ShiVizParser is the regular expression by which ShiViz takes apart what ShiViz writes; it is the
// one that stands in its input form.
const ShiVizParser = `(?<event>.*)\n(?<host>\S*) (?<clock>{.*})`

// checker is the host of violations, which whoever checks sees.
const checker = "checker"

// vector is a vector clock: how many events of each host come before, the event itself included.
type vector map[string]uint64

// merge makes v at least as late as o.
func (v vector) merge(o vector) {
	for host, n := range o {
		v[host] = max(v[host], n)
	}
}

// shiviz writes a log with vector clocks.
type shiviz struct {
	out      *bufio.Writer
	without  []Kind
	clocks   map[string]vector
	sent     map[uint64]vector // By message.
	received map[uint64]bool
}

// ShiViz writes the events of a trace as a log for ShiViz: of each event a line that tells what
// happened, and a line with its host and its vector clock. Kinds may be left out. Losses, links
// and the end of the faults happen at no host, and are left out always; a violation happens at a
// host of its own, after all else. It returns an error of the events or of writing.
func ShiViz(out io.Writer, events iter.Seq2[sim.TraceEvent, error], without []Kind) error {
	s := &shiviz{
		out: bufio.NewWriter(out), without: without,
		clocks: map[string]vector{}, sent: map[uint64]vector{}, received: map[uint64]bool{},
	}
	for e, err := range events {
		if err != nil {
			return err
		}
		if err := s.event(e); err != nil {
			return fmt.Errorf("write the log: %w", err)
		}
	}
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("write the log: %w", err)
	}
	return nil
}

func (s *shiviz) event(e sim.TraceEvent) error {
	again := e.Event == "receive" && s.received[e.Message]
	if slices.ContainsFunc(kindsOf(e, again), func(k Kind) bool { return slices.Contains(s.without, k) }) {
		return nil
	}
	switch e.Event {
	case "lost", "link", "heal":
		return nil
	case "send":
		clock := s.tick(e.From.String())
		if s.sent[e.Message] == nil { // Of equal messages with one number, any may be what arrives.
			s.sent[e.Message] = maps.Clone(clock)
		}
		return s.write(e, e.From.String(), fmt.Sprintf("send to %v: %s", e.To, pretty(e.Text)))
	case "receive":
		s.received[e.Message] = true
		s.tick(e.To.String()).merge(s.sent[e.Message])
		return s.write(e, e.To.String(), fmt.Sprintf("receive from %v: %s", e.From, pretty(e.Text)))
	case "violation":
		clock := s.tick(checker)
		for _, p := range s.clocks {
			clock.merge(p)
		}
		return s.write(e, checker, "violation of "+e.Text)
	default:
		s.tick(e.Process.String())
		return s.write(e, e.Process.String(), describe(e))
	}
}

// tick counts an event of a host, and gives its clock.
func (s *shiviz) tick(host string) vector {
	if s.clocks[host] == nil {
		s.clocks[host] = vector{}
	}
	s.clocks[host][host]++
	return s.clocks[host]
}

func (s *shiviz) write(e sim.TraceEvent, host, text string) error {
	clock, err := json.Marshal(s.clocks[host]) // With its keys in order.
	if err != nil {
		return err
	}
	text = strings.Join(strings.Fields(text), " ") // On one line.
	at := milliseconds(time.Duration(e.Nanoseconds), 3)
	_, err = fmt.Fprintf(s.out, "%s ms %s\n%s %s\n", at, text, host, clock)
	return err
}

// describe tells what happens at one process.
func describe(e sim.TraceEvent) string {
	text := e.Event
	if e.Event == "leader" {
		return "elects " + nobody(e.To)
	}
	if e.Disk != 0 {
		text += fmt.Sprintf(" disk %d", e.Disk)
	}
	if e.Instance != 0 {
		text += fmt.Sprintf(" L%d", e.Instance)
	}
	return text + " " + pretty(e.Text)
}

func nobody(p process.ID) string {
	if p == 0 {
		return "none"
	}
	return p.String()
}

// kindsOf tells of which kinds an event is. Again says that its message has arrived before.
func kindsOf(e sim.TraceEvent, again bool) []Kind {
	switch e.Event {
	case "send", "receive":
		kinds := kindsOfMessage(e.Text, e.From, e.To)
		if again {
			kinds = append(kinds, Duplicates)
		}
		return kinds
	case "put", "durable", "write", "written":
		return []Kind{Disk}
	case "invoke", "return":
		if name(e.Text) == "propose" {
			return []Kind{Consensus}
		}
		return []Kind{Registers}
	case "broadcast", "outcome":
		return []Kind{Broadcasts}
	case "deliver":
		return []Kind{Deliveries}
	case "leader":
		return []Kind{Leaders}
	}
	return nil
}

// kindsOfMessage tells of which kinds a message is.
func kindsOfMessage(text string, from, to process.ID) []Kind {
	kinds := []Kind{Messages}
	if name(text) == "HEARTBEAT" {
		kinds = append(kinds, Heartbeats)
	}
	if text == "ACK" {
		kinds = append(kinds, Acks)
	}
	if from == to {
		kinds = append(kinds, Self)
	}
	if ofRegister(text) {
		kinds = append(kinds, Registers)
	}
	return kinds
}

package draw

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"paxon/process"
	"paxon/register"
)

// Kind is a kind of thing in a diagram that can be left out.
type Kind string

// The kinds.
const (
	Heartbeats Kind = "heartbeats" // Ω's messages.
	Acks       Kind = "acks"       // Packets that acknowledge and carry nothing.
	Self       Kind = "self"       // Messages of a process to itself.
	Duplicates Kind = "duplicates" // Arrivals of a message after its first.
	Messages   Kind = "messages"   // All messages.
	Losses     Kind = "losses"     // Messages that never arrive.
	Disk       Kind = "disk"       // What is put and becomes durable, on own or on shared disks.
	Registers  Kind = "registers"  // Reads and writes, with their messages.
	Consensus  Kind = "consensus"  // Proposes.
	Broadcasts Kind = "broadcasts" // Broadcasts and their outcomes.
	Deliveries Kind = "deliveries"
	Leaders    Kind = "leaders" // Whom each process elects.
	Links      Kind = "links"   // Links that are cut.
)

// Kinds lists all kinds.
func Kinds() []Kind {
	return []Kind{
		Heartbeats, Acks, Self, Duplicates, Messages, Losses, Disk, Registers, Consensus, Broadcasts,
		Deliveries, Leaders, Links,
	}
}

// DefaultWithout is what a diagram leaves out unless told otherwise.
func DefaultWithout() []Kind { return []Kind{Heartbeats, Acks, Self} }

// ParseKinds reads a list such as "heartbeats,acks", or "none".
func ParseKinds(list string) ([]Kind, error) {
	if list == "none" {
		return nil, nil
	}
	var kinds []Kind
	for name := range strings.SplitSeq(list, ",") {
		if !slices.Contains(Kinds(), Kind(name)) {
			return nil, fmt.Errorf("kind %.20q: expected none, or some of %s", name, join(Kinds(), ","))
		}
		kinds = append(kinds, Kind(name))
	}
	return kinds, nil
}

// Options says what is drawn of a trace. The zero Options draw all of it on pages without end.
type Options struct {
	// Title stands above the diagram, empty for none.
	Title string
	// Processes are those that are drawn, with the messages between them; none for all.
	Processes []process.ID
	// Instances are those that are drawn. If there are any, messages and marks of no instance
	// are left out, and so are those of others.
	Instances []register.Instance
	// From and To bound the time that is drawn, both included; a To of 0 is the end.
	From, To time.Duration
	// Without is what is left out.
	Without []Kind
	// Compact leaves out all labels, so that long runs fit on few pages. Each thing still has its
	// text as its title, which viewers show under the pointer.
	Compact bool
	// Width and Height are the most that a page measures, in pixels of which there are 96 to the
	// inch; 0 for no limit. A page is smaller if little is on it, and larger if a single
	// strip or label is.
	Width, Height float64
}

// DefaultOptions draw on landscape pages, about as wide as they are on A3 paper.
func DefaultOptions() Options {
	return Options{Without: DefaultWithout(), Width: 1500, Height: 1060}
}

// Check says what is wrong with the options, nil if nothing is.
func (o Options) Check() error {
	switch {
	case o.From < 0 || o.To < 0:
		return fmt.Errorf("from %v to %v: expected times from 0 on", o.From, o.To)
	case o.To != 0 && o.To < o.From:
		return fmt.Errorf("from %v to %v: expected an end after the beginning", o.From, o.To)
	case o.Width < 0 || o.Height < 0:
		return errors.New("a page of negative size: expected at least 0, which is no limit")
	case slices.Contains(o.Processes, 0):
		return errors.New("process 0: expected a number from 1")
	case slices.Contains(o.Instances, 0):
		return errors.New("instance 0: expected a number from 1")
	}
	return nil
}

func (o Options) without(k Kind) bool { return slices.Contains(o.Without, k) }

func join[T ~string](items []T, separator string) string {
	text := make([]string, len(items))
	for i, item := range items {
		text[i] = string(item)
	}
	return strings.Join(text, separator)
}

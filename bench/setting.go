package bench

import (
	"fmt"
	"strconv"

	"paxon/process"
	"paxon/seasons"
	"paxon/seasons/catalog"
)

// At says which processes the messages are broadcast at.
type At string

// The values of At.
const (
	AtLeader At = "leader" // The one that all processes take for the leader.
	AtOther  At = "other"  // The first that is not the leader.
	AtOthers At = "others" // All but the leader.
	AtAll    At = "all"    // Every process.
)

// Setting is one point to measure: a cluster, and a load on it.
type Setting struct {
	Processes int `json:"processes"` // 1 to MaxProcesses, all of them new.
	// Variant is a name of package catalog, "" for its default.
	Variant string `json:"variant"`
	// Fsync says that what is stored is forced. A variant that stores nothing has it false, one with
	// shared disks true.
	Fsync bool `json:"fsync"`
	// InProcess has all processes of the cluster be in one process of the operating system, linked
	// by TCP all the same. Otherwise each is one of its own.
	InProcess bool `json:"inProcess"`
	// Window is how many instances a leader has open at a time (tob.Limits.Window): 1 is one
	// after the other. Batch is how many bytes of messages an instance decides at most
	// (tob.Limits.Batch), but for a message that is longer alone: 1 is one message for each.
	// 0 is the default of package seasons.
	Window uint64 `json:"window"`
	Batch  int    `json:"batchBytes"`

	At   At  `json:"at"`        // "" is AtLeader.
	Size int `json:"sizeBytes"` // Of a payload, MinSize to MaxSize.
	// Outstanding is for a closed loop: how many messages each broadcaster keeps on their way, 1 to
	// MaxOutstanding. Rate is for an open loop: how many messages a second are due in total, evenly
	// spread over the broadcasters and over time. One of the two is 0.
	Outstanding int     `json:"outstanding,omitempty"`
	Rate        float64 `json:"ratePerSecond,omitempty"`
}

// Bounds of a Setting.
const (
	MaxProcesses   = 20
	MinSize        = 8       // A payload begins with its number.
	MaxSize        = 8 << 20 // What a process takes by default.
	MaxOutstanding = 1 << 16
	MaxRate        = 1e8
	maxWindow      = 1 << 12
)

// withDefaults gives the setting with all that was left out filled in.
func (s Setting) withDefaults() Setting {
	limits := seasons.DefaultOptions().Limits
	if s.Variant == "" {
		s.Variant = catalog.Default
	}
	if v, err := catalog.ByName(s.Variant); err == nil {
		s.Variant = v.Name // In the order that all use.
	}
	if s.Window == 0 {
		s.Window = limits.Window
	}
	if s.Batch == 0 {
		s.Batch = limits.Batch
	}
	if s.At == "" {
		s.At = AtLeader
	}
	return s
}

// Load is the load in a few characters: "C=64" or "rate=1000".
func (s Setting) Load() string {
	if s.Rate > 0 {
		return "rate=" + strconv.FormatFloat(s.Rate, 'f', -1, 64)
	}
	return fmt.Sprintf("C=%d", s.Outstanding)
}

// String is the setting in a line. It must have no gaps.
func (s Setting) String() string {
	return fmt.Sprintf("processes=%d variant=%s fsync=%s window=%d batch=%d at=%s size=%d %s%s",
		s.Processes, s.Variant, onOff(s.Fsync), s.Window, s.Batch, s.At, s.Size, s.Load(),
		map[bool]string{true: " in-process"}[s.InProcess])
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// broadcasters are the processes to broadcast at, of 1 to Processes.
func (s Setting) broadcasters(leader process.ID) []process.ID {
	var at []process.ID
	for i := range s.Processes {
		id := process.ID(i + 1)
		switch {
		case s.At == AtAll,
			s.At == AtLeader && id == leader,
			s.At == AtOthers && id != leader,
			s.At == AtOther && id != leader && len(at) == 0:
			at = append(at, id)
		}
	}
	return at
}

// Dimensions are lists of what a Setting has one of.
type Dimensions struct {
	Processes    []int
	Variants     []string
	Fsync        []bool
	Windows      []uint64
	Batches      []int
	At           []At
	Sizes        []int
	Outstandings []int     // Closed loops,
	Rates        []float64 // and open ones after them.
	InProcess    bool
}

// Settings is the product of all dimensions, the last of them changing fastest. A list that is
// empty stands for the zero value. A variant that stores nothing is there with Fsync false alone,
// and one with shared disks with true alone. Nothing is checked.
func (d Dimensions) Settings() []Setting {
	all := []Setting{{InProcess: d.InProcess}}
	all = product(all, d.Processes, func(s *Setting, n int) { s.Processes = n })
	all = product(all, d.Variants, func(s *Setting, v string) { s.Variant = v })
	all = product(all, d.Fsync, func(s *Setting, on bool) { s.Fsync = on })
	all = product(all, d.Windows, func(s *Setting, w uint64) { s.Window = w })
	all = product(all, d.Batches, func(s *Setting, b int) { s.Batch = b })
	all = product(all, d.At, func(s *Setting, at At) { s.At = at })
	all = product(all, d.Sizes, func(s *Setting, n int) { s.Size = n })
	all = product(all, d.loads(), func(s *Setting, l load) { s.Outstanding, s.Rate = l.c, l.rate })
	return distinct(all)
}

// load is one of both kinds.
type load struct {
	c    int
	rate float64
}

func (d Dimensions) loads() (all []load) {
	for _, c := range d.Outstandings {
		all = append(all, load{c: c})
	}
	for _, r := range d.Rates {
		all = append(all, load{rate: r})
	}
	return all
}

// product gives each setting once for each value.
func product[T any](settings []Setting, values []T, set func(*Setting, T)) []Setting {
	if len(values) == 0 {
		return settings
	}
	var all []Setting
	for _, s := range settings {
		for _, v := range values {
			set(&s, v)
			all = append(all, s)
		}
	}
	return all
}

// distinct has each variant be there with the Fsync that it can have, and each setting once.
func distinct(settings []Setting) []Setting {
	var kept []Setting
	seen := map[Setting]bool{}
	for _, s := range settings {
		if v, err := catalog.ByName(s.withDefaults().Variant); err == nil {
			s.Fsync = s.Fsync && v.Recovers || v.Disks
		}
		if !seen[s] {
			seen[s] = true
			kept = append(kept, s)
		}
	}
	return kept
}

package sim

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"paxon/process"
	"paxon/seasons"
	"paxon/tob"
)

// Bounds of what a schedule may ask for, so that playing it ends.
const (
	mostScheduled = 63 // Processes, or shared disks.
	longest       = time.Hour
	mostLimit     = 1 << 20
)

// Check says why a composition cannot play the schedule, nil if it can.
func (s Schedule) Check(v seasons.Variant) error {
	switch {
	case v.Check(s.Processes) != nil:
		return fmt.Errorf("schedule: %w", v.Check(s.Processes))
	case v.Disks && s.Disks == 0:
		return fmt.Errorf("schedule: no disks: expected some, for %s shares them", v.Name)
	case !v.Disks && s.Disks > 0:
		return fmt.Errorf("schedule: disks %d: expected none, for %s shares none", s.Disks, v.Name)
	default:
		return nil
	}
}

// valid says what is wrong with a schedule, nil if nothing is.
func (s Schedule) valid() error {
	switch {
	case s.Processes < 1 || s.Processes > mostScheduled:
		return fmt.Errorf("schedule: processes %d: expected 1 to %d", s.Processes, mostScheduled)
	case s.Disks < 0 || s.Disks > mostScheduled:
		return fmt.Errorf("schedule: disks %d: expected 0 to %d", s.Disks, mostScheduled)
	case s.Duration <= 0 || s.Duration > longest || s.Bound <= 0 || s.Bound > longest:
		return fmt.Errorf("schedule: duration %v and bound %v: expected more than 0s, at most %v",
			s.Duration, s.Bound, longest)
	case !validLimits(s.Limits):
		return fmt.Errorf("schedule: limits %+v: expected 1 to %d each, and ahead above window",
			s.Limits, mostLimit)
	}
	payloads := map[string]bool{}
	for n, i := range s.Interventions {
		if err := s.validIntervention(i); err != nil {
			return fmt.Errorf("schedule: intervention %d, %s: %w", n+1, i.Act, err)
		}
		if i.Act != ActBroadcast {
			continue
		}
		for _, payload := range i.payloads() {
			if payloads[payload] {
				return fmt.Errorf("schedule: intervention %d broadcasts %q once more: "+
					"expected another payload", n+1, payload)
			}
			payloads[payload] = true
		}
	}
	return nil
}

func validLimits(l tob.Limits) bool {
	for _, n := range []uint64{
		uint64(l.Payload), uint64(l.Pending), uint64(l.PendingBytes), uint64(l.Batch), l.Window,
		l.Ahead, uint64(l.Update), uint64(l.CheckpointBytes), l.CheckpointBatches, l.ClientIdle,
		uint64(l.Clients),
	} {
		if n < 1 || n > mostLimit {
			return false
		}
	}
	return l.Ahead > l.Window
}

// validIntervention says what is wrong with an intervention.
func (s Schedule) validIntervention(i Intervention) error {
	switch {
	case !slices.Contains(acts(), i.Act):
		return fmt.Errorf("unknown act: expected one of %v", acts())
	case i.At < 0 || i.At > longest || i.For < 0 || i.For > longest:
		return fmt.Errorf("at %v for %v: expected 0s to %v", i.At, i.For, longest)
	case i.Nth < 0 || i.Kept < 0 || i.Client < 0 || i.Client > math.MaxInt32:
		return errors.New("a negative number: expected 0 or more")
	}
	for _, l := range i.Links {
		if !s.has(l.From) || !s.has(l.To) {
			return fmt.Errorf("a link from %v to %v: expected p1 to p%d", l.From, l.To, s.Processes)
		}
	}
	return s.validPlace(i)
}

// validPlace says what is wrong with the process, the disk or the link of an intervention.
func (s Schedule) validPlace(i Intervention) error {
	switch i.Act {
	case ActLoss, ActDelay, ActCopy:
		if !s.has(i.From) || !s.has(i.To) || i.From == i.To || i.Message == "" {
			return fmt.Errorf("message %q from %v to %v: expected a message, from one of p1 to p%d "+
				"to another", i.Message, i.From, i.To, s.Processes)
		}
	case ActCut:
	case ActVanish:
		if i.Disk < 1 || i.Disk > s.Disks {
			return fmt.Errorf("disk %d: expected 1 to %d", i.Disk, s.Disks)
		}
	case ActStall, ActDisk:
		if (i.Process == 0) == (i.Disk == 0) || i.Process != 0 && !s.has(i.Process) ||
			i.Disk < 0 || i.Disk > s.Disks {
			return fmt.Errorf("process %d, disk %d: expected the one, 1 to %d, or the other, 1 to %d",
				i.Process, i.Disk, s.Processes, s.Disks)
		}
	case ActBroadcast:
		if !s.has(i.Process) || slices.Contains(i.payloads(), "") {
			return fmt.Errorf("payloads %q at process %d: expected payloads, at one of 1 to %d",
				i.payloads(), i.Process, s.Processes)
		}
		if i.Client > 0 && len(i.More) > 0 {
			return fmt.Errorf("payloads %q of client %d: expected one, or no client",
				i.payloads(), i.Client)
		}
	default:
		if !s.has(i.Process) {
			return fmt.Errorf("process %d: expected 1 to %d", i.Process, s.Processes)
		}
	}
	return nil
}

func (s Schedule) has(p process.ID) bool { return p >= 1 && int(p) <= s.Processes }

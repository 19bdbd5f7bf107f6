package bench

import "time"

// pace is when the messages of one broadcaster are due in an open loop. The zero value is for
// closed loops.
type pace struct {
	first, interval float64 // In nanoseconds.
}

// paceOf spreads a rate over so many broadcasters, the index-th of which is shifted so that they
// take turns.
func paceOf(rate float64, index, of int) pace {
	interval := float64(time.Second) / rate
	return pace{first: interval * float64(index), interval: interval * float64(of)}
}

// due is when message n, from 0, is due.
func (p pace) due(n uint64) time.Duration { return time.Duration(p.first + float64(n)*p.interval) }

// by is how many messages are due at a time or before.
func (p pace) by(t time.Duration) uint64 {
	past := float64(t) - p.first
	if past < 0 {
		return 0
	}
	n := uint64(past / p.interval)
	for p.due(n) <= t { // Rounding may go either way.
		n++
	}
	return n
}

// maxPause bounds a pause, so that who pauses hears of an end.
const maxPause = 20 * time.Millisecond

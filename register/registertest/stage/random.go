package stage

import (
	"math/rand/v2"
	"time"

	"paxon/conformance"
	"paxon/process"
	"paxon/register"
)

// dice makes the choices of a random run. What is likely in it is drawn first.
type dice struct {
	*rand.Rand
	slowest int // Milliseconds of the slowest operation of storage.
}

func (d dice) Disk(process.ID) time.Duration {
	return time.Duration(1+d.IntN(d.slowest)) * time.Millisecond
}

func (d dice) Survives(_ process.ID, underWay int) int { return d.IntN(underWay + 1) }

// chance is something that can happen in a random run.
type chance struct {
	weight int
	happen func()
}

// random is one random run.
func random(subject Subject, a conformance.Assumptions, seed int, logging bool) *Stage {
	d := dice{rand.New(rand.NewPCG(uint64(seed), 1)), 1}
	d.slowest += d.IntN(8)
	s := newStage(subject, a, d, logging)
	s.protect(func() {
		chances := s.draw(d)
		for range 100 + d.IntN(300) {
			if s.failed() {
				return
			}
			s.lose(100)
			pick(d, chances)()
		}
		s.Heal()
	})
	return s
}

// pick draws one of the chances.
func pick(d dice, chances []chance) func() {
	sum := 0
	for _, c := range chances {
		sum += c.weight
	}
	at := d.IntN(sum)
	for _, c := range chances {
		if at < c.weight {
			return c.happen
		}
		at -= c.weight
	}
	panic("stage: no chance was drawn")
}

// draw draws how likely everything is in a run.
func (s *Stage) draw(d dice) []chance {
	a := s.assumptions
	alone := d.IntN(2) == 0 // Attempts alone: with other writes, properties demand less.
	anyone := func() process.ID { return process.ID(1 + d.IntN(a.Processes)) }
	chances := []chance{
		{40, func() { s.arriveAny(d, false) }},
		{2 + d.IntN(40), func() {
			if s.eventful() {
				s.World.Step()
			}
		}},
		{1 + d.IntN(10), func() { s.beginAny(d, anyone(), alone) }},
		{d.IntN(2), func() { s.cancelAny(d, anyone()) }},
		{d.IntN(4), func() { s.Crash(anyone()) }},
		{1 + d.IntN(6), func() { s.Recover(anyone()) }},
		{d.IntN(3), func() {
			link := [2]process.ID{anyone(), anyone()}
			s.cut[link] = !s.cut[link] && link[0] != link[1]
		}},
	}
	if a.Duplicates {
		chances = append(chances, chance{d.IntN(10), func() { s.arriveAny(d, true) }})
	}
	if a.Loss {
		chances = append(chances, chance{d.IntN(3), func() { s.lose(0) }})
	}
	return chances
}

func (s *Stage) arriveAny(d dice, doubled bool) {
	if now := s.arrivable(); len(now) > 0 {
		i := now[d.IntN(len(now))]
		s.arrive(i, doubled && s.messages[i].from != s.messages[i].to)
	}
}

func (s *Stage) beginAny(d dice, p process.ID, alone bool) {
	l := register.Instance(1 + d.IntN(s.subject.Instances))
	if !s.IsUp(p) || s.calls[place{p, l}] != nil && d.IntN(5) > 0 {
		return
	}
	k := s.NextRound(p, uint64(1+d.IntN(3)))
	if d.IntN(3) == 0 && s.highest > k.Number {
		k = s.highestRound(p)
	}
	if s.subject.Other != nil && !alone && d.IntN(2) == 0 {
		s.subject.Other(s, p, l, k, s.value())
		return
	}
	s.Attempt(p, l, k)
}

func (s *Stage) cancelAny(d dice, p process.ID) {
	if s.IsUp(p) {
		s.cancel(p, register.Instance(1+d.IntN(s.subject.Instances)))
	}
}

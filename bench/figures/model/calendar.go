package model

import (
	"container/heap"
	"time"
)

// calendar is what is to happen, in the order of time, and of what was put in for the same time.
type calendar struct {
	now    time.Duration
	events events
	last   uint64
}

type happening struct {
	at       time.Duration
	sequence uint64
	do       func()
}

// after has something happen after a delay.
func (c *calendar) after(delay time.Duration, do func()) {
	c.last++
	heap.Push(&c.events, &happening{c.now + delay, c.last, do})
}

// step lets the next thing happen, if it does before a time; otherwise it becomes that time.
func (c *calendar) step(until time.Duration) bool {
	if len(c.events) == 0 || c.events[0].at > until {
		c.now = until
		return false
	}
	e, _ := heap.Pop(&c.events).(*happening)
	c.now = e.at
	e.do()
	return true
}

// run lets all happen until a time.
func (c *calendar) run(until time.Duration) {
	for c.step(until) {
		continue
	}
}

// events is a heap.Interface.
type events []*happening

func (e *events) Len() int      { return len(*e) }
func (e *events) Swap(i, j int) { (*e)[i], (*e)[j] = (*e)[j], (*e)[i] }

func (e *events) Less(i, j int) bool {
	a, b := (*e)[i], (*e)[j]
	if a.at != b.at {
		return a.at < b.at
	}
	return a.sequence < b.sequence
}

// Push is heap.Interface.
func (e *events) Push(x any) {
	if h, ok := x.(*happening); ok {
		*e = append(*e, h)
	}
}

// Pop is heap.Interface.
func (e *events) Pop() any {
	last := len(*e) - 1
	h := (*e)[last]
	(*e)[last] = nil
	*e = (*e)[:last]
	return h
}

// Package loop breaks the laws of the one loop.
package loop

import "iter"

type part struct {
	events chan int // want `channel type: a part runs on one loop`
}

func (p part) violations(seq iter.Seq[int]) {
	go p.violations(seq) // want `go statement`
	p.events <- 1        // want `send on a channel`
	<-p.events           // want `receive from a channel`
	close(p.events)      // want `close of a channel`
	for range p.events { // want `range over a channel`
	}
	select { // want `select: a part`
	case n := <-p.events: // want `receive from a channel`
		_ = n
	default:
	}
	iter.Pull(seq) // want `iter.Pull starts a coroutine`
again:
	goto again // want `goto: use a loop or a function`
}

func generic[C ~chan int](c C) { // want `channel type`
	for range c { // want `range over a channel`
	}
}

func harmless(seq iter.Seq[int]) {
next:
	for n := range seq {
		for range n {
			continue next
		}
		if n > 0 {
			break
		}
	}
	close := func(int) {}
	close(1)
}

package caspaxos_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/caspaxos"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
)

// odd draws messages that nobody may ever have sent, of few different numbers, so that they mean
// something now and then.
type odd struct {
	bytes []byte
}

func (o *odd) number() uint64 {
	if len(o.bytes) == 0 {
		return 0
	}
	b := o.bytes[0]
	o.bytes = o.bytes[1:]
	if b > 250 {
		return ^uint64(b)
	}
	return uint64(b % 9)
}

func (o *odd) process() process.ID { return process.ID(1 + o.number()%3) }
func (o *odd) key() string         { return []string{"", "a", "b"}[o.number()%3] }

func (o *odd) round() register.Round {
	return register.Round{
		Number: o.number(), Process: o.process(), Incarnation: process.Incarnation(o.number()),
	}
}

func (o *odd) value() register.Value {
	switch o.number() % 4 {
	case 0:
		return nil
	case 1:
		return register.Value{byte(o.number()), byte(o.number())}
	}
	return caspaxos.State{Version: 1 + o.number()%5, Exists: o.number()%2 == 0, Value: []byte("v")}.Encode()
}

// configuration is one that a cluster of three may come to, or a wrong one.
func (o *odd) configuration() caspaxos.Configuration {
	c := caspaxos.Initial([]process.ID{1, 2, 3})
	target := []process.ID{o.process()}
	c = c.Toward(target)
	for range o.number() % 20 {
		if n, _, done := c.Next(); !done {
			c = n
		}
	}
	if o.number() == 3 {
		c.Epoch, c.Accept.Least = o.number(), int(o.number()%5)
	}
	return c
}

func (o *odd) place() caspaxos.Place {
	return caspaxos.Place{At: o.number() * caspaxos.Positions / 5, Whole: o.number()%2 == 0, After: o.key()}
}

func (o *odd) message() caspaxos.Message {
	epoch := 1 + o.number()%3
	switch o.number()*9 + o.number()%9 {
	case 0, 1, 2, 3, 4, 5, 6, 7, 8, 9:
		return caspaxos.Ask{
			Key: o.key(), Epoch: epoch, Age: o.number(), Kind: caspaxos.Kind(o.number()), Round: o.round(),
			Value: o.value(), Attempt: o.number(),
		}
	case 10, 11, 12, 13, 14, 15:
		return caspaxos.Answer{
			Key: o.key(), Kind: caspaxos.Kind(o.number()), Round: o.round(), Other: o.round(),
			Value: o.value(), Attempt: o.number(),
		}
	case 16, 17:
		return caspaxos.Look{Key: o.key(), Epoch: epoch, Number: o.number()}
	case 18, 19:
		return caspaxos.Seen{Number: 1<<40 + o.number(), Written: o.round(), Value: o.value()}
	case 20:
		return caspaxos.Stale{Configuration: o.configuration()}
	case 21:
		return caspaxos.Behind{Epoch: o.number()}
	case 22, 23:
		return caspaxos.Younger{Age: o.number()}
	case 24, 25:
		return caspaxos.Install{Configuration: o.configuration()}
	case 26:
		return caspaxos.Installed{Epoch: epoch}
	case 27, 28, 29:
		return caspaxos.Pull{Number: o.number(), Epoch: epoch, From: o.place(), Since: o.number()}
	case 30, 31, 32:
		return caspaxos.Page{
			Number: 1<<40 + o.number(), Next: o.place(), Changes: o.number(),
			Records: []caspaxos.Record{{Key: o.key(), Written: o.round(), Value: o.value()}},
		}
	case 33, 34:
		return caspaxos.Catch{Epoch: epoch}
	case 35, 36:
		return caspaxos.Caught{Epoch: epoch}
	case 37, 38, 39:
		return caspaxos.Advance{
			Number: o.number(), Epoch: epoch, Keys: []string{o.key()}, Floor: o.number(),
		}
	case 48:
		return caspaxos.Collect{Epoch: epoch, Keys: []string{o.key()}}
	case 40:
		return caspaxos.Advanced{Number: 1<<40 + o.number(), Age: o.number()}
	case 41, 42, 43:
		return caspaxos.Forbid{
			Number: o.number(), Epoch: epoch, Floor: o.number(),
			Ages: []caspaxos.Age{{Process: o.process(), Age: o.number()}},
		}
	case 44:
		return caspaxos.Forbidden{Number: 1<<40 + o.number()}
	case 45, 46, 47:
		return caspaxos.Remove{
			Number: o.number(), Epoch: epoch,
			Tombstones: []caspaxos.Tombstone{{Key: o.key(), Ballot: o.round()}},
		}
	}
	return caspaxos.Removed{Number: 1<<40 + o.number()}
}

// Nothing that arrives takes a process down, whatever is under way.
func FuzzReceive(f *testing.F) {
	f.Add([]byte("a seed of some length, so that there are some messages to begin with"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 400 {
			return
		}
		receive(t, &odd{bytes: b})
	})
}

func receive(t *testing.T, o *odd) {
	t.Helper()
	c := newCluster(t, 3, 3)
	ignored := func(caspaxos.Outcome) {}
	for n := 0; len(o.bytes) > 0; n++ {
		p := o.process()
		switch n % 5 {
		case 0:
			c.world.Call(p, func() { c.at(p).Change(o.key(), caspaxos.Append{Value: []byte("x")}, ignored) })
		case 1:
			c.world.Call(p, func() { c.at(p).Read(o.key(), ignored) })
		case 2:
			c.world.Call(p, func() { c.at(p).Change(o.key(), caspaxos.Delete{}, ignored) })
		case 3:
			if o.number() == 0 {
				c.world.Call(p, func() {
					c.at(p).Reconfigure([]process.ID{o.process()}, func(caspaxos.Status) {})
				})
			}
		}
		from, body := o.process(), o.message()
		incarnation := process.Incarnation(1)
		c.world.Call(p, func() {
			c.at(p).Receive(from, retransmit.Packet{From: incarnation, To: incarnation, Body: body})
		})
		c.world.Until(c.world.Now() + time.Duration(o.number())*time.Millisecond)
	}
	c.world.Until(c.world.Now() + 100*time.Millisecond)
}

// The same of many messages that a seed draws.
func TestReceive(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 3))
		b := make([]byte, 200)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		require.NotPanics(t, func() { receive(t, &odd{bytes: b}) }, "seed %d", seed)
	}
}

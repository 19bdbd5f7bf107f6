package register_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/internal/fake"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
)

// end is process p1 of 3 with its registers, of which instance 9 has the members p1 alone and
// instance 8 all but p1. What it sends and puts stays where it is.
type end struct {
	*register.Registers
	links *fake.Links
	disk  *fake.Disk[register.Copy]
	t     *testing.T
}

func config() register.Config {
	return register.Config{
		Ahead: 100,
		Members: func(l register.Instance) []process.ID {
			switch l {
			case 8:
				return []process.ID{2, 3}
			case 9:
				return []process.ID{1}
			}
			return []process.ID{1, 2, 3}
		},
	}
}

// newEnd makes the registers of Fig. 12.
func newEnd(t *testing.T) *end {
	t.Helper()
	e := &end{t: t, disk: fake.NewDisk[register.Copy]()}
	e.recover()
	return e
}

// newCrashStop makes the registers of Fig. 5.
func newCrashStop(t *testing.T) *end {
	t.Helper()
	links := fake.NewLinks(1, 3)
	net := retransmit.For[register.Message](links.Links)
	return &end{
		t: t, links: links, disk: fake.NewDisk[register.Copy](),
		Registers: register.NewCrashStop(net, config()),
	}
}

// recover builds the registers anew on what is durable.
func (e *end) recover() {
	e.links = fake.NewLinks(1, 3)
	e.disk.Crash()
	e.Registers = register.New(retransmit.For[register.Message](e.links.Links), e.disk, config())
}

// receive hands over messages, which must be accepted.
func (e *end) receive(from process.ID, messages ...register.Message) {
	e.t.Helper()
	for _, m := range messages {
		require.True(e.t, e.Receive(from, m), "%v is pushed back", m)
	}
}

// sends requires that what was sent since the last call is exactly messages, all to one.
func (e *end) sends(to process.ID, messages ...register.Message) {
	e.t.Helper()
	var want []fake.Sent[process.Message]
	for _, m := range messages {
		want = append(want, fake.Sent[process.Message]{To: to, Message: m})
	}
	require.Equal(e.t, want, e.links.Take())
}

// asks requires that what was sent since the last call is m to each of the processes.
func (e *end) asks(m register.Message, processes ...process.ID) {
	e.t.Helper()
	var want []fake.Sent[process.Message]
	for _, p := range processes {
		want = append(want, fake.Sent[process.Message]{To: p, Message: m})
	}
	require.Equal(e.t, want, e.links.Take())
}

// outcome is how an operation ended.
type outcome struct {
	calls  int
	value  register.Value
	ok     bool
	higher register.Round
}

func (o *outcome) ofRead(v register.Value, ok bool, higher register.Round) {
	*o = outcome{o.calls + 1, v, ok, higher}
}

func (o *outcome) ofWrite(ok bool, higher register.Round) {
	*o = outcome{o.calls + 1, nil, ok, higher}
}

// read begins read(k) of an instance, and takes what it sends.
func (e *end) read(l register.Instance, k register.Round) *outcome {
	o := &outcome{}
	e.At(l).Read(k, o.ofRead)
	e.links.Take()
	return o
}

// write begins write(k, v) of an instance, and takes what it sends.
func (e *end) write(l register.Instance, k register.Round, v string) *outcome {
	o := &outcome{}
	e.At(l).Write(k, register.Value(v), o.ofWrite)
	e.links.Take()
	return o
}

// The messages of instance 1.

func read(k register.Round) register.Read { return register.Read{Instance: 1, Round: k} }

func ackRead(k, written register.Round, v string) register.AckRead {
	var value register.Value
	if v != "" {
		value = register.Value(v)
	}
	return register.AckRead{Instance: 1, Round: k, Written: written, Value: value}
}

func nackRead(k, higher register.Round) register.NackRead {
	return register.NackRead{Instance: 1, Round: k, Higher: higher}
}

func write(k register.Round, v string) register.Write {
	return register.Write{Instance: 1, Round: k, Value: register.Value(v)}
}

func ackWrite(k register.Round) register.AckWrite {
	return register.AckWrite{Instance: 1, Round: k}
}

func nackWrite(k, higher register.Round) register.NackWrite {
	return register.NackWrite{Instance: 1, Round: k, Higher: higher}
}

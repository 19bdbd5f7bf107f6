package fake

import (
	"math"
	"time"

	"paxon/process"
	"paxon/retransmit"
)

// Links are retransmission over links that keep what is sent. All processes are of
// incarnation 1, and the clock stands still.
type Links struct {
	*retransmit.Links
	net *Net[retransmit.Packet]
}

// NewLinks makes the links of one of n processes.
func NewLinks(self process.ID, n int) *Links {
	net := NewNet[retransmit.Packet](self, n)
	return &Links{net: net, Links: retransmit.New(net, &Clock{}, 1, retransmit.Config{
		Interval: time.Second, MaxInterval: time.Second, AckDelay: time.Second,
		Burst: math.MaxInt, Window: 1 << 16,
	})}
}

// Take gives the messages sent since the last Take, in order.
func (l *Links) Take() []Sent[process.Message] {
	var messages []Sent[process.Message]
	for _, s := range l.net.Take() {
		messages = append(messages, Sent[process.Message]{s.To, s.Message.Body})
	}
	return messages
}

// Stubborn gives the messages that are sent to another process again and again: s-sent, and
// neither received nor cancelled.
func (l *Links) Stubborn(to process.ID) []process.Message {
	var messages []process.Message
	sent := l.net.Take()
	l.Reconnected(to)
	for _, s := range l.net.Take() {
		messages = append(messages, s.Message.Body)
	}
	l.net.sent = sent
	return messages
}

// Received has another process acknowledge all that was s-sent to it.
func (l *Links) Received(by process.ID) {
	l.Receive(by, retransmit.Packet{From: 1, To: 1, Ack: math.MaxUint64})
}

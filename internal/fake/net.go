package fake

import "paxon/process"

// Net keeps what is sent until the test takes it.
type Net[M any] struct {
	self process.ID
	all  []process.ID
	sent []Sent[M]
}

// Sent is a message on its way.
type Sent[M any] struct {
	To      process.ID
	Message M
}

// NewNet makes the links of one of n processes.
func NewNet[M any](self process.ID, n int) *Net[M] {
	net := &Net[M]{self: self}
	for i := range n {
		net.all = append(net.all, process.ID(i+1))
	}
	return net
}

// Self is process.Net.
func (n *Net[M]) Self() process.ID { return n.self }

// All is process.Net.
func (n *Net[M]) All() []process.ID { return n.all }

// Add has one more process be there.
func (n *Net[M]) Add(p process.ID) { n.all = append(n.all, p) }

// Send is process.Net.
func (n *Net[M]) Send(to process.ID, m M) { n.sent = append(n.sent, Sent[M]{to, m}) }

// Take gives what was sent since the last Take.
func (n *Net[M]) Take() []Sent[M] {
	sent := n.sent
	n.sent = nil
	return sent
}

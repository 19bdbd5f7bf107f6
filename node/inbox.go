package node

import (
	"sync"

	"paxon/process"
	"paxon/retransmit"
)

// inbox is what waits for the loop, and says whose turn it is: the loop's own goroutine or, where
// that saves waking it, a goroutine that has received packets. At most one makes a turn at a time.
// All methods are safe for concurrent use.
type inbox struct {
	// admit says whether the loop may take packets now. When its answer changes to true, a call
	// is posted.
	admit func() bool

	mu      sync.Mutex
	wake    sync.Cond // Something came while nobody makes a turn, for the loop.
	taken   sync.Cond // The packets were taken, for the readers.
	mail    mail
	queued  map[process.ID]bool // Peers that have packets in mail.
	turning bool                // A turn is being made, or the loop has not begun.
	closed  bool
}

// mail is what one turn of the loop is about.
type mail struct {
	calls       []func()
	packets     []arrival
	submissions []submitted
}

// submitted is what was handed to the process here, and begins on the loop.
type submitted interface{ begin() }

// arrival is a packet and the peer that it came from.
type arrival struct {
	from   process.ID
	packet retransmit.Packet
}

// keptMail is how many elements the buffers of a turn keep room for.
const keptMail = 1 << 14

// newInbox makes an inbox whose mail nobody takes before the first call of rest.
func newInbox(admit func() bool) *inbox {
	in := &inbox{admit: admit, queued: map[process.ID]bool{}, turning: true}
	in.wake.L, in.taken.L = &in.mu, &in.mu
	return in
}

// post has the loop run a call in its next turn, or never if the inbox is closed. Those who
// post keep within a bound of their own.
func (in *inbox) post(call func()) (posted bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed {
		return false
	}
	in.mail.calls = append(in.mail.calls, call)
	in.alert()
	return true
}

// submit hands what is to begin to the loop, unless the inbox is closed.
func (in *inbox) submit(s submitted) (taken bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed {
		return false
	}
	in.mail.submissions = append(in.mail.submissions, s)
	in.alert()
	return true
}

// alert wakes the loop, unless a turn is being made: whoever makes it will.
func (in *inbox) alert() {
	if !in.turning {
		in.wake.Signal()
	}
}

// receive adds packets of a peer once those it added before were taken, so that the peer is
// pushed back while the loop is busy. It drops them if the inbox is closed. If nobody makes a turn,
// it swaps all mail for the empty buffers in m, and the caller makes one, and then rests.
func (in *inbox) receive(from process.ID, batch []retransmit.Packet, m *mail) (taken bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for in.queued[from] && !in.closed {
		in.taken.Wait()
	}
	if in.closed {
		return false
	}
	in.queued[from] = true
	for _, p := range batch {
		in.mail.packets = append(in.mail.packets, arrival{from, p})
	}
	return in.tryTake(m)
}

// take waits for mail while nobody makes a turn, and swaps it for the empty buffers in m, for the
// caller to make one; false once the inbox is closed and the last turn is over.
func (in *inbox) take(m *mail) (open bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for in.turning || !in.closed {
		if in.tryTake(m) {
			return true
		}
		in.wake.Wait()
	}
	return false
}

// tryTake takes the mail if there is some and nobody makes a turn.
func (in *inbox) tryTake(m *mail) bool {
	if in.turning || in.closed {
		return false
	}
	packets := len(in.mail.packets) > 0 && in.admit()
	if !packets && len(in.mail.calls) == 0 && len(in.mail.submissions) == 0 {
		return false
	}
	in.turning = true
	in.swap(m, packets)
	return true
}

// rest ends a turn. What has come meanwhile is the loop's.
func (in *inbox) rest() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.turning = false
	in.wake.Signal()
}

// quiet says that nothing has come since the mail was taken.
func (in *inbox) quiet() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.mail.packets) == 0 && len(in.mail.calls) == 0 && len(in.mail.submissions) == 0
}

func (in *inbox) swap(m *mail, packets bool) {
	m.calls, in.mail.calls = in.mail.calls, m.calls
	m.submissions, in.mail.submissions = in.mail.submissions, m.submissions
	if packets {
		m.packets, in.mail.packets = in.mail.packets, m.packets
		clear(in.queued)
		in.taken.Broadcast()
	}
}

// close drops what waits and all that still comes, and lets go of everyone who waits.
func (in *inbox) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closed, in.mail = true, mail{}
	in.wake.Broadcast()
	in.taken.Broadcast()
}

// emptied returns s without elements, to be used again, and lets go of what they point to.
func emptied[T any](s []T) []T {
	if cap(s) > keptMail {
		return nil
	}
	clear(s)
	return s[:0]
}

package retransmit

import "paxon/process"

// Held is how many entries this process holds for p: of messages to it, those cancelled
// included, and of numbers that came from it out of order.
func (r *Links) Held(p process.ID) (queue, beyond int) {
	return len(r.peer(p).queue), len(r.peer(p).beyond)
}

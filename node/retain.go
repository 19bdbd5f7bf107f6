package node

import "paxon/register"

// retention is the policy by which a process drops its history by itself: all but the last bytes
// to keep, and never what some process has not delivered durably (TOB.Truncate sees to that). It
// belongs to the loop. What was delivered before the start counts as nothing.
type retention struct {
	keep  int64 // In bytes; 0 keeps everything.
	total int64 // Delivered since the start, in bytes.
	// marks are some of the instances that were delivered since history began, oldest first.
	marks []mark
}

// mark says that so many bytes had been delivered when it was an instance's turn.
type mark struct {
	next  register.Instance
	total int64
}

// marksKept is how many marks there are for what is kept.
const marksKept = 8

// delivered takes account of the batch of an instance.
func (r *retention) delivered(l register.Instance, bytes int) {
	r.total += int64(bytes)
	last := int64(0)
	if n := len(r.marks); n > 0 {
		last = r.marks[n-1].total
	}
	if r.keep > 0 && (r.total-last)*marksKept >= r.keep {
		r.marks = append(r.marks, mark{l + 1, r.total})
	}
}

// due gives the instance below which the history may go, 0 if nothing may.
func (r *retention) due() (below register.Instance) {
	for _, m := range r.marks {
		if m.total+r.keep > r.total {
			break
		}
		below = m.next
	}
	return below
}

// dropped says where the history begins now.
func (r *retention) dropped(first register.Instance) {
	n := 0
	for n < len(r.marks) && r.marks[n].next <= first {
		n++
	}
	r.marks = append(r.marks[:0], r.marks[n:]...)
	if len(r.marks) > 2*marksKept {
		// Some process is behind, and may stay so: half of the marks are enough to wait for it.
		half := r.marks[:0]
		for i := 1; i < len(r.marks); i += 2 {
			half = append(half, r.marks[i])
		}
		r.marks = half
	}
}

package winter

import "paxon/process"

// threshold is the rule of Fig. 15 (lines 12 and 23): an operation needs answers from
// max(n_f + 1, n − n_f − |R|) processes outside R.
//
// Any two sets A and B of processes that answered attempts which committed meet, in a process that
// answered both in its first life, however many processes crash. Say the attempt of A began no
// later than that of B. Of n processes, c had crashed when the latter began; because the attempt
// began then, none of those is in B, and so B is n_f + 1 or more of n − c. Those in R when the
// attempt of A began had crashed even then, so A has none of them, and has lost at most
// c − |R| by the time B's began: n − n_f − c or more are left. Together these are more than n − c.
//
// This is why an attempt begins anew when R grows. To count again what has been answered, without
// the answers of R, is not enough. Take n = 5, n_f = 1: p1, p2 and p5 acknowledge a READ of p5;
// p1 and p2 crash and recover; p4 knows it, so that p3 and p4 are enough for a WRITE of a lower
// round; p3 crashes and recovers, p5 hears of this alone, and p1, p2 and p5 are enough for its READ,
// which returns ⊥.
type threshold struct {
	faulty    int
	recovered map[process.ID]bool // R.
}

// restarted is "upon s-receive RECOVERED" (line 42): it says whether R has grown.
func (t *threshold) restarted(p process.ID) bool {
	grown := !t.recovered[p]
	t.recovered[p] = true
	return grown
}

func (t *threshold) enough(_ bool, members, acked []process.ID) bool {
	f := bounded(t.faulty, len(members))
	return t.outside(acked) >= max(f+1, t.outside(members)-f)
}

// outside counts those that are not in R.
func (t *threshold) outside(processes []process.ID) int {
	n := 0
	for _, p := range processes {
		if !t.recovered[p] {
			n++
		}
	}
	return n
}

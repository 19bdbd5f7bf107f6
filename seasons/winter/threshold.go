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
// This is why an attempt begins anew when R grows. To count again what has been answered is not
// enough, not even without the answers of R. Take n = 4, n_f = 1: p1 and p4 acknowledge a READ of
// p4, which is one too few. p1 crashes and recovers; p3 knows it, so that p2 and p3 are enough for
// its WRITE of a lower round. p2 crashes and recovers; p4 hears of this alone, and so p1 and p4 are
// enough for its READ: it returns ⊥, though a WRITE below has committed.
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

// enough is the threshold. None of those that acknowledged is in R: what is in R when an attempt
// begins does not answer it.
func (t *threshold) enough(_ bool, members, acked []process.ID) bool {
	f, outside := bounded(t.faulty, len(members)), 0
	for _, p := range members {
		if !t.recovered[p] {
			outside++
		}
	}
	return len(acked) >= max(f+1, outside-f)
}

package costs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
	"paxon/seasons/catalog"
	"paxon/sim"
)

// proposal is what the trace has of one instance, as a new leader proposes in it.
type proposal struct {
	read             bool
	began, committed int64
	forced           map[process.ID]int
}

// With Fall, a new leader decides what it inherits and W instances of its own in two round trips
// each, and from its instance W + 1 on each in one, with one forced log at each process.
func TestFallIsFastAgainAfterACrashOfTheLeader(t *testing.T) {
	for _, name := range []string{"fall", "fall+spring"} {
		for _, window := range []uint64{1, 4, 16} {
			t.Run(fmt.Sprintf("%s, window %d", name, window), func(t *testing.T) {
				inherited, proposals := afterACrash(t, name, window)
				require.Greater(t, len(proposals), 100)
				for l, p := range proposals {
					regular := l <= inherited+register.Instance(window)
					require.Equal(t, regular, p.read, "L%d, after L%d", l, inherited)
					if regular {
						continue
					}
					require.Equal(t, Path{Steps: 2, Forced: 1}, path(p.committed-p.began), "L%d", l)
					require.Equal(t, map[process.ID]int{2: 1, 3: 1}, p.forced, "L%d", l)
				}
			})
		}
	}
}

// afterACrash has p1 lead and crash while p3 broadcasts, and gives the last instance that p1 began,
// and what p2 proposes.
func afterACrash(
	t *testing.T, variant string, window uint64,
) (inherited register.Instance, proposals map[register.Instance]*proposal) {
	t.Helper()
	const crash = 700 * time.Millisecond
	v, err := catalog.ByName(variant)
	require.NoError(t, err)
	var trace bytes.Buffer
	w := sim.NewWorld(3, prompt{})
	w.Trace = sim.NewTrace(&trace)
	m := sim.NewMonitor(w)
	w.Build = m.Build(v, options(Config{Window: window}))
	for _, p := range w.All() {
		w.Start(p)
	}
	until(w, settleTime)
	r := &run{world: w, monitor: m, broadcaster: 3}
	r.load(int(window), 200*int(window))
	until(w, crash)
	w.Crash(1)
	until(w, 10*time.Second)
	m.Demand()
	require.Nil(t, m.Violation())
	require.NoError(t, r.refused)

	proposals = map[register.Instance]*proposal{}
	for decoder := json.NewDecoder(&trace); decoder.More(); {
		var e sim.TraceEvent
		require.NoError(t, decoder.Decode(&e))
		switch {
		case e.Process == 1:
			inherited = max(inherited, e.Instance)
		case e.Event == "invoke" && strings.HasPrefix(e.Text, "propose"):
			require.Equal(t, process.ID(2), e.Process)
			require.Nil(t, proposals[e.Instance], "L%d is proposed in twice", e.Instance)
			proposals[e.Instance] = &proposal{began: e.Nanoseconds, forced: map[process.ID]int{}}
		case e.Event == "invoke" && strings.HasPrefix(e.Text, "read"):
			proposals[e.Instance].read = true
		case e.Event == "return" && strings.HasPrefix(e.Text, "propose"):
			require.Contains(t, e.Text, "commit")
			proposals[e.Instance].committed = e.Nanoseconds
		case e.Event == "put" && proposals[register.Instance(e.Key)] != nil:
			proposals[register.Instance(e.Key)].forced[e.Process]++
		}
	}
	return inherited, proposals
}

package explore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/explore"
	"paxon/process"
	"paxon/sim"
)

// beating counts how often its timer fires, which then is set again.
type beating struct {
	toy
	clock process.Clock
	beats int
}

func (b *beating) beat() {
	b.beats++
	b.clock.After(time.Second, b.beat)
}

func beats(h *explore.Host) explore.Part {
	b := &beating{clock: h.Clock()}
	b.clock.After(time.Second, b.beat)
	return b
}

// Timers fire so often, all together, and in every order.
func TestFires(t *testing.T) {
	m := model(beats)
	m.Timers, m.Fires = true, 3
	r := search(t, explore.Config{Model: m})
	require.Nil(t, r.Violation)
	require.Empty(t, r.Cut)
	require.Equal(t, 3, r.Depth)
	require.EqualValues(t, 1+2+3+4, r.States) // How often each of the two has fired.

	m.Fires = 0
	r = search(t, explore.Config{Model: m, States: 100})
	require.Equal(t, "100 states", r.Cut)

	m.Fires = -1
	_, err := explore.Run(t.Context(), explore.Config{Model: m, Workers: 1})
	require.ErrorContains(t, err, "timers that fire -1 times")
}

// What is wrong at one process is found on a shortest way.
func TestInspect(t *testing.T) {
	m := model(beats)
	m.Timers, m.Fires, m.Crashes, m.Recoveries = true, 5, 1, 1
	m.Inspect = func(p explore.Part) *sim.Violation {
		if n := p.(*beating).beats; n >= 2 { //nolint:forcetypeassert // Built so.
			return &sim.Violation{Property: "calm", Detail: fmt.Sprintf("%d beats", n)}
		}
		return nil
	}
	c := explore.Config{Model: m}
	r := search(t, c)
	require.Equal(t, &sim.Violation{Property: "calm", Detail: "2 beats"}, r.Violation)
	require.Len(t, r.Schedule, 2)
	again, err := explore.Replay(c1(c), r.Schedule, nil)
	require.NoError(t, err)
	require.Equal(t, r.Violation, again)

	m.Inspect = func(explore.Part) *sim.Violation { panic("seen enough") }
	r = search(t, explore.Config{Model: m})
	require.Equal(t, &sim.Violation{Property: explore.NoPanic, Detail: "seen enough"}, r.Violation)
	require.Empty(t, r.Schedule)
}

// Raw links hand over what an earlier incarnation sent after what a later one did, and nobody hears
// of the restart from them.
func TestRaw(t *testing.T) {
	for _, raw := range []bool{false, true} {
		restarted, stale := false, false
		m := model(func(h *explore.Host) explore.Part {
			if h.Self() == 1 {
				explore.Links[string](h).Send(2, fmt.Sprint(h.Incarnation()))
			}
			return &listening{&restarted, toy{receive: func(t *toy, _ process.ID, m process.Message) {
				if len(t.Heard) > 0 && t.Heard[len(t.Heard)-1] == "2" && m == "1" {
					stale = true
				}
				if len(t.Heard) < 3 {
					t.Heard = append(t.Heard, fmt.Sprint(m))
				}
			}}}
		})
		m.Raw, m.Crashes, m.Recoveries = raw, 1, 1
		r, err := explore.Run(t.Context(), explore.Config{Model: m, Workers: 1})
		require.NoError(t, err)
		require.Empty(t, r.Cut)
		require.Equal(t, raw, stale)
		require.Equal(t, !raw, restarted)
	}
}

// listening notes that it hears of a restart.
type listening struct {
	restarted *bool
	toy
}

func (l *listening) Restarted(process.ID) { *l.restarted = true }

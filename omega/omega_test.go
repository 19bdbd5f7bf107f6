package omega_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/internal/fake"
	"paxon/omega"
	"paxon/process"
)

// ms is the unit of time of these tests.
const ms = time.Millisecond

func config() omega.Config {
	return omega.Config{
		Interval: 10 * ms, Timeout: 30 * ms, Increase: 20 * ms, MaxTimeout: 60 * ms,
	}
}

// end is one process with its detector, whose heartbeats the test carries.
type end struct {
	*omega.Detector
	net       *fake.Net[omega.Heartbeat]
	clock     *fake.Clock
	unhealthy bool
	progress  omega.Progress
	heard     []omega.Progress
	changes   []process.ID // Whom it trusted after each change.
}

func newEnd(self process.ID, n int, incarnation process.Incarnation) *end {
	e := &end{net: fake.NewNet[omega.Heartbeat](self, n), clock: &fake.Clock{}}
	e.Detector = omega.New(e.net, e.clock, incarnation, config(), omega.Hooks{
		Healthy:  func() bool { return !e.unhealthy },
		Progress: func() omega.Progress { return e.progress },
		Heard:    func(_ process.ID, p omega.Progress) { e.heard = append(e.heard, p) },
		Changed:  func() { e.changes = append(e.changes, e.trusts()) },
	})
	return e
}

// trusts is whom the process trusts, 0 for nobody.
func (e *end) trusts() process.ID {
	p, ok := e.Trusted()
	if ok != (p != 0) {
		panic("Trusted contradicts itself")
	}
	return p
}

// beat is a heartbeat of a fit process of three, all of incarnation 1, that hears all.
func beat() omega.Heartbeat {
	return omega.Heartbeat{
		Epochs: []process.Incarnation{1, 1, 1}, Hears: []process.ID{1, 2, 3}, Fit: true,
	}
}

func TestHeartbeatsSayWhatTheirSenderKnows(t *testing.T) {
	e := newEnd(1, 3, 4)
	e.progress = omega.Progress{Next: 7, Highest: 9, Stable: 5}
	require.Zero(t, e.clock.Timers(), "it began before Start")
	e.Start()
	h := e.beats(t)
	require.Equal(t, []process.Incarnation{4, 0, 0}, h.Epochs)
	require.Equal(t, []process.ID{1}, h.Hears)
	require.False(t, h.Fit)
	require.Equal(t, e.progress, h.Progress)
	e.clock.Advance(10*ms - 1)
	require.Empty(t, e.net.Take())

	told := beat()
	told.Epochs = []process.Incarnation{2, 0, 6}
	e.Receive(3, told)
	e.clock.Advance(1)
	h = e.beats(t)
	require.Equal(t, []process.Incarnation{4, 0, 6}, h.Epochs)
	require.Equal(t, []process.ID{1, 3}, h.Hears)
	require.True(t, h.Fit)

	told.Epochs = []process.Incarnation{0, 0, 8}
	e.Receive(3, told)
	require.Equal(t, []process.Incarnation{4, 0, 6}, h.Epochs, "a message changed after it was sent")
	require.Equal(t, process.Incarnation(8), e.Epoch(3))
	require.Equal(t, process.Incarnation(4), e.Epoch(1))
}

// beats is the heartbeat that was sent, which must be one and the same to all others.
func (e *end) beats(t *testing.T) omega.Heartbeat {
	t.Helper()
	sent := e.net.Take()
	require.Len(t, sent, 2)
	require.Equal(t, []process.ID{2, 3}, []process.ID{sent[0].To, sent[1].To})
	require.Equal(t, sent[0].Message, sent[1].Message)
	return sent[0].Message
}

func TestEpochsMergeByMaximum(t *testing.T) {
	e := newEnd(1, 3, 1)
	for _, epochs := range [][]process.Incarnation{{1, 5, 2}, {1, 3, 7}, {1}, {1, 1, 1, 99}} {
		h := beat()
		h.Epochs = epochs
		e.Receive(2, h)
	}
	require.Equal(t, process.Incarnation(5), e.Epoch(2))
	require.Equal(t, process.Incarnation(7), e.Epoch(3))
}

func TestHeardGetsTheProgress(t *testing.T) {
	e := newEnd(1, 3, 1)
	h := beat()
	h.Progress = omega.Progress{Next: 3, Highest: 4, Stable: 2}
	e.Receive(2, h)
	require.Equal(t, []omega.Progress{h.Progress}, e.heard)
}

// The smallest (epoch, id) of those fit leads.
func TestTrustedIsTheSmallestEpochThenID(t *testing.T) {
	for name, c := range map[string]struct {
		epochs []process.Incarnation
		unfit  process.ID
		want   process.ID
	}{
		"all equal":        {[]process.Incarnation{1, 1, 1}, 0, 1},
		"first unfit":      {[]process.Incarnation{1, 1, 1}, 1, 2},
		"first recovered":  {[]process.Incarnation{2, 1, 1}, 0, 2},
		"self stable most": {[]process.Incarnation{2, 2, 1}, 0, 3},
		"ids break ties":   {[]process.Incarnation{3, 2, 2}, 0, 2},
		"unfit skipped":    {[]process.Incarnation{3, 1, 2}, 2, 3},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnd(3, 3, c.epochs[2])
			e.Start()
			for _, p := range []process.ID{1, 2} {
				h := beat()
				h.Epochs, h.Fit = c.epochs, p != c.unfit
				e.Receive(p, h)
			}
			require.Equal(t, c.want, e.trusts())
		})
	}
}

func TestSilenceIsSuspected(t *testing.T) {
	e := newEnd(2, 3, 1)
	e.Start()
	e.Receive(1, beat())
	e.Receive(3, beat())
	require.Equal(t, process.ID(1), e.trusts())
	e.clock.Advance(20 * ms)
	e.Receive(1, beat())
	e.Receive(3, beat())
	e.clock.Advance(30*ms - 1)
	require.Equal(t, process.ID(1), e.trusts())
	e.Receive(3, beat())
	e.clock.Advance(1)
	require.Equal(t, process.ID(2), e.trusts())
	e.net.Take()
	e.clock.Advance(10 * ms)
	require.Equal(t, []process.ID{2, 3}, e.net.Take()[0].Message.Hears)
}

// silence measures how long p1 may be silent before p2 suspects it. It is trusted before.
func silence(t *testing.T, e *end, h omega.Heartbeat) time.Duration {
	t.Helper()
	e.Receive(1, h)
	for d := ms; ; d += ms {
		e.clock.Advance(ms)
		e.Receive(3, h)
		if e.trusts() != 1 {
			return d
		}
		require.Less(t, d, time.Second)
	}
}

func TestTimeoutGrowsWithWrongSuspicionsOnly(t *testing.T) {
	e := newEnd(2, 3, 9)
	e.Start()
	h := beat()
	h.Epochs = []process.Incarnation{1, 9, 9}
	require.Equal(t, 30*ms, silence(t, e, h))
	h.Epochs = []process.Incarnation{2, 9, 9}
	require.Equal(t, 30*ms, silence(t, e, h), "it had crashed")
	require.Equal(t, 50*ms, silence(t, e, h))
	require.Equal(t, 60*ms, silence(t, e, h), "MaxTimeout is reached")
	require.Equal(t, 60*ms, silence(t, e, h))
}

func TestTimeoutDoesNotGrowWithoutSuspicion(t *testing.T) {
	e := newEnd(2, 3, 1)
	e.Start()
	require.Equal(t, 30*ms, silence(t, e, beat()))
	for range 20 {
		e.Receive(1, beat())
	}
	require.Equal(t, 50*ms, silence(t, e, beat()), "one suspicion was wrong, once")
}

// A process whose disk hangs falls silent and does not lead, and comes back.
func TestUnhealthyIsSilentAndDoesNotLead(t *testing.T) {
	e := newEnd(1, 3, 1)
	e.Start()
	hear := func() {
		e.Receive(2, beat())
		e.Receive(3, beat())
		e.net.Take()
		e.clock.Advance(10 * ms)
	}
	hear()
	require.Equal(t, process.ID(1), e.trusts())
	e.unhealthy = true
	hear()
	require.Empty(t, e.net.Take())
	require.Equal(t, process.ID(2), e.trusts())
	e.unhealthy = false
	hear()
	require.Len(t, e.net.Take(), 2)
	require.Equal(t, process.ID(1), e.trusts())
	require.Equal(t, []process.ID{1, 2, 1}, e.changes)
}

// A process that is not heard by a majority is not fit, whomever it hears.
func TestOneWayLinksDoNotLead(t *testing.T) {
	e := newEnd(1, 5, 1)
	e.Start()
	deaf := omega.Heartbeat{Epochs: []process.Incarnation{1, 1, 1, 1, 1}, Hears: []process.ID{2, 3, 4, 5}}
	hearing := deaf
	hearing.Hears = []process.ID{1}
	for p := process.ID(2); p <= 5; p++ {
		e.Receive(p, deaf)
	}
	e.Receive(2, hearing)
	require.Zero(t, e.trusts(), "p1 and p2 hear p1, which is no majority of 5")
	e.Receive(3, hearing)
	require.Equal(t, process.ID(1), e.trusts())
	e.Receive(3, deaf)
	require.Zero(t, e.trusts())
	e.Receive(3, hearing)
	e.net.Take()
	e.clock.Advance(10 * ms)
	require.True(t, e.net.Take()[0].Message.Fit)
	e.clock.Advance(20 * ms)
	require.Zero(t, e.trusts(), "those who heard it are silent")
	e.net.Take()
	e.clock.Advance(10 * ms)
	require.False(t, e.net.Take()[0].Message.Fit)
}

// Who comes back after a silence must say anew that it is fit.
func TestSuspectedProcessesAreNotFit(t *testing.T) {
	e := newEnd(2, 3, 1)
	e.Start()
	e.Receive(1, beat())
	require.Equal(t, process.ID(1), e.trusts())
	e.clock.Advance(40 * ms)
	require.Zero(t, e.trusts())
	unfit := beat()
	unfit.Fit = false
	e.Receive(1, unfit)
	require.Equal(t, process.ID(2), e.trusts(), "p1 hears p2 but is not fit")
}

func TestSingleProcess(t *testing.T) {
	e := newEnd(1, 1, 3)
	require.Zero(t, e.trusts())
	e.Start()
	require.Equal(t, process.ID(1), e.trusts())
	require.Empty(t, e.net.Take())
	e.unhealthy = true
	e.clock.Advance(10 * ms)
	require.Zero(t, e.trusts())
}

func TestChangedOnlyOnChange(t *testing.T) {
	e := newEnd(1, 3, 1)
	e.Start()
	for range 5 {
		e.Receive(2, beat())
		e.Receive(3, beat())
		e.clock.Advance(10 * ms)
	}
	require.Equal(t, []process.ID{1}, e.changes)
	e.clock.Advance(20 * ms)
	require.Equal(t, []process.ID{1, 0}, e.changes)
	e.clock.Advance(100 * ms)
	require.Equal(t, []process.ID{1, 0}, e.changes)
}

// All hooks may be missing.
func TestWithoutHooks(t *testing.T) {
	net, clock := fake.NewNet[omega.Heartbeat](1, 3), &fake.Clock{}
	d := omega.New(net, clock, 1, config(), omega.Hooks{})
	d.Start()
	require.Len(t, net.Take(), 2)
	d.Receive(2, beat())
	p, ok := d.Trusted()
	require.True(t, ok)
	require.Equal(t, process.ID(1), p)
}

func TestMessages(t *testing.T) {
	require.Equal(t, []process.Message{omega.Heartbeat{}}, omega.Messages())
	h := omega.Heartbeat{
		Epochs: []process.Incarnation{4, 0}, Hears: []process.ID{1, 2}, Fit: true,
		Progress: omega.Progress{Next: 7},
	}
	require.Equal(t, "HEARTBEAT([4 0],hears=[p1 p2],fit=true,next=7)", h.String())
}

// The outputs of all on the trust list, and in heartbeats that of this process.
func TestOutputs(t *testing.T) {
	e := newEnd(1, 3, 1)
	require.Equal(t, []process.ID{0}, e.Outputs())
	e.Start()
	require.Zero(t, e.beats(t).Trusts)
	h := beat()
	h.Trusts = 3
	e.Receive(3, h)
	require.Equal(t, []process.ID{1, 3}, e.Outputs())
	h.Trusts = 0
	e.Receive(2, h)
	require.Equal(t, []process.ID{1, 0, 3}, e.Outputs())
	e.clock.Advance(10 * ms)
	require.Equal(t, process.ID(1), e.beats(t).Trusts)
	e.clock.Advance(20 * ms)
	require.Equal(t, []process.ID{0}, e.Outputs(), "the others are silent")
}

// Where one process is enough, it leads without being heard.
func TestAlone(t *testing.T) {
	for _, alone := range []bool{false, true} {
		c := config()
		c.Alone = alone
		d := omega.New(fake.NewNet[omega.Heartbeat](1, 3), &fake.Clock{}, 1, c, omega.Hooks{})
		d.Start()
		_, trusts := d.Trusted()
		require.Equal(t, alone, trusts)
	}
}

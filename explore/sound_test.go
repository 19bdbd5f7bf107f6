package explore_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/explore"
	"paxon/process"
	"paxon/sim"
)

// toy is a part made for a test, of what it does.
type toy struct {
	Heard   []string // That changed something.
	Hidden  func()   // What it has captured is not seen.
	receive func(t *toy, from process.ID, m process.Message)
}

func (t *toy) Receive(from process.ID, m process.Message) bool {
	if t.receive != nil {
		t.receive(t, from, m)
	}
	return true
}

func (*toy) Restarted(process.ID) {}
func (*toy) Turn()                {}

// model is of two processes, whose parts build makes.
func model(build func(h *explore.Host) explore.Part) explore.Model {
	return explore.Model{
		Processes: 2, Build: build, Crashing: -1, Calls: make([][]explore.Call, 2),
	}
}

// tell is a call that sends a message to p2.
func tell(text string) explore.Call {
	return explore.Call{Name: "tell " + text, Do: func(h *explore.Host) {
		explore.Links[string](h).Send(2, text)
	}}
}

// A message that a part cannot take leaves nothing behind but the violation.
func TestPanicOnReceipt(t *testing.T) {
	m := model(func(*explore.Host) explore.Part {
		return &toy{receive: func(*toy, process.ID, process.Message) { panic("what is this?") }}
	})
	m.Calls[0] = []explore.Call{tell("hello")}
	c := explore.Config{Model: m, Reductions: explore.AllReductions()}
	r := search(t, c)
	require.Equal(t, &sim.Violation{Property: explore.NoPanic, Detail: "what is this?"}, r.Violation)
	require.Equal(t, []string{"p1 is asked to tell hello", "p2 receives hello from p1"}, r.Schedule)
	again, err := explore.Replay(c1(c), r.Schedule, nil)
	require.NoError(t, err)
	require.Equal(t, r.Violation, again)
}

// c1 is a search by one worker.
func c1(c explore.Config) explore.Config {
	c.Workers = 1
	return c
}

// What was observed before a panic counts before it.
func TestViolationBeforePanic(t *testing.T) {
	m := model(func(*explore.Host) explore.Part { return &toy{} })
	m.Calls[0] = []explore.Call{{Name: "fail", Do: func(h *explore.Host) {
		h.Observe(sim.Observation{Kind: sim.Deliver, Process: h.Self(), Instance: 7})
		panic("too late")
	}}}
	r := search(t, explore.Config{Model: m, Property: sim.TotalOrder})
	require.NotNil(t, r.Violation)
	require.Equal(t, sim.TotalOrder, r.Violation.Property)
}

// What the first parts to start send arrives at those that start after them.
func TestSentAtTheStart(t *testing.T) {
	for _, recoveries := range []int{0, 1} {
		m := model(func(h *explore.Host) explore.Part {
			if h.Self() == 1 {
				explore.Links[string](h).Send(2, "hello")
			}
			return &toy{receive: func(t *toy, _ process.ID, m process.Message) {
				t.Heard = append(t.Heard[:0], fmt.Sprint(m))
			}}
		})
		m.Recoveries = recoveries
		r := search(t, explore.Config{Model: m, Reductions: explore.AllReductions()})
		require.EqualValues(t, 2, r.States)
	}
}

// A part that holds its host, and does not only have it from Build, has its own state seen.
func TestPartThatEmbedsItsHost(t *testing.T) {
	m := model(func(h *explore.Host) explore.Part { return &embedding{Host: h} })
	m.Calls[0] = []explore.Call{tell("a"), tell("b")}
	r := search(t, explore.Config{Model: m})
	other := model(func(*explore.Host) explore.Part {
		return &toy{receive: func(t *toy, _ process.ID, m process.Message) {
			t.Heard = append(t.Heard[:0], fmt.Sprint(m))
		}}
	})
	other.Calls = m.Calls
	require.Equal(t, search(t, explore.Config{Model: other}).States, r.States)
}

type embedding struct {
	*explore.Host
	last string
}

func (e *embedding) Receive(_ process.ID, m process.Message) bool {
	e.last = fmt.Sprint(m)
	return true
}

func (*embedding) Restarted(process.ID) {}
func (*embedding) Turn()                {}

// Messages that look alike are told apart in a schedule.
func TestMessagesThatLookAlike(t *testing.T) {
	m := model(func(*explore.Host) explore.Part {
		return &toy{receive: func(_ *toy, _ process.ID, m process.Message) {
			if m.(masked).text == "b" { //nolint:forcetypeassert // Nothing else is sent.
				panic("b")
			}
		}}
	})
	m.Calls[0] = []explore.Call{{Name: "tell both", Do: func(h *explore.Host) {
		explore.Links[masked](h).Send(2, masked{"a"})
		explore.Links[masked](h).Send(2, masked{"b"})
		explore.Links[masked](h).Send(2, masked{"c"})
	}}}
	c := explore.Config{Model: m, Reductions: explore.AllReductions()}
	r := search(t, c)
	require.NotNil(t, r.Violation)
	require.Len(t, r.Schedule, 2)
	again, err := explore.Replay(c1(c), r.Schedule, nil)
	require.NoError(t, err)
	require.Equal(t, r.Violation, again)
}

// masked is a message that does not show what it holds.
type masked struct{ text string }

func (masked) String() string { return "MASKED" }

// What a function has captured is not seen, and Twins tells.
func TestTwinsFindsWhatIsHidden(t *testing.T) {
	m := model(func(h *explore.Host) explore.Part {
		hidden := ""
		return &toy{receive: func(_ *toy, _ process.ID, m process.Message) {
			if m != "ask" {
				hidden = fmt.Sprint(m)
				return
			}
			explore.Links[string](h).Send(1, "last was "+hidden)
		}}
	})
	m.Calls[0] = []explore.Call{tell("a"), tell("b"), tell("ask")}
	c := explore.Config{Model: m, Workers: 1, Twins: true}
	_, err := explore.Run(t.Context(), c)
	var twins *explore.TwinsError
	require.ErrorAs(t, err, &twins)
	require.Equal(t, "p2 receives ask from p1", twins.Then)
}

// A round that begins anew does not tell which value is proposed in it; what is proposed counts.
func TestAsPrintedWithoutCrashes(t *testing.T) {
	r := search(t, explore.Config{
		Model: explore.Consensus(variant(t, "paxos"), explore.Bounds{
			Processes: 3, Rounds: []int{2}, Instances: 1, AsPrinted: true,
		}),
		Reductions: explore.AllReductions(), Twins: true,
	})
	require.Nil(t, r.Violation)
	require.Empty(t, r.Cut)
}

// What is hidden is found when it shows late, too.
func TestTwinsFindsWhatShowsLate(t *testing.T) {
	m := model(func(h *explore.Host) explore.Part {
		hidden := ""
		return &toy{receive: func(t *toy, _ process.ID, m process.Message) {
			switch t.Heard = append(t.Heard, "one"); len(t.Heard) {
			case 1:
				hidden = fmt.Sprint(m)
			case 4:
				explore.Links[string](h).Send(1, "first was "+hidden)
			}
		}}
	})
	m.Calls[0] = []explore.Call{tell("a"), tell("b")}
	_, err := explore.Run(t.Context(), explore.Config{Model: m, Workers: 1, Twins: true, States: 1000})
	var twins *explore.TwinsError
	require.ErrorAs(t, err, &twins)
	require.Len(t, twins.One, 3)
}

// Messages of two types that hold the same are two.
func TestMessagesOfTwoTypes(t *testing.T) {
	type other masked
	m := model(func(*explore.Host) explore.Part {
		return &toy{receive: func(_ *toy, _ process.ID, m process.Message) {
			if _, ok := m.(other); ok {
				panic("other")
			}
		}}
	})
	m.Calls[0] = []explore.Call{{Name: "tell both", Do: func(h *explore.Host) {
		explore.Links[process.Message](h).Send(2, masked{"a"})
		explore.Links[process.Message](h).Send(2, other{"a"})
	}}}
	r := search(t, explore.Config{Model: m})
	require.NotNil(t, r.Violation)
}

// Two states that are one by symmetry have the same future.
func TestSymmetricStatesHaveOneFuture(t *testing.T) {
	for _, name := range []string{"crash-stop", "winter"} {
		c := explore.Config{
			Model: explore.Consensus(variant(t, name), explore.Bounds{
				Processes: 4, Rounds: []int{1}, Instances: 1, Crashes: 1, Recoveries: 1,
			}),
			Reductions: explore.AllReductions(),
		}
		require.Empty(t, explore.Asymmetry(c))
	}
	m := model(func(h *explore.Host) explore.Part {
		return &toy{receive: func(t *toy, _ process.ID, _ process.Message) {
			if t.Heard = append(t.Heard, "a")[:min(len(t.Heard)+1, 2)]; len(t.Heard) == 2 && h.Self() == 3 {
				explore.Links[string](h).Send(1, "it is I")
			}
		}}
	})
	m.Processes, m.Symmetric, m.Calls = 3, []process.ID{2, 3}, make([][]explore.Call, 3)
	m.Calls[0] = []explore.Call{{Name: "tell both", Do: func(h *explore.Host) {
		explore.Links[string](h).Send(2, "a")
		explore.Links[string](h).Send(3, "a")
	}}}
	require.NotEmpty(t, explore.Asymmetry(explore.Config{
		Model: m, Reductions: explore.AllReductions(),
	}))
}

// A part that answers again before its record is durable is found without the reduction Storage
// only: with it, nothing arrives while a record waits.
func TestWhatStorageLeavesOut(t *testing.T) {
	m := model(func(h *explore.Host) explore.Part {
		promised := &toy{}
		h.Store().Stored(0, func(uint64, process.Record) bool {
			promised.Heard = []string{"promise"}
			return true
		})
		ack := func() { explore.Links[string](h).Send(1, "ack") }
		promised.receive = func(t *toy, _ process.ID, m process.Message) {
			switch {
			case m == "ack":
				explore.Links[string](h).Send(2, "check")
			case m == "check" && len(t.Heard) == 0:
				panic("the promise is lost")
			case m == "promise" && len(t.Heard) > 0:
				ack()
			case m == "promise":
				t.Heard = []string{"promise"}
				h.Store().Put(0, 1, "promise", ack)
			}
		}
		return promised
	})
	m.Crashes, m.Recoveries = 1, 1
	m.Calls[0] = []explore.Call{tell("promise")}
	for _, reduced := range []bool{true, false} {
		c := explore.Config{Model: m, Reductions: explore.AllReductions()}
		c.Reductions.Storage = reduced
		r := search(t, c)
		require.Equal(t, reduced, r.Violation == nil)
		require.Empty(t, r.Cut)
	}
}

// What no fingerprint can be taken of is an error, and no violation.
func TestPartThatCannotBeSearched(t *testing.T) {
	m := model(func(*explore.Host) explore.Part { return &locked{open: make(chan struct{})} })
	_, err := explore.Run(t.Context(), explore.Config{Model: m, Workers: 1})
	var unsearchable *explore.UnsearchableError
	require.ErrorAs(t, err, &unsearchable)
	require.EqualError(t, err, "explore: a part holds a chan struct {}, whose state is not known")
}

type locked struct {
	toy
	open chan struct{}
}

package sim

import (
	"math/rand/v2"
	"time"

	"paxon/process"
	"paxon/seasons"
)

// Storm is the driver of Run for a world of other actors than compositions, such as one part
// alone: it draws the same faults from a seed, until they heal.
type Storm struct {
	// World is what the storm is over. Its Build must be set before Run.
	World *World
	// Random is the source of all choices; whoever uses the storm may draw from it as well.
	Random *rand.Rand

	runner *runner
}

// NewStorm makes a storm over as many processes as the configuration says. Of the variant only
// what it assumes counts; broadcasts, disks and bounds do not. The trace may be nil.
func NewStorm(c Config, seed uint64, trace *Trace) *Storm {
	c.Broadcasts = 0
	r := &runner{
		config: c, random: rng(seed, 1),
		crashed: map[process.ID]bool{}, gone: map[process.ID]bool{},
	}
	r.faults = c.Faults.draw(r.random)
	r.faults.truncations = 0
	r.world = NewWorld(c.Processes, r)
	r.world.Trace = trace
	r.world.Volatile = c.Variant.Storage == seasons.None
	return &Storm{World: r.world, Random: r.random, runner: r}
}

// Run starts all processes at about the same time and lets events happen for as long as there
// are faults. Then the faults heal: see Config.Duration.
func (s *Storm) Run() {
	r := s.runner
	for _, p := range r.world.all {
		r.world.At(r.within(min(10*time.Millisecond, r.config.Duration)), func() { r.world.Start(p) })
	}
	r.schedule()
	r.drawGone()
	s.World.Until(r.config.Duration)
	r.heal()
}

// MayCrash says whether the assumptions still hold if p crashes.
func (s *Storm) MayCrash(p process.ID) bool { return s.runner.mayCrash(p) }

// Until lets events happen up to a time since the world began.
func (w *World) Until(end time.Duration) {
	reached := false
	w.At(end-w.now, func() { reached = true })
	for !reached && w.Step() {
	}
}

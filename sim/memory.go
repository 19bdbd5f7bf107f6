package sim

// Memory is what a run leaves for the next to use again, which runs are faster for and otherwise
// the same. The zero Memory is ready; one run at a time has it.
type Memory struct {
	slots []event
	free  []uint32
	due   []key
}

// Run does what the function Run does.
func (m *Memory) Run(c Config, seed uint64, trace *Trace) Result {
	r := newRunner(c, seed)
	r.memory = m
	result := r.run(r, r.limits(), trace)
	m.take(&r.world.events)
	return result
}

// give hands a new calendar what is there.
func (m *Memory) give(c *calendar) {
	if m != nil {
		c.slots, c.free, c.due = m.slots, m.free, m.due
	}
}

// take has back what a calendar has used.
func (m *Memory) take(c *calendar) {
	clear(c.slots) // Nothing of the run lives on.
	m.slots, m.free, m.due = c.slots[:0], c.free[:0], c.due[:0]
}

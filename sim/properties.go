package sim

import (
	"cmp"
	"fmt"
	"slices"

	"paxon/process"
	"paxon/register"
)

// Properties checks the properties of all parts on what it sees, and keeps the first violation.
// Its state is a function of the observations.
type Properties struct {
	registers map[register.Instance]*registerLog
	consensus map[register.Instance]*consensusLog
	broadcast *broadcastLog
	violation *Violation

	// Only, if not empty, is the one property that is checked.
	Only string
}

// NewProperties makes properties of a number of processes that have done nothing yet.
func NewProperties(processes int) *Properties {
	return &Properties{
		registers: map[register.Instance]*registerLog{},
		consensus: map[register.Instance]*consensusLog{},
		broadcast: newBroadcastLog(processes),
	}
}

// Violation is the first violation seen, nil if none was.
func (p *Properties) Violation() *Violation { return p.violation }

// See takes the next observation.
func (p *Properties) See(o Observation) {
	switch o.Kind {
	case InvokeRead, InvokeWrite:
		p.register(o.Instance).invoked(o)
	case ReturnRead, ReturnWrite:
		p.registerReturned(p.register(o.Instance), o)
	case InvokePropose:
		p.proposed(p.instance(o.Instance), o)
	case ReturnPropose:
		p.proposeReturned(p.instance(o.Instance), o)
	case Broadcast:
		p.broadcast.begun(o)
	case BroadcastEnds:
		p.broadcastEnded(o)
	case Deliver:
		p.delivered(o.Process, o.Instance, o.Value)
	case Recovered:
		p.recovered(o.Process, o.Instance)
	case Other:
	}
}

func (p *Properties) fail(property, format string, args ...any) {
	if p.violation == nil && (p.Only == "" || p.Only == property) {
		p.violation = &Violation{Property: property, Detail: fmt.Sprintf(format, args...)}
	}
}

// underWay is, for the operations that processes have under way, the highest round that had
// committed when each was invoked, in ascending order of the processes and without those before
// which none had.
type underWay []invocation

type invocation struct {
	process process.ID
	before  register.Round
}

func (u *underWay) find(p process.ID) (i int, found bool) {
	return slices.BinarySearchFunc(*u, p, func(i invocation, p process.ID) int {
		return cmp.Compare(i.process, p)
	})
}

func (u *underWay) begin(p process.ID, before register.Round) {
	u.end(p)
	if !before.IsZero() {
		i, _ := u.find(p)
		*u = slices.Insert(*u, i, invocation{p, before})
	}
}

func (u *underWay) end(p process.ID) (before register.Round) {
	i, found := u.find(p)
	if !found {
		return register.Round{}
	}
	before = (*u)[i].before
	*u = slices.Delete(*u, i, i+1)
	return before
}

package sim

import (
	"fmt"

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
	}
}

func (p *Properties) fail(property, format string, args ...any) {
	if p.violation == nil && (p.Only == "" || p.Only == property) {
		p.violation = &Violation{Property: property, Detail: fmt.Sprintf(format, args...)}
	}
}

// underWay is, for the operations that processes have under way, by ID − 1, the highest round
// that had committed when each was invoked.
type underWay []register.Round

func (u *underWay) begin(p process.ID, before register.Round) {
	for len(*u) < int(p) {
		*u = append(*u, register.Round{})
	}
	(*u)[p-1] = before
}

func (u *underWay) end(p process.ID) (before register.Round) {
	if int(p) > len(*u) {
		return register.Round{}
	}
	before, (*u)[p-1] = (*u)[p-1], register.Round{}
	return before
}

package explore

import (
	"slices"
	"sync"

	"paxon/sim"
)

// verdict is a state of the properties: a function of the observations. Of those that lead to it,
// one sequence is kept.
type verdict struct {
	id        uint32
	hashes    []Hash
	from      *verdict
	via       uint32 // The observation that made this one of from.
	violation *sim.Violation

	mu   sync.Mutex
	next map[uint32]*verdict
}

// see gives the state of the properties after one more observation.
func (x *search) see(v *verdict, o uint32) *verdict {
	v.mu.Lock()
	defer v.mu.Unlock()
	if to := v.next[o]; to != nil {
		return to
	}
	seen := []uint32{o}
	for at := v; at.from != nil; at = at.from {
		seen = append(seen, at.via)
	}
	p := x.unseen()
	for _, o := range slices.Backward(seen) {
		p.See(x.observations.at(o).Observation)
	}
	to := x.verdict(&verdict{from: v, via: o, violation: p.Violation()}, p)
	if v.next == nil {
		v.next = map[uint32]*verdict{}
	}
	v.next[o] = to
	return to
}

// unseen is the properties before anything was observed.
func (x *search) unseen() Properties {
	if x.model.Properties != nil {
		return x.model.Properties(x.config.Property)
	}
	p := sim.NewProperties(x.model.Processes)
	p.Only = x.config.Property
	return p
}

func (x *search) verdict(v *verdict, p Properties) *verdict {
	v.hashes = x.hashes(p)
	id, _ := x.properties.intern(v.hashes[0], func(id uint32) *verdict {
		v.id = id
		return v
	})
	return x.properties.at(id)
}

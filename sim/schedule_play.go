package sim

import (
	"cmp"
	"slices"
	"time"

	"paxon/process"
	"paxon/retransmit"
	"paxon/seasons"
)

// player is the driver of a run that plays a schedule.
type player struct {
	*runner
	interventions []Intervention
	effective     []bool            // Of interventions: whether they changed anything.
	outsiders     map[int]*outsider // By number, also those that have expired.

	names   messageNames
	waiting map[thing][]waitingFor
}

// waitingFor is an intervention that waits for a thing to come to pass.
type waitingFor struct {
	number int // Of interventions.
	passed int // Things of its name since its time.
}

// Play does the run of a schedule with the composition that it names. The trace may be nil.
func (s Schedule) Play(v seasons.Variant, trace *Trace) Result {
	result, _ := s.play(v, trace)
	return result
}

// play does the run and lists the interventions that changed anything.
func (s Schedule) play(v seasons.Variant, trace *Trace) (Result, []Intervention) {
	r := &runner{
		config: Config{
			Variant: v, Processes: s.Processes, Disks: s.Disks, Duration: s.Duration,
			Bound: s.Bound, Steps: s.Steps,
		},
		faults:  drawn{stalled: map[process.ID]time.Duration{}},
		crashed: map[process.ID]bool{}, gone: map[process.ID]bool{},
	}
	p := newPlayer(r, s.Interventions)
	r.prepare(p, s.Limits, trace)
	if v.Disks {
		r.makeDisks(s.Disks, p.sharedDisk)
	}
	p.calendar()
	result := r.finish()
	var effective []Intervention
	for n, i := range s.Interventions {
		if p.effective[n] {
			effective = append(effective, i)
		}
	}
	return result, effective
}

func newPlayer(r *runner, interventions []Intervention) *player {
	p := &player{
		runner: r, interventions: interventions,
		effective: make([]bool, len(interventions)), outsiders: map[int]*outsider{},
		names: messageNames{}, waiting: map[thing][]waitingFor{},
	}
	for n, i := range interventions {
		if name := i.thing(); name != (thing{}) {
			p.waiting[name] = append(p.waiting[name], waitingFor{number: n})
		}
	}
	for _, waiting := range p.waiting {
		slices.SortStableFunc(waiting, func(a, b waitingFor) int {
			return cmp.Compare(interventions[a.number].At, interventions[b.number].At)
		})
	}
	return p
}

// calendar has everything happen that happens at a time of its own.
func (p *player) calendar() {
	var order []int
	for n, i := range p.interventions {
		if i.scheduled() {
			order = append(order, n)
		}
		if i.Act == ActGone {
			p.gone[i.Process], p.effective[n] = true, true
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(p.interventions[a].At, p.interventions[b].At)
	})
	started := map[process.ID]bool{}
	for _, n := range order {
		i := p.interventions[n]
		started[i.Process] = started[i.Process] || i.Act == ActStart
		p.world.At(i.At, func() { p.effective[n] = p.happen(i) })
	}
	for _, id := range p.world.all {
		if !started[id] {
			p.world.At(0, func() { p.start(id) })
		}
	}
}

func (p *player) start(id process.ID) bool {
	if p.world.Host(id).up {
		return false
	}
	p.world.Start(id)
	return true
}

// happen lets an intervention happen, and says whether it changed anything.
func (p *player) happen(i Intervention) bool {
	up := i.Process != 0 && p.world.Host(i.Process).up
	switch i.Act {
	case ActStart:
		return p.start(i.Process)
	case ActClient:
		if !up || p.outsiders[i.Client] != nil {
			return false
		}
		p.outsiders[i.Client] = p.begin(i.Process, i.Client)
		return true
	case ActBroadcast:
		if up {
			p.say(i)
		}
		return up
	case ActHand:
		c := p.outsiders[i.Client]
		if !up || c == nil || c.sequence != i.Sequence {
			return false
		}
		p.hand(c, i.Process)
		return true
	case ActTruncate:
		p.truncateAt(i.Process)
		return up
	default:
		return !p.healed && p.disturb(i, up)
	}
}

// disturb lets a fault happen.
func (p *player) disturb(i Intervention, up bool) bool {
	switch i.Act {
	case ActCrash:
		if !up || !p.mayCrash(i.Process) {
			return false
		}
		p.world.Crash(i.Process)
		p.crashed[i.Process] = true
		if i.For > 0 && p.config.Variant.Recovers {
			p.recover(i.Process, i.For)
		}
	case ActCut:
		p.cut(i.Links, i.For)
	case ActStall:
		if i.Disk > 0 {
			p.faults.stalledDisks[i.Disk-1] = p.world.now + i.For
		} else {
			p.faults.stalled[i.Process] = p.world.now + i.For
		}
	case ActVanish:
		if i.For > 0 {
			p.takeDisk(i.Disk-1, i.For)
		} else {
			p.world.Disks.Lose(i.Disk - 1)
		}
	default:
		return false
	}
	return true
}

// say has a process broadcast a message, for itself or for an outsider, who begins if need be.
func (p *player) say(i Intervention) {
	if i.Client == 0 {
		p.own(i.Process, i.payloads())
		return
	}
	if !slices.Contains(p.clients, p.outsiders[i.Client]) {
		p.outsiders[i.Client] = p.begin(i.Process, i.Client)
	}
	p.ask(p.outsiders[i.Client], i.Process, i.Payload)
}

// passes lists the interventions that happen to a thing, which comes to pass now.
func (p *player) passes(name thing) []Intervention {
	waiting := p.waiting[name]
	var happening []Intervention
	for n := 0; n < len(waiting); n++ {
		w := &waiting[n]
		i := p.interventions[w.number]
		if i.At > p.world.now {
			break
		}
		if w.passed++; w.passed >= i.Nth {
			p.effective[w.number] = true
			happening = append(happening, i)
			waiting = slices.Delete(waiting, n, n+1)
			n--
		}
	}
	p.waiting[name] = waiting
	return happening
}

// Message is Driver.
func (p *player) Message(
	from, to process.ID, packet retransmit.Packet,
) []time.Duration {
	arrivals := []time.Duration{Calm}
	lost := false
	for _, i := range p.passes(thing{
		of: aMessage, from: from, to: to, message: p.names.of(packet),
	}) {
		switch i.Act {
		case ActLoss:
			lost = true
		case ActDelay:
			arrivals[0] = i.For
		default:
			arrivals = append(arrivals, i.For)
		}
	}
	if lost {
		return arrivals[1:]
	}
	return arrivals
}

// Disk is Driver.
func (p *player) Disk(id process.ID) time.Duration {
	return p.stalled(id) + p.operation(thing{of: anOperation, to: id})
}

func (p *player) sharedDisk(disk int) time.Duration {
	return p.stalledDisk(disk) + p.operation(thing{of: anOperation, disk: disk + 1})
}

// operation says how long an operation on a disk takes that does not hang.
func (p *player) operation(name thing) time.Duration {
	delay := Calm
	for _, i := range p.passes(name) {
		delay = i.For
	}
	return delay
}

// Survives is Driver.
func (p *player) Survives(id process.ID, underWay int) int {
	kept := 0
	for _, i := range p.passes(thing{of: aSurvival, to: id}) {
		kept = min(i.Kept, underWay)
	}
	return kept
}

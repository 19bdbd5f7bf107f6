package sim

import (
	"reflect"
	"strings"
	"time"

	"paxon/process"
	"paxon/retransmit"
)

// Record does the run of a seed, and spells out what the driver chose. The schedule plays the same
// run again.
func Record(c Config, seed uint64) (Schedule, Result) {
	r := newRunner(c, seed)
	limits := r.limits()
	r.record = &recorder{runner: r, names: messageNames{}, moments: map[thing]moment{}}
	result := r.run(r.record, limits, nil)
	s := Schedule{
		Variant: c.Variant.Name, Processes: c.Processes, Duration: c.Duration, Bound: c.Bound,
		Steps: c.Steps, Limits: limits, Seed: seed,
	}
	if c.Variant.Disks {
		s.Disks = c.Disks
	}
	if v := result.Violation; v != nil {
		s.Property, s.Detail = v.Property, v.Detail
	}
	for _, i := range r.record.interventions {
		if i.Act != ActHand || i.Process != 0 {
			s.Interventions = append(s.Interventions, i)
		}
	}
	return s, result
}

// recorder is the driver of a run that is recorded: it hands on what the runner chooses.
type recorder struct {
	*runner
	interventions []Intervention
	names         messageNames
	moments       map[thing]moment
}

// moment is how many things of one name have come to pass at one time.
type moment struct {
	at    time.Duration
	count int
}

// happens notes what happens to a thing that comes to pass now. Those of the same name and time
// are numbered.
func (r *recorder) happens(i Intervention) {
	if count := r.moments[i.thing()].count; count > 1 {
		i.Nth = count
	}
	r.note(i)
}

// passes notes that a thing comes to pass now.
func (r *recorder) passes(name thing) {
	m := r.moments[name]
	if m.at != r.world.now {
		m = moment{at: r.world.now}
	}
	m.count++
	r.moments[name] = m
}

// messageNames are the first words of messages, by type.
type messageNames map[reflect.Type]string

func (n messageNames) of(packet retransmit.Packet) string {
	t := reflect.TypeOf(packet.Body)
	name, known := n[t]
	if !known {
		name, _, _ = strings.Cut(text(packet.Body), "(")
		n[t] = name
	}
	return name
}

// note keeps an intervention, which happens now if it has no other time. It gives its number.
func (r *recorder) note(i Intervention) int {
	if r == nil {
		return 0
	}
	if i.At == 0 {
		i.At = r.world.now
	}
	r.interventions = append(r.interventions, i)
	return len(r.interventions) - 1
}

// handed notes to whom a message is handed of which only the time was known.
func (r *recorder) handed(number int, p process.ID) {
	if r != nil {
		r.interventions[number].Process = p
	}
}

// Message is Driver.
func (r *recorder) Message(
	from, to process.ID, packet retransmit.Packet,
) []time.Duration {
	arrivals := r.runner.Message(from, to, packet)
	i := Intervention{Act: ActLoss, From: from, To: to, Message: r.names.of(packet)}
	r.passes(i.thing())
	if len(arrivals) == 0 {
		r.happens(i)
	}
	for n, arrival := range arrivals {
		i.Act, i.For = ActDelay, arrival
		if n > 0 {
			i.Act = ActCopy
		}
		r.happens(i)
	}
	return arrivals
}

// Disk is Driver.
func (r *recorder) Disk(p process.ID) time.Duration {
	delay := r.runner.Disk(p)
	r.operation(Intervention{Act: ActDisk, Process: p, For: delay - r.stalled(p)})
	return delay
}

// disk notes how long an operation on a shared disk takes, and gives it back.
func (r *recorder) disk(disk int, delay time.Duration) time.Duration {
	if r != nil {
		r.operation(Intervention{Act: ActDisk, Disk: disk + 1, For: delay})
	}
	return delay
}

// operation notes how long an operation on a disk takes, but for how long the disk hangs.
func (r *recorder) operation(i Intervention) {
	r.passes(i.thing())
	r.happens(i)
}

// Survives is Driver.
func (r *recorder) Survives(p process.ID, underWay int) int {
	i := Intervention{Act: ActKept, Process: p, Kept: r.runner.Survives(p, underWay)}
	r.passes(i.thing())
	if i.Kept > 0 {
		r.happens(i)
	}
	return i.Kept
}

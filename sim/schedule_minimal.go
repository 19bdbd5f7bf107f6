package sim

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"paxon/process"
	"paxon/seasons"
	"paxon/sim/shrink"
	"paxon/tob"
)

// Minimal leaves out of a schedule whatever is not needed for its property to fall, and makes what
// remains simpler: fewer processes, rounder times, links that are cut one by one. It plays at most
// budget runs; progress, which may be nil, hears of each and says whether to go on. The error is
// shrink.ErrSound if the property holds when the schedule is played.
func (s Schedule) Minimal(
	v seasons.Variant, budget int, progress func(shrink.Progress) bool,
) (Schedule, shrink.Report, error) {
	m := &minimal{Schedule: s, variant: v, budget: budget, progress: progress}
	m.Interventions = sorted(m.Interventions, byAct)
	before := len(s.Interventions)
	err := m.shorten()
	for err == nil && m.plainer() {
		err = m.shorten()
	}
	report := shrink.Report{
		Plays: m.plays, Before: before, After: len(m.Interventions), Complete: !m.spent(),
	}
	if err != nil {
		return s, report, err
	}
	m.last()
	return m.Schedule, report, nil
}

// minimal is a schedule on its way to the shortest.
type minimal struct {
	Schedule
	variant  seasons.Variant
	budget   int
	plays    int
	ended    bool
	progress func(shrink.Progress) bool
}

// last plays the schedule once more, for what is seen in it.
func (m *minimal) last() {
	result := m.Play(m.variant, nil)
	if result.Violation != nil {
		m.Detail = result.Violation.Detail
	}
	m.Interventions = sorted(m.Interventions, byTime)
}

// try says whether the property falls in a schedule, and what in it had an effect.
func (m *minimal) try(s Schedule) (effective []Intervention, falls bool) {
	defer func() {
		if recover() != nil { // An assertion of a broken part is another failure than the one.
			effective, falls = nil, false
		}
	}()
	result, effective := s.play(m.variant, nil)
	return effective, result.Violation != nil && result.Violation.Property == m.Property
}

// shorten leaves out interventions and makes them simpler.
func (m *minimal) shorten() error {
	if m.spent() {
		return nil
	}
	spent := m.plays
	task := shrink.Task[Intervention]{
		Schedule: m.Interventions, Simpler: simpler, Budget: m.budget - spent,
		Play: func(candidate []Intervention) ([]Intervention, bool) {
			s := m.Schedule
			s.Interventions = candidate
			return m.try(s)
		},
	}
	if m.progress != nil {
		task.Progress = func(p shrink.Progress) bool { return m.tell(spent+p.Plays, p.Length) }
	}
	shortest, report, err := task.Minimal()
	m.plays += report.Plays
	if err == nil {
		m.Interventions = shortest
	}
	return err
}

// tell tells of the progress, and says whether to go on.
func (m *minimal) tell(plays, length int) bool {
	if m.progress != nil && !m.progress(shrink.Progress{Plays: plays, Length: length}) {
		m.ended = true
	}
	return !m.ended
}

// spent says whether nothing more may be played.
func (m *minimal) spent() bool { return m.ended || m.plays >= m.budget }

// take takes a schedule if the property falls in it, and says whether it does.
func (m *minimal) take(s Schedule) bool {
	if m.spent() {
		return false
	}
	m.plays++
	m.tell(m.plays, len(m.Interventions))
	_, falls := m.try(s)
	if falls {
		m.Schedule = s
	}
	return falls
}

// plainer takes plainer schedules in which the property falls still, and says whether there was
// any.
func (m *minimal) plainer() bool {
	changed := false
	for _, change := range plainer() {
		for {
			s, differs := change(m.Schedule, m.variant)
			if !differs || !m.take(s) {
				break
			}
			changed = true
		}
	}
	return m.closer() || changed
}

// plainer lists what makes a schedule plainer as a whole, and says whether it differs then.
func plainer() []func(s Schedule, v seasons.Variant) (Schedule, bool) {
	limit := func(set func(l *tob.Limits)) func(s Schedule, _ seasons.Variant) (Schedule, bool) {
		return func(s Schedule, _ seasons.Variant) (Schedule, bool) {
			before := s.Limits
			set(&s.Limits)
			return s, s.Limits != before
		}
	}
	return []func(s Schedule, v seasons.Variant) (Schedule, bool){
		fewer, shorter,
		limit(func(l *tob.Limits) { l.Window, l.Ahead = 1, 2 }),
		limit(func(l *tob.Limits) { l.Batch = 160 }),
		limit(func(l *tob.Limits) { l.Update = 288 }),
		limit(func(l *tob.Limits) { l.CheckpointBytes, l.CheckpointBatches = 640, 10 }),
		limit(func(l *tob.Limits) { l.ClientIdle, l.Clients = 64, 9 }),
	}
}

// fewer takes the last process away.
func fewer(s Schedule, v seasons.Variant) (Schedule, bool) {
	last := process.ID(s.Processes)
	s.Processes--
	if s.Processes < 1 || v.Check(s.Processes) != nil {
		return s, false
	}
	var kept []Intervention
	for _, i := range s.Interventions {
		links := slices.DeleteFunc(slices.Clone(i.Links), func(l Link) bool {
			return l.From == last || l.To == last
		})
		if i.Process != last && i.From != last && i.To != last &&
			(len(links) > 0 || len(i.Links) == 0) {
			i.Links = links
			kept = append(kept, i)
		}
	}
	s.Interventions = kept
	return s, true
}

// shorter ends the faults when the last of them has happened.
func shorter(s Schedule, _ seasons.Variant) (Schedule, bool) {
	end := time.Duration(0)
	for _, i := range s.Interventions {
		if i.Act != ActGone {
			end = max(end, i.At+i.For)
		}
	}
	end = end.Truncate(time.Millisecond) + time.Millisecond
	if end >= s.Duration {
		return s, false
	}
	s.Duration = end
	return s, true
}

// closer has what happens from one time on happen earlier, so that less time passes before it. It
// tries the last such time first.
func (m *minimal) closer() bool {
	changed := false
	for begins := m.times(); len(begins) > 0; begins = begins[:len(begins)-1] {
		from, before := begins[len(begins)-1], time.Duration(0)
		if len(begins) > 1 {
			before = begins[len(begins)-2]
		}
		for gap := from - before; gap >= 2*time.Millisecond && !m.spent(); gap /= 2 {
			by := (gap - gap/2).Truncate(time.Millisecond)
			if m.take(m.sooner(from, by)) {
				changed, from = true, from-by
			}
		}
	}
	return changed
}

// times lists the times of interventions.
func (m *minimal) times() []time.Duration {
	var all []time.Duration
	for _, i := range m.Interventions {
		all = append(all, i.At)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// sooner has what happens from one time on happen earlier.
func (m *minimal) sooner(from, by time.Duration) Schedule {
	s := m.Schedule
	s.Duration -= by
	s.Interventions = slices.Clone(s.Interventions)
	for n, i := range s.Interventions {
		if i.At >= from {
			s.Interventions[n].At -= by
		}
	}
	return s
}

// simpler lists what may take the place of an intervention, the simplest first.
func simpler(i Intervention) []Intervention {
	var all []Intervention
	add := func(change func(i *Intervention)) {
		changed := i
		change(&changed)
		all = append(all, changed)
	}
	if len(i.More) > 0 {
		add(func(i *Intervention) { i.Payload, i.More = i.More[0], i.More[1:] })
	}
	for n := range i.More {
		add(func(i *Intervention) { i.More = slices.Delete(slices.Clone(i.More), n, n+1) })
	}
	if plain := strings.TrimRight(i.Payload, "."); plain != i.Payload {
		add(func(i *Intervention) {
			i.Payload, i.More = plain, slices.Clone(i.More)
			for n, payload := range i.More {
				i.More[n] = strings.TrimRight(payload, ".")
			}
		})
	}
	if i.Act == ActBroadcast && i.Client > 0 {
		add(func(i *Intervention) { i.Client = 0 })
	}
	for n := range i.Links {
		if len(i.Links) > 1 {
			add(func(i *Intervention) { i.Links = slices.Delete(slices.Clone(i.Links), n, n+1) })
		}
	}
	if i.Kept > 1 {
		add(func(i *Intervention) { i.Kept = 1 })
	}
	for _, unit := range []time.Duration{
		100 * time.Millisecond, 10 * time.Millisecond, time.Millisecond, 100 * time.Microsecond,
	} {
		if round := i.For.Truncate(unit); round > 0 && round != i.For {
			add(func(i *Intervention) { i.For = round })
		}
		if round := i.At.Truncate(unit); i.Act != ActGone && round != i.At {
			add(func(i *Intervention) { i.At = round })
		}
	}
	return all
}

// sorted gives interventions in an order.
func sorted(all []Intervention, order func(a, b Intervention) int) []Intervention {
	all = slices.Clone(all)
	slices.SortStableFunc(all, order)
	return all
}

func byAct(a, b Intervention) int {
	all := acts()
	return cmp.Compare(slices.Index(all, a.Act), slices.Index(all, b.Act))
}

func byTime(a, b Intervention) int { return cmp.Or(cmp.Compare(a.At, b.At), byAct(a, b)) }

package broken

import (
	"slices"

	"paxon/caspaxos"
	"paxon/caspaxos/caspaxostest"
	"paxon/process"
	"paxon/seasons"
)

// AddedNotAwaited has a collection go on without the proposers that were added. The floor would do in
// the place of their ages, so it goes, too.
func AddedNotAwaited(on caspaxostest.Base) caspaxostest.Factory {
	return func(h seasons.Host, o caspaxos.Options, s caspaxos.Setting) caspaxostest.Part {
		return messages(on, func(_ *wrapped, m caspaxos.Message) caspaxos.Message {
			if f, ok := m.(caspaxos.Forbid); ok {
				f.Floor = 0
				return f
			}
			return m
		}, func(w *wrapped, to process.ID, m caspaxos.Message) caspaxos.Message {
			a, ok := m.(caspaxos.Advance)
			if !ok || to == w.self || slices.Contains(s.Initial.Proposers, to) {
				return m
			}
			w.posed = append(w.posed, message{to, caspaxos.Advanced{Number: a.Number}})
			return nil
		})(h, o, s)
	}
}

// StaleEdit has an edit made to the configuration that the process knows, in the place of whatever was
// decided.
func StaleEdit(on caspaxostest.Base) caspaxostest.Factory {
	return func(h seasons.Host, o caspaxos.Options, s caspaxos.Setting) caspaxostest.Part {
		return staleEdit{on(seasons.Paxos())(h, o, s)}
	}
}

type staleEdit struct{ caspaxostest.Part }

func (p staleEdit) Edit(e caspaxos.Edit, done func(caspaxos.Status)) caspaxos.Status {
	c := p.Configuration()
	target := c.Target
	if len(target) == 0 {
		target = c.Acceptors()
	}
	target = slices.Concat(target, e.Add)
	slices.Sort(target)
	return p.Reconfigure(slices.DeleteFunc(slices.Compact(target), func(q process.ID) bool {
		return slices.Contains(e.Remove, q)
	}), done)
}

// KeepsWhileAway does not notice that it did not propose for a while.
func KeepsWhileAway(on caspaxostest.Base) caspaxostest.Factory {
	return messages(on, func(_ *wrapped, m caspaxos.Message) caspaxos.Message {
		switch m := m.(type) {
		case caspaxos.Stale:
			m.Configuration.Newcomers = nil
			return m
		case caspaxos.Install:
			m.Configuration.Newcomers = nil
			return m
		}
		return m
	}, nil)
}

// NeverAsks does not ask whether it has become a proposer.
func NeverAsks(on caspaxostest.Base) caspaxostest.Factory {
	return messages(on, nil, func(w *wrapped, _ process.ID, m caspaxos.Message) caspaxos.Message {
		if _, ok := m.(caspaxos.Behind); ok && !slices.Contains(w.Configuration().Proposers, w.self) {
			return nil
		}
		return m
	})
}

// KeepsTombstones keeps to itself what it holds and cannot collect.
func KeepsTombstones(on caspaxostest.Base) caspaxostest.Factory {
	return withheld[caspaxos.Collect](on)
}

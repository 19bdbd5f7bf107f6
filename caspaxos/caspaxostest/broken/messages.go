package broken

import (
	"math"
	"slices"

	"paxon/caspaxos"
	"paxon/caspaxos/caspaxostest"
	"paxon/process"
	"paxon/register"
	"paxon/seasons"
)

// NoAgeCheck takes everybody for old enough. The floor would do in the place of ages, so it goes, too.
func NoAgeCheck(on caspaxostest.Base) caspaxostest.Factory {
	return messages(on, func(_ *wrapped, m caspaxos.Message) caspaxos.Message {
		switch m := m.(type) {
		case caspaxos.Ask:
			m.Age = math.MaxUint64
			return m
		case caspaxos.Forbid:
			m.Floor = 0
			return m
		}
		return m
	}, nil)
}

// NoFastForward leaves numbers as they are.
func NoFastForward(on caspaxostest.Base) caspaxostest.Factory {
	return messages(on, func(_ *wrapped, m caspaxos.Message) caspaxos.Message {
		switch m := m.(type) {
		case caspaxos.Advance:
			m.Floor = 0
			return m
		case caspaxos.Forbid:
			m.Floor = 0
			return m
		}
		return m
	}, nil)
}

// CollectionByValue has a copy remove a tombstone of any round.
func CollectionByValue(on caspaxostest.Base) caspaxostest.Factory {
	return func(h seasons.Host, o caspaxos.Options, s caspaxos.Setting) caspaxostest.Part {
		store := caspaxostest.WatchCopies(h.Store)
		h.Store = store
		return messages(on, func(_ *wrapped, m caspaxos.Message) caspaxos.Message {
			remove, ok := m.(caspaxos.Remove)
			if !ok {
				return m
			}
			remove.Tombstones = slices.Clone(remove.Tombstones)
			for i, t := range remove.Tombstones {
				if c := store.Of[t.Key]; !c.Written.IsZero() {
					remove.Tombstones[i].Ballot = c.Written
				}
			}
			return remove
		}, nil)(h, o, s)
	}
}

// NeverRemoves does not take what asks for a removal.
func NeverRemoves(on caspaxostest.Base) caspaxostest.Factory {
	return messages(on, func(_ *wrapped, m caspaxos.Message) caspaxos.Message {
		if _, ok := m.(caspaxos.Remove); ok {
			return nil
		}
		return m
	}, nil)
}

// NoEpochCheck takes what is asked for as if it were of the present configuration, and has no floor of
// rounds, above which messages of earlier configurations do little harm.
func NoEpochCheck(on caspaxostest.Base) caspaxostest.Factory {
	return messages(on, func(w *wrapped, m caspaxos.Message) caspaxos.Message {
		switch m := m.(type) {
		case caspaxos.Ask:
			m.Epoch = w.Configuration().Epoch
			return m
		case caspaxos.Installed:
			m.Highest = 0
			return m
		}
		return m
	}, nil)
}

// EmptyLearner has pages arrive empty at those who learn.
func EmptyLearner(on caspaxostest.Base) caspaxostest.Factory {
	return messages(on, func(w *wrapped, m caspaxos.Message) caspaxos.Message {
		page, ok := m.(caspaxos.Page)
		learns := slices.ContainsFunc(w.Configuration().Learners, func(l caspaxos.Learner) bool {
			return l.Process == w.self
		})
		if ok && learns {
			page.Records = nil
			return page
		}
		return m
	}, nil)
}

// KeepsCopies has a process learn as if it had begun to once, long ago, so that it keeps what it holds.
func KeepsCopies(on caspaxostest.Base) caspaxostest.Factory {
	once := func(c caspaxos.Configuration) caspaxos.Configuration {
		c.Learners = slices.Clone(c.Learners)
		for i := range c.Learners {
			c.Learners[i].Since = 1
		}
		return c
	}
	return messages(on, func(_ *wrapped, m caspaxos.Message) caspaxos.Message {
		switch m := m.(type) {
		case caspaxos.Stale:
			m.Configuration = once(m.Configuration)
			return m
		case caspaxos.Install:
			m.Configuration = once(m.Configuration)
			return m
		}
		return m
	}, nil)
}

// RemovedWhilePromised has a copy remove a tombstone that somebody was promised to go beyond.
func RemovedWhilePromised(on caspaxostest.Base) caspaxostest.Factory {
	return setting(on, func(s *caspaxos.Setting) {
		s.Removable = func(c register.Copy, tombstone register.Round) bool {
			held, err := caspaxos.Decode(c.Value)
			return c.Written == tombstone && err == nil && !held.Exists
		}
	})
}

// NeverCaughtUp keeps to itself that it has caught up.
func NeverCaughtUp(on caspaxostest.Base) caspaxostest.Factory { return withheld[caspaxos.Caught](on) }

// withheld sends no messages of a type.
func withheld[M caspaxos.Message](on caspaxostest.Base) caspaxostest.Factory {
	return messages(on, nil, func(_ *wrapped, _ process.ID, m caspaxos.Message) caspaxos.Message {
		if _, ok := m.(M); ok {
			return nil
		}
		return m
	})
}

// ListsLess leaves the first key out.
func ListsLess(on caspaxostest.Base) caspaxostest.Factory {
	return messages(on, func(_ *wrapped, m caspaxos.Message) caspaxos.Message {
		if page, ok := m.(caspaxos.Page); ok && len(page.Records) > 0 {
			page.Records = page.Records[1:]
			return page
		}
		return m
	}, nil)
}

// LateAnswers numbers its looks anew in each incarnation.
func LateAnswers(on caspaxostest.Base) caspaxostest.Factory {
	return messages(on, func(w *wrapped, m caspaxos.Message) caspaxos.Message {
		seen, ok := m.(caspaxos.Seen)
		if ok && seen.Number < uint64(len(w.looks)) {
			seen.Number = w.looks[seen.Number]
			return seen
		}
		return m
	}, func(w *wrapped, _ process.ID, m caspaxos.Message) caspaxos.Message {
		look, ok := m.(caspaxos.Look)
		if !ok {
			return m
		}
		i := slices.Index(w.looks, look.Number)
		if i < 0 {
			i = len(w.looks)
			w.looks = append(w.looks, look.Number)
		}
		look.Number = uint64(i)
		return look
	})
}

// RoundsRestart asks in the rounds of the first incarnation, and takes the answers for its own.
func RoundsRestart(on caspaxostest.Base) caspaxostest.Factory {
	const turnBits = 40 // Of package caspaxos: the incarnation is above.
	of := func(life, turn process.Incarnation) process.Incarnation {
		return life<<turnBits | turn&(1<<turnBits-1)
	}
	return messages(on, func(w *wrapped, m caspaxos.Message) caspaxos.Message {
		if a, ok := m.(caspaxos.Answer); ok {
			a.Round.Incarnation = of(w.life, a.Round.Incarnation)
			return a
		}
		return m
	}, func(_ *wrapped, _ process.ID, m caspaxos.Message) caspaxos.Message {
		if a, ok := m.(caspaxos.Ask); ok {
			a.Round.Incarnation = of(1, a.Round.Incarnation)
			return a
		}
		return m
	})
}

// SilentRecovery says nothing when it comes back.
func SilentRecovery(on caspaxostest.Base) caspaxostest.Factory { return withheld[caspaxos.Behind](on) }

// Panics does when it is refused something.
func Panics(on caspaxostest.Base) caspaxostest.Factory {
	return messages(on, func(_ *wrapped, m caspaxos.Message) caspaxos.Message {
		if a, ok := m.(caspaxos.Answer); ok && a.Kind == caspaxos.AcceptRefused {
			panic("broken: refused")
		}
		return m
	}, nil)
}

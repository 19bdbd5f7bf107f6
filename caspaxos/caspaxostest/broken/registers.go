package broken

import (
	"math/rand/v2"

	"paxon/caspaxos"
	"paxon/caspaxos/caspaxostest"
	"paxon/process"
	"paxon/register"
	"paxon/seasons"
)

// CachedOverConflict prepares nothing if it has written before, whoever has prepared since.
func CachedOverConflict(on caspaxostest.Base) caspaxostest.Factory {
	return reads(on, func(
		h seasons.Host, r *reader, k register.Round, done func(register.Value, bool, register.Round),
	) {
		if r.last == nil {
			r.Register.Read(k, done)
			return
		}
		r.Cancel()
		r.tell = done
		h.Clock.After(1, r.told)
	})
}

// RetriesBlindly does not see what it has done already.
func RetriesBlindly(on caspaxostest.Base) caspaxostest.Factory {
	return reads(on, func(
		_ seasons.Host, r *reader, k register.Round, done func(register.Value, bool, register.Round),
	) {
		r.Register.Read(k, func(v register.Value, ok bool, higher register.Round) {
			if s, err := caspaxos.Decode(v); err == nil && s.Version > 0 {
				v = caspaxos.State{Version: s.Version, Exists: s.Exists, Value: s.Value}.Encode()
			}
			done(v, ok, higher)
		})
	})
}

// DisjointQuorums begins with a configuration that Check refuses.
func DisjointQuorums(on caspaxostest.Base) caspaxostest.Factory {
	return setting(on, func(s *caspaxos.Setting) {
		among := s.Initial.Acceptors()
		s.Initial.Prepare = caspaxos.Quorums{Among: among, Least: 1}
		s.Initial.Accept = caspaxos.MajorityOf(among)
	})
}

// OnePromise goes on to an accept with one promise.
func OnePromise(on caspaxostest.Base) caspaxostest.Factory {
	return quorums(on, func(reading bool, acked []process.ID, sound bool) bool {
		return sound || reading && len(acked) > 0
	})
}

// MinorityAccepts acknowledges what one has.
func MinorityAccepts(on caspaxostest.Base) caspaxostest.Factory {
	return quorums(on, func(reading bool, acked []process.ID, sound bool) bool {
		return sound || !reading && len(acked) > 0
	})
}

// RemovedAtAQuorum collects tombstones that not all acceptors have.
func RemovedAtAQuorum(on caspaxostest.Base) caspaxostest.Factory {
	return func(h seasons.Host, o caspaxos.Options, s caspaxos.Setting) caspaxostest.Part {
		accept := s.Initial.Accept
		return quorums(on, func(reading bool, acked []process.ID, sound bool) bool {
			return sound || !reading && accept.Enough(acked)
		})(h, o, s)
	}
}

// OneKeyRescan goes on at once where all registers had to be made valid.
func OneKeyRescan(on caspaxostest.Base) caspaxostest.Factory {
	return setting(on, func(s *caspaxos.Setting) {
		s.Next = func(c caspaxos.Configuration) (caspaxos.Configuration, caspaxos.Need, bool) {
			n, need, done := c.Next()
			if !c.Valid {
				need = caspaxos.NeedNothing
			}
			return n, need, done
		}
	})
}

// PrepareFirst has the prepare quorums grow when the accept quorums should, which then follow, and
// takes everything for valid.
func PrepareFirst(on caspaxostest.Base) caspaxostest.Factory {
	return setting(on, func(s *caspaxos.Setting) {
		s.Next = func(c caspaxos.Configuration) (caspaxos.Configuration, caspaxos.Need, bool) {
			prepare, accept := c.Prepare.Members(), c.Accept.Members()
			if len(prepare) > len(accept) {
				c.Prepare, c.Accept = c.Accept, c.Prepare
				n, _, done := c.Next()
				n.FormerPrepare, n.FormerAccept = c.Accept, c.Prepare
				n.Prepare, n.Accept, n.Valid = c.Accept, c.Accept, true
				return n, caspaxos.NeedNothing, done
			}
			n, _, done := c.Next()
			if len(n.Accept.Members()) > len(accept) {
				n.Prepare, n.Accept = n.Accept, c.Accept
			}
			n.Valid = true
			return n, caspaxos.NeedNothing, done
		}
	})
}

// CompletesTwice tells each outcome twice.
func CompletesTwice(on caspaxostest.Base) caspaxostest.Factory {
	return calls(on, func(
		p caspaxostest.Part, key string, c caspaxos.Change, done func(caspaxos.Outcome),
	) caspaxos.Status {
		return p.Change(key, c, func(o caspaxos.Outcome) { done(o); done(o) })
	})
}

// Synchronous tells of an outcome before the call returns.
func Synchronous(on caspaxostest.Base) caspaxostest.Factory {
	return calls(on, func(
		p caspaxostest.Part, key string, c caspaxos.Change, done func(caspaxos.Outcome),
	) caspaxos.Status {
		done(caspaxos.Outcome{Status: caspaxos.Done})
		return p.Change(key, c, func(caspaxos.Outcome) {})
	})
}

// Refuses says of what it has done that it has not.
func Refuses(on caspaxostest.Base) caspaxostest.Factory {
	return calls(on, func(
		p caspaxostest.Part, key string, c caspaxos.Change, done func(caspaxos.Outcome),
	) caspaxos.Status {
		return p.Change(key, c, func(caspaxos.Outcome) {
			done(caspaxos.Outcome{Status: caspaxos.NotMember})
		})
	})
}

// Mute tells of nothing.
func Mute(on caspaxostest.Base) caspaxostest.Factory {
	return calls(on, func(
		p caspaxostest.Part, key string, c caspaxos.Change, _ func(caspaxos.Outcome),
	) caspaxos.Status {
		return p.Change(key, c, func(caspaxos.Outcome) {})
	})
}

// Chance draws its waits from a source that no seed determines.
func Chance(on caspaxostest.Base) caspaxostest.Factory {
	return setting(on, func(s *caspaxos.Setting) {
		s.Rand = rand.New(rand.NewPCG(rand.Uint64(), 1))
	})
}

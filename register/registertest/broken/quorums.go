package broken

import (
	"paxon/process"
	"paxon/register"
	"paxon/register/registertest"
	"paxon/retransmit"
	"paxon/seasons"
)

// sound is the register that flaws are put around: that of Fig. 12.
func sound(
	h seasons.Host, net retransmit.Net[register.Message], c register.Config,
) register.Array {
	return register.New(net, process.DiskOf[register.Copy](h.Store, 0), c)
}

// enough makes sound registers with another rule for when there are enough answers.
func enough(rule func(reading bool, members, acked int) bool) registertest.Factory {
	return func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		c.Enough = func(reading bool, members, acked []process.ID) bool {
			return rule(reading, len(members), len(acked))
		}
		return sound(h, net, c)
	}
}

// Minority is satisfied with one answer.
func Minority() registertest.Factory {
	return enough(func(_ bool, _, acked int) bool { return acked >= 1 })
}

// HalfQuorum is satisfied with n/2 answers, which is no majority of an even n.
func HalfQuorum() registertest.Factory {
	return enough(func(_ bool, members, acked int) bool { return acked >= members/2 })
}

// OneReads waits for a majority with writes only.
func OneReads() registertest.Factory {
	return enough(func(reading bool, members, acked int) bool {
		return reading || acked >= process.Majority(members)
	})
}

// Chance waits for one answer more than a majority or not, as the order of a map has it.
func Chance() registertest.Factory {
	return enough(func(_ bool, members, acked int) bool {
		for more := range map[int]bool{0: true, 1: true} {
			return acked >= process.Majority(members)+more
		}
		return false
	})
}

// ForgetfulCopy is Winter's world with the registers of Fig. 5: a process that recovered with
// nothing answers as if it had never promised or written.
func ForgetfulCopy() registertest.Factory {
	return func(
		_ seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		return register.NewCrashStop(net, c)
	}
}

// DeafToRestarts does not send again what a process had received before it crashed.
func DeafToRestarts() registertest.Factory {
	return func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		return deaf{sound(h, net, c)}
	}
}

type deaf struct{ register.Array }

func (deaf) Restarted(process.ID) {}

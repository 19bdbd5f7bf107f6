package broken

import (
	"time"

	"paxon/omega"
	"paxon/omega/omegatest"
	"paxon/process"
	"paxon/seasons"
)

// Config has the times of the sound parts of the gallery.
func Config() omega.Config {
	return omega.Config{
		Interval: 8 * time.Millisecond, Timeout: 30 * time.Millisecond,
		Increase: 10 * time.Millisecond, MaxTimeout: 300 * time.Millisecond,
	}
}

// Sound is the detector of package omega, which the others break.
func Sound(h seasons.Host, net process.Net[omega.Heartbeat], hooks omega.Hooks) omega.Part {
	return omega.New(net, h.Clock, h.Incarnation, Config(), hooks)
}

// changed has a part trust whom a function says.
type changed struct {
	omega.Part
	trusted func() (process.ID, bool)
}

func (c changed) Trusted() (process.ID, bool) { return c.trusted() }

// NeverElects trusts nobody.
func NeverElects(f omegatest.Factory) omegatest.Factory {
	return func(h seasons.Host, net process.Net[omega.Heartbeat], hooks omega.Hooks) omega.Part {
		return changed{f(h, net, hooks), func() (process.ID, bool) { return 0, false }}
	}
}

// ElectsItself has every process trust itself.
func ElectsItself(f omegatest.Factory) omegatest.Factory {
	return func(h seasons.Host, net process.Net[omega.Heartbeat], hooks omega.Hooks) omega.Part {
		return changed{f(h, net, hooks), func() (process.ID, bool) { return net.Self(), true }}
	}
}

// ElectsTheDead goes on trusting whom it trusted first.
func ElectsTheDead(f omegatest.Factory) omegatest.Factory {
	return func(h seasons.Host, net process.Net[omega.Heartbeat], hooks omega.Hooks) omega.Part {
		part := f(h, net, hooks)
		var first process.ID
		return changed{part, func() (process.ID, bool) {
			if first == 0 {
				first, _ = part.Trusted()
			}
			return first, first != 0
		}}
	}
}

// ChangesForEver trusts all processes that it hears of in turn, each for five heartbeats or so.
func ChangesForEver(f omegatest.Factory) omegatest.Factory {
	return func(h seasons.Host, net process.Net[omega.Heartbeat], hooks omega.Hooks) omega.Part {
		heard, tell := 0, hooks.Heard
		hooks.Heard = func(from process.ID, p omega.Progress) {
			heard++
			tell(from, p)
		}
		all := net.All()
		return changed{f(h, net, hooks), func() (process.ID, bool) {
			return all[heard/5%len(all)], true
		}}
	}
}

// IgnoresEpochs counts no recoveries, so that an unstable process with a small ID is trusted
// whenever it is up.
func IgnoresEpochs(h seasons.Host, net process.Net[omega.Heartbeat], hooks omega.Hooks) omega.Part {
	return omega.New(net, h.Clock, 1, Config(), hooks)
}

// Impatient suspects processes sooner than their heartbeats can come, and does not learn from it.
func Impatient(h seasons.Host, net process.Net[omega.Heartbeat], hooks omega.Hooks) omega.Part {
	c := Config()
	c.Timeout = c.Interval / 2
	c.Increase, c.MaxTimeout = 0, c.Timeout
	return omega.New(net, h.Clock, h.Incarnation, c, hooks)
}

// IgnoresStorage beats though its storage hangs (trap 3).
func IgnoresStorage(f omegatest.Factory) omegatest.Factory {
	return func(h seasons.Host, net process.Net[omega.Heartbeat], hooks omega.Hooks) omega.Part {
		hooks.Healthy = nil
		return f(h, net, hooks)
	}
}

// HidesProgress tells the others nothing of how far its process has come.
func HidesProgress(f omegatest.Factory) omegatest.Factory {
	return func(h seasons.Host, net process.Net[omega.Heartbeat], hooks omega.Hooks) omega.Part {
		hooks.Progress = nil
		return f(h, net, hooks)
	}
}

// BeatsTooSoon begins its heartbeats in the constructor.
func BeatsTooSoon(f omegatest.Factory) omegatest.Factory {
	return func(h seasons.Host, net process.Net[omega.Heartbeat], hooks omega.Hooks) omega.Part {
		part := f(h, net, hooks)
		part.Start()
		return part
	}
}

// IgnoresFitness trusts whoever is heard, also if that hears nobody.
func IgnoresFitness(f omegatest.Factory) omegatest.Factory {
	return func(h seasons.Host, net process.Net[omega.Heartbeat], hooks omega.Hooks) omega.Part {
		return believer{f(h, net, hooks)}
	}
}

type believer struct{ omega.Part }

func (b believer) Receive(from process.ID, h omega.Heartbeat) {
	h.Fit = true
	b.Part.Receive(from, h)
}

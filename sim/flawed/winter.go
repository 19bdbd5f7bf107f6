package flawed

import (
	"time"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/seasons/winter"
	"paxon/sim"
)

// n_f and n of Winter's flaws: the difference between the rule and a majority shows only if more
// than n_f processes crash.
const (
	faulty     = 1
	winterSize = 4
)

// ofWinter are flaws of Winter. The runs have the faults that matter for R: who has crashed, and
// who hears of it.
func ofWinter() []Composition {
	lost := append(safety(), sim.Validity)
	stuck := []string{sim.Termination, sim.Agreement}
	of := func(f Composition, below func(v seasons.Variant) seasons.Variant) Composition {
		f.Variant = compose(winter.Season(faulty), seasons.Season{
			Name: "a flaw", Apply: below, // It is applied before Winter, below it.
		})
		f.Processes = winterSize
		f.Narrow = narrow
		return f
	}
	enough := func(n int) func(v seasons.Variant) seasons.Variant {
		return func(v seasons.Variant) seasons.Variant {
			return configured(v, func(_ process.ID, c *register.Config) {
				c.Enough = func(_ bool, _, acked []process.ID) bool { return len(acked) >= n }
			})
		}
	}
	restarting := of(Composition{
		Flaw: flaw("winter-rounds-restart", "without stable storage, incarnations share their rounds",
			"trap 11", lost), Seeds: 10000,
	}, roundsRestart)
	restarting.Processes = winterSize - 1
	restarting.Narrow = func(c *sim.Config) {
		narrow(c)
		c.Faults.Old = true
	}
	return []Composition{
		of(Composition{
			Flaw: flaw("winter-answers", "a recovered process, which has forgotten all, answers",
				"trap 10; Michael et al., Recovering Shared Objects Without Stable Storage, DISC 2017",
				lost), Seeds: 200,
		}, func(v seasons.Variant) seasons.Variant {
			return configured(v, func(_ process.ID, c *register.Config) { c.Silent = false })
		}),
		of(Composition{
			Flaw: flaw("winter-nacks", "a recovered process refuses every operation for ever",
				"trap 10: Fig. 15 as printed", append(stuck, sim.ReadWriteAbort, sim.ConsensusTermination)),
			Seeds: 200,
		}, nacks),
		of(Composition{
			Flaw: flaw("winter-all-but-faulty", "R is ignored: n - n_f answers", "", stuck), Seeds: 200,
		}, enough(winterSize-faulty)),
		of(Composition{
			Flaw:  flaw("winter-one-more-than-faulty", "R is ignored: n_f + 1 answers", "", lost),
			Seeds: 200,
		}, enough(faulty+1)),
		of(Composition{
			Flaw:  flaw("winter-recount", "answers to earlier attempts count", "", lost),
			Seeds: 10000,
		}, recount),
		restarting,
	}
}

func narrow(c *sim.Config) {
	c.Duration = 120 * time.Millisecond
	c.Faults = sim.Faults{Loss: true, Delay: true, Partitions: true, Crashes: true}
	c.Together = 1
}

// nacks has copies of later incarnations behave as if their rounds were infinite.
func nacks(v seasons.Variant) seasons.Variant {
	sound := v.Registers
	v.Registers = func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		r := sound(h, net, c)
		if h.Incarnation == 1 {
			return r
		}
		return infinite{r, net}
	}
	return v
}

type infinite struct {
	register.Array
	net retransmit.Net[register.Message]
}

func (a infinite) Receive(from process.ID, m register.Message) bool {
	highest := register.Round{Number: 1 << 40, Process: a.net.Self()}
	switch m := m.(type) {
	case register.Read:
		a.net.SSend(from, register.NackRead{
			Instance: m.Instance, Round: m.Round, Higher: highest, Attempt: m.Attempt,
		})
		return true
	case register.Write:
		a.net.SSend(from, register.NackWrite{
			Instance: m.Instance, Round: m.Round, Higher: highest, Attempt: m.Attempt,
		})
		return true
	}
	return a.Array.Receive(from, m)
}

func recount(v seasons.Variant) seasons.Variant {
	sound := v.Registers
	v.Registers = func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		r := &recounting{operations: map[register.Instance]*recounted{}}
		r.Array = sound(h, recountingNet{net, r}, c)
		return r
	}
	return v
}

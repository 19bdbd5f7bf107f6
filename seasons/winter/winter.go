package winter

import (
	"fmt"

	"paxon/omega"
	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
)

// Most stands for the largest number of faulty processes that the number of all allows: less than
// half of them.
const Most = -1

// FaultyError says that n_a > n_f cannot hold.
type FaultyError struct {
	Faulty    int // n_f.
	Processes int // n.
}

func (e *FaultyError) Error() string {
	if e.Faulty < 0 {
		return fmt.Sprintf("winter of %d processes with %d faulty: expected 0 to %d faulty",
			e.Processes, e.Faulty, most(e.Processes))
	}
	return fmt.Sprintf("winter of %d processes with %d faulty: at most %d never crash, but more than "+
		"%d must; expected at least %d processes, or 0 to %d faulty",
		e.Processes, e.Faulty, e.Processes-e.Faulty, e.Faulty, 2*e.Faulty+1, most(e.Processes))
}

// Season makes the registers of a variant do without stable storage, as long as at most faulty
// processes, or Most, crash and do not recover for good. Its Check gives a *FaultyError.
func Season(faulty int) seasons.Season {
	bound := fmt.Sprintf("at most %d", faulty)
	if faulty == Most {
		bound = "less than half"
	}
	return seasons.Season{
		Name: "winter",
		Assumes: "that " + bound + " of the processes are faulty and more than that never crash, and " +
			"that memory is all they have",
		Excludes: []string{"summer"},
		Check: func(processes int) error {
			if f := bounded(faulty, processes); f < 0 || processes-f <= f {
				return &FaultyError{f, processes}
			}
			return nil
		},
		Apply: func(v seasons.Variant) seasons.Variant { return apply(v, faulty) },
	}
}

func apply(v seasons.Variant, faulty int) seasons.Variant {
	registers, detector := v.Registers, v.Omega
	v.Storage = seasons.None
	v.Crashes = func(processes int) int { return processes - bounded(faulty, processes) - 1 }
	v.Faulty = func(processes int) int { return bounded(faulty, processes) }
	v.Registers = func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		rule := &threshold{faulty: faulty, recovered: map[process.ID]bool{}}
		if h.Incarnation > 1 {
			c.Silent = true
			rule.restarted(net.Self())
		}
		c.Enough, c.Anew = rule.enough, rule.restarted
		return registers(h, net, c)
	}
	v.Omega = func(
		h seasons.Host, net process.Net[omega.Heartbeat], c omega.Config, hooks omega.Hooks,
	) omega.Part {
		hooks.Progress = nothingStable(hooks.Progress)
		return detector(h, net, c, hooks)
	}
	return v
}

// nothingStable tells the others that nothing delivered here is safe from a crash, so that they keep
// all their history for a process that recovers with none.
func nothingStable(progress func() omega.Progress) func() omega.Progress {
	return func() omega.Progress {
		p := progress()
		p.Stable = 0
		return p
	}
}

// bounded is n_f among a number of processes.
func bounded(faulty, processes int) int {
	if faulty == Most {
		return most(processes)
	}
	return faulty
}

func most(processes int) int { return (processes - 1) / 2 }

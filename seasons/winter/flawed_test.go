package winter_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
	"paxon/retransmit"
	"paxon/seasons"
	"paxon/seasons/winter"
	"paxon/sim"
)

// n_f and n of the runs of flawed versions: the difference between the rule and a majority shows
// only if more than n_f processes crash.
const (
	faulty    = 1
	processes = 4
)

// flaw breaks Winter. The random runs must find it, in one of the properties named.
type flaw struct {
	name string
	// below changes the variant that Winter is applied to.
	below      func(v *seasons.Variant)
	properties []string
	seeds      uint64 // Within how many it must fall.
}

func flaws() []flaw {
	safety := []string{
		sim.ConsensusAgreement, sim.TotalOrder, sim.ReadWriteCommit, sim.WriteCommit, sim.Validity,
	}
	return []flaw{
		{
			"trap 10: a recovered process answers",
			configured(func(c *register.Config) { c.Silent = false }),
			safety, 200,
		},
		{
			"R is ignored: n - n_f answers",
			configured(func(c *register.Config) { c.Enough = atLeast(processes - faulty) }),
			[]string{sim.Termination, sim.Agreement},
			200,
		},
		{
			"R is ignored: n_f + 1 answers",
			configured(func(c *register.Config) { c.Enough = atLeast(faulty + 1) }),
			safety, 200,
		},
		{
			"answers to earlier attempts count", recount,
			safety, 10000,
		},
	}
}

// configured changes what Winter asks of the registers.
func configured(change func(c *register.Config)) func(v *seasons.Variant) {
	return func(v *seasons.Variant) {
		sound := v.Registers
		v.Registers = func(
			h seasons.Host, net retransmit.Net[register.Message], c register.Config,
		) register.Array {
			change(&c)
			return sound(h, net, c)
		}
	}
}

func atLeast(n int) func(bool, []process.ID, []process.ID) bool {
	return func(_ bool, _, acked []process.ID) bool { return len(acked) >= n }
}

func recount(v *seasons.Variant) {
	sound := v.Registers
	v.Registers = func(
		h seasons.Host, net retransmit.Net[register.Message], c register.Config,
	) register.Array {
		r := &recounting{operations: map[register.Instance]*recounted{}}
		r.Array = sound(h, recountingNet{net, r}, c)
		return r
	}
}

// broken is Winter with a flaw.
func (f flaw) broken(t *testing.T) seasons.Variant {
	t.Helper()
	return compose(t, winter.Season(faulty), seasons.Season{
		Name: "a flaw", // It is applied before Winter, below it.
		Apply: func(v seasons.Variant) seasons.Variant {
			f.below(&v)
			return v
		},
	})
}

// config is a short run with the faults that matter for R: who has crashed, and who hears of it.
func config(v seasons.Variant) sim.Config {
	c := sim.DefaultConfig(v, processes)
	c.Duration = 120 * time.Millisecond
	c.Faults = sim.Faults{Loss: true, Delay: true, Partitions: true, Crashes: true}
	return c
}

// TestFlawed shows that the monitors see each flaw.
func TestFlawed(t *testing.T) {
	for _, f := range flaws() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			v := f.broken(t)
			for seed := range f.seeds {
				r := sim.Run(config(v), seed, nil)
				if r.Violation != nil && slices.Contains(f.properties, r.Violation.Property) {
					t.Logf("seed %d: %v", seed, r.Violation)
					return
				}
			}
			t.Fatalf("survives %d seeds", f.seeds)
		})
	}
}

// TestSound shows that the runs which kill the flaws find nothing in Winter as it is.
func TestSound(t *testing.T) {
	v := compose(t, winter.Season(faulty))
	for seed := range uint64(600) {
		require.Nil(t, sim.Run(config(v), seed, nil).Violation, "seed %d", seed)
	}
}

package bench

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/seasons"
	"paxon/seasons/catalog"
)

func goodSetting() Setting { return Setting{Processes: 3, Fsync: true, Size: 16, Outstanding: 8} }

func goodConfig() Config {
	return Config{
		Settings: []Setting{goodSetting()}, Duration: time.Millisecond, Repeat: 2,
	}
}

func TestCheck(t *testing.T) {
	require.NoError(t, goodConfig().Check())
	for want, change := range map[string]func(*Config){
		"outstanding none: expected at least one load": func(c *Config) { c.Settings = nil },
		"duration 0s: expected more than 0":            func(c *Config) { c.Duration = 0 },
		"warm-up -1ns: expected 0 or more":             func(c *Config) { c.WarmUp = -1 },
		"repeat 0: expected at least 1":                func(c *Config) { c.Repeat = 0 },
		"size 0: expected 8 to 8388608 bytes":          func(c *Config) { c.Settings[0].Size = 0 },
	} {
		c := goodConfig()
		change(&c)
		var wrong *ConfigError
		require.ErrorAs(t, c.Check(), &wrong)
		require.ErrorContains(t, wrong, want)
	}
}

func TestCheckSetting(t *testing.T) {
	for want, change := range map[string]func(*Setting){
		"processes 0: expected 1 to 20":  func(s *Setting) { s.Processes = 0 },
		"processes 21: expected 1 to 20": func(s *Setting) { s.Processes = 21 },
		"processes 1: expected 2 to 20":  func(s *Setting) { s.Processes, s.At = 1, AtOthers },
		"size 7: expected 8 to 8388608":  func(s *Setting) { s.Size = 7 },
		"size 8388609: expected 8 to":    func(s *Setting) { s.Size = MaxSize + 1 },
		`at "home": expected leader, `:   func(s *Setting) { s.At = "home" },
		"window 4097: expected 1 to":     func(s *Setting) { s.Window = 4097 },
		"batch -1: expected 1 or more":   func(s *Setting) { s.Batch = -1 },
		"rate 5: expected none with":     func(s *Setting) { s.Rate = 5 },
		"rate -5: expected more than 0":  func(s *Setting) { s.Outstanding, s.Rate = 0, -5 },
		"rate NaN: expected more than 0": func(s *Setting) { s.Outstanding, s.Rate = 0, math.NaN() },
		"rate 1e+09: expected more than": func(s *Setting) { s.Outstanding, s.Rate = 0, 1e9 },
		"outstanding 0: expected 1 to":   func(s *Setting) { s.Outstanding = 0 },
		"outstanding 65537: expected 1":  func(s *Setting) { s.Outstanding = MaxOutstanding + 1 },
		`variant raft: unknown variant`:  func(s *Setting) { s.Variant = "raft" },
		"fsync on: expected off with":    func(s *Setting) { s.Variant = "crash-stop" },
		"fsync off: expected on with":    func(s *Setting) { s.Variant, s.Fsync = "summer", false },
	} {
		s := goodSetting()
		change(&s)
		var wrong *ConfigError
		require.ErrorAs(t, s.Check(), &wrong, want)
		require.ErrorContains(t, wrong, want)
	}
}

func TestSettings(t *testing.T) {
	all := Dimensions{
		Processes: []int{3, 5}, Variants: []string{"paxos", "crash-stop"}, Fsync: []bool{true, false},
		Windows: []uint64{1}, Batches: []int{1}, At: []At{AtAll}, Sizes: []int{16, 32},
		Outstandings: []int{1, 8}, Rates: []float64{100}, InProcess: true,
	}.Settings()
	require.Len(t, all, 2*3*2*3, "crash-stop has no fsync on")
	first := Setting{
		Processes: 3, Variant: "paxos", Fsync: true, InProcess: true, Window: 1, Batch: 1, At: AtAll,
		Size: 16, Outstanding: 1,
	}
	require.Equal(t, first, all[0])
	first.Outstanding, first.Rate = 0, 100
	require.Equal(t, first, all[2], "the load changes fastest, closed loops first")
	require.Equal(t, Setting{
		Processes: 5, Variant: "crash-stop", InProcess: true, Window: 1, Batch: 1, At: AtAll, Size: 32,
		Rate: 100,
	}, all[len(all)-1])
	disks := Dimensions{Variants: []string{"summer"}, Fsync: []bool{false, true}}.Settings()
	require.Equal(t, []Setting{{Variant: "summer", Fsync: true}}, disks)
}

// TestOptions wants options that the parts take, and room for the load.
func TestOptions(t *testing.T) {
	s := goodSetting()
	s.Window, s.Outstanding, s.Size = maxWindow, MaxOutstanding, 1<<16
	o := s.withDefaults().options()
	require.NoError(t, o.Check())
	require.EqualValues(t, maxWindow, o.Limits.Window)
	require.Equal(t, seasons.DefaultOptions().Limits.Batch, o.Limits.Batch)
	require.GreaterOrEqual(t, o.Limits.PendingBytes, MaxOutstanding<<16)
}

func TestSettingText(t *testing.T) {
	s := goodSetting().withDefaults()
	require.Equal(t, catalog.Default, s.Variant)
	require.Regexp(t, `^processes=3 variant=fall\+spring fsync=on window=\d+ batch=\d+ at=leader `+
		`size=16 C=8$`, s.String())
	s.Outstanding, s.Rate, s.InProcess = 0, 2.5, true
	require.Contains(t, s.String(), " rate=2.5 in-process")
}

func TestBroadcasters(t *testing.T) {
	for at, want := range map[At][2][]process.ID{
		AtLeader: {{1}, {3}},
		AtOther:  {{2}, {1}},
		AtOthers: {{2, 3}, {1, 2}},
		AtAll:    {{1, 2, 3}, {1, 2, 3}},
	} {
		s := goodSetting()
		s.At = at
		require.Equal(t, want[0], s.broadcasters(1), at)
		require.Equal(t, want[1], s.broadcasters(3), at)
	}
}

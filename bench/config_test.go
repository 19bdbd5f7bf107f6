package bench

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/seasons"
)

func goodConfig() Config {
	return Config{
		Processes: 3, Variant: seasons.Paxos(), Outstanding: []int{1, 8}, Size: 16,
		At: AtLeader, Duration: time.Millisecond, Repeat: 2,
	}
}

func TestCheck(t *testing.T) {
	require.NoError(t, goodConfig().Check())
	for want, change := range map[string]func(*Config){
		"processes 0: expected at least 1":            func(c *Config) { c.Processes = 0 },
		"processes 1: expected at least 2":            func(c *Config) { c.Processes, c.At = 1, AtOther },
		"outstanding none: expected at least one":     func(c *Config) { c.Outstanding = nil },
		"outstanding 0: expected 1 to 65536":          func(c *Config) { c.Outstanding = []int{1, 0} },
		"outstanding 65537: expected 1 to 65536":      func(c *Config) { c.Outstanding = []int{65537} },
		"size 0: expected 1 to 8388608 bytes":         func(c *Config) { c.Size = 0 },
		"size 8388609: expected 1 to 8388608 bytes":   func(c *Config) { c.Size = 8<<20 + 1 },
		`at "nowhere": expected leader, other or all`: func(c *Config) { c.At = "nowhere" },
		"duration 0s: expected more than 0":           func(c *Config) { c.Duration = 0 },
		"warm-up -1ns: expected 0 or more":            func(c *Config) { c.WarmUp = -1 },
		"repeat 0: expected at least 1":               func(c *Config) { c.Repeat = 0 },
	} {
		c := goodConfig()
		change(&c)
		var wrong *ConfigError
		require.ErrorAs(t, c.Check(), &wrong)
		require.ErrorContains(t, wrong, want)
	}
}

func TestBroadcasters(t *testing.T) {
	for at, want := range map[At][2][]process.ID{
		AtLeader: {{1}, {3}},
		AtOther:  {{2}, {1}},
		AtAll:    {{1, 2, 3}, {1, 2, 3}},
	} {
		c := goodConfig()
		c.At = at
		require.Equal(t, want[0], c.broadcasters(1), at)
		require.Equal(t, want[1], c.broadcasters(3), at)
	}
}

package tables

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/register"
	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/tob"
)

// cells are the values of rows by name.
func cells(rows []Row) map[string][]Cell {
	all := map[string][]Cell{}
	for _, r := range rows {
		all[r.Name] = r.Cells
	}
	return all
}

// What the paper estimates is what its method gives for its round trips.
func TestEstimates(t *testing.T) {
	rows := cells(paperEstimates())
	require.Equal(t, []Cell{one(43.6), one(43.6), one(338)}, rows["without a leader"])
	require.Equal(t, []Cell{one(676), one(716.4), one(338)}, rows["leader in Southeast Asia"])
}

// In virtual time a loop takes its round trips and nothing else: a CASPaxos operation one to the
// nearest, a broadcast one to the leader and one from there, and without Fall one more from there.
func TestSimulatedLatencies(t *testing.T) {
	simulated, err := SimulateLatencies()
	require.NoError(t, err)
	rows, estimates := cells(simulated), cells(paperEstimates())
	require.Equal(t, estimates["without a leader"], rows["CASPaxos"])
	require.Equal(t, []Cell{one(21.8), one(21.8), one(169)}, rows["CASPaxos, as one change"])
	for leader, region := range regionNames() {
		require.Equal(t, estimates["leader in "+region], rows["broadcast fall+spring, leader in "+region])
		for client, c := range rows["broadcast paxos, leader in "+region] {
			require.Equal(t, one(milliseconds(estimateLeader(client, leader)+2*nearest(leader))), c)
		}
	}
	require.Len(t, rows, 8)
}

// A leader of Fall asks for promises in each instance of its first window, so that these take as long
// as those of paxos do. What is measured begins later.
func TestFirstWindow(t *testing.T) {
	const leader = Regions - 1
	v, err := catalog.ByName(catalog.Default)
	require.NoError(t, err)
	region, o := placed(leader), wanBroadcast()
	s := newBroadcast(v, path{RoundTrip, region}, o)
	s.run(settling)
	window := register.Instance(o.Limits.Window)
	took := map[process.ID]map[register.Instance]time.Duration{}
	for _, p := range s.world.All() {
		at := s.world.Host(p).Actor().(*seasons.Process).TOB()
		took[p] = map[register.Instance]time.Duration{}
		var next func()
		next = func() {
			begun := s.world.Now()
			at.Broadcast(ReadCommand(uint64(p)), func(o tob.Outcome) {
				took[p][o.Position.Instance] = s.world.Now() - begun
				next()
			})
		}
		s.world.Call(p, next)
	}
	s.run(settling + time.Minute)
	for p, all := range took {
		fast := estimateLeader(region[p-1], leader) / 2 // Of two operations.
		for l, took := range all {
			switch {
			case l <= window:
				require.Equal(t, fast+nearest(leader), took, "%v, instance %d", p, l)
			case l > 2*window: // Between them some wait for one before them.
				require.Equal(t, fast, took, "%v, instance %d", p, l)
			}
		}
		require.Greater(t, len(all), 2*int(window))
	}
	require.GreaterOrEqual(t, 2*unscored, int(window))
}

// Every client goes round its loop as often as it must for all to be warm, however little time that
// is given.
func TestWarm(t *testing.T) {
	var rounds [Regions]int
	var c Cluster
	for i := range c.Clients {
		c.Clients[i] = func(context.Context) error {
			rounds[i]++
			return nil
		}
	}
	_, err := c.Latencies(t.Context(), Times{})
	require.NoError(t, err)
	require.Equal(t, [Regions]int{unscored + 2, unscored + 2, unscored + 2}, rounds)
}

// No client waits for CASPaxos longer than a round of its loop takes, whoever is isolated. Those of
// a broadcast wait for the time-out if it is the leader.
func TestSimulatedIsolation(t *testing.T) {
	simulated, err := SimulateIsolation()
	require.NoError(t, err)
	text := map[string]string{}
	for _, r := range simulated {
		text[r.Name] = fmt.Sprint(r.Cells)
	}
	require.Equal(t, map[string]string{
		"CASPaxos":                              "[2 2 2]",
		"broadcast fall+spring, time-out 300ms": "[4 4 327.5 (306.5 to 347.5)]",
		"broadcast paxos, time-out 300ms":       "[6 6 278.5 (258.5 to 299)]",
		"broadcast fall+spring, time-out 1s":    "[4 4 1028 (1006 to 1048)]",
	}, text)
}

func TestByName(t *testing.T) {
	for _, name := range Names() {
		got, err := ByName(name)
		require.NoError(t, err)
		require.Equal(t, []string{name}, got)
	}
	got, err := ByName("all")
	require.NoError(t, err)
	require.Equal(t, Names(), got)
	_, err = ByName("lan")
	require.EqualError(t, err, `table "lan": expected all or one of wan, isolation, kv`)
}

func TestCheck(t *testing.T) {
	good := Config{
		Scale: 1, Times: Times{0, time.Second}, Repeat: 1, Clients: []int{1}, Keys: 1, Size: 1,
	}
	require.NoError(t, good.Check())
	for want, change := range map[string]func(c *Config){
		"scale 0":     func(c *Config) { c.Scale = 0 },
		"scale 2":     func(c *Config) { c.Scale = 2 },
		"duration 0s": func(c *Config) { c.Times.Duration = 0 },
		"warm-up -1s": func(c *Config) { c.Times.WarmUp = -time.Second },
		"repeat 0":    func(c *Config) { c.Repeat = 0 },
		"clients: no": func(c *Config) { c.Clients = nil },
		"clients 0":   func(c *Config) { c.Clients = []int{1, 0} },
		"keys 0":      func(c *Config) { c.Keys = 0 },
		"size 0":      func(c *Config) { c.Size = 0 },
	} {
		c := good
		change(&c)
		require.ErrorContains(t, c.Check(), want)
	}
}

// Every value is in the text, and on a line of its own of the JSON.
func TestOutput(t *testing.T) {
	r := Result{Tables: []Table{{
		Name: "wan", Title: "Loops", Unit: "ms", Columns: []string{"here", "there"},
		Rows: []Row{
			{"theirs", Paper, []Cell{{}, one(12.5)}},
			{"ours", Machine, []Cell{{[]float64{3, 1, 2}}, one(1e6)}},
		},
		Conditions: []string{"on a Sunday"},
	}}}
	var text, json strings.Builder
	require.NoError(t, r.Text(&text))
	for _, want := range []string{"wan: Loops, in ms", "12.5", "2 (1 to 3)", "1000000", "on a Sunday"} {
		require.Contains(t, text.String(), want)
	}
	require.NoError(t, r.JSON(&json))
	lines := strings.Split(strings.TrimSpace(json.String()), "\n")
	require.Len(t, lines, 3)
	require.Contains(t, lines[1], `"row":"ours","source":"measured here","column":"here","unit":"ms",`+
		`"median":2,"min":1,"max":3,"values":[3,1,2]`)
}

// A command that does not fit, or is none, changes nothing.
func TestCounters(t *testing.T) {
	var c Counters
	c.Apply(SetCommand(1, 0, 5))
	c.Apply(SetCommand(1, 0, 6))
	c.Apply(ReadCommand(1))
	c.Apply([]byte{0x80})
	c.Apply(SetCommand(2, 3, 4))
	require.EqualValues(t, 5, c.Value(1))
	require.Zero(t, c.Value(2))
}

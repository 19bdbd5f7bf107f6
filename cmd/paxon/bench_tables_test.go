package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBenchTables(t *testing.T) {
	dir := t.TempDir()
	lines := filepath.Join(dir, "lines.ndjson")
	r := paxon(t, "", "bench", "--table", "wan", "--quick", "--scale", "0.01", "--plots", dir, "--json",
		lines, "--dir", t.TempDir())
	require.Zero(t, r.status, r.stderr)
	assert.Empty(t, r.stderr, "no bar without a terminal")
	assert.Contains(t, r.stdout, "wan-simulated: ")
	assert.Contains(t, r.stdout, "Gryadka 1.61.8 (CASPaxos)")
	assert.Contains(t, r.stdout, "round trips 0.01 of the paper's")
	assert.Contains(t, r.stdout, "without etcd: --etcd names the program")
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	assert.Equal(t, []string{
		"lines.ndjson", "wan-machine.png", "wan-machine.svg", "wan-simulated.png", "wan-simulated.svg",
	}, names)
}

func TestBenchTablesMistakes(t *testing.T) {
	for want, args := range map[string][]string{
		`--table "lan": expected all or one of wan, isolation, kv`: {"--table", "lan"},
		"--table and --figure: expected one of them":               {"--table", "wan", "--figure", "27"},
		"--table and --processes: expected one of them":            {"--table", "wan", "--processes", "5"},
		`--scale "paper": expected a number above 0`:               {"--table", "wan", "--scale", "paper"},
		"--scale 2: expected a number above 0":                     {"--table", "wan", "--scale", "2"},
		"--size [1 2]: expected one":                               {"--table", "kv", "--size", "1,2"},
		"--clients 0: expected 1 to":                               {"--table", "kv", "--clients", "1,0"},
		"--keys 0: expected 1 to":                                  {"--table", "kv", "--keys", "0"},
		"--repeat 0: expected 1 or more":                           {"--table", "kv", "--repeat", "0"},
		"--quick and --duration: expected one of them": {
			"--table", "kv", "--quick", "--duration", "1s",
		},
		"--plots nowhere: expected an existing directory": {"--table", "wan", "--plots", "nowhere"},
	} {
		r := paxon(t, "", append([]string{"bench"}, args...)...)
		assert.Equal(t, 2, r.status, "%v", args)
		assert.Contains(t, r.stderr, want)
		assert.Empty(t, r.stdout)
	}
}

func TestBenchTablesWithoutPrograms(t *testing.T) {
	r := paxon(t, "", "bench", "--table", "wan", "--etcd", "/no/such/program")
	assert.Equal(t, 1, r.status)
	assert.Contains(t, r.stderr, "expected the program of bench/etcd")
	t.Setenv("PATH", t.TempDir())
	r = paxon(t, "", "bench", "--table", "kv")
	assert.Equal(t, 1, r.status)
	assert.Contains(t, r.stderr, "apt-get install redis-tools redis-server")
}

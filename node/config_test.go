package node

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/process"
	"paxon/wire"
)

const goodConfig = `cluster: demo
process: 1
variant: paxos
dir: ./data/1
peers:
  1: 127.0.0.1:7101
  2: 127.0.0.1:7102
  3: 127.0.0.1:7103
api: 127.0.0.1:7201
`

func writeConfig(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "node.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestReadConfig(t *testing.T) {
	c, err := ReadConfig(writeConfig(t, goodConfig+"codec: hashicorp\nlog: debug\nretainBytes: 1048576\n"))
	require.NoError(t, err)
	require.Equal(t, Config{
		Cluster: "demo", Process: 1, Variant: "paxos", Dir: "./data/1",
		Peers: map[process.ID]string{1: "127.0.0.1:7101", 2: "127.0.0.1:7102", 3: "127.0.0.1:7103"},
		API:   "127.0.0.1:7201", Codec: wire.Hashicorp, Log: "debug", RetainBytes: 1 << 20,
	}, c)
	c, err = ReadConfig(writeConfig(t, goodConfig))
	require.NoError(t, err)
	require.Equal(t, wire.Vmihailenco, c.codec())
	c, err = ReadConfig(writeConfig(t, strings.Replace(goodConfig, "variant: paxos\n", "", 1)))
	require.NoError(t, err)
	require.Equal(t, "fall+spring", c.variant())
}

func TestMistakesInAConfig(t *testing.T) {
	for _, test := range []struct {
		name, old, replacement string
		says                   []string
	}{
		{"unknown key", "api:", "apy:", []string{"[9:1]", `"apy"`}},
		{"key twice", "api: 127.0.0.1:7201", "cluster: b", []string{"[9:1]", "cluster"}},
		{"no YAML", "cluster: demo", "cluster: [", []string{"node.yaml"}},
		{"wrong type", "process: 1", "process: one", []string{"[2:10]"}},
		{"negative process", "process: 1", "process: -1", []string{"[2:10]"}},
		{"not a peer", "process: 1", "process: 4", []string{"process: 4", "[1 2 3]"}},
		{"no process", "process: 1\n", "", []string{"process: 0", "[1 2 3]"}},
		{"unknown variant", "variant: paxos", "variant: raft", []string{`"raft"`, "crash-stop", "paxos"}},
		{"no disks", "variant: paxos", "variant: summer", []string{"disks: none", "summer"}},
		{"needless disks", "api:", "disks: [a, b, c]\napi:", []string{"disks: 3 for paxos", "none"}},
		{"season twice", "variant: paxos", "variant: fall+fall", []string{"fall is there twice"}},
		{"no cluster", "demo", `""`, []string{"cluster: a name of 0 bytes", "1 to 255"}},
		{"no directory", "dir: ./data/1\n", "", []string{"dir: nothing", "directory"}},
		{"no port", "127.0.0.1:7102", "127.0.0.1", []string{"peers: 2", `"127.0.0.1"`, "host:port"}},
		{"large port", "7102", "71020", []string{"peers: 2", "65535"}},
		{"address twice", "7102", "7101", []string{"peers: 2", "peers: 1"}},
		{"address of a peer", "7201", "7103", []string{"api", "peers: 3"}},
		{"process 0", "  2:", "  0:", []string{"process 0", "1 to 99"}},
		{"process 100", "  2:", "  100:", []string{"process 100", "1 to 99"}},
		{"unknown codec", "api:", "codec: json\napi:", []string{`codec: "json"`, "msgpack", "hashicorp"}},
		{
			"negative retention", "api:", "retainBytes: -1\napi:",
			[]string{"retainBytes: -1", "0 to keep the whole history"},
		},
		{"unknown level", "api:", "log: loud\napi:", []string{`log: "loud"`, "debug"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := strings.Replace(goodConfig, test.old, test.replacement, 1)
			require.NotEqual(t, goodConfig, text)
			_, err := ReadConfig(writeConfig(t, text))
			var wrong *ConfigError
			require.ErrorAs(t, err, &wrong)
			for _, part := range append(test.says, "node.yaml") {
				require.ErrorContains(t, err, part)
			}
		})
	}
}

func TestAConfigThatCannotBeRead(t *testing.T) {
	_, err := ReadConfig(filepath.Join(t.TempDir(), "node.yaml"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = ReadConfig(t.TempDir())
	require.Error(t, err)
	_, err = ReadConfig(writeConfig(t, strings.Repeat("#\n", maxConfigBytes)))
	require.ErrorContains(t, err, "longer")
	_, err = ReadConfig(writeConfig(t, ""))
	require.Error(t, err)
}

func TestOptionsAreChecked(t *testing.T) {
	c := newCluster(t, 1, "paxos", func(c *Config) { c.Options.Limits.Window = 0 })
	_, err := Open(c.configs[1])
	var wrong *ConfigError
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, "options", wrong.Key)
}

package host

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/sirupsen/logrus"

	"paxon/caspaxos"
	"paxon/node"
	"paxon/process"
)

// Config says which process of which cluster this one is. The yaml names are those of a kv.yaml.
type Config struct {
	// Cluster names the cluster. Processes of different clusters refuse each other.
	Cluster string `yaml:"cluster"`
	// Process is the id of this process, one of Peers.
	Process process.ID `yaml:"process"`
	// Peers are the processes that the cluster began with, this one included, each with host:port of
	// its links.
	Peers map[process.ID]string `yaml:"peers"`
	// Join says that this process was not among those, and waits to be added.
	Join bool `yaml:"join"`
	// Dir is the directory of this process's stable storage, its alone.
	Dir string `yaml:"dir"`
	// Redis is host:port of the server for clients.
	Redis string `yaml:"redis"`
	// Prepare and Accept are the quorums that the cluster begins with, by default majorities.
	Prepare Quorums `yaml:"prepare"`
	Accept  Quorums `yaml:"accept"`
	// Fsync is true by default. False has nothing forced to the disk: a crash of the machine may lose
	// what was acknowledged.
	Fsync *bool `yaml:"fsync"`
	// Log is the least severe logrus level that is logged, by default info.
	Log string `yaml:"log"`
	// Logger takes the log, by default a new logrus logger to stderr at level Log.
	Logger logrus.FieldLogger `yaml:"-"`
}

// Quorums are a number of processes, or the sets that are enough.
type Quorums struct {
	Least int
	Sets  [][]process.ID
}

// UnmarshalYAML reads a number, or a list of lists of ids.
func (q *Quorums) UnmarshalYAML(unmarshal func(any) error) error {
	if unmarshal(&q.Least) == nil {
		if q.Least < 1 {
			return fmt.Errorf("a quorum of %d processes: expected 1 or more", q.Least)
		}
		return nil
	}
	if unmarshal(&q.Sets) != nil || len(q.Sets) == 0 {
		return errors.New("quorums: expected a number of processes, or a list of lists of their ids")
	}
	for _, set := range q.Sets {
		slices.Sort(set)
	}
	return nil
}

// of is the quorums among some processes, none if nothing was given.
func (q Quorums) of(among []process.ID) caspaxos.Quorums {
	switch {
	case len(q.Sets) > 0:
		return caspaxos.Quorums{Sets: q.Sets}
	case q.Least > 0:
		return caspaxos.Quorums{Among: among, Least: q.Least}
	}
	return caspaxos.Quorums{}
}

// ReadConfig reads a kv.yaml and checks it. The error is a *node.ConfigError.
func ReadConfig(path string) (Config, error) {
	return node.ReadYAML[Config](path, "a kv.yaml",
		"cluster, process, peers, join, dir, redis, prepare, accept, fsync and log")
}

// Check says what is wrong with the configuration, as a *node.ConfigError, nil if nothing is.
func (c Config) Check() error {
	if c.Redis == "" {
		return &node.ConfigError{
			Key: "redis", Came: "nothing", Expected: "host:port for clients, such as 127.0.0.1:6379",
		}
	}
	return c.registers().Check()
}

// registers is the part of the registers.
func (c Config) registers() node.RegistersConfig {
	ids := slices.Sorted(maps.Keys(c.Peers))
	r := node.RegistersConfig{
		Cluster: c.Cluster, Process: c.Process, Dir: c.Dir, Peers: c.Peers, Join: c.Join,
		Prepare: c.Prepare.of(ids), Accept: c.Accept.of(ids), Log: c.Log, Logger: c.Logger,
	}
	r.Storage.Unforced = c.Fsync != nil && !*c.Fsync
	return r
}

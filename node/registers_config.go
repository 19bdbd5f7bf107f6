package node

import (
	"fmt"
	"slices"

	"paxon/caspaxos"
	"paxon/node/storage"
	"paxon/process"
	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/wire"

	"github.com/sirupsen/logrus"
)

// RegistersConfig says which process of which cluster of CASPaxos this one is.
type RegistersConfig struct {
	// Cluster, Process, Dir and Codec are those of Config.
	Cluster string
	Process process.ID
	Dir     string
	Codec   wire.Kind
	// Registers names the registers that there is one of for each key: those of "paxos", the
	// default, "crash-stop" or "winter". The last two have no list of keys, collect nothing, and
	// keep their membership.
	Registers string
	// Peers are the processes that the cluster began with, this one included, each with host:port of
	// its links. What a configuration says of a process counts more.
	Peers map[process.ID]string
	// Join says that this process was not among those that the cluster began with, and waits to be
	// added. Peers are then this one, and at least one that is a member.
	Join bool
	// Prepare and Accept are the quorums that the cluster begins with, majorities if there are none.
	Prepare, Accept caspaxos.Quorums
	// Log is the least severe logrus level that is logged, by default info.
	Log string
	// Listen is where the links listen if not at this process's address in Peers.
	Listen string
	// Options are the knobs of the parts, by default caspaxos.DefaultOptions.
	Options *caspaxos.Options
	// Storage are the knobs of the storage. Volatile is set by the registers.
	Storage storage.Options
	// Logger takes the log, by default a new logrus logger to stderr at level Log.
	Logger logrus.FieldLogger
}

// Check says what is wrong with the configuration, as a *ConfigError, nil if nothing is.
func (c RegistersConfig) Check() error {
	as := c.config()
	for _, check := range []func() error{
		as.checkName, as.checkPeers, as.checkAddresses, as.checkKnobs, c.checkRegisters, c.checkQuorums,
		c.checkOptions,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// config is the part that a Config has, too.
func (c RegistersConfig) config() Config {
	return Config{
		Cluster: c.Cluster, Process: c.Process, Dir: c.Dir, Peers: c.Peers, Codec: c.Codec, Log: c.Log,
		Logger: c.Logger,
	}
}

func (c RegistersConfig) checkRegisters() error {
	variant, err := c.registers()
	if err != nil {
		return err
	}
	if err := variant.Check(len(c.Peers)); err != nil && !c.Join {
		return &ConfigError{
			Key: "peers", Came: err.Error(), Expected: "as many as " + variant.Name + " assumes", Err: err,
		}
	}
	if c.Join && (len(c.Peers) < 2 || !variant.Recovers) {
		return &ConfigError{
			Key: "join", Came: fmt.Sprintf("%d peers and registers of %s", len(c.Peers), variant.Name),
			Expected: "this process and at least one member, and registers of paxos",
		}
	}
	return nil
}

func (c RegistersConfig) checkQuorums() error {
	if c.Join && (c.Prepare.Members() != nil || c.Accept.Members() != nil) {
		return &ConfigError{
			Key: "join", Came: "quorums", Expected: "none: they are those of the cluster",
		}
	}
	initial := c.initial()
	for _, id := range initial.Acceptors() {
		if !slices.Contains(initial.Proposers, id) {
			return &ConfigError{
				Key: "quorums", Came: fmt.Sprintf("process %d", id),
				Expected: fmt.Sprintf("some of %d", initial.Proposers),
			}
		}
	}
	if err := initial.Check(); err != nil {
		return &ConfigError{
			Key: "quorums", Came: err.Error(), Expected: "any two of prepare and accept to meet", Err: err,
		}
	}
	return nil
}

func (c RegistersConfig) checkOptions() error {
	o := c.options()
	err := o.Limits.Check()
	if err == nil && o.Retransmit.Window < o.Limits.RetransmitWindow() {
		err = fmt.Errorf("retransmission keeps %d messages per peer: the limits need %d",
			o.Retransmit.Window, o.Limits.RetransmitWindow())
	}
	if err != nil {
		return &ConfigError{Key: "options", Came: err.Error(), Expected: "what it says", Err: err}
	}
	return nil
}

// registers is the variant whose registers there are.
func (c RegistersConfig) registers() (seasons.Variant, error) {
	offered := []string{seasons.Paxos().Name, seasons.CrashStop().Name, "winter"}
	name := c.Registers
	if name == "" {
		name = offered[0]
	}
	if !slices.Contains(offered, name) {
		return seasons.Variant{}, &ConfigError{
			Key: "registers", Came: fmt.Sprintf("%q", name), Expected: fmt.Sprintf("one of %q", offered),
		}
	}
	return catalog.ByName(name)
}

// variant is what a directory and the links say that this is.
func (c RegistersConfig) variant() string {
	if c.Registers == "" || c.Registers == seasons.Paxos().Name {
		return "caspaxos"
	}
	return "caspaxos on " + c.Registers
}

func (c RegistersConfig) options() caspaxos.Options {
	if c.Options != nil {
		return *c.Options
	}
	return caspaxos.DefaultOptions()
}

// initial is the configuration that the cluster began with, or, for a process that joins, one that
// it takes no part in, until it hears of a later one.
func (c RegistersConfig) initial() caspaxos.Configuration {
	members := c.ids()
	if c.Join {
		members = slices.DeleteFunc(members, func(id process.ID) bool { return id == c.Process })
	}
	prepare, accept := c.Prepare, c.Accept
	if prepare.Members() == nil {
		prepare = caspaxos.MajorityOf(members)
	}
	if accept.Members() == nil {
		accept = caspaxos.MajorityOf(members)
	}
	return caspaxos.Flexible(members, prepare, accept)
}

func (c RegistersConfig) ids() []process.ID { return c.config().ids() }

func (c RegistersConfig) codec() wire.Kind { return c.config().codec() }

func (c RegistersConfig) logger() (logrus.FieldLogger, error) { return c.config().logger() }

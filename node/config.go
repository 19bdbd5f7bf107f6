package node

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/sirupsen/logrus"

	"paxon/node/storage"
	"paxon/process"
	"paxon/register"
	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/tob"
	"paxon/wire"
)

// Config says which process of which cluster this one is. The fields with a yaml name are
// those of a node.yaml.
type Config struct {
	// Cluster names the cluster, in 1 to 255 bytes. Processes of different clusters refuse each
	// other.
	Cluster string `yaml:"cluster"`
	// Process is the id of this process, one of Peers.
	Process process.ID `yaml:"process"`
	// Variant names the composition to run, by default catalog.Default: see catalog.Names. It
	// must be that of all peers.
	Variant string `yaml:"variant"`
	// Dir is the directory of this process's stable storage, its alone.
	Dir string `yaml:"dir"`
	// Peers are all processes, this one included, each with host:port of its links. The ids
	// are 1 to MaxProcesses.
	Peers map[process.ID]string `yaml:"peers"`
	// Disks are the directories of the shared disks of a variant with summer, formatted for the
	// cluster (disks.Format) and at all processes in the same order.
	Disks []string `yaml:"disks"`
	// API is host:port of the HTTP API, for those who serve it; it may be empty.
	API string `yaml:"api"`
	// Codec chooses the MessagePack library, by default wire.Vmihailenco.
	Codec wire.Kind `yaml:"codec"`
	// RetainBytes is how much of the history is kept, in bytes, behind what every process has
	// delivered durably: for those who read from a position, and to help a process that is behind.
	// What is older goes by itself. 0, the default, keeps everything until Truncate.
	RetainBytes int64 `yaml:"retainBytes"`
	// Log is the least severe logrus level that is logged, by default info.
	Log string `yaml:"log"`

	// Listen is where the links listen if not at this process's address in Peers.
	Listen string `yaml:"-"`
	// Options are the knobs of the parts, by default seasons.DefaultOptions.
	Options *seasons.Options `yaml:"-"`
	// Storage are the knobs of the storage. Volatile is set by the variant.
	Storage storage.Options `yaml:"-"`
	// Deliver, if there is one, is TO-Deliver of each message that is delivered after the start, in
	// order. It is called on the loop, which it holds up: it must not wait, nor call methods of the
	// node. What was delivered before is there for a Cursor.
	Deliver func(d Delivery) `yaml:"-"`
	// DeliverBatch, if there is one, is Deliver of all that an instance delivers in one call, which costs
	// less for each message. The batch begins before the first of them, and there may be none; payloads
	// may be kept, but each keeps the whole batch. With both, it is called first.
	DeliverBatch func(in register.Instance, batch tob.Scanner) `yaml:"-"`
	// Logger takes the log, by default a new logrus logger to stderr at level Log.
	Logger logrus.FieldLogger `yaml:"-"`
}

// MaxProcesses bounds the ids, and so the number, of the processes of a cluster.
const MaxProcesses = 99

const maxName = 255

// ConfigError says which key of a configuration cannot be used.
type ConfigError struct {
	// File is where the configuration was read, empty if it was made in the program.
	File string
	// Key is the one in question, empty if it is the file as a whole.
	Key string
	// Came is what was found, Expected what should have been.
	Came, Expected string
	// Err is the error below, if there is one.
	Err error
}

func (e *ConfigError) Error() string {
	where := "the configuration"
	if e.File != "" {
		where = e.File
	}
	if e.Key != "" {
		where += ": " + e.Key
	}
	return fmt.Sprintf("%s: %s: expected %s", where, e.Came, e.Expected)
}

// Unwrap returns the error below.
func (e *ConfigError) Unwrap() error { return e.Err }

// maxConfigBytes bounds a configuration.
const maxConfigBytes = 1 << 20

// ReadConfig reads a node.yaml and checks it. The error is a *ConfigError.
func ReadConfig(path string) (Config, error) {
	return ReadYAML[Config](path, "a node.yaml",
		"cluster, process, variant, dir, peers, disks, api, codec and log")
}

// ReadYAML reads a configuration, which is called what, with some keys, and checks it. The error is a
// *ConfigError.
func ReadYAML[C interface{ Check() error }](path, what, keys string) (C, error) {
	var c, none C
	unreadable := func(err error) (C, error) {
		return none, &ConfigError{
			File: path, Came: err.Error(), Expected: what + " that can be read", Err: err,
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return unreadable(err)
	}
	defer f.Close() //nolint:errcheck // It was only read.
	text, err := io.ReadAll(io.LimitReader(f, maxConfigBytes+1))
	if err != nil {
		return unreadable(err)
	}
	if len(text) > maxConfigBytes {
		return unreadable(fmt.Errorf("it is longer than %d bytes", maxConfigBytes))
	}
	if err := yaml.UnmarshalWithOptions(text, &c, yaml.Strict()); err != nil {
		return none, &ConfigError{
			File: path, Came: yaml.FormatError(err, false, true),
			Expected: "the keys " + keys + ", each once", Err: err,
		}
	}
	if err := c.Check(); err != nil {
		if wrong, ok := errors.AsType[*ConfigError](err); ok {
			wrong.File = path
		}
		return none, err
	}
	return c, nil
}

// Check says what is wrong with the configuration, as a *ConfigError, nil if nothing is.
func (c Config) Check() error {
	for _, check := range []func() error{
		c.checkNames, c.checkPeers, c.checkAddresses, c.checkKnobs,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (c Config) checkNames() error {
	if err := c.checkName(); err != nil {
		return err
	}
	return c.checkVariant()
}

func (c Config) checkName() error {
	if c.Cluster == "" || len(c.Cluster) > maxName {
		return &ConfigError{
			Key: "cluster", Came: fmt.Sprintf("a name of %d bytes", len(c.Cluster)),
			Expected: fmt.Sprintf("1 to %d", maxName),
		}
	}
	if c.Dir == "" {
		return &ConfigError{
			Key: "dir", Came: "nothing", Expected: "a directory for this process alone",
		}
	}
	return nil
}

func (c Config) checkVariant() error {
	variant, err := catalog.ByName(c.variant())
	if err == nil {
		return c.checkAssumptions(variant)
	}
	came := strconv.Quote(c.Variant)
	if _, unknown := errors.AsType[*catalog.UnknownError](err); !unknown {
		came += ": " + err.Error()
	}
	return &ConfigError{
		Key: "variant", Came: came, Expected: "one of " + strings.Join(catalog.Names(), ", "), Err: err,
	}
}

func (c Config) checkAssumptions(variant seasons.Variant) error {
	if err := c.checkDisks(variant); err != nil {
		return err
	}
	if err := variant.Check(len(c.Peers)); err != nil {
		return &ConfigError{
			Key: "peers", Came: err.Error(), Expected: "as many as " + variant.Name + " assumes", Err: err,
		}
	}
	return nil
}

func (c Config) checkPeers() error {
	if len(c.Peers) == 0 {
		return &ConfigError{
			Key: "peers", Came: "none", Expected: "all processes, this one included, as id: host:port",
		}
	}
	for _, id := range c.ids() {
		if id == 0 || id > MaxProcesses {
			return &ConfigError{
				Key: "peers", Came: fmt.Sprintf("process %d", id),
				Expected: fmt.Sprintf("ids from 1 to %d", MaxProcesses),
			}
		}
	}
	if _, ok := c.Peers[c.Process]; !ok {
		return &ConfigError{
			Key: "process", Came: strconv.FormatUint(uint64(c.Process), 10),
			Expected: fmt.Sprintf("one of peers, %d", c.ids()),
		}
	}
	return nil
}

func (c Config) checkAddresses() error {
	user := map[string]string{}
	check := func(key, address string) error {
		if err := checkAddress(key, address); err != nil {
			return err
		}
		if other := user[address]; other != "" && !strings.HasSuffix(address, ":0") {
			return &ConfigError{
				Key: key, Came: address, Expected: "an address of its own, not that of " + other,
			}
		}
		user[address] = key
		return nil
	}
	for _, id := range c.ids() {
		if err := check(fmt.Sprintf("peers: %d", id), c.Peers[id]); err != nil {
			return err
		}
	}
	if c.API == "" {
		return nil
	}
	return check("api", c.API)
}

// checkAddress says what is wrong with an address, as a *ConfigError, nil if nothing is.
func checkAddress(key, address string) error {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return &ConfigError{
			Key: key, Came: strconv.Quote(address),
			Expected: "host:port with a port of at most 65535", Err: err,
		}
	}
	return nil
}

func (c Config) checkKnobs() error {
	if _, err := wire.New(c.codec()); err != nil {
		return &ConfigError{
			Key: "codec", Came: strconv.Quote(string(c.Codec)),
			Expected: fmt.Sprintf("%q or %q", wire.Vmihailenco, wire.Hashicorp), Err: err,
		}
	}
	if _, err := c.level(); err != nil {
		return &ConfigError{
			Key: "log", Came: strconv.Quote(c.Log), Expected: fmt.Sprintf("one of %v", logrus.AllLevels),
			Err: err,
		}
	}
	if c.RetainBytes < 0 {
		return &ConfigError{
			Key: "retainBytes", Came: strconv.FormatInt(c.RetainBytes, 10),
			Expected: "0 to keep the whole history, or how many bytes of it to keep",
		}
	}
	if c.Options != nil {
		if err := c.Options.Check(); err != nil {
			return &ConfigError{Key: "options", Came: err.Error(), Expected: "what it says", Err: err}
		}
	}
	return nil
}

// ids are the processes in ascending order.
func (c Config) ids() []process.ID { return slices.Sorted(maps.Keys(c.Peers)) }

func (c Config) variant() string {
	if c.Variant == "" {
		return catalog.Default
	}
	return c.Variant
}

func (c Config) codec() wire.Kind {
	if c.Codec == "" {
		return wire.Vmihailenco
	}
	return c.Codec
}

func (c Config) level() (logrus.Level, error) {
	if c.Log == "" {
		return logrus.InfoLevel, nil
	}
	return logrus.ParseLevel(c.Log)
}

// logger is the one given, or a new one.
func (c Config) logger() (logrus.FieldLogger, error) {
	if c.Logger != nil {
		return c.Logger, nil
	}
	level, err := c.level()
	if err != nil {
		return nil, err
	}
	l := logrus.New()
	l.SetLevel(level)
	return l, nil
}

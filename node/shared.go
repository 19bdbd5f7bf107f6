package node

import (
	"fmt"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"paxon/node/disks"
	"paxon/process"
	"paxon/register"
	"paxon/seasons"
	"paxon/wire"
)

// patience is how long shared disks that hang are waited for when a process stops.
const patience = time.Second

// openDisks begins to use the disks that all processes share, for a variant that has them.
func (n *Node) openDisks(
	variant seasons.Variant, records *wire.Codec,
) (*disks.Disks[register.Copy], error) {
	if !variant.Disks {
		return nil, nil
	}
	return disks.Open(disks.Config[register.Copy]{
		Cluster: n.config.Cluster, Process: n.config.Process, Processes: n.config.ids(),
		Paths: n.config.Disks, Post: n.inbox.post, Report: n.diskChanged,
		Encode: func(dst []byte, b register.Copy) ([]byte, error) { return records.Append(dst, b) },
		Decode: func(encoded []byte) (register.Copy, error) {
			v, err := records.Decode(encoded)
			if err != nil {
				return register.Copy{}, err
			}
			b, ok := v.(register.Copy)
			if !ok {
				return b, fmt.Errorf("it holds a %T, expected a %T", v, b)
			}
			return b, nil
		},
	})
}

// failing is the shared disks that fail now. It is safe for concurrent use.
type failing struct {
	mu    sync.Mutex
	disks map[int]bool
}

// set notes whether a disk fails, and returns how many do.
func (f *failing) set(disk int, fails bool) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.disks == nil {
		f.disks = map[int]bool{}
	}
	if fails {
		f.disks[disk] = true
	} else {
		delete(f.disks, disk)
	}
	return len(f.disks)
}

// count is how many fail.
func (f *failing) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.disks)
}

// diskChanged hears that a shared disk fails, or works again.
func (n *Node) diskChanged(disk int, path string, err error) {
	fail := n.failing.set(disk, err != nil)
	log := n.log.WithFields(logrus.Fields{
		"disk": disk + 1, "of": len(n.config.Disks), "failing": fail, "path": path,
	})
	switch {
	case err == nil:
		log.Info("shared disk works again")
	case n.majorityFails():
		log.WithError(err).Error(noMajority)
	default:
		log.WithError(err).Error("shared disk fails; a majority is left, so the process goes on")
	}
}

const noMajority = "no majority of the shared disks is left: nothing is decided until one is back"

// majorityFails says whether there are shared disks, and too few of them to decide anything.
func (n *Node) majorityFails() bool {
	all := len(n.config.Disks)
	return all > 0 && all-n.failing.count() < process.Majority(all)
}

// checkDisks says what is wrong with the disks of a configuration, as a *ConfigError, nil if
// nothing is.
func (c Config) checkDisks(variant seasons.Variant) error {
	switch {
	case variant.Disks && len(c.Disks) == 0:
		return &ConfigError{
			Key: "disks", Came: "none for " + variant.Name + ", which assumes shared disks",
			Expected: "the directories of the disks that all processes share, 3 to do without one",
		}
	case !variant.Disks && len(c.Disks) > 0:
		return &ConfigError{
			Key: "disks", Came: fmt.Sprintf("%d for %s", len(c.Disks), variant.Name),
			Expected: "none, or a variant with summer, which shares disks",
		}
	}
	return nil
}

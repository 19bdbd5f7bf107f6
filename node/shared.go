package node

import (
	"fmt"
	"time"

	"github.com/sirupsen/logrus"

	"paxon/node/disks"
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

// diskChanged hears that a shared disk fails, or works again. Without a majority of them nothing
// is decided.
func (n *Node) diskChanged(disk int, path string, err error) {
	log := n.log.WithFields(logrus.Fields{
		"disk": disk + 1, "of": len(n.config.Disks), "path": path,
	})
	if err != nil {
		log.WithError(err).Error("shared disk fails; what needs it waits until it is back")
		return
	}
	log.Info("shared disk works again")
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

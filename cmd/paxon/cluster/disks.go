package cluster

import (
	"errors"
	"fmt"
	"path/filepath"

	"paxon/node/disks"
	"paxon/seasons"
)

// clusterName is that of all clusters that Local runs.
const clusterName = "local"

// localDisks is how many directories stand for the shared disks of a variant that has them.
const localDisks = 3

// shareDisks makes the shared disks of a variant that has them, unless an earlier run has made them.
func shareDisks(dir string, variant seasons.Variant) ([]string, error) {
	if !variant.Disks {
		return nil, nil
	}
	paths := make([]string, localDisks)
	for i := range paths {
		paths[i] = filepath.Join(dir, fmt.Sprintf("disk%d", i+1))
	}
	err := disks.Format(clusterName, paths)
	if _, again := errors.AsType[*disks.FormattedError](err); again {
		return paths, nil
	}
	return paths, err
}

package sim

import "strings"

// String lists the kinds of fault as ParseFaults reads them.
func (f Faults) String() string {
	on := []bool{f.Loss, f.Duplicates, f.Delay, f.Old, f.Partitions, f.Crashes, f.Disks}
	var names []string
	for i, name := range FaultNames() {
		if on[i] {
			names = append(names, name)
		}
	}
	switch len(names) {
	case 0:
		return "none"
	case len(on):
		return "all"
	}
	return strings.Join(names, ",")
}

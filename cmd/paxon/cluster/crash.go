package cluster

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"paxon/process"
)

// Crash asks for a process to be killed when a share of the input, in percent of its bytes, is
// broadcast.
type Crash struct {
	Process process.ID
	Percent float64
}

// ParseCrash reads ID@PERCENT, such as 1@30. The error is a *CrashError.
func ParseCrash(s string) (Crash, error) {
	id, percent, ok := strings.Cut(s, "@")
	p, err1 := strconv.ParseUint(id, 10, 32)
	share, err2 := strconv.ParseFloat(percent, 64)
	if !ok || err1 != nil || err2 != nil {
		return Crash{}, &CrashError{strconv.Quote(s), "ID@PERCENT, such as 1@30"}
	}
	if !(share >= 0 && share <= 100) { // Not a number compares with nothing.
		return Crash{}, &CrashError{fmt.Sprintf("at %s percent", percent), "0 to 100"}
	}
	return Crash{process.ID(p), share}, nil
}

// CheckCrashes says whether n processes can take these crashes, and sorts them by the time at
// which they are due. The error is a *CrashError.
func CheckCrashes(crashes []Crash, n int, recovers bool) error {
	dead := map[process.ID]bool{}
	for _, c := range crashes {
		if c.Process < 1 || int(c.Process) > n {
			return &CrashError{
				fmt.Sprintf("of process %d of %d", uint32(c.Process), n), fmt.Sprintf("1 to %d", n),
			}
		}
		if dead[c.Process] && !recovers {
			return &CrashError{
				fmt.Sprintf("of process %d twice", uint32(c.Process)),
				"once, for a crash-stop process never comes back",
			}
		}
		dead[c.Process] = true
	}
	if most := n - process.Majority(n); !recovers && len(dead) > most {
		return &CrashError{
			fmt.Sprintf("of %d of %d crash-stop processes", len(dead), n),
			fmt.Sprintf("at most %d, so that a majority is left, or the variant paxos", most),
		}
	}
	slices.SortStableFunc(crashes, func(a, b Crash) int { return cmp.Compare(a.Percent, b.Percent) })
	return nil
}

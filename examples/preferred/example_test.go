package preferred_test

import (
	"fmt"
	"strings"

	"paxon/examples/preferred"
	"paxon/seasons"
	"paxon/seasons/fall"
	"paxon/seasons/spring"
	"paxon/sim"
)

// Of three processes p3 leads whenever it is up, p1 while it is not.
func Example() {
	v, err := seasons.Compose(preferred.Season(3, 1, 2), fall.Season())
	if err != nil {
		panic(err)
	}
	result := sim.Run(sim.DefaultConfig(v, 3), 1, nil)
	fmt.Println(v.Name, "delivers:", result.Delivered > 0, "violation:", result.Violation)

	_, err = seasons.Compose(preferred.Season(3, 1, 2), spring.Season())
	fmt.Println(strings.NewReplacer("; ", ";\n", ": ", ":\n").Replace(err.Error()))
	// Output:
	// fall+preferred delivers: true violation: <nil>
	// preferred and spring cannot be combined:
	// preferred assumes that no process crashes and recovers for ever;
	// spring assumes a correct majority;
	// the other processes may crash and recover for ever
}

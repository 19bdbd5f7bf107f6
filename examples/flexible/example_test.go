package flexible_test

import (
	"fmt"

	"paxon/examples/flexible"
	"paxon/seasons"
	"paxon/seasons/spring"
	"paxon/sim"
)

// Six processes in a grid: a read needs the answers of a row, a write those of a column, which
// are two of six.
func Example() {
	season, err := flexible.Season(flexible.System{
		Read:   []flexible.Quorum{{1, 2, 3}, {4, 5, 6}},
		Write:  []flexible.Quorum{{1, 4}, {2, 5}, {3, 6}},
		Faulty: 1,
	})
	if err != nil {
		panic(err)
	}
	v, err := seasons.Compose(season, spring.Season())
	if err != nil {
		panic(err)
	}
	result := sim.Run(sim.DefaultConfig(v, 6), 1, nil)
	fmt.Println(v.Name, "delivers:", result.Delivered > 0, "violation:", result.Violation)

	_, err = flexible.Season(flexible.System{
		Read:  []flexible.Quorum{{1, 2}, {3, 4}},
		Write: []flexible.Quorum{{1, 3}, {2, 4}, {1, 2}},
	})
	fmt.Println(err)
	// Output:
	// flexible+spring delivers: true violation: <nil>
	// reads by [p3 p4] miss writes by [p1 p2]: expected a common process
}

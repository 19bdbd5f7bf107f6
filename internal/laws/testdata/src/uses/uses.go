// Package uses takes of allowed packages what is not allowed.
package uses

import (
	"fmt"
	"math/rand/v2"
	. "time"
	clock "time"
)

var started = clock.Now() // want `time.Now: only the clock that is given tells time`

func violations(
	t clock.Time, // want `time.Time`
	n int,
) {
	clock.Sleep(clock.Second)        // want `time.Sleep`
	Sleep(Second)                    // want `time.Sleep`
	clock.AfterFunc(0, func() {})    // want `time.AfterFunc`
	_, _ = t.Unix(), clock.RFC3339   // want `time.Unix` `time.RFC3339`
	after := clock.After             // want `time.After`
	_ = clock.Tick                   // want `time.Tick`
	_ = clock.NewTimer               // want `time.NewTimer`
	_, _ = clock.ParseDuration("1s") // want `time.ParseDuration`
	_ = rand.IntN(n)                 // want `rand.IntN: use the process.Rand that is given`
	_ = rand.N(n)                    // want `rand.N`
	_ = rand.New(rand.NewPCG(1, 2))  // want `rand.New` `rand.NewPCG`
	fmt.Println(n)                   // want `fmt.Println: a part has no terminal`
	fmt.Printf("%d", n)              // want `fmt.Printf`
	fmt.Scanln(&n)                   // want `fmt.Scanln`
	print(n)                         // want `print: a part has no terminal`
	println(n)                       // want `println: a part has no terminal`
	_ = after
}

func harmless(r *rand.Rand, d clock.Duration) (rand.Source, string) {
	if d.Seconds() > 1 {
		d = clock.Duration(r.Int64N(int64(3*clock.Millisecond))) + Hour
	}
	print := fmt.Sprint
	return rand.Source(r), print(d, fmt.Errorf("after %v", d))
}

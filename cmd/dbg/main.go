package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"time"

	"paxon/seasons"
	"paxon/sim"
)

func main() {
	v := flag.String("v", "paxos", "")
	from := flag.Uint64("from", 0, "")
	n := flag.Uint64("n", 1, "")
	p := flag.Int("p", 3, "")
	tr := flag.String("trace", "", "")
	flag.Parse()
	variant, _ := seasons.ByName(*v)
	start := time.Now()
	var steps, del uint64
	bad := 0
	for s := *from; s < *from+*n; s++ {
		var t *sim.Trace
		if *tr != "" {
			f, _ := os.Create(*tr)
			b := bufio.NewWriter(f)
			defer b.Flush()
			t = sim.NewTrace(b)
		}
		r := sim.Run(sim.DefaultConfig(variant, *p), s, t)
		steps += r.Steps
		del += uint64(r.Delivered)
		if r.Violation != nil {
			fmt.Println(s, r.Violation)
			bad++
			if bad > 20 {
				break
			}
		}
	}
	fmt.Println(bad, "bad", time.Since(start)/time.Duration(*n), "per run", steps/(*n), "steps", float64(del)/float64(*n), "delivered")
}

package explore

import (
	"cmp"
	"context"
	"slices"
)

// Orbits visits every state of an unreduced search, and counts them, and those that differ in more
// than the names of symmetric processes.
func Orbits(c Config) (states, orbits int) {
	c.Reductions.Symmetry = true // Only so that there are namings.
	x := newSearch(c)
	first, _ := x.initial()
	visited, different := map[Hash]bool{}, map[Hash]bool{}
	frontier := []state{}
	visit := func(s state) {
		h, _ := x.hashNamed(s, 0, nil)
		if visited[h] {
			return
		}
		visited[h] = true
		canonical, _ := x.hash(s, nil)
		different[canonical] = true
		frontier = append(frontier, s)
	}
	visit(first)
	for len(frontier) > 0 {
		s := frontier[len(frontier)-1]
		frontier = frontier[:len(frontier)-1]
		x.choices(s, func(c choice) {
			next, _ := x.after(s, c, nil)
			visit(next)
		})
	}
	return len(visited), len(different)
}

// Verdicts are the fingerprints of all states that the properties come to, sorted.
func Verdicts(c Config) (verdicts []Hash, states uint64, cut string) {
	x := newSearch(c)
	cut = x.run(context.Background())
	for id := range x.properties.size() {
		verdicts = append(verdicts, x.properties.at(uint32(id)).hashes[0])
	}
	slices.SortFunc(verdicts, func(a, b Hash) int {
		return cmp.Or(cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo))
	})
	return verdicts, x.visited.count(), cut
}

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

// Asymmetry is a choice after which two states that are one by symmetry are so no more.
func Asymmetry(c Config) (text string) {
	x := newSearch(c)
	first, _ := x.initial()
	visited, futures := map[Hash]bool{}, map[Hash]map[Hash]bool{}
	frontier := []state{first}
	for len(frontier) > 0 && text == "" {
		s := frontier[len(frontier)-1]
		frontier = frontier[:len(frontier)-1]
		own, _ := x.hashNamed(s, 0, nil)
		if visited[own] {
			continue
		}
		visited[own] = true
		future := map[Hash]bool{}
		canonical, _ := x.hash(s, nil)
		x.choices(s, func(c choice) {
			next, _ := x.after(s, c, nil)
			frontier = append(frontier, next)
			h, _ := x.hash(next, nil)
			future[h] = true
			if known := futures[canonical]; known != nil && !known[h] {
				text = x.text(s, c)
			}
		})
		futures[canonical] = future
	}
	return text
}

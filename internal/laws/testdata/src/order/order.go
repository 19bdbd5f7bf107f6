// Package order lets the order of a map show.
package order

import (
	"cmp"
	"maps"
	"slices"
)

type table map[string]int

func violations(m map[string]int, t table, collect func(string, int) bool) {
	for range m { // want `range over a map: its order shows`
	}
	for k, v := range t { // want `range over a map`
		_, _ = k, v
	}
	for k := range maps.Keys(m) { // want `maps.Keys: the order of the map shows`
		_ = k
	}
	maps.All(m)(collect)                                       // want `maps.All`
	slices.Collect(maps.Values(m))                             // want `maps.Values`
	slices.SortedFunc(maps.Values(m), cmp.Compare[int])        // want `maps.Values`
	slices.Sorted(slices.Values(slices.Collect(maps.Keys(m)))) // want `maps.Keys`
	keys := maps.Keys[map[string]int]                          // want `maps.Keys`
	slices.Sorted(keys(m))
	maps.EqualFunc(m, t, func(a, b int) bool { return a == b }) // want `maps.EqualFunc`
	maps.DeleteFunc(m, collect)                                 // want `maps.DeleteFunc`
	maps.DeleteFunc(m, func(k string, v int) bool {             // want `maps.DeleteFunc`
		collect(k, v)
		return true
	})
}

func generic[M ~map[string]int](m M) {
	for range m { // want `range over a map`
	}
}

type constraint interface{ table | map[string]int }

func embedded[M constraint](m M) {
	for range m { // want `range over a map`
	}
}

func harmless(m map[string]int, list []int) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		_ = m[k]
	}
	_ = slices.Sorted((maps.Values(m)))
	_ = slices.SortedFunc(maps.Keys(m), cmp.Compare[string])
	maps.DeleteFunc(m, func(_ string, v int) bool { return v < 3 })
	maps.Copy(m, maps.Clone(m))
	clear(m)
	delete(m, "x")
	for range list {
	}
	for range len(m) {
	}
}

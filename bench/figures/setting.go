package figures

import (
	"paxon/bench"
	"paxon/bench/figures/model"
)

// The names of variants as the paper has them.
const (
	regular = "paxos"
	fast    = "fall"
	noDisk  = "winter+fall"
)

// kilobyte is the payload of all messages.
const kilobyte = 1024

// What the models have in common with the paper: ten instances at a time, and a number of messages
// in each that the paper does not tell.
const (
	threads = 10
	batch   = 10
	plenty  = 100 // Messages on their way at each process that broadcasts: as many as possible.
)

// simulated is a cluster like the paper's, under a closed loop.
func simulated(variant string, processes int, at bench.At) model.Setting {
	return model.Setting{
		Variant: variant, Processes: processes, Window: threads, Messages: batch, Size: kilobyte,
		At: at, Costs: model.Paper(), Outstanding: plenty,
	}
}

// measured is a cluster of this machine under a closed loop.
func measured(variant string, processes int, at bench.At) bench.Setting {
	return bench.Setting{
		Variant: variant, Processes: processes, Fsync: true, At: at, Size: kilobyte,
		Outstanding: plenty,
	}
}

// processes is how many there are along X.
func processes(s Scale) []int {
	if s == Paper {
		return []int{4, 6, 8, 10, 12, 14, 16, 18, 20}
	}
	return []int{3, 5, 7, 9}
}

// of makes points along X.
func of[T any](xs []T, pointAt func(T) point) []point {
	var all []point
	for _, x := range xs {
		all = append(all, pointAt(x))
	}
	return all
}

// at makes a point of the setting of its scale.
func at(s Scale, x float64, simulated model.Setting, measured bench.Setting) point {
	if s == Paper {
		return point{x: x, simulated: &simulated}
	}
	return point{x: x, measured: &measured}
}

package plot

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// ticks puts labels where the axis wants them, or at round numbers.
func (a Axis) ticks(low, high float64) []plot.Tick {
	switch {
	case len(a.Ticks) > 0:
		all := make([]plot.Tick, len(a.Ticks))
		for i, v := range a.Ticks {
			all[i] = plot.Tick{Value: v, Label: label(v)}
		}
		return all
	case a.Log:
		return logTicks(low, high)
	default:
		return linearTicks(low, high)
	}
}

// linearTicks are at multiples of 1, 2 or 5 times a power of ten: four to ten of them.
func linearTicks(low, high float64) []plot.Tick {
	span := high - low
	step := math.Pow(10, math.Floor(math.Log10(span)))
	for _, divide := range []float64{1, 2, 5, 10} {
		if span/(step/divide) >= 4 {
			step /= divide
			break
		}
	}
	const slack = 1e-9 // Of what is computed.
	var all []plot.Tick
	for i := math.Ceil(low/step - slack); i*step <= high+step*slack; i++ {
		all = append(all, plot.Tick{Value: i * step, Label: label(i * step)})
	}
	return all
}

// logTicks are at powers of ten; where there are few of these, at their double and fivefold too.
func logTicks(low, high float64) []plot.Tick {
	few := math.Log10(high/low) < 2.5
	var all []plot.Tick
	for power := math.Pow(10, math.Floor(math.Log10(low))); power <= high; power *= 10 {
		for digit := 1.0; digit < 10; digit++ {
			v := digit * power
			if v < low || v > high {
				continue
			}
			tick := plot.Tick{Value: v} // Without a label: a small one.
			if digit == 1 || few && (digit == 2 || digit == 5) {
				tick.Label = label(v)
			}
			all = append(all, tick)
		}
	}
	return all
}

// label writes a number in few characters: 15000 is 15k.
func label(v float64) string {
	size := math.Abs(v)
	switch {
	case size >= 1e9:
		return digits(v/1e9) + "G"
	case size >= 1e6:
		return digits(v/1e6) + "M"
	case size >= 1e4:
		return digits(v/1e3) + "k"
	default:
		return digits(v)
	}
}

func digits(v float64) string {
	s := strconv.FormatFloat(v, 'f', 6, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}

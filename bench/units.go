package bench

import "fmt"

// rate writes how many there are a second.
func rate(s Spread) string {
	digits := 0
	if s.Max < 100 {
		digits = 1
	}
	return fmt.Sprintf("%.*f (%.*f to %.*f)", digits, s.Median, digits, s.Min, digits, s.Max)
}

// plain writes numbers of any size, scaled, to three digits.
func plain(s Spread, scale float64) string {
	return fmt.Sprintf("%.3g (%.3g to %.3g)", s.Median*scale, s.Min*scale, s.Max*scale)
}

// memory writes bytes.
func memory(s Spread) string {
	const mib = 1 << 20
	return fmt.Sprintf("%.0f (%.0f to %.0f) MiB", s.Median/mib, s.Min/mib, s.Max/mib)
}

// bandwidth writes bytes a second.
func bandwidth(s Spread) string {
	const mb = 1e6
	return fmt.Sprintf("%.0f (%.0f to %.0f) MB/s", s.Median/mb, s.Min/mb, s.Max/mb)
}

// span writes times given in seconds, in the unit that suits the longest.
func span(s Spread) string {
	unit, scale, digits := "µs", 1e6, 0
	switch {
	case s.Max >= 10:
		unit, scale, digits = "s", 1, 1
	case s.Max >= 10e-3:
		unit, scale, digits = "ms", 1e3, 1
	case s.Max < 100e-6:
		digits = 1
	}
	return fmt.Sprintf("%.*f (%.*f to %.*f) %s",
		digits, s.Median*scale, digits, s.Min*scale, digits, s.Max*scale, unit)
}

// byteSize writes a size.
func byteSize(n int) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}

package bench

import "fmt"

// scaled writes a spread in a unit, with the range if there is one.
func (s Spread) scaled(format string, scale float64, unit string) string {
	if unit != "" {
		unit = " " + unit
	}
	if s.Min == s.Max {
		return fmt.Sprintf(format, s.Median*scale) + unit
	}
	return fmt.Sprintf(format+" ("+format+" to "+format+")%s",
		s.Median*scale, s.Min*scale, s.Max*scale, unit)
}

// rate writes how many there are a second.
func rate(s Spread) string {
	if s.Max < 100 {
		return s.scaled("%.1f", 1, "")
	}
	return s.scaled("%.0f", 1, "")
}

// plain writes numbers of any size, scaled, to three digits.
func plain(s Spread, scale float64) string {
	if s.Max*scale >= 1000 {
		return s.scaled("%.0f", scale, "")
	}
	return s.scaled("%.3g", scale, "")
}

// memory writes bytes.
func memory(s Spread) string {
	const mib = 1 << 20
	return s.scaled("%.0f", 1./mib, "MiB")
}

// bandwidth writes bytes a second.
func bandwidth(s Spread) string { return s.scaled("%.0f", 1e-6, "MB/s") }

// span writes times given in seconds, in the unit that suits the longest.
func span(s Spread) string {
	switch {
	case s.Max >= 10:
		return s.scaled("%.1f", 1, "s")
	case s.Max >= 10e-3:
		return s.scaled("%.1f", 1e3, "ms")
	case s.Max < 100e-6:
		return s.scaled("%.1f", 1e6, "µs")
	}
	return s.scaled("%.0f", 1e6, "µs")
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

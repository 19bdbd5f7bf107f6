package main

import (
	"fmt"
	"os"
)

// defaultMemory is how many bytes a search may use: three quarters of what the machine has, or
// 4 GB if that is not known.
func defaultMemory() uint64 {
	const unknown = 4 << 30
	file, err := os.Open("/proc/meminfo")
	if err != nil {
		return unknown
	}
	defer func() { _ = file.Close() }() // Nothing was written.
	var kilobytes uint64
	if _, err := fmt.Fscanf(file, "MemTotal: %d kB", &kilobytes); err != nil {
		return unknown
	}
	return kilobytes << 10 / 4 * 3
}

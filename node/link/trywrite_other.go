//go:build !linux

package link

// tryWrite leaves everything to the writer.
func tryWrite(uintptr, [][]byte) int { return 0 }

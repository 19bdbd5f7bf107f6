package main

// copies makes copies of payloads for systems that keep them, out of large pieces of memory so
// that a copy is rarely an allocation. One goroutine uses it.
type copies struct{ free []byte }

// copiesBytes is how much is allocated at a time.
const copiesBytes = 64 << 10

func (c *copies) of(p []byte) []byte {
	if len(c.free) < len(p) {
		c.free = make([]byte, max(copiesBytes, len(p)))
	}
	n := copy(c.free, p)
	out := c.free[:n:n]
	c.free = c.free[n:]
	return out
}

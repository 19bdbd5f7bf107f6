package tables

import (
	"encoding/binary"
	"sync"
)

// Counters is what commands in total order make of counters: the same at all processes. It is safe
// for concurrent use.
type Counters struct {
	mu     sync.Mutex
	values map[uint64]uint64
}

// A command is a key, and of a write what was there and what is to be.
const commandParts = 3

// ReadCommand is a command that has its place in the order, and changes nothing: the value is what
// Counters has once it was applied.
func ReadCommand(key uint64) []byte { return binary.AppendUvarint(nil, key) }

// SetCommand sets a counter if it has the value that it is said to have.
func SetCommand(key, was, is uint64) []byte {
	b := binary.AppendUvarint(nil, key)
	b = binary.AppendUvarint(b, was)
	return binary.AppendUvarint(b, is)
}

// Apply carries out a command.
func (c *Counters) Apply(command []byte) {
	var parts [commandParts]uint64
	n := 0
	for ; n < commandParts && len(command) > 0; n++ {
		v, size := binary.Uvarint(command)
		if size <= 0 {
			return // No command: there are none but those above.
		}
		parts[n], command = v, command[size:]
	}
	if n < commandParts {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.values[parts[0]] != parts[1] {
		return
	}
	if c.values == nil {
		c.values = map[uint64]uint64{}
	}
	c.values[parts[0]] = parts[2]
}

// Value is that of a counter, 0 at first.
func (c *Counters) Value(key uint64) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.values[key]
}

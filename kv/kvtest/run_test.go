package kvtest_test

import (
	"testing"

	"paxon/kv"
	"paxon/kv/kvtest"
)

// TestMemory holds the engine in memory to the properties of an engine.
func TestMemory(t *testing.T) {
	kvtest.Run(t, func(*testing.T) kv.Engine { return kvtest.NewMemory() })
}

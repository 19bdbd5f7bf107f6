package kv_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paxon/kv"
)

func TestSame(t *testing.T) {
	none, gone := kv.Item{}, kv.Item{Version: 2}
	is := kv.Item{Exists: true, Version: 1, Value: []byte("x")}
	put := kv.Item{Exists: true, Value: []byte("x")}
	for name, c := range map[string]struct {
		item, next kv.Item
		same       bool
	}{
		"nothing as given":  {none, none, true},
		"deleted as given":  {gone, gone, true},
		"deletion, deleted": {gone, none, true},
		"item as given":     {is, is, true},
		"deletion":          {is, none, false},
		"equal bytes":       {is, put, false},
		"first":             {none, put, false},
		"after a deletion":  {gone, put, false},
	} {
		assert.Equal(t, c.same, c.item.Same(c.next), name)
	}
}

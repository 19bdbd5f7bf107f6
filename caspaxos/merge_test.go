package caspaxos

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/register"
)

// Whether a key exists is sure where the pages of all copies agree on it, and they could accept it.
func TestMerge(t *testing.T) {
	record := func(number uint64, exists bool) *Record {
		return &Record{Key: "k", Written: register.Round{Number: number, Process: 1}, Exists: exists}
	}
	for name, c := range map[string]struct {
		records        []*Record // Of each page; nil for none.
		accepted       bool
		exists, unsure bool
	}{
		"at all":                      {[]*Record{record(5, true), record(4, true)}, true, true, false},
		"at all, too few to accept":   {[]*Record{record(5, true), record(4, true)}, false, true, true},
		"deleted at one":              {[]*Record{record(6, false), record(5, true)}, true, false, true},
		"made at one":                 {[]*Record{nil, record(5, true)}, true, true, true},
		"made at one, and deleted":    {[]*Record{record(4, false), record(5, true)}, true, true, true},
		"deleted at all":              {[]*Record{record(6, false), record(5, false)}, true, false, false},
		"deleted at one, and removed": {[]*Record{record(6, false), nil}, true, false, false},
	} {
		l := &lister{}
		for _, r := range c.records {
			page := Page{Next: Place{At: Positions}}
			if r != nil {
				page.Records = []Record{*r}
			}
			l.pages = append(l.pages, page)
		}
		keys, next := l.merge(c.accepted)
		require.True(t, next.End())
		require.Equal(t, []Listed{{"k", PlaceOf("k").At, c.exists, c.unsure}}, keys, name)
	}
}

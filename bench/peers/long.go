package main

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
)

// longTables show what loads of many messages came to, one table for each.
func (r report) longTables() string {
	var b strings.Builder
	for _, l := range r.lines {
		if l.Result == nil || l.Long == nil {
			continue
		}
		fmt.Fprintf(&b, "%s, fsync %s, %d outstanding, repetition %d: %d messages\n", l.System,
			onOff(l.Fsync), l.Outstanding, l.Repetition, l.Messages)
		t := newTable("tenth", "messages/s", "over the first", "CPU s/M", "over the first",
			"memory MiB")
		first := l.Long.Tenths[0]
		for i, part := range l.Long.Tenths {
			t.AppendRow(table.Row{
				i + 1, fmt.Sprintf("%.0f", part.PerSecond), ratio(part.PerSecond, first.PerSecond),
				fmt.Sprintf("%.2f", part.CPU), ratio(part.CPU, first.CPU),
				fmt.Sprintf("%.0f", float64(part.Memory)/(1<<20)),
			})
		}
		fmt.Fprintf(&b, "%s\ndisk space of all members at the end: %.0f MiB\n", t.Render(),
			float64(l.Long.DiskBytes)/(1<<20))
		if l.Long.Recovery > 0 {
			fmt.Fprintf(&b, "after all were killed, the slowest member opened again in %v, and all "+
				"followed one leader after %v\n", seconds(l.Long.Recovery), seconds(l.Long.Led))
		}
	}
	return b.String()
}

package bench

import (
	"slices"
	"strconv"

	"github.com/jedib0t/go-pretty/v6/table"
)

// dimension is one thing that settings differ in.
type dimension struct {
	name  string
	value string // Of the first setting.
	of    func(Setting) string
}

type dimensions []dimension

// dimensions are those in which the points of a report differ, and those that they share. The load
// is always among the first.
func (r Report) dimensions() (varying, constant dimensions) {
	for _, d := range []dimension{
		{name: "processes", of: func(s Setting) string { return strconv.Itoa(s.Processes) }},
		{name: "variant", of: func(s Setting) string { return s.Variant }},
		{name: "fsync", of: func(s Setting) string { return onOff(s.Fsync) }},
		{name: "in one process", of: func(s Setting) string { return onOff(s.InProcess) }},
		{name: "window", of: func(s Setting) string { return strconv.FormatUint(s.Window, 10) }},
		{name: "batch", of: func(s Setting) string { return byteSize(s.Batch) }},
		{name: "at", of: func(s Setting) string { return string(s.At) }},
		{name: "size", of: func(s Setting) string { return byteSize(s.Size) }},
		{name: "load", of: Setting.Load},
	} {
		d.value = d.of(r.Points[0].Setting)
		same := func(p Point) bool { return d.of(p.Setting) == d.value }
		if d.name != "load" && !slices.ContainsFunc(r.Points, func(p Point) bool { return !same(p) }) {
			constant = append(constant, d)
			continue
		}
		varying = append(varying, d)
	}
	return varying, constant
}

// names are those of all.
func (ds dimensions) names() []string {
	var names []string
	for _, d := range ds {
		names = append(names, d.name)
	}
	return names
}

// row is the beginning of a row of a table.
func (ds dimensions) row(s Setting) table.Row {
	var row table.Row
	for _, d := range ds {
		row = append(row, d.of(s))
	}
	return row
}

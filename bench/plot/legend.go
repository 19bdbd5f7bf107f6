package plot

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// entry is a name of the legend with what it stands for.
type entry struct {
	name   string
	thumbs []plot.Thumbnailer
}

// legend is entries in rows.
type legend struct {
	rows  [][]entry
	style text.Style
}

const (
	thumb  = vg.Length(22) // As wide as a thumbnail.
	gap    = vg.Length(4)  // To its name.
	apart  = vg.Length(14) // To the next.
	legrow = vg.Length(14)
)

// flow lays entries out as words in lines. A single one is needed only if it has a name.
func flow(entries []entry, style text.Style, width vg.Length) legend {
	l := legend{style: style}
	left := vg.Length(-1)
	for _, e := range entries {
		if e.name == "" {
			continue
		}
		need := thumb + gap + style.Width(e.name) + apart
		if left < need {
			l.rows = append(l.rows, nil)
			left = width + apart
		}
		last := len(l.rows) - 1
		l.rows[last] = append(l.rows[last], e)
		left -= need
	}
	return l
}

// draw returns where the space above the legend begins.
func (l legend) draw(c draw.Canvas) vg.Length {
	y := c.Min.Y + legrow*vg.Length(len(l.rows))
	middle := l.style
	middle.YAlign = text.YCenter
	for i, row := range l.rows {
		x := c.Min.X
		low := y - legrow*vg.Length(i+1)
		for _, e := range row {
			box := draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
				Min: vg.Point{X: x, Y: low + 2}, Max: vg.Point{X: x + thumb, Y: low + legrow - 2},
			}}
			for _, t := range e.thumbs {
				t.Thumbnail(&box)
			}
			x += thumb + gap
			c.FillText(middle, vg.Point{X: x, Y: low + legrow/2}, e.name)
			x += l.style.Width(e.name) + apart
		}
	}
	return y
}

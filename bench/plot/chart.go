package plot

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// chart makes the axes and what is between them, and returns the legend.
func (p Picture) chart() (*plot.Plot, []entry, error) {
	c := plot.New()
	p.X.style(&c.X, c)
	p.Y.style(&c.Y, c)
	c.Y.Label.Padding, c.X.Label.Padding = 4, 3
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = grey(235), grey(225)
	if len(p.Bars) > 0 {
		grid.Vertical.Color = nil
	}
	c.Add(grid)
	var entries []entry
	var err error
	if len(p.Bars) > 0 {
		entries, err = p.addBars(c)
	} else {
		entries, err = p.addLines(c)
	}
	if err != nil {
		return nil, nil, err
	}
	// The ranges come from the data, and then levels span them.
	p.X.widen(&c.X, false)
	for _, l := range p.Levels {
		c.Y.Min, c.Y.Max = min(c.Y.Min, l.Y), max(c.Y.Max, l.Y)
	}
	p.Y.widen(&c.Y, true)
	for _, l := range p.Levels {
		line, err := plotter.NewLine(plotter.XYs{{X: c.X.Min, Y: l.Y}, {X: c.X.Max, Y: l.Y}})
		if err != nil {
			return nil, nil, err
		}
		line.LineStyle = draw.LineStyle{
			Color: grey(60), Width: 1.2, Dashes: []vg.Length{1.5, 2.5},
		}
		c.Add(line)
		entries = append(entries, entry{l.Name, []plot.Thumbnailer{line}})
	}
	return c, entries, nil
}

// style sets the looks of an axis.
func (a Axis) style(to *plot.Axis, c *plot.Plot) {
	to.Label.Text = a.Label
	label := letters(10.5, false, grey(30), c.TextHandler)
	label.XAlign, label.YAlign = to.Label.TextStyle.XAlign, to.Label.TextStyle.YAlign
	to.Label.TextStyle = label
	tick := letters(9.5, false, grey(30), c.TextHandler)
	tick.XAlign, tick.YAlign = to.Tick.Label.XAlign, to.Tick.Label.YAlign
	to.Tick.Label = tick
	to.Tick.Length = 4
	to.Padding = 0
	to.LineStyle.Color, to.Tick.LineStyle.Color = grey(80), grey(80)
	to.Tick.Marker = plot.TickerFunc(a.ticks)
	if a.Log {
		to.Scale = plot.LogScale{}
	}
}

// widen gives the range of the data some room.
func (a Axis) widen(to *plot.Axis, values bool) {
	if a.Log {
		if a.Min > 0 {
			to.Min = min(to.Min, a.Min)
		}
		to.Max = max(to.Max, a.Max)
		room := math.Pow(to.Max/to.Min, 0.04)
		if room == 1 {
			room = 2
		}
		to.Min, to.Max = to.Min/room, to.Max*room
		return
	}
	if a.Min != 0 || !a.Free {
		to.Min = min(to.Min, a.Min)
	}
	if a.Max != 0 {
		to.Max = max(to.Max, a.Max)
	}
	room := (to.Max - to.Min) * 0.04
	if room == 0 {
		room = max(1, math.Abs(to.Max))
	}
	to.Max += room
	if a.Free && !values || to.Min < 0 {
		to.Min -= room
	}
}

// addLines draws lines and the spread of their points; the first line is on top.
func (p Picture) addLines(c *plot.Plot) ([]entry, error) {
	entries := make([]entry, len(p.Lines))
	for i := len(p.Lines) - 1; i >= 0; i-- {
		l := p.Lines[i]
		number := l.Tone - 1
		if l.Tone == 0 {
			number = i
		}
		at := make(plotter.XYs, len(l.Points))
		spread := bars{width: 5}
		for j, point := range l.Points {
			at[j] = plotter.XY{X: point.X, Y: point.Y}
			spread.add(point)
		}
		line, points, err := plotter.NewLinePoints(at)
		if err != nil {
			return nil, err
		}
		line.LineStyle = draw.LineStyle{Color: tone(number), Width: 1.6}
		if l.Dashed {
			line.Dashes = []vg.Length{5, 3}
		}
		points.GlyphStyle = draw.GlyphStyle{Color: tone(number), Radius: 3, Shape: marker(number)}
		spread.style = draw.LineStyle{Color: tone(number), Width: 1}
		c.Add(line, &spread, points)
		entries[i] = entry{l.Name, []plot.Thumbnailer{line, points}}
	}
	return entries, nil
}

// addBars draws groups of bars; group i is at x = i.
func (p Picture) addBars(c *plot.Plot) ([]entry, error) {
	var entries []entry
	each := barWidth(len(p.Groups), len(p.Bars))
	for i, b := range p.Bars {
		heights := make(plotter.Values, len(b.Values))
		offset := each * vg.Length(float64(i)-float64(len(p.Bars)-1)/2)
		spread := bars{width: min(5, each/2), offset: offset}
		for j, v := range b.Values {
			heights[j] = v.Y
			if v != (Value{}) {
				spread.add(Point{float64(j), v.Y, v.Low, v.High})
			}
		}
		chart, err := plotter.NewBarChart(heights, each*0.9)
		if err != nil {
			return nil, err
		}
		chart.Color, chart.LineStyle.Width, chart.Offset = tone(i), 0, offset
		spread.style = draw.LineStyle{Color: grey(30), Width: 1}
		c.Add(chart, &spread)
		entries = append(entries, entry{b.Name, []plot.Thumbnailer{chart}})
	}
	c.NominalX(p.Groups...)
	p.X.style(&c.X, c)
	c.X.Tick.Marker = groupTicks(p.Groups)
	c.X.Tick.Length = 0
	c.X.Min, c.X.Max = -0.5, float64(len(p.Groups))-0.5
	return entries, nil
}

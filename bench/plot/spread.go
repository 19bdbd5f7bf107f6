package plot

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// bars shows the spread of points, aside by offset, as upright strokes with caps.
type bars struct {
	points        []Point
	style         draw.LineStyle
	width, offset vg.Length
}

// add takes a point if it has a spread to show.
func (b *bars) add(p Point) {
	if (p.Low != 0 || p.High != 0) && (p.Low != p.Y || p.High != p.Y) {
		b.points = append(b.points, p)
	}
}

// Plot draws the strokes.
func (b *bars) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	for _, at := range b.points {
		x, low, high := toX(at.X)+b.offset, toY(at.Low), toY(at.High)
		for _, stroke := range [][]vg.Point{
			{{X: x, Y: low}, {X: x, Y: high}},
			{{X: x - b.width/2, Y: low}, {X: x + b.width/2, Y: low}},
			{{X: x - b.width/2, Y: high}, {X: x + b.width/2, Y: high}},
		} {
			c.StrokeLines(b.style, stroke)
		}
	}
}

// DataRange is what the strokes reach.
func (b *bars) DataRange() (xmin, xmax, ymin, ymax float64) {
	xmin, xmax, ymin, ymax = math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, p := range b.points {
		xmin, xmax = min(xmin, p.X), max(xmax, p.X)
		ymin, ymax = min(ymin, p.Low), max(ymax, p.High)
	}
	return xmin, xmax, ymin, ymax
}

// barWidth lets groups take four fifths of the width together.
func barWidth(groups, kinds int) vg.Length {
	return min(28, (width-70)*0.8/vg.Length(groups*kinds))
}

func groupTicks(names []string) plot.ConstantTicks {
	ticks := make(plot.ConstantTicks, len(names))
	for i, name := range names {
		ticks[i] = plot.Tick{Value: float64(i), Label: name}
	}
	return ticks
}

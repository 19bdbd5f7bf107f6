package draw

import (
	"fmt"
	"slices"
	"strings"
)

const (
	barRow    = 6.0
	lanePad   = 9.0
	laneBelow = 15.0 // Below the line, before labels: room for marks.
	ruleRow   = 12.0
)

// placed is a strip with the heights of its parts, from its top.
type placed struct {
	index  int
	cuts   []cutBar
	ruled  bool
	lines  []float64 // Of the lanes.
	top    float64   // Of the first lane.
	bottom float64   // Of the last lane.
	height float64
}

// cutBar is links that are broken at the same time.
type cutBar struct {
	begin, end int
	links      []string
	row        int
	x          float64 // Of its label, which may begin left of the bar where that begins late.
	label      string
}

// operationRow is the height of a row of operations.
func (l *layout) operationRow() float64 {
	if l.options.Compact {
		return 7
	}
	return 17
}

// place measures a strip.
func (l *layout) place(index int) placed {
	s := l.strips[index]
	p := placed{index: index, cuts: l.cutBars(s)}
	y := axisHeight
	cutRows := 0
	for _, b := range p.cuts {
		cutRows = max(cutRows, b.row+1)
	}
	y += cutHeight * float64(cutRows)
	for _, r := range l.rules {
		p.ruled = p.ruled || s.shows(l.column(r.at), l.column(r.at))
	}
	if p.ruled {
		y += ruleRow
	}
	p.top = y
	for i, r := range s.rows {
		y += lanePad + l.operationRow()*float64(r.operations[0]+r.operations[1])
		y += lineHeight*float64(r.above) + 8
		p.lines = append(p.lines, y)
		y += 6 + barRow*float64(r.bars)
		if r.below > 0 {
			y += 2 + lineHeight*float64(r.below)
		}
		if i < len(s.rows)-1 {
			y += laneBelow
		}
	}
	p.bottom = y + 4
	p.height = p.bottom
	return p
}

// cutBars finds which links are cut in a strip, those that are at the same time as one.
func (l *layout) cutBars(s strip) []cutBar {
	var bars []cutBar
	for _, c := range l.cuts {
		begin, end := l.column(c.begin), l.column(c.end)
		if !s.shows(begin, end) {
			continue
		}
		link := fmt.Sprintf("%v→%v", c.from, c.to)
		same := slices.IndexFunc(bars, func(b cutBar) bool { return b.begin == begin && b.end == end })
		if same >= 0 {
			bars[same].links = append(bars[same].links, link)
		} else {
			bars = append(bars, cutBar{begin: begin, end: end, links: []string{link}})
		}
	}
	var ends []float64
	for i := range bars {
		b := &bars[i]
		b.label = shorten(strings.Join(b.links, " ")+" cut", max(int(s.width/glyphWidth)-2, 1))
		left, width := l.left(s, b.begin), textWidth(b.label)+labelGap
		b.x = max(0, min(left, s.width-width))
		b.row = slices.IndexFunc(ends, func(end float64) bool { return end <= b.x })
		if b.row < 0 {
			b.row = len(ends)
			ends = append(ends, 0)
		}
		ends[b.row] = max(b.x+width, l.right(s, b.end)+4)
	}
	return bars
}

// left is where something that begins in a column begins in a strip.
func (l *layout) left(s strip, column int) float64 {
	if column < s.first {
		return 0
	}
	return l.x[column]
}

// right is where something that ends in a column ends in a strip.
func (l *layout) right(s strip, column int) float64 {
	if column > s.last {
		return s.width
	}
	return l.x[column]
}

// pen draws one strip.
type pen struct {
	*canvas
	*layout
	placed
	strip strip
}

// strip draws a strip, what lies below first.
func (l *layout) strip(c *canvas, p placed, decimals int) {
	d := pen{c, l, p, l.strips[p.index]}
	d.names()
	c.element(`<g transform="translate(%v 0)">`, gutter)
	d.axis(decimals)
	d.cutLinks()
	d.phasesOfLanes()
	d.lifelines()
	d.allRules()
	d.allMessages()
	d.blocksToDisks()
	d.allBars()
	d.allMarks()
	d.allIntervals()
	d.allLabels()
	c.element(`</g>`)
}

func (d pen) names() {
	for i, lane := range d.lanes {
		class := "lane"
		if lane.disk != 0 {
			class = "subtitle"
		}
		d.text(class, "start", 0, d.lines[i]+4, lane.name())
	}
}

// axis marks the columns and writes as many times as there is room for.
func (d pen) axis(decimals int) {
	free := 0.0
	for i := d.strip.first; i <= d.strip.last; i++ {
		if i > d.strip.first && d.columns[i] == d.columns[i-1] {
			continue
		}
		x, text := d.x[i], milliseconds(d.columns[i], decimals)
		if i == d.strip.first {
			text += " ms"
		}
		reach := 5.5
		if x-2 >= free {
			d.text("time", "start", x-2, 8, text)
			free = x - 2 + textWidth(text) + 6
			reach = 3
			d.line("grid", x, axisHeight, x, d.bottom)
		}
		d.line("tick", x, 11, x, 11+reach)
	}
}

func (d pen) cutLinks() {
	for _, b := range d.cuts {
		y := axisHeight + cutHeight*float64(b.row)
		left, right := d.left(d.strip, b.begin), d.right(d.strip, b.end)
		d.titled(strings.Join(b.links, " ")+" cut", func() {
			d.rect("cut", left, y+1, max(right-left, 2), cutHeight-3)
			d.text("text-nack", "start", b.x+2, y+9, b.label)
		})
	}
}

// phasesOfLanes draws when processes are down and when they lead.
func (d pen) phasesOfLanes() {
	for _, p := range d.phases {
		begin, end := d.column(p.begin), d.column(p.end)
		if !d.strip.shows(begin, end) {
			continue
		}
		class, half, title := "down", 6.0, p.process.String()+" is down"
		if p.begin < 0 {
			title = p.process.String() + " has not started"
		}
		if p.kind == isLeader {
			class, half, title = "leads", 5.0, p.process.String()+" trusts itself as leader"
		}
		left, right := d.left(d.strip, begin), d.right(d.strip, end)
		y := d.lines[d.laneOf(p.process)]
		d.titled(title, func() { d.rect(class, left, y-half, right-left, 2*half) })
	}
}

// lifelines draws the line of each lane, but where the process is down.
func (d pen) lifelines() {
	for i, lane := range d.lanes {
		y := d.lines[i]
		if lane.disk != 0 {
			d.line("diskline", 0, y, d.strip.width, y)
			continue
		}
		x := 0.0
		for _, p := range d.phases {
			begin, end := d.column(p.begin), d.column(p.end)
			if p.kind != isDown || p.process != lane.process || !d.strip.shows(begin, end) {
				continue
			}
			if left := d.left(d.strip, begin); left > x {
				d.line("life", x, y, left, y)
			}
			x = d.right(d.strip, end)
		}
		if x < d.strip.width {
			d.line("life", x, y, d.strip.width, y)
		}
	}
}

func (d pen) allRules() {
	for _, r := range d.rules {
		i := d.column(r.at)
		if !d.strip.shows(i, i) {
			continue
		}
		class, text, title := "heal", "heal", "heal: all faults end"
		if r.violated {
			class, text, title = "violation", "violation", r.text
		}
		x, align := d.x[i], "start"
		if x+textWidth(text) > d.strip.width {
			align = "end"
		}
		d.titled(title, func() {
			d.line(class, x, d.top-ruleRow, x, d.bottom)
			d.boxed("text-"+class, align, x+3, d.top-3, text)
		})
	}
}

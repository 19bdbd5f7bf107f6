package draw

import (
	"math"
	"strings"
)

func hypotenuse(x, y float64) float64 { return max(math.Hypot(x, y), 1e-9) }

// allIntervals draws the operations above the lines.
func (d pen) allIntervals() {
	for _, i := range d.intervals {
		row, here := d.strip.intervals[i]
		if !here {
			continue
		}
		r := d.strip.rows[i.lane]
		if i.group == 1 {
			row += r.operations[0]
		}
		line := d.lines[i.lane]
		y := line - 8 - lineHeight*float64(r.above) - d.operationRow()*float64(row)
		d.interval(i, y, line)
	}
}

// interval draws one operation on a row.
func (d pen) interval(i *interval, y, line float64) {
	left, right := d.left(d.strip, i.begin), d.right(d.strip, i.end)
	begins, ends := i.begin >= d.strip.first, i.end <= d.strip.last
	if i.width > 0 {
		right, ends = left+i.width, false
	}
	class, outcome := "interval", "outcome"
	switch {
	case strings.HasPrefix(i.outcome, "abort"):
		class, outcome = "interval abort", "outcome abort"
	case i.operation.end == never, i.lost:
		class = "interval open"
	}
	title := pretty(i.text) + " " + pretty(i.operation.outcome)
	if i.lost {
		title += "— ended by a crash"
	}
	d.titled(i.process.String()+": "+title, func() {
		if begins {
			d.line("drop", left, y, left, line)
		}
		if ends {
			d.line("drop", right, y, right, line)
		}
		bracket(d.canvas, class, left, right, y, begins, ends && !i.lost)
		call := i.call
		if !begins && call != "" {
			call = "…" + call
		}
		if call != "" {
			d.boxed("call", "start", left+2, y-4.5, call)
		}
		if ends && i.outcome != "" {
			d.boxed(outcome, "end", right-4, y-4.5, i.outcome)
		}
	})
}

// bracket draws the line of an operation, with a tick where it begins or ends.
func bracket(c *canvas, class string, left, right, y float64, begins, ends bool) {
	c.line(class, left, y, right, y)
	if begins {
		c.line(strings.TrimSuffix(class, " open"), left, y-3, left, y+3)
	}
	if ends {
		c.line(strings.TrimSuffix(class, " abort"), right, y-3, right, y+3)
	}
}

// allLabels writes the labels of messages and marks.
func (d pen) allLabels() {
	for _, blocks := range d.blocks[d.strip.first : d.strip.last+1] {
		for _, b := range blocks {
			r := d.strip.rows[b.lane]
			x, line := d.x[b.column], d.lines[b.lane]
			d.stalk(r, b, x, line)
			for n, text := range b.lines {
				d.boxed(text.style, "start", x+3, d.labelY(r, b, line, n), text.text)
			}
		}
	}
}

// labelY is the baseline of a line of a block: the first line is the outermost.
func (d pen) labelY(r rows, b *block, line float64, n int) float64 {
	track := float64(b.track - n)
	if b.above {
		return line - 8 - lineHeight*track
	}
	track = float64(b.track - (len(b.lines) - 1 - n)) // Read downwards too.
	return line + 8 + barRow*float64(r.bars) + lineHeight*(track+1)
}

// stalk joins the labels to the line.
func (d pen) stalk(r rows, b *block, x, line float64) {
	y0 := d.labelY(r, b, line, 0)
	y1 := d.labelY(r, b, line, len(b.lines)-1)
	if b.above {
		d.line("drop", x, min(y0, y1)-6, x, line)
	} else {
		d.line("drop", x, line, x, max(y0, y1))
	}
}

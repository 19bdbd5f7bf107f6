package draw

// lostOnLink is the reason of a loss that happens when the message is sent.
const lostOnLink = "link"

// allMessages draws the arrows.
func (d pen) allMessages() {
	for _, m := range d.messages {
		class := " " + messageClass(m.text)
		title := m.from.String() + " to " + m.to.String() + ": " + pretty(m.text)
		from, to := d.laneOf(m.from), d.laneOf(m.to)
		if len(m.arrivals) == 0 && d.during(m.sent, m.sent) {
			d.stub(class, title, from, to, d.column(m.sent), false)
		}
		again := ""
		for _, a := range m.arrivals {
			switch {
			case a.lost == lostOnLink && d.during(m.sent, m.sent):
				d.stub(class, title+" — lost", from, to, d.column(m.sent), true)
			case a.lost != lostOnLink && d.during(m.sent, a.at):
				d.arrow(class+again, title, path{
					from: from, to: to, begin: d.column(m.sent), end: d.column(a.at), lost: a.lost,
				})
			}
			if a.lost == "" {
				again = " again"
			}
		}
	}
}

// stub draws a message that gets nowhere: it is lost at once, or on its way at the end.
func (d pen) stub(class, title string, from, to, column int, lost bool) {
	if !d.strip.shows(column, column) {
		return
	}
	x, y := d.x[column], d.lines[from]
	endX, endY := x+16, y+0.38*(d.lines[to]-y)
	if from == to {
		endY = y - 14
	}
	d.titled(title, func() {
		d.line("message"+class, x, y, endX, endY)
		if lost {
			d.cross("lost", endX, endY, 3.5)
		} else {
			d.element(`<circle class="flight" cx="%v" cy="%v" r="2.5"/>`, endX, endY)
		}
	})
}

// path is where an arrow goes.
type path struct {
	from, to   int // Lanes.
	begin, end int // Columns.
	lost       string
}

// along is where a column is on a line through all strips.
func (l *layout) along(column int) float64 {
	switch last := len(l.columns) - 1; {
	case column < 0:
		return -arrowReach
	case column > last:
		return l.along(last) + arrowReach
	default:
		x := l.x[column]
		for _, s := range l.strips[:l.stripOf[column]] {
			x += s.width
		}
		return x
	}
}

// arrow draws the part of an arrow that is in the strip.
func (d pen) arrow(class, title string, p path) {
	if !d.strip.shows(p.begin, p.end) {
		return
	}
	begin, end := d.along(p.begin), d.along(p.end)
	here := d.along(d.strip.first) - d.x[d.strip.first] // The left edge.
	part := func(x float64) float64 { return (x + here - begin) / (end - begin) }
	left, right := 0.0, d.strip.width
	if p.begin >= d.strip.first {
		left = d.x[p.begin]
	}
	if p.end <= d.strip.last {
		right = d.x[p.end]
	}
	y0, y1 := d.lines[p.from], d.lines[p.to]
	at := func(x float64) float64 { return y0 + (y1-y0)*part(x) }
	arrives := p.end <= d.strip.last
	if p.lost != "" && arrives { // It ends short of the line.
		right -= 0.16 * (end - begin)
		right = max(right, left)
	}
	if p.from == p.to {
		d.loop(class, title, left, right, y0)
		return
	}
	d.titled(title+lostText(p.lost), func() {
		d.line("message"+class, left, at(left), right, at(right))
		switch {
		case !arrives:
		case p.lost != "":
			d.cross("lost", right, at(right), 3.5)
		default:
			d.head(class, left, at(left), right, at(right))
		}
	})
}

func lostText(reason string) string {
	switch reason {
	case "":
		return ""
	case "cut":
		return " — lost, the link is cut"
	case "down":
		return " — lost, the receiver is down"
	default:
		return " — lost"
	}
}

// loop draws a message of a process to itself.
func (d pen) loop(class, title string, left, right, y float64) {
	d.titled(title, func() {
		d.element(`<path class="message%v" d="M%v %vQ%v %v %v %v"/>`, class,
			left, y, (left+right)/2, y-18, right, y)
		d.head(class, (left+right)/2, y-9, right, y)
	})
}

// head draws the tip of an arrow.
func (d pen) head(class string, x0, y0, x, y float64) {
	const length, half = 7.0, 2.8
	dx, dy := x-x0, y-y0
	size := hypotenuse(dx, dy)
	dx, dy = dx/size, dy/size
	d.shape("head"+class, x, y, x-length*dx-half*dy, y-length*dy+half*dx,
		x-length*dx+half*dy, y-length*dy-half*dx)
}

// blocksToDisks draws arrows to the shared disks. A block is there when the process is told so.
func (d pen) blocksToDisks() {
	for _, b := range d.bars {
		if b.disk == 0 {
			continue
		}
		lost := ""
		if b.lost {
			lost = "crash"
		}
		title := b.process.String() + " to disk: " + pretty(b.text)
		disk := d.laneOfDisk(b.disk)
		if b.end >= len(d.columns) && b.put.end == never {
			if d.during(b.put.begin, b.put.begin) {
				d.stub(" store", title, b.lane, disk, b.begin, false)
			}
			continue
		}
		d.arrow(" store", title, path{from: b.lane, to: disk, begin: b.begin, end: b.end, lost: lost})
	}
}

// allBars draws what a process forces, from put to durable.
func (d pen) allBars() {
	for _, b := range d.bars {
		row, here := d.strip.bars[b]
		if !here {
			continue
		}
		class, fate := "force", ""
		switch {
		case b.lost:
			class, fate = "force gone", " — not durable, a crash came first"
		case b.put.end == never:
			class, fate = "force open", " — not durable yet"
		}
		left, right := d.left(d.strip, b.begin), d.right(d.strip, b.end)
		y := d.lines[b.lane] + 2.5 + barRow*float64(row)
		d.titled(b.process.String()+" puts "+pretty(b.text)+fate, func() {
			d.rect(class, left, y, right-left, barRow-2)
		})
	}
}

func (d pen) allMarks() {
	for _, m := range d.marks {
		i := d.column(m.at)
		if m.shape == electMark || !d.strip.shows(i, i) {
			continue
		}
		d.titled(m.process.String()+": "+pretty(m.text), func() {
			markAt(d.canvas, m.shape, d.x[i], d.lines[d.laneOf(m.process)])
		})
	}
}

// markAt draws a mark on a line.
func markAt(c *canvas, s shape, x, y float64) {
	switch s {
	case broadcastMark:
		c.shape("mark broadcast", x, y-6, x+5, y+3.5, x-5, y+3.5)
	case outcomeMark:
		c.element(`<circle class="mark outcome" cx="%v" cy="%v" r="3.2"/>`, x, y)
	case deliverMark:
		c.shape("mark deliver", x, y+6, x+5, y-3.5, x-5, y-3.5)
	case startMark:
		c.line("mark", x, y-6, x, y+6)
	case crashMark:
		c.cross("mark crash", x, y, 5)
	case electMark:
	}
}

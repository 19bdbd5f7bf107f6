package draw

import (
	"math"
	"slices"
	"time"
)

// Measures, in pixels.
const (
	minStep    = 11.0 // Between two columns.
	moreStep   = 9.0  // For each doubling of the time between them.
	maxStep    = 60.0
	leftPad    = 14.0 // Before the first column of a strip.
	rightPad   = 16.0
	labelGap   = 9.0 // After a label.
	arrowReach = 34.0
	barReach   = 9.0
	timeRoom   = 28.0 // For the time of a column.
	opGap      = 12.0 // Between the call and the outcome of an operation.
	maxTracks  = 3    // Of labels on a side of a line, unless a block has more lines.
)

// opGroups are operations that have rows of their own: reads and writes are nearer to the line
// than the proposes that they are part of.
const opGroups = 2

// gap is a least distance from an earlier column.
type gap struct {
	from  int
	width float64
	again float64 // From the left edge, if the other column is in an earlier strip.
}

// interval is an operation as it is drawn.
type interval struct {
	*operation
	lane, group   int
	begin, end    int // Columns.
	call, outcome string
	width         float64 // If it never returns: a beginning is drawn, with room for the call.
}

// bar is a put as it is drawn.
type bar struct {
	*put
	lane       int
	begin, end int
}

// rows says how many rows of each sort a lane has in a strip.
type rows struct {
	above, below, bars int
	operations         [opGroups]int
}

// strip is a part of the diagram from the left edge of a page to the right.
type strip struct {
	first, last int // Columns.
	width       float64
	rows        []rows            // By lane.
	intervals   map[*interval]int // Those in the strip, with their rows from the line outwards.
	bars        map[*bar]int
}

// layout is where everything is.
type layout struct {
	*scene
	x         []float64 // By column, from the left edge of its strip.
	stripOf   []int     // By column.
	strips    []strip
	blocks    [][]*block // By column.
	intervals []*interval
	bars      []*bar
	gaps      [][]gap // By column.
	opens     [][]float64
	above     []tracks // By lane, of the strip being filled.
	below     []tracks
}

// arrange finds a place for everything.
func arrange(c *scene) *layout {
	n := len(c.columns)
	l := &layout{
		scene: c, x: make([]float64, n), stripOf: make([]int, n), blocks: c.labels(),
		gaps: make([][]gap, n), opens: make([][]float64, n),
	}
	l.arrangeOperations()
	l.arrangeBars()
	for _, m := range c.messages {
		for _, a := range m.arrivals {
			if a.lost != lostOnLink {
				l.gap(c.column(m.sent), c.column(a.at), arrowReach*c.scale(), arrowReach/2)
			}
		}
	}
	l.fill()
	l.settle()
	l.countRows()
	return l
}

// gap keeps two columns apart, if both are drawn.
func (l *layout) gap(from, to int, width, again float64) {
	if to >= 0 && to < len(l.columns) && from < to {
		l.gaps[to] = append(l.gaps[to], gap{from, width, again})
	}
}

func (l *layout) arrangeOperations() {
	for _, o := range l.operations {
		i := &interval{
			operation: o, lane: l.laneOf(o.process), begin: l.column(o.begin), end: l.column(o.end),
			call: pretty(o.text), outcome: pretty(o.outcome),
		}
		if name(o.text) == "propose" {
			i.group = 1
		}
		if l.instances > 1 {
			i.call = "L" + number(o.instance) + " " + i.call
		}
		i.call, i.outcome = shorten(i.call, maxLabel), shorten(i.outcome, maxLabel)
		call := textWidth(i.call) + opGap
		if l.options.Compact {
			i.call, i.outcome, call = "", "", barReach
		}
		if o.end == never {
			i.width = call
		}
		l.intervals = append(l.intervals, i)
		l.gap(i.begin, i.end, call+textWidth(i.outcome), call+textWidth("…"+i.outcome))
		if i.begin >= 0 {
			l.opens[i.begin] = append(l.opens[i.begin], call)
		}
	}
}

func (l *layout) arrangeBars() {
	for _, u := range l.puts {
		b := &bar{put: u, lane: l.laneOf(u.process), begin: l.column(u.begin), end: l.column(u.end)}
		l.gap(b.begin, b.end, barReach*l.scale(), barReach)
		if u.disk != 0 {
			l.gap(b.begin, b.end, arrowReach*l.scale(), arrowReach/2)
		}
		l.bars = append(l.bars, b)
	}
}

// scale is how wide things are that bear no text.
func (c *scene) scale() float64 {
	if c.options.Compact {
		return 0.4
	}
	return 1
}

// step is how far apart two columns are at least: more for a longer time, without being to scale.
func step(between, usual time.Duration) float64 {
	if usual <= 0 {
		return minStep
	}
	return min(maxStep, minStep+moreStep*math.Log2(1+float64(between)/float64(usual)))
}

// usual is the median of the times between two columns.
func (c *scene) usual() time.Duration {
	var between []time.Duration
	for i := 1; i < len(c.columns); i++ {
		if d := c.columns[i] - c.columns[i-1]; d > 0 {
			between = append(between, d)
		}
	}
	if len(between) == 0 {
		return 0
	}
	slices.Sort(between)
	return between[len(between)/2]
}

// fill places the columns from left to right, and begins a strip when one is full.
func (l *layout) fill() {
	most := math.Inf(1)
	if l.options.Width > 0 {
		most = l.options.Width - 2*margin - gutter - rightPad
	}
	usual := l.usual()
	x := l.begin(0)
	for i := range l.columns {
		if i > 0 {
			x = l.x[i-1] + l.scale()*step(l.columns[i]-l.columns[i-1], usual)
		}
		x = l.fit(i, x)
		if i > l.strips[len(l.strips)-1].first && x+l.reach(i) > most {
			l.finish(i - 1)
			x = l.fit(i, l.begin(i))
		}
		l.x[i], l.stripOf[i] = x, len(l.strips)-1
		for _, b := range l.blocks[i] {
			l.side(b).place(x, b)
		}
		s := &l.strips[len(l.strips)-1]
		s.width = max(s.width, x+l.reach(i))
	}
	l.finish(len(l.columns) - 1)
}

// begin begins a strip with a column.
func (l *layout) begin(column int) (x float64) {
	l.strips = append(l.strips, strip{first: column})
	l.above = make([]tracks, len(l.lanes))
	l.below = make([]tracks, len(l.lanes))
	return leftPad
}

func (l *layout) finish(last int) {
	s := &l.strips[len(l.strips)-1]
	s.last = last
	s.width += rightPad
}

func (l *layout) side(b *block) *tracks {
	if b.above {
		return &l.above[b.lane]
	}
	return &l.below[b.lane]
}

// fit is where a column of the last strip can be, from x on.
func (l *layout) fit(column int, x float64) float64 {
	first := l.strips[len(l.strips)-1].first
	for _, g := range l.gaps[column] {
		if g.from >= first {
			x = max(x, l.x[g.from]+g.width)
		} else {
			x = max(x, leftPad+g.again)
		}
	}
	for _, b := range l.blocks[column] {
		x = l.side(b).free(x, len(b.lines))
	}
	return x
}

// reach is how far the texts of a column go to the right.
func (l *layout) reach(column int) float64 {
	reach := timeRoom
	for _, b := range l.blocks[column] {
		reach = max(reach, b.width)
	}
	for _, call := range l.opens[column] {
		reach = max(reach, call)
	}
	return reach
}

// settle has no label further from its line than it must be.
func (l *layout) settle() {
	for _, s := range l.strips {
		sides := map[blockKey][]*block{} // By lane and side.
		for _, blocks := range l.blocks[s.first : s.last+1] {
			for _, b := range blocks {
				key := blockKey{lane: b.lane, above: b.above}
				sides[key] = append(sides[key], b)
			}
		}
		for _, side := range sides {
			settle(side, l.x)
		}
	}
}

// countRows finds how many rows each lane needs in each strip.
func (l *layout) countRows() {
	for i := range l.strips {
		l.strips[i].rows = make([]rows, len(l.lanes))
	}
	for column, blocks := range l.blocks {
		for _, b := range blocks {
			r := &l.strips[l.stripOf[column]].rows[b.lane]
			if b.above {
				r.above = max(r.above, b.track+1)
			} else {
				r.below = max(r.below, b.track+1)
			}
		}
	}
	for s := range l.strips {
		l.strips[s].stack(l)
	}
}

// stack gives each operation and each bar in a strip the nearest row that is free.
func (s *strip) stack(l *layout) {
	type sort struct{ lane, group int }
	ends := map[sort][]int{} // The column in which the last of each row ends.
	place := func(key sort, begin, end int) (row int) {
		row = slices.IndexFunc(ends[key], func(end int) bool { return end <= begin })
		if row < 0 {
			row = len(ends[key])
			ends[key] = append(ends[key], 0)
		}
		ends[key][row] = end
		return row
	}
	const ofBars = -1
	s.intervals, s.bars = map[*interval]int{}, map[*bar]int{}
	for _, i := range l.intervals {
		last, busy := i.end, i.end
		if i.width > 0 {
			last, busy = i.begin, l.until(i.begin, i.width)
		}
		if s.shows(i.begin, last) {
			row := place(sort{i.lane, i.group}, i.begin, busy)
			s.intervals[i] = row
			r := &s.rows[i.lane]
			r.operations[i.group] = max(r.operations[i.group], row+1)
		}
	}
	for _, b := range l.bars {
		if b.disk == 0 && s.shows(b.begin, b.end) {
			row := place(sort{b.lane, ofBars}, b.begin, b.end)
			s.bars[b] = row
			s.rows[b.lane].bars = max(s.rows[b.lane].bars, row+1)
		}
	}
}

// until is the first column that is beyond a width from another, in its strip or right of it.
func (l *layout) until(begin int, width float64) int {
	for end := max(begin, 0); end < len(l.columns); end++ {
		if l.stripOf[end] != l.stripOf[max(begin, 0)] || l.x[end] >= l.x[max(begin, 0)]+width {
			return end
		}
	}
	return len(l.columns)
}

// shows says whether something from one column to another is in the strip.
func (s *strip) shows(begin, end int) bool { return begin <= s.last && end >= s.first }

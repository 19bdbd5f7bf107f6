package draw

import (
	"slices"
	"strings"
)

// label is a text that belongs to a place on the line of a lane.
type label struct {
	text  string
	style string // A class of the style sheet.
}

// block is the labels of one lane and column on one side of the line.
type block struct {
	lane, column int
	above        bool
	lines        []label
	width        float64
	track        int // Of the outermost line, from the line of the lane outwards, from 0.
}

// blockKey tells blocks apart.
type blockKey struct {
	lane, column int
	above        bool
}

// labels gives all labels of a scene, by column.
func (c *scene) labels() [][]*block {
	byColumn := make([][]*block, len(c.columns))
	if c.options.Compact {
		return byColumn
	}
	blocks := map[blockKey]*block{}
	add := func(lane, column int, above bool, l label) {
		if column < 0 || column >= len(c.columns) {
			return
		}
		key := blockKey{lane, column, above}
		b := blocks[key]
		if b == nil {
			b = &block{lane: lane, column: column, above: above}
			blocks[key] = b
			byColumn[column] = append(byColumn[column], b)
		}
		l.text = shorten(pretty(l.text), maxLabel)
		if !slices.Contains(b.lines, l) {
			b.lines = append(b.lines, l)
			b.width = max(b.width, textWidth(l.text)+labelGap)
		}
	}
	groups := c.groups()
	arrows := map[[2]int]bool{} // By lane and column: whether one goes down.
	for _, g := range groups {
		arrows[[2]int{g.lane, g.column}] = arrows[[2]int{g.lane, g.column}] || g.above
	}
	for _, m := range c.marks {
		lane, column := c.laneOf(m.process), c.column(m.at)
		above, sends := arrows[[2]int{lane, column}]
		if !sends {
			above = m.shape == broadcastMark
		}
		add(lane, column, above, label{m.text, m.shape.style()})
	}
	for _, g := range groups {
		add(g.lane, g.column, g.above, label{g.text, g.style})
	}
	return byColumn
}

// group is messages of one text that a process sends at a time, to processes or to disks.
type group struct {
	lane, column int
	text, style  string
	above        bool // Its label is above the line: an arrow goes down.
}

// groups finds them, in the order in which they are sent.
func (c *scene) groups() []*group {
	type key struct {
		lane, column int
		text         string
	}
	found := map[key]*group{}
	var all []*group
	add := func(from, to, column int, text, style string) {
		k := key{from, column, text}
		g := found[k]
		if g == nil {
			g = &group{lane: from, column: column, text: text, style: style}
			found[k] = g
			all = append(all, g)
		}
		g.above = g.above || to >= from
	}
	for _, m := range c.messages {
		add(c.laneOf(m.from), c.laneOf(m.to), c.column(m.sent), m.text, "text-"+messageClass(m.text))
	}
	for _, u := range c.puts {
		if u.disk != 0 {
			text := strings.NewReplacer("read=", "", "written=", "").Replace(u.text)
			add(c.laneOf(u.process), len(c.lanes), c.column(u.begin), text, "text-store")
		}
	}
	return all
}

// tracks are the rows beside the line of a lane, from the line outwards: where the last label of
// each ends.
type tracks []float64

// free is where a block of some lines can begin at the earliest, from x on.
func (t *tracks) free(x float64, lines int) float64 {
	for i := range min(lines, len(*t)) {
		x = max(x, (*t)[i])
	}
	return x
}

// place puts a block at x, as far out as nothing lies between it and the line: what comes next
// has the tracks that are nearer.
func (t *tracks) place(x float64, b *block) {
	outermost := max(maxTracks, len(b.lines))
	for len(*t) < outermost {
		*t = append(*t, 0)
	}
	reach := 0
	for reach < outermost && (*t)[reach] <= x {
		reach++
	}
	b.track = max(reach, len(b.lines)) - 1
	for i := range b.lines {
		(*t)[b.track-i] = x + b.width
	}
}

// settle moves the blocks of one side of one lane of a strip, which are in order, as near to the
// line as the later ones let them: each is outside of those that begin before it ends.
func settle(blocks []*block, x []float64) {
	for i, b := range slices.Backward(blocks) {
		nearest := 0
		for _, o := range blocks[i+1:] {
			if x[o.column] >= x[b.column]+b.width {
				break
			}
			nearest = max(nearest, o.track+1)
		}
		b.track = nearest + len(b.lines) - 1
	}
}

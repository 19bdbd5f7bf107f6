package draw

import (
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"paxon/sim"
)

const (
	margin     = 18.0
	gutter     = 40.0 // Names of the lanes.
	stripGap   = 16.0
	axisHeight = 16.0
	cutHeight  = 13.0
	legendRoom = 34.0
)

// Pages draws the events of a trace, in their order, and gives the diagram as SVG documents, one
// for each page. It returns an error of the events, or if the options do not fit the trace or
// leave nothing to draw.
func Pages(events iter.Seq2[sim.TraceEvent, error], o Options) ([][]byte, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	t := newTeller()
	for e, err := range events {
		if err != nil {
			return nil, err
		}
		t.tell(e)
	}
	c, err := choose(t.story, o)
	if err != nil {
		return nil, err
	}
	return arrange(c).pages(), nil
}

// PageNames names the files of a diagram: a single page as given, several with their numbers, which
// have leading zeros so that all are of one length.
func PageNames(name string, pages int) []string {
	if pages == 1 {
		return []string{name}
	}
	extension := filepath.Ext(name)
	digits := len(strconv.Itoa(pages))
	names := make([]string, pages)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%0*d%s", strings.TrimSuffix(name, extension), digits, i+1, extension)
	}
	return names
}

// pages lays the strips on pages.
func (l *layout) pages() [][]byte {
	var places []placed
	for i := range l.strips {
		places = append(places, l.place(i))
	}
	head := l.head()
	var split [][]placed
	var used float64
	for _, p := range places {
		room := l.options.Height - 2*margin - head.height - legendRoom
		full := l.options.Height > 0 && used+p.height > room
		if len(split) == 0 || full {
			split = append(split, nil)
			used = 0
		}
		split[len(split)-1] = append(split[len(split)-1], p)
		used += p.height + stripGap
	}
	pages := make([][]byte, len(split))
	for i, strips := range split {
		pages[i] = l.page(head, strips, i+1, len(split))
	}
	return pages
}

// heading is what stands above every page.
type heading struct {
	title      string
	violations []string
	height     float64
}

func (l *layout) head() heading {
	h := heading{title: l.options.Title, height: 18}
	if h.title != "" {
		h.height += 20
	}
	for _, r := range l.rules {
		if r.violated {
			h.violations = append(h.violations, wrap("violates "+r.text, 150)...)
		}
	}
	h.height += 13 * float64(len(h.violations))
	return h
}

// wrap breaks text into lines of a number of columns, between words where it can.
func wrap(text string, most int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		word = shorten(word, most)
		if line != "" && cells(line)+1+cells(word) > most {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// milliseconds writes a time for people, with as many decimals as times differ in.
func milliseconds(t time.Duration, decimals int) string {
	return strconv.FormatFloat(float64(t)/float64(time.Millisecond), 'f', decimals, 64)
}

// decimals is how many decimals of a millisecond times need.
func (c *scene) decimals() int {
	const most = 3
	for d, unit := 0, time.Millisecond; d < most; d, unit = d+1, unit/10 {
		if !slices.ContainsFunc(c.columns, func(t time.Duration) bool { return t%unit != 0 }) {
			return d
		}
	}
	return most - 1 // Simulated times are random to the nanosecond; more says nothing.
}

// page writes one page.
func (l *layout) page(head heading, strips []placed, number, of int) []byte {
	first, last := strips[0], strips[len(strips)-1]
	decimals := l.decimals()
	subtitle := fmt.Sprintf("%s to %s ms, not to scale: a column for each time at which something happens",
		milliseconds(l.columns[l.strips[first.index].first], decimals),
		milliseconds(l.columns[l.strips[last.index].last], decimals))
	if of > 1 {
		subtitle = fmt.Sprintf("page %d of %d · %s", number, of, subtitle)
	}
	var c canvas
	body := l.body(head, strips, decimals)
	width := max(body.width, 7.5*float64(cells(head.title)), 5.4*float64(cells(subtitle)))
	for _, v := range head.violations {
		width = max(width, 6.5*float64(cells(v)))
	}
	width += 2 * margin
	legend := l.legend(body.String(), width-2*margin)
	height := body.height + legend.height + margin
	c.element(`<?xml version="1.0" encoding="UTF-8"?>`)
	c.element(`<svg xmlns="http://www.w3.org/2000/svg" width="%v" height="%v" viewBox="0 0 %v %v">`,
		width, height, width, height)
	if head.title != "" {
		c.element(`<title>%v</title>`, escape(head.title))
	}
	c.element(`<style>%v</style>`, styleSheet)
	c.element(`<defs>%v</defs>`, hatching)
	c.rect("paper", 0, 0, width, height)
	y := margin
	if head.title != "" {
		y += 13
		c.text("title", "start", margin, y, head.title)
		y += 7
	}
	y += 9
	c.text("subtitle", "start", margin, y, subtitle)
	for _, v := range head.violations {
		y += 13
		c.text("text-violation headline", "start", margin, y, v)
	}
	c.WriteString(body.String())
	c.element(`<g transform="translate(%v %v)">`, margin, body.height)
	c.WriteString(legend.String())
	c.element(`</g>`)
	c.element(`</svg>`)
	return []byte(c.String())
}

// drawn is a part of a page and how large it is.
type drawn struct {
	canvas
	width, height float64
}

// body draws the strips of a page below its heading. The height is where they end on the page.
func (l *layout) body(head heading, strips []placed, decimals int) *drawn {
	d := &drawn{height: margin + head.height}
	for _, p := range strips {
		d.height += stripGap / 2
		d.element(`<g transform="translate(%v %v)">`, margin, d.height)
		l.strip(&d.canvas, p, decimals)
		d.element(`</g>`)
		d.height += p.height + stripGap/2
		d.width = max(d.width, gutter+l.strips[p.index].width)
	}
	return d
}

package draw

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// canvas writes SVG.
type canvas struct{ strings.Builder }

// coordinate writes a number with at most one decimal, which is a tenth of a pixel.
func coordinate(v float64) string {
	text := strconv.FormatFloat(v, 'f', 1, 64)
	text = strings.TrimSuffix(text, ".0")
	if text == "-0" {
		return "0"
	}
	return text
}

// escape makes text safe within an element. What XML cannot hold becomes U+FFFD.
func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // A Builder does not fail.
	return b.String()
}

// element writes an element; a float64 among its values is written as a coordinate.
func (c *canvas) element(format string, values ...any) {
	for i, v := range values {
		if f, ok := v.(float64); ok {
			values[i] = coordinate(f)
		}
	}
	_, _ = fmt.Fprintf(c, format+"\n", values...) // A Builder does not fail.
}

// titled writes a group whose title viewers show under the pointer.
func (c *canvas) titled(title string, draw func()) {
	c.element(`<g><title>%v</title>`, escape(title))
	draw()
	c.element(`</g>`)
}

func (c *canvas) line(class string, x1, y1, x2, y2 float64) {
	c.element(`<line class="%v" x1="%v" y1="%v" x2="%v" y2="%v"/>`, class, x1, y1, x2, y2)
}

func (c *canvas) rect(class string, x, y, width, height float64) {
	c.element(`<rect class="%v" x="%v" y="%v" width="%v" height="%v"/>`, class, x, y, width, height)
}

// shape draws the outline through points, given as x and y in turns; it is closed.
func (c *canvas) shape(class string, points ...float64) {
	var path strings.Builder
	for i := 0; i+1 < len(points); i += 2 {
		path.WriteString(coordinate(points[i]) + "," + coordinate(points[i+1]) + " ")
	}
	c.element(`<polygon class="%v" points="%v"/>`, class, strings.TrimSpace(path.String()))
}

// cross draws a cross around a point.
func (c *canvas) cross(class string, x, y, reach float64) {
	c.element(`<path class="%v" d="M%v %vL%v %vM%v %vL%v %v"/>`, class,
		x-reach, y-reach, x+reach, y+reach, x-reach, y+reach, x+reach, y-reach)
}

// text writes a line of text whose baseline is at y; align is start, middle or end.
func (c *canvas) text(class, align string, x, y float64, text string) {
	if align != "start" {
		class += " " + align
	}
	c.element(`<text class="%v" x="%v" y="%v">%v</text>`, class, x, y, escape(text))
}

// boxed writes text on a ground that hides what passes behind it.
func (c *canvas) boxed(class, align string, x, y float64, text string) {
	width := textWidth(text)
	left := x
	if align == "end" {
		left = x - width
	}
	c.rect("ground", left-1, y-fontSize+1.5, width+2, fontSize+0.5)
	c.text(class, align, x, y, text)
}

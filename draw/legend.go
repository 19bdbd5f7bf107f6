package draw

import "strings"

// sign is an entry of the legend, which is drawn if a page has the class.
type sign struct {
	class string
	text  string
	draw  func(c *canvas, y float64) // Within 26 pixels from x = 0.
}

const signRoom = 32.0

func signs() []sign {
	arrow := func(class string) func(*canvas, float64) {
		return func(c *canvas, y float64) {
			c.line("message"+class, 0, y, 20, y)
			c.shape("head"+class, 26, y, 19, y-3, 19, y+3)
		}
	}
	return []sign{
		{`class="message `, "message, with its text where it is sent", arrow("")},
		{` again"`, "the same message once more", arrow(" again")},
		{`class="lost`, "lost", func(c *canvas, y float64) { c.cross("lost", 13, y, 4) }},
		{`class="flight`, "never arrives", func(c *canvas, y float64) {
			c.element(`<circle class="flight" cx="13" cy="%v" r="2.5"/>`, y)
		}},
		{`class="force"`, "record from put to durable (forced log)", func(c *canvas, y float64) {
			c.rect("force", 0, y-2, 26, 4)
		}},
		{`class="force gone`, "record that a crash took", func(c *canvas, y float64) {
			c.rect("force gone", 0, y-2, 26, 4)
		}},
		{`class="message store`, "block to a shared disk", arrow(" store")},
		{`class="interval"`, "operation from call to outcome", func(c *canvas, y float64) {
			bracket(c, "interval", 0, 26, y, true, true)
		}},
		{`class="interval abort`, "operation that aborts", func(c *canvas, y float64) {
			bracket(c, "interval abort", 0, 26, y, true, true)
		}},
		{`class="interval open`, "operation that does not return, its beginning", func(c *canvas, y float64) {
			bracket(c, "interval open", 0, 26, y, true, false)
		}},
		{`class="down`, "down", func(c *canvas, y float64) { c.rect("down", 0, y-4, 26, 8) }},
		{`class="leads`, "trusts itself as leader", func(c *canvas, y float64) {
			c.rect("leads", 0, y-4, 26, 8)
		}},
		{`class="mark broadcast`, "broadcast", func(c *canvas, y float64) {
			markAt(c, broadcastMark, 13, y)
		}},
		{`class="mark deliver`, "deliver", func(c *canvas, y float64) { markAt(c, deliverMark, 13, y) }},
		{`class="mark outcome`, "outcome of a broadcast", func(c *canvas, y float64) {
			markAt(c, outcomeMark, 13, y)
		}},
		{`class="cut`, "links that are cut", func(c *canvas, y float64) { c.rect("cut", 0, y-3, 26, 6) }},
		{`class="heal`, "all faults end", func(c *canvas, y float64) { c.line("heal", 13, y-6, 13, y+6) }},
		{`class="violation`, "a property is violated", func(c *canvas, y float64) {
			c.line("violation", 13, y-6, 13, y+6)
		}},
	}
}

// legend explains what a page has on it.
func (l *layout) legend(body string, width float64) *drawn {
	d := &drawn{height: 6}
	x, y := 0.0, 14.0
	for _, s := range signs() {
		if !strings.Contains(body, s.class) {
			continue
		}
		room := signRoom + 5.6*float64(cells(s.text)) + 14
		if x > 0 && x+room > width {
			x, y = 0, y+15
		}
		d.element(`<g transform="translate(%v 0)">`, x)
		s.draw(&d.canvas, y-3)
		d.text("legend", "start", signRoom, y, s.text)
		d.element(`</g>`)
		x += room
	}
	d.height = y + 4
	return d
}

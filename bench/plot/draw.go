package plot

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// SVG writes the picture, 800 by 500 pixels.
func (p Picture) SVG(to io.Writer) error {
	canvas := vgsvg.New(width, height)
	if err := p.draw(draw.New(canvas)); err != nil {
		return err
	}
	var all bytes.Buffer
	if _, err := canvas.WriteTo(&all); err != nil {
		return err
	}
	// Where the font is missing, one that is as wide.
	const font = "font-family:Liberation Sans"
	svg := bytes.ReplaceAll(all.Bytes(), []byte(font), []byte(font+",Arial,Helvetica,sans-serif"))
	_, err := to.Write(svg)
	return err
}

// PNG writes the picture, twice as fine as it is shown, so that it is sharp.
func (p Picture) PNG(to io.Writer) error {
	canvas := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(192))}
	if err := p.draw(draw.New(canvas)); err != nil {
		return err
	}
	_, err := canvas.WriteTo(to)
	return err
}

// Save writes name.svg and name.png into a directory that exists. Files of these names are
// replaced, each at once.
func Save(dir, name string, p Picture) error {
	for _, format := range []struct {
		ending string
		write  func(io.Writer) error
	}{{".svg", p.SVG}, {".png", p.PNG}} {
		if err := replace(filepath.Join(dir, name+format.ending), format.write); err != nil {
			return err
		}
	}
	return nil
}

// replace writes a file under another name first, so that nobody sees half of it.
func replace(name string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	err = errors.Join(write(file), file.Chmod(0o644), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// draw puts the title and the conditions above the chart, and the legend below it.
func (p Picture) draw(c draw.Canvas) error {
	if err := p.Check(); err != nil {
		return err
	}
	chart, entries, err := p.chart()
	if err != nil {
		return err
	}
	c.SetColor(grey(255))
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, margin, -margin, margin, -margin)
	top := c.Max.Y
	write := func(style text.Style, lines []string) {
		for _, line := range lines {
			c.FillText(style, vg.Point{X: c.Min.X, Y: top}, line)
			top -= style.Font.Size * 1.25
		}
	}
	title := letters(13, true, grey(0), chart.TextHandler)
	write(title, wrap(p.Title, title, c.Size().X))
	small := letters(9, false, grey(90), chart.TextHandler)
	write(small, wrap(p.Conditions, small, c.Size().X))

	rows := flow(entries, letters(9.5, false, grey(0), chart.TextHandler), c.Size().X)
	bottom := rows.draw(c)
	chart.Draw(draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
		Min: vg.Point{X: c.Min.X, Y: bottom + 5},
		Max: vg.Point{X: c.Max.X, Y: top - 5},
	}})
	return nil
}

// wrap cuts a text at spaces into lines that are not wider than is given.
func wrap(all string, style text.Style, width vg.Length) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(all) {
		longer := strings.TrimSpace(line + " " + word)
		if line != "" && style.Width(longer) > width {
			lines = append(lines, line)
			longer = word
		}
		line = longer
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

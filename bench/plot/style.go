package plot

import (
	"image/color"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A picture is 800 by 500 pixels at 96 to the inch. Lengths are in points, 4/3 of a pixel.
const (
	width  = vg.Length(600)
	height = vg.Length(375)
	margin = vg.Length(9)
)

const tones = 8

// tone is the colour of series i, from 0: the palette of Okabe and Ito, which those who see no
// red or no green can tell apart, with grey for its yellow, which is too light for a line.
func tone(i int) color.Color {
	return [tones]color.RGBA{
		{0, 114, 178, 255},   // Blue.
		{213, 94, 0, 255},    // Vermilion.
		{0, 158, 115, 255},   // Bluish green.
		{204, 121, 167, 255}, // Reddish purple.
		{230, 159, 0, 255},   // Orange.
		{86, 180, 233, 255},  // Sky blue.
		{0, 0, 0, 255},       // Black.
		{128, 128, 128, 255}, // Grey.
	}[i]
}

func marker(i int) draw.GlyphDrawer {
	return [tones]draw.GlyphDrawer{
		draw.CircleGlyph{},
		draw.BoxGlyph{},
		draw.PyramidGlyph{},
		draw.RingGlyph{},
		draw.SquareGlyph{},
		draw.TriangleGlyph{},
		draw.CrossGlyph{},
		draw.PlusGlyph{},
	}[i]
}

func grey(of uint8) color.Color { return color.RGBA{of, of, of, 255} }

// letters is a style of text, size in points.
func letters(size float64, bold bool, c color.Color, handler text.Handler) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans"}
	if bold {
		f.Weight = xfont.WeightBold
	}
	return text.Style{
		Color: c, Font: font.From(f, vg.Length(size)),
		XAlign: text.XLeft, YAlign: text.YTop, Handler: handler,
	}
}

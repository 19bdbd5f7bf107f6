// Package plot draws one picture of measurements, as SVG and PNG.
//
//	Implements   Picture: lines with markers, or grouped bars, over linear or logarithmic axes
//	Uses         gonum.org/v1/plot
//	Requests     Picture.SVG, Picture.PNG, Save
//	Indications  the bytes; a *PictureError that says what of a picture cannot be drawn
//
// Properties:
//
//	L1 Determinism  the same picture gives the same bytes
//	L2 Spread       a point or bar shows its lowest and highest value, if these differ from it
//	L3 Legible      every series has a colour that the colour-blind tell apart and a marker of its
//	                own; names stand below the chart and never on it
//	L4 Whole        Save leaves each file complete, as it was before, or not at all
//
// A line chart, whose tones and strokes can tell of two things at once:
//
//	p := plot.Picture{
//		Title:      "Throughput by messages on their way",
//		Conditions: "3 processes, 128 B, fsync on, median of 5 with the range",
//		X: plot.Axis{Label: "messages on their way", Log: true, Ticks: []float64{1, 64, 1024}},
//		Y: plot.Axis{Label: "messages/s", Log: true},
//		Lines: []plot.Line{
//			{Name: "fall+spring", Points: []plot.Point{{X: 1, Y: 3e3, Low: 2.9e3, High: 3.1e3}}},
//			{Name: "paxos", Dashed: true, Points: []plot.Point{plot.At(1, 2e3)}},
//		},
//	}
//	err := plot.Save(dir, "throughput", p) // dir/throughput.svg and dir/throughput.png
//
// Bars side by side in groups, with a line at a ratio that is of interest:
//
//	p := plot.Picture{
//		Title:  "Messages/s, ours over each peer's",
//		Y:      plot.Axis{Label: "ratio"},
//		Groups: []string{"C = 1", "C = 64"},
//		Bars: []plot.Bars{
//			{Name: "etcd/raft", Values: []plot.Value{{Y: 1.3, Low: 1.2, High: 1.4}, {Y: 2.1}}},
//			{Name: "dragonboat", Values: []plot.Value{{Y: 3.3}, {Y: 3.9}}},
//		},
//		Levels: []plot.Level{{Name: "1.75", Y: 1.75}},
//	}
//
// Limits: 8 tones, so at most 8 lines without a Tone, or 8 kinds of bars; values must be finite,
// and positive where an axis is logarithmic.
package plot

package draw_test

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paxon/draw"
	"paxon/process"
	"paxon/register"
	"paxon/sim"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the expected diagrams in testdata")

// trace reads a trace of testdata.
func trace(t *testing.T, name string) iter.Seq2[sim.TraceEvent, error] {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".ndjson"))
	require.NoError(t, err)
	return sim.ReadTrace(strings.NewReader(string(text)), name)
}

// drawn draws a trace of testdata, of which every page must be well-formed.
func drawn(t *testing.T, name string, o draw.Options) []string {
	t.Helper()
	pages, err := draw.Pages(trace(t, name), o)
	require.NoError(t, err)
	texts := make([]string, len(pages))
	for i, p := range pages {
		texts[i] = string(p)
		requireXML(t, texts[i])
	}
	return texts
}

func requireXML(t *testing.T, text string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(text))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
	}
}

// TestGolden compares diagrams with those in testdata.
func TestGolden(t *testing.T) {
	for _, name := range []string{"everything", "crash", "summer"} {
		t.Run(name, func(t *testing.T) {
			o := draw.DefaultOptions()
			o.Title = name
			pages := drawn(t, name, o)
			require.Len(t, pages, 1)
			path := filepath.Join("testdata", name+".svg")
			if *rewrite {
				require.NoError(t, os.WriteFile(path, []byte(pages[0]), 0o644))
			}
			expected, err := os.ReadFile(path)
			require.NoError(t, err, "go test ./draw -run Golden -rewrite writes it")
			was, is := strings.Split(string(expected), "\n"), strings.Split(pages[0], "\n")
			for i := range min(len(was), len(is)) {
				require.Equal(t, was[i], is[i], "line %d: -rewrite accepts it", i+1)
			}
			require.Len(t, is, len(was))
		})
	}
}

// element is a part of a diagram with what is in it.
type element struct {
	XMLName xml.Name
	Class   string    `xml:"class,attr"`
	X       float64   `xml:"x,attr"`
	Y       float64   `xml:"y,attr"`
	Width   float64   `xml:"width,attr"`
	Height  float64   `xml:"height,attr"`
	Move    string    `xml:"transform,attr"`
	Title   string    `xml:"title"`
	Text    string    `xml:",chardata"`
	Within  []element `xml:",any"`
}

func parse(t *testing.T, page string) element {
	t.Helper()
	var root element
	require.NoError(t, xml.Unmarshal([]byte(page), &root))
	return root
}

// box is where a label is on a page.
type box struct{ left, top, right, bottom float64 }

func (b box) overlaps(o box) bool {
	return b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom
}

// grounds finds the boxes of all labels.
func grounds(t *testing.T, e element, x, y float64) (found []box) {
	t.Helper()
	if move, ok := strings.CutPrefix(e.Move, "translate("); ok {
		fields := strings.Fields(strings.TrimSuffix(move, ")"))
		dx, err := strconv.ParseFloat(fields[0], 64)
		require.NoError(t, err)
		dy, err := strconv.ParseFloat(fields[1], 64)
		require.NoError(t, err)
		x, y = x+dx, y+dy
	}
	if e.Class == "ground" {
		return []box{{x + e.X, y + e.Y, x + e.X + e.Width, y + e.Y + e.Height}}
	}
	for _, w := range e.Within {
		found = append(found, grounds(t, w, x, y)...)
	}
	return found
}

// TestLabelsDoNotOverlap holds for every run, and no label leaves its page.
func TestLabelsDoNotOverlap(t *testing.T) {
	for name, run := range runs() {
		for seed := range uint64(6) {
			o := draw.DefaultOptions()
			o.Without = nil
			pages, err := draw.Pages(simulated(t, run, seed), o)
			require.NoError(t, err)
			for n, page := range pages {
				root := parse(t, string(page))
				labels := grounds(t, root, 0, 0)
				for i, b := range labels {
					where := fmt.Sprintf("%s, seed %d, page %d", name, seed, n+1)
					require.True(t, b.left >= 0 && b.right <= root.Width, "%s: %v", where, b)
					require.True(t, b.top >= 0 && b.bottom <= root.Height, "%s: %v", where, b)
					for _, c := range labels[i+1:] {
						require.False(t, b.overlaps(c), "%s: %v and %v", where, b, c)
					}
				}
			}
		}
	}
}

// titles counts how often each title is drawn on pages.
func titles(t *testing.T, pages []string) map[string]int {
	t.Helper()
	found := map[string]int{}
	var walk func(e element)
	walk = func(e element) {
		if e.XMLName.Local == "g" && e.Title != "" {
			found[e.Title]++
		}
		for _, w := range e.Within {
			walk(w)
		}
	}
	for _, p := range pages {
		walk(parse(t, p))
	}
	return found
}

func TestNothingIsLeftOut(t *testing.T) {
	o := draw.DefaultOptions()
	o.Without, o.Width, o.Height = nil, 400, 300 // Many strips and pages.
	pages := drawn(t, "everything", o)
	require.Greater(t, len(pages), 3)
	found := titles(t, pages)
	for _, expected := range []string{
		"p1: broadcast \"m\"", "p1: deliver L1 [\"m\"]", "p1: crash", "p3: start", "p1: recover (2)",
		"p1 to p2: READ(L1,1.p1.1)", "p1 to p3: READ(L1,1.p1.1) — lost",
		"p1 to p3: WRITE(L1,1.p1.1,\"m\") — lost, the link is cut",
		"p3 to p1: ACK — lost, the receiver is down", "p1 to p1: READ(L1,1.p1.1)",
		"p2 to p3: PULL(L2)", "p1 puts copy(read=1.p1.1,written=0,⊥)",
		"p1 puts copy(read=1.p1.1,written=1.p1.1,\"m\") — not durable, a crash came first",
		"p3 puts copy(read=2.p2.1,written=0,⊥) — not durable yet",
		"p1: propose(1.p1.1, \"m\") — ended by a crash", "p1: read(1.p1.1) commit ⊥",
		"p2: read(2.p2.1) abort by 3.p3.1", "p1 is down", "p1 trusts itself as leader",
		"p3 has not started", "p1→p3 cut", "heal: all faults end", "CA Agreement: no",
	} {
		require.Positive(t, found[expected], "%q is not among %q", expected, found)
	}
}

func TestSelection(t *testing.T) {
	all := draw.Options{}
	for name, c := range map[string]struct {
		change        func(o *draw.Options)
		drawn, absent []string
	}{
		"process": {
			func(o *draw.Options) { o.Processes = []process.ID{1, 2} },
			[]string{"p1 to p2: READ(L1,1.p1.1)", "p1: crash"},
			[]string{"p1 to p3: READ(L1,1.p1.1) — lost", "p1→p3 cut", "p3 has not started"},
		},
		"instance": {
			func(o *draw.Options) { o.Instances = []register.Instance{2} },
			[]string{"p2 to p3: PULL(L2)", "p1: crash", "p2: read(2.p2.1) abort by 3.p3.1"},
			[]string{"p1 to p2: READ(L1,1.p1.1)", "p1: broadcast \"m\""},
		},
		"time": {
			func(o *draw.Options) { o.From, o.To = 10*time.Millisecond, 12*time.Millisecond },
			[]string{"p1 is down"},
			[]string{"p1 to p2: READ(L1,1.p1.1)", "heal: all faults end", "p3 has not started"},
		},
	} {
		o := all
		c.change(&o)
		found := titles(t, drawn(t, "everything", o))
		for _, expected := range c.drawn {
			require.Positive(t, found[expected], "%s: %q is not among %q", name, expected, found)
		}
		for _, hidden := range c.absent {
			require.Zero(t, found[hidden], "%s: %q", name, hidden)
		}
	}
}

func TestWithout(t *testing.T) {
	for kind, hidden := range map[draw.Kind]string{
		draw.Heartbeats: "p1 to p2: HEARTBEAT([1])", draw.Acks: "p3 to p1: ACK — lost, the receiver is down",
		draw.Self:       "p1 to p1: READ(L1,1.p1.1)",
		draw.Messages:   "p1 to p2: READ(L1,1.p1.1)",
		draw.Losses:     "p1 to p3: READ(L1,1.p1.1) — lost",
		draw.Disk:       "p1 puts copy(read=1.p1.1,written=0,⊥)",
		draw.Registers:  "p1: read(1.p1.1) commit ⊥",
		draw.Consensus:  "p1: propose(1.p1.1, \"m\") — ended by a crash",
		draw.Broadcasts: "p1: broadcast \"m\"", draw.Deliveries: "p1: deliver L1 [\"m\"]",
		draw.Leaders: "p1 trusts itself as leader", draw.Links: "p1→p3 cut",
	} {
		all := titles(t, drawn(t, "everything", draw.Options{}))
		require.Positive(t, all[hidden], "%s: %q is not among %q", kind, hidden, all)
		found := titles(t, drawn(t, "everything", draw.Options{Without: []draw.Kind{kind}}))
		require.Zero(t, found[hidden], kind)
	}
	const twice = "p2 to p3: PULL(L2)"
	require.Equal(t, 2, titles(t, drawn(t, "everything", draw.Options{}))[twice])
	once := draw.Options{Without: []draw.Kind{draw.Duplicates}}
	require.Equal(t, 1, titles(t, drawn(t, "everything", once))[twice])
}

// TestEqualMessages draws a message again that is sent again after it has arrived.
func TestEqualMessages(t *testing.T) {
	send := sim.TraceEvent{Event: "send", From: 1, To: 2, Message: 1, Text: "READ(L1,1.p1.1)"}
	receive := send
	receive.Event = "receive"
	var events []sim.TraceEvent
	for i, e := range []sim.TraceEvent{send, send, receive, send, receive} {
		e.Nanoseconds = int64(i)
		events = append(events, e)
	}
	pages, err := draw.Pages(given(events), draw.Options{})
	require.NoError(t, err)
	require.Equal(t, 2, titles(t, []string{string(pages[0])})["p1 to p2: READ(L1,1.p1.1)"])
}

func TestCompactIsSmaller(t *testing.T) {
	wide := draw.Options{}
	compact := draw.Options{Compact: true}
	full, small := drawn(t, "everything", wide)[0], drawn(t, "everything", compact)[0]
	require.Less(t, parse(t, small).Width, parse(t, full).Width)
	require.Equal(t, titles(t, []string{full}), titles(t, []string{small}))
}

func TestOptionsAreChecked(t *testing.T) {
	for expected, o := range map[string]draw.Options{
		"expected times from 0 on":             {From: -1},
		"expected an end after the beginning":  {From: 2, To: 1},
		"a page of negative size":              {Width: -1},
		"process 0: expected":                  {Processes: []process.ID{0}},
		"instance 0: expected":                 {Instances: []register.Instance{0}},
		"process p9: expected one of":          {Processes: []process.ID{9}},
		"nothing to draw: expected events":     {From: time.Hour},
		"expected events of these processes a": {Instances: []register.Instance{77}, From: time.Hour},
	} {
		_, err := draw.Pages(trace(t, "everything"), o)
		require.ErrorContains(t, err, expected)
	}
}

func TestParseKinds(t *testing.T) {
	kinds, err := draw.ParseKinds("acks,links")
	require.NoError(t, err)
	require.Equal(t, []draw.Kind{draw.Acks, draw.Links}, kinds)
	kinds, err = draw.ParseKinds("none")
	require.NoError(t, err)
	require.Empty(t, kinds)
	_, err = draw.ParseKinds("acks,beats")
	require.ErrorContains(t, err, `kind "beats": expected none, or some of heartbeats,acks,`)
}

func TestPageNames(t *testing.T) {
	require.Equal(t, []string{"a.svg"}, draw.PageNames("a.svg", 1))
	require.Equal(t, []string{"a-1", "a-2"}, draw.PageNames("a", 2))
	names := draw.PageNames("a.svg", 10)
	require.Equal(t, "a-01.svg", names[0])
	require.Equal(t, "a-10.svg", names[9])
}

package main

import (
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"paxon/cmd/paxon/cluster"
)

// bar shows the progress of a run on a terminal, and nothing elsewhere.
type bar struct{ bar *progressbar.ProgressBar }

func newBar(w io.Writer, size int64) bar {
	if terminal(w) == nil {
		return bar{}
	}
	return bar{progressbar.NewOptions64(size,
		progressbar.OptionSetWriter(w), progressbar.OptionShowBytes(true),
		progressbar.OptionSetDescription("broadcasting"), progressbar.OptionClearOnFinish())}
}

func (b bar) show(p cluster.Progress) {
	if b.bar == nil {
		return
	}
	b.bar.Describe(fmt.Sprintf("%d lines delivered everywhere", p.Delivered))
	_ = b.bar.Set64(p.Read) // A bar that cannot be drawn is no reason to stop.
}

func (b bar) finish() {
	if b.bar != nil {
		_ = b.bar.Exit() // As above.
		_ = b.bar.Clear()
	}
}

// terminal gives the file behind a writer if that is a terminal, and nil otherwise.
func terminal(w io.Writer) *os.File {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	return file
}

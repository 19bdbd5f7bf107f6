package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/schollz/progressbar/v3"

	"paxon/bench"
)

// outputFile is a file that gets its name once it is whole.
type outputFile struct {
	path  string
	write func(bench.Report, io.Writer) error
	file  *os.File // nil once it is finished or discarded.
}

// newOutputFile begins a file beside where it will be.
func newOutputFile(path string, write func(bench.Report, io.Writer) error) (*outputFile, error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return nil, err
	}
	return &outputFile{path, write, file}, nil
}

// finish writes the report and gives the file its name.
func (o *outputFile) finish(r bench.Report) error {
	const readable = 0o644
	err := errors.Join(o.write(r, o.file), o.file.Chmod(readable), o.file.Close())
	if err == nil {
		err = os.Rename(o.file.Name(), o.path)
	}
	if err == nil {
		o.file = nil
	}
	return err
}

// discard removes the file unless it is finished.
func (o *outputFile) discard() error {
	if o.file == nil {
		return nil
	}
	_ = o.file.Close() // It may be closed.
	err := os.Remove(o.file.Name())
	o.file = nil
	return err
}

// pointBar shows the progress of a measurement on a terminal, and nothing elsewhere.
func pointBar(w io.Writer, all int) (show func(done, all int, next bench.Setting), finish func()) {
	if terminal(w) == nil {
		return nil, func() {}
	}
	b := progressbar.NewOptions(all, progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription("measuring"), progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())
	_ = b.RenderBlank() // A bar that cannot be drawn is no reason to stop.
	return func(done, _ int, next bench.Setting) {
		b.Describe(describe(next))
		_ = b.Set(done)
	}, func() { _ = b.Clear() }
}

package cluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// MaxLine is the length of the longest line, in bytes without its newline.
const MaxLine = 8 << 20

// Input is the lines of some files, one file after the other. A line ends at a newline or at
// the end of its file, and may hold any other bytes.
type Input struct {
	sources []source
	size    int64 // Bytes of all, −1 if unknown.
	read    int64

	file   io.ReadCloser // Of sources[0], nil if it is not open yet.
	buffer *bufio.Reader
	line   uint64 // Number of the last one read.
}

type source struct {
	name string
	open func() (io.ReadCloser, error)
	size int64 // −1 if unknown.
}

// OpenInput checks files and gives their lines; "-", or no file at all, stands for stdin. The
// error is an *InputError.
func OpenInput(files []string, stdin io.Reader) (*Input, error) {
	if len(files) == 0 {
		files = []string{"-"}
	}
	in := &Input{buffer: bufio.NewReaderSize(nil, 1<<18)}
	seen := false
	for _, name := range files {
		s := source{name: name, size: -1}
		if name == "-" {
			if seen {
				return nil, &InputError{Name: name, What: "given twice, expected standard input once"}
			}
			seen = true
			s.open = func() (io.ReadCloser, error) { return io.NopCloser(stdin), nil }
		} else if err := s.stat(); err != nil {
			return nil, err
		}
		in.sources = append(in.sources, s)
	}
	in.measure()
	if in.size == 0 {
		return nil, emptyError()
	}
	return in, nil
}

func emptyError() error {
	return &InputError{What: "the input is empty: there is nothing to broadcast, expected at least one line"}
}

// stat checks a file as far as that can be done without reading it.
func (s *source) stat() error {
	info, err := os.Stat(s.name)
	switch {
	case err != nil:
		return inputError(s.name, err)
	case info.IsDir():
		return &InputError{Name: s.name, What: "is a directory, expected a file of lines"}
	}
	s.open = func() (io.ReadCloser, error) { return os.Open(s.name) }
	if !info.Mode().IsRegular() {
		return nil // To open a pipe and close it again may lose what is in it.
	}
	s.size = info.Size()
	f, err := os.Open(s.name)
	if err != nil {
		return inputError(s.name, err)
	}
	return f.Close()
}

// inputError takes the operation and the path out of an error, which names the file already.
func inputError(name string, err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		err = path.Err
	}
	return &InputError{Name: name, What: fmt.Sprintf("%v, expected a file of lines", err)}
}

func (in *Input) measure() {
	in.size = 0
	for _, s := range in.sources {
		if s.size < 0 {
			in.size = -1
			return
		}
		in.size += s.size
	}
}

// Size is the bytes of all files, −1 if that is not known before they are read.
func (in *Input) Size() int64 { return in.size }

// Spool copies what has no known size into files in dir, so that Size is known. When ctx ends
// it returns, though what it waits for may never come.
func (in *Input) Spool(ctx context.Context, dir string) error {
	done := make(chan error, 1)
	go func() { done <- in.spool(dir) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (in *Input) spool(dir string) error {
	for i := range in.sources {
		s := &in.sources[i]
		if s.size >= 0 {
			continue
		}
		path := filepath.Join(dir, fmt.Sprintf("input.%d", i))
		n, err := spool(path, s.open)
		if err != nil {
			return inputError(s.name, err)
		}
		s.size, s.open = n, func() (io.ReadCloser, error) { return os.Open(path) }
	}
	in.measure()
	if in.size == 0 {
		return emptyError()
	}
	return nil
}

func spool(path string, open func() (io.ReadCloser, error)) (int64, error) {
	from, err := open()
	if err != nil {
		return 0, err
	}
	to, err := os.Create(path)
	if err != nil {
		return 0, errors.Join(err, from.Close())
	}
	n, err := io.Copy(to, from)
	return n, errors.Join(err, from.Close(), to.Close())
}

// Next gives the next line without its newline, in memory of its own. After the last the error
// is io.EOF, otherwise an *InputError.
func (in *Input) Next() ([]byte, error) {
	for len(in.sources) > 0 {
		s := in.sources[0]
		if in.file == nil {
			file, err := s.open()
			if err != nil {
				return nil, inputError(s.name, err)
			}
			in.file, in.line = file, 0
			in.buffer.Reset(file)
		}
		line, err := in.scan()
		if err == nil {
			return line, nil
		}
		if !errors.Is(err, io.EOF) {
			return nil, err
		}
		if err := in.Close(); err != nil {
			return nil, inputError(s.name, err)
		}
		in.sources = in.sources[1:]
	}
	return nil, io.EOF
}

// inputLine is what Next returned, and how many bytes were read until then.
type inputLine struct {
	payload []byte
	err     error
	read    int64
}

// lines reads ahead by one line until ctx ends, an error or the end, so that nobody but its
// goroutine waits for a terminal. That may wait for ever.
func (in *Input) lines(ctx context.Context) <-chan inputLine {
	lines := make(chan inputLine)
	go func() {
		for {
			payload, err := in.Next()
			select {
			case lines <- inputLine{payload, err, in.read}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return lines
}

// scan reads one line of the open file.
func (in *Input) scan() ([]byte, error) {
	line := []byte{}
	in.line++
	for {
		part, err := in.buffer.ReadSlice('\n')
		in.read += int64(len(part))
		ended := err == nil
		if ended {
			part = part[:len(part)-1]
		}
		line = append(line, part...)
		switch {
		case len(line) > MaxLine:
			return nil, &InputError{in.sources[0].name, in.line, fmt.Sprintf(
				"a line of more than %d bytes, expected at most that: split it", MaxLine)}
		case ended, errors.Is(err, io.EOF) && len(line) > 0:
			return line, nil
		case errors.Is(err, io.EOF):
			return nil, io.EOF
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, inputError(in.sources[0].name, err)
		}
	}
}

// Close closes the file that is being read, if one is.
func (in *Input) Close() error {
	if in.file == nil {
		return nil
	}
	file := in.file
	in.file = nil
	return file.Close()
}

package cluster

import (
	"io"
	"strings"
	"sync"
)

// said keeps the end of what a process says, besides writing all of it to a file: when the
// disk is full, the file does not get the reason.
type said struct {
	file io.Writer

	mu  sync.Mutex
	end []byte
}

// Write keeps the end of p in any case.
func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end = append(s.end, p[max(0, len(p)-tailBytes):]...)
	s.end = s.end[max(0, len(s.end)-tailBytes):]
	_, _ = s.file.Write(p) // Whoever looks for the reason finds it in the end.
	return len(p), nil
}

// tail is the end of what was said.
func (s *said) tail() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.TrimSpace(string(s.end))
}

package cluster

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestSaidKeepsTheEnd(t *testing.T) {
	var file bytes.Buffer
	s := &said{file: &file}
	_, err := s.Write([]byte("first\n"))
	require.NoError(t, err)
	long := strings.Repeat("x", 3*tailBytes) + "the reason\n"
	_, err = s.Write([]byte(long))
	require.NoError(t, err)
	require.Equal(t, "first\n"+long, file.String())
	require.Len(t, s.tail(), tailBytes-1)
	require.True(t, strings.HasSuffix(s.tail(), "xthe reason"))
}

func TestSaidOnAFullDisk(t *testing.T) {
	s := &said{file: full{}}
	_, err := s.Write([]byte("the disk is full"))
	require.NoError(t, err, "the process would be told that its stderr is broken")
	require.Equal(t, "the disk is full", s.tail())
}

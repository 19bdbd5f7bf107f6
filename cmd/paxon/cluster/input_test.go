package cluster

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "input.txt")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func linesOf(t *testing.T, in *Input) []string {
	t.Helper()
	var lines []string
	for {
		l, err := in.Next()
		if errors.Is(err, io.EOF) {
			return lines
		}
		require.NoError(t, err)
		require.NotNil(t, l)
		lines = append(lines, string(l))
	}
}

func TestLines(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for content, want := range map[string][]string{
		"a\nb\n":          {"a", "b"},
		"a\nb":            {"a", "b"},
		"\n":              {""},
		"\n\na":           {"", "", "a"},
		"a\r\n\x00\xff\n": {"a\r", "\x00\xff"},
		long + "\n" + "s": {long, "s"},
	} {
		in, err := OpenInput([]string{file(t, content)}, nil)
		require.NoError(t, err)
		assert.EqualValues(t, len(content), in.Size())
		assert.Equal(t, want, linesOf(t, in))
		assert.EqualValues(t, len(content), in.read)
	}
}

// TestFiles reads several, of which the last line of one is not joined to the next one's first.
func TestFiles(t *testing.T) {
	in, err := OpenInput([]string{file(t, "a"), file(t, ""), "-", file(t, "c\n")},
		strings.NewReader("b1\nb2"))
	require.NoError(t, err)
	assert.EqualValues(t, -1, in.Size())
	require.NoError(t, in.Spool(t.Context(), t.TempDir()))
	assert.EqualValues(t, len("ab1\nb2c\n"), in.Size())
	assert.Equal(t, []string{"a", "b1", "b2", "c"}, linesOf(t, in))
}

func TestLongestLine(t *testing.T) {
	most := strings.Repeat("x", MaxLine)
	in, err := OpenInput([]string{file(t, most+"\n"+most)}, nil)
	require.NoError(t, err)
	assert.Len(t, linesOf(t, in), 2)

	path := file(t, "short\n"+most+"x\n")
	in, err = OpenInput([]string{path}, nil)
	require.NoError(t, err)
	_, err = in.Next()
	require.NoError(t, err)
	_, err = in.Next()
	var bad *InputError
	require.ErrorAs(t, err, &bad)
	assert.ErrorContains(t, err, path+":2: a line of more than 8388608 bytes")
	require.NoError(t, in.Close())
}

func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]string{
		filepath.Join(dir, "missing"): "no such file",
		dir:                           "is a directory",
		file(t, ""):                   "empty",
	} {
		_, err := OpenInput([]string{name}, nil)
		var bad *InputError
		require.ErrorAs(t, err, &bad)
		assert.ErrorContains(t, err, want)
		assert.ErrorContains(t, err, "expected")
	}
	_, err := OpenInput([]string{"-", "-"}, nil)
	require.ErrorContains(t, err, "twice")

	in, err := OpenInput(nil, strings.NewReader(""))
	require.NoError(t, err)
	require.ErrorContains(t, in.Spool(t.Context(), t.TempDir()), "empty")
}

package disks

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseBlock(t *testing.T) {
	file := seal(append(header(1<<40, 7), "block"...))
	key, owner, block, wrong := parseBlock(file)
	require.Empty(t, wrong)
	require.EqualValues(t, 1<<40, key)
	require.EqualValues(t, 7, owner)
	require.Equal(t, "block", string(block))
	for i := range file {
		file[i] ^= 0x10
		_, _, _, wrong := parseBlock(file)
		require.NotEmpty(t, wrong, "byte %d is another", i)
		file[i] ^= 0x10
		_, _, _, wrong = parseBlock(file[:i])
		require.NotEmpty(t, wrong, "it ends after %d bytes", i)
	}
}

// FuzzParseBlock shows that what passes as a block is one that was sealed, to the byte.
func FuzzParseBlock(f *testing.F) {
	f.Add(seal(header(0, 0)))
	f.Add(seal(append(header(12, 3), "block"...)))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, file []byte) {
		key, owner, block, wrong := parseBlock(file)
		if wrong != "" {
			return
		}
		if again := seal(append(header(key, owner), block...)); !bytes.Equal(file, again) {
			t.Fatalf("%x is taken for %x", file, again)
		}
	})
}

package laws_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paxon/internal/laws"
)

// TestRepository holds all Go files of the repository to the laws of text.
func TestRepository(t *testing.T) {
	found, err := laws.Tidy(os.DirFS("../.."))
	require.NoError(t, err)
	for _, f := range found {
		assert.Fail(t, f.String())
	}
}

func TestTidy(t *testing.T) {
	const doc = "// Package p is a package.\npackage p\n"
	// What follows is in parts, so that this file does not hold what it tests for.
	for name, c := range map[string]struct {
		file, text string
		want       []string // The findings, each up to its colon after what was found.
	}{
		"clean":          {"p/doc.go", doc, nil},
		"long enough":    {"p/doc.go", doc + strings.Repeat("\n", laws.MaxLines-2), nil},
		"too long":       {"p/doc.go", doc + strings.Repeat("\n", laws.MaxLines-1), []string{"p/doc.go:801: 801 lines, expected at most 800"}},
		"to do":          {"p/doc.go", doc + "\n// TO" + "DO: this.\n", []string{"p/doc.go:4: a note says TO" + "DO"}},
		"to fix":         {"p/doc.go", "/* FIX" + "ME */\n\n" + doc, []string{"p/doc.go:1: a note says FIX" + "ME"}},
		"crosses":        {"p/doc.go", doc + "const s = `\nXX" + "X`\n", []string{"p/doc.go:4: a note says XX" + "X"}},
		"no mark":        {"p/doc.go", doc + "const XX" + "XX, toDo = 0, 0\n", nil},
		"no comment":     {"p/doc.go", "package p\n", []string{"p/doc.go:1: package p has no comment in doc.go"}},
		"comment not in": {"p/p.go", doc, []string{"p/p.go:2: package p has no comment in doc.go"}},
		"command":        {"p/main.go", "// Paxon is a command.\npackage main\n", nil},
		"silent command": {"p/main.go", "package main\n", []string{"p/main.go:1: package main has no comment in doc.go"}},
		"only tests":     {"p/p_test.go", "package p\n", nil},
		"sleep":          {"p/p_test.go", "package p\nfunc f() { time.Sleep(1) }\n", []string{"p/p_test.go:2: time.Sleep in a test"}},
		"sleep as value": {"p/p_test.go", "package p\nvar f = time.Sleep\n", []string{"p/p_test.go:2: time.Sleep in a test"}},
		"skip":           {"p/p_test.go", "package p\nfunc f() { t.Skip() }\n", []string{"p/p_test.go:2: t.Skip in a test"}},
		"skip with why":  {"p/p_test.go", "package p\nfunc f() { b.Skipf(\"\") }\n", []string{"p/p_test.go:2: b.Skipf in a test"}},
		"skip now":       {"p/p_test.go", "package p\nfunc f() { tb.SkipNow() }\n", []string{"p/p_test.go:2: tb.SkipNow in a test"}},
		"skip of others": {"p/p_test.go", "package p\nfunc f() { decoder.Skip() }\n", nil},
		"sleep in code":  {"p/doc.go", doc + "func f() { time.Sleep(1) }\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := laws.Tidy(fstest.MapFS{
				c.file:               {Data: []byte(c.text)},
				"p/testdata/bad.go":  {Data: []byte("no Go")},
				"p/.hidden/bad.go":   {Data: []byte("no Go")},
				"p/neither/notes.md": {Data: []byte("# TO" + "DO")},
			})
			require.NoError(t, err)
			require.Len(t, found, len(c.want), "%v", found)
			for i, want := range c.want {
				assert.True(t, strings.HasPrefix(found[i].String(), want+":"), found[i])
			}
		})
	}
}

// TestTidyReads shows that Tidy does not take a tree that it cannot read for a tidy one.
func TestTidyReads(t *testing.T) {
	_, err := laws.Tidy(fstest.MapFS{"p/p.go": {Data: []byte("no Go")}})
	require.ErrorContains(t, err, "p/p.go:1:1")
	_, err = laws.Tidy(fstest.MapFS{"README.md": {}})
	require.ErrorContains(t, err, "found no Go file")
}

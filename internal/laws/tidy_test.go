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

// TestTidy shows that every law of text fires, and where. What breaks a law is in two parts
// here, so that this file does not.
func TestTidy(t *testing.T) {
	const doc = "// Package p is a package.\npackage p\n"
	for name, c := range map[string]struct {
		file, text string
		want       string // The start of the one finding, empty if there is none.
	}{
		"clean":       {"p/doc.go", doc, ""},
		"long enough": {"p/doc.go", doc + strings.Repeat("\n", 798), ""},
		"too long":    {"p/doc.go", doc + strings.Repeat("\n", 799), "p/doc.go:801: 801 lines"},

		"to do":     {"p/doc.go", doc + "\n// TO" + "DO: this.", "p/doc.go:4: a note says TO" + "DO"},
		"to fix":    {"p/doc.go", "/* FIX" + "ME */\n\n" + doc, "p/doc.go:1: a note says FIX" + "ME"},
		"in a test": {"p/p_test.go", "package p\n// XX" + "X", "p/p_test.go:2: a note says XX" + "X"},
		"no mark":   {"p/doc.go", doc + "const XX" + "XX, toDo = 0, 0", ""},

		"no comment":       {"p/doc.go", "package p", "p/doc.go:1: package p has no comment"},
		"comment not here": {"p/p.go", doc, "p/p.go:2: package p has no comment in doc.go"},
		"command":          {"p/main.go", "// Paxon is a command.\npackage main", ""},
		"silent command":   {"p/main.go", "package main", "p/main.go:1: package main has no comment"},
		"tests alone":      {"p/p_test.go", "package p", ""},

		"sleep":          {"p/p_test.go", inTest("time.Sleep(1)"), "p/p_test.go:2: time.Sleep in"},
		"sleep as value": {"p/p_test.go", inTest("_ = time.Sleep"), "p/p_test.go:2: time.Sleep in"},
		"skip":           {"p/p_test.go", inTest("t.Skip()"), "p/p_test.go:2: t.Skip in a test"},
		"skip with why":  {"p/p_test.go", inTest("b.Skipf(s)"), "p/p_test.go:2: b.Skipf in a test"},
		"skip now":       {"p/p_test.go", inTest("tb.SkipNow()"), "p/p_test.go:2: tb.SkipNow in"},
		"other skip":     {"p/p_test.go", inTest("decoder.Skip()"), ""},
		"sleep in code":  {"p/doc.go", doc + "func f() { time.Sleep(1) }", ""},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := laws.Tidy(fstest.MapFS{
				c.file:               {Data: []byte(c.text)},
				"p/testdata/bad.go":  {Data: []byte("no Go")},
				"p/.hidden/bad.go":   {Data: []byte("no Go")},
				"p/neither/notes.md": {Data: []byte("# TO" + "DO")},
			})
			require.NoError(t, err)
			if c.want == "" {
				assert.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			assert.True(t, strings.HasPrefix(found[0].String(), c.want), found[0].String())
		})
	}
}

// inTest gives a file whose second line carries out a statement.
func inTest(statement string) string { return "package p\nfunc f() { " + statement + " }" }

// TestTidyReads shows that Tidy does not take a tree that it cannot read for a tidy one.
func TestTidyReads(t *testing.T) {
	_, err := laws.Tidy(fstest.MapFS{"p/p.go": {Data: []byte("no Go")}})
	require.ErrorContains(t, err, "p/p.go:1:1")
	_, err = laws.Tidy(fstest.MapFS{"README.md": {}})
	require.ErrorContains(t, err, "found no Go file")
}

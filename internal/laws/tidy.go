package laws

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// MaxLines is how many lines a Go file may have.
const MaxLines = 800

// Finding is something in the source that breaks a law.
type Finding struct {
	File    string // Path from the root of the tree, with slashes.
	Line    int    // From 1.
	Message string // What is there, what was expected and what to do.
}

// String writes a finding as file:line: message.
func (f Finding) String() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Message) }

// Tidy holds all Go files of a tree to the laws of text, except those in testdata and in
// folders whose names begin with a dot. Findings come in no order. It returns an error if a
// file cannot be read or parsed, or if there is none.
func Tidy(tree fs.FS) ([]Finding, error) {
	sources, err := read(tree)
	if err != nil {
		return nil, err
	}
	if len(sources) == 0 {
		return nil, errors.New("found no Go file, expected some: give the root of a module")
	}
	found := checkDocs(sources)
	for _, s := range sources {
		found = append(found, s.checkLength()...)
		found = append(found, s.checkMarks()...)
		if s.isTest() {
			found = append(found, s.checkIdling()...)
		}
	}
	return found, nil
}

// source is one Go file.
type source struct {
	name   string // Path from the root of the tree.
	text   []byte
	fset   *token.FileSet
	syntax *ast.File
}

func read(tree fs.FS) ([]source, error) {
	var sources []source
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata") {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		syntax, err := parser.ParseFile(fset, name, text, parser.ParseComments)
		sources = append(sources, source{name, text, fset, syntax})
		return err
	})
	return sources, err
}

func (s source) isTest() bool { return strings.HasSuffix(s.name, "_test.go") }

func (s source) finding(pos token.Pos, format string, args ...any) Finding {
	return Finding{s.name, s.fset.Position(pos).Line, fmt.Sprintf(format, args...)}
}

func (s source) checkLength() []Finding {
	lines := bytes.Count(s.text, []byte("\n"))
	if lines <= MaxLines {
		return nil
	}
	return []Finding{{s.name, lines, fmt.Sprintf(
		"%d lines, expected at most %d: one idea is one file", lines, MaxLines)}}
}

// mark matches what says that work is left; in brackets, so as not to match itself.
var mark = regexp.MustCompile(`\b([T]ODO|[F]IXME|[X]XX)\b`)

func (s source) checkMarks() []Finding {
	var found []Finding
	number := 0
	for line := range bytes.Lines(s.text) {
		number++
		if m := mark.Find(line); m != nil {
			found = append(found, Finding{s.name, number, fmt.Sprintf(
				"a note says %s: do it, or open an issue", m)})
		}
	}
	return found
}

// idle are the calls, by receiver and name, that make a test wait or not run.
var idle = regexp.MustCompile(`^(time\.Sleep|(t|b|f|tb)\.Skip(f|Now)?)$`)

func (s source) checkIdling() []Finding {
	var found []Finding
	ast.Inspect(s.syntax, func(node ast.Node) bool {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if of, ok := selector.X.(*ast.Ident); ok {
			if name := of.Name + "." + selector.Sel.Name; idle.MatchString(name) {
				found = append(found, s.finding(selector.Pos(),
					"%s in a test: wait for an event, and let every test run", name))
			}
		}
		return true
	})
	return found
}

// checkDocs finds the packages without a comment in doc.go or, if they are commands, in any
// of their files. A folder that has tests alone needs none.
func checkDocs(sources []source) []Finding {
	missing := map[string]Finding{} // By folder.
	documented := map[string]bool{}
	for _, s := range sources {
		if s.isTest() {
			continue
		}
		folder, command := path.Dir(s.name), s.syntax.Name.Name == "main"
		missing[folder] = s.finding(s.syntax.Name.Pos(),
			"package %s has no comment in doc.go: say there what it is", s.syntax.Name.Name)
		if s.syntax.Doc != nil && (command || path.Base(s.name) == "doc.go") {
			documented[folder] = true
		}
	}
	maps.DeleteFunc(missing, func(folder string, _ Finding) bool { return documented[folder] })
	return slices.Collect(maps.Values(missing))
}

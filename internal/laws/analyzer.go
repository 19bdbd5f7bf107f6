package laws

import (
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Analyzer reports what breaks the laws of a protocol package. It makes no exception for
// tests: load the package without them.
var Analyzer = &analysis.Analyzer{
	Name: "laws",
	Doc:  "report what a part, a state machine on one loop, must not do",
	Run:  run,
}

func run(pass *analysis.Pass) (any, error) {
	c := checker{pass: pass, unordered: map[*ast.Ident]bool{}}
	for _, file := range pass.Files {
		ast.Inspect(file, c.check)
	}
	if len(pass.Files) > 0 {
		c.checkUnread(pass.Files[0])
	}
	return nil, nil
}

// checker holds what is known on the way through a package.
type checker struct {
	pass *analysis.Pass
	// unordered are the uses of package maps that let nothing of the order through. The call
	// around them puts them here before they are met.
	unordered map[*ast.Ident]bool
}

// oneLoop says what to do instead of whatever needs a second goroutine.
const oneLoop = "a part runs on one loop and answers by a callback or a message"

func (c checker) check(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.ImportSpec:
		c.checkImport(n)
	case *ast.Ident:
		c.checkUse(n)
	case *ast.CallExpr:
		c.noteUnordered(n)
	case *ast.ChanType:
		c.pass.Reportf(n.Pos(), "channel type: %s", oneLoop)
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			c.pass.Reportf(n.Pos(), "receive from a channel: %s", oneLoop)
		}
	case *ast.SendStmt:
		c.pass.Reportf(n.Pos(), "send on a channel: %s", oneLoop)
	case *ast.SelectStmt:
		c.pass.Reportf(n.Pos(), "select: %s", oneLoop)
	case *ast.GoStmt:
		c.pass.Reportf(n.Pos(), "go statement: %s", oneLoop)
	case *ast.RangeStmt:
		c.checkRange(n)
	case *ast.BranchStmt:
		if n.Tok == token.GOTO {
			c.pass.Reportf(n.Pos(), "goto: use a loop or a function")
		}
	}
	return true
}

// checkUnread reports the files that belong to the package of file and were not read.
func (c checker) checkUnread(file *ast.File) {
	for _, unread := range slices.Concat(c.pass.IgnoredFiles, c.pass.OtherFiles) {
		if !strings.HasSuffix(unread, "_test.go") {
			c.pass.Reportf(file.Name.Pos(), "%s is not built here, so that nobody checks its laws; "+
				"a part is written in Go, for all platforms", filepath.Base(unread))
		}
	}
}

func (c checker) checkRange(s *ast.RangeStmt) {
	for _, t := range typeSet(c.pass.TypesInfo.TypeOf(s.X)) {
		switch t.Underlying().(type) {
		case *types.Map:
			c.pass.Reportf(s.Pos(), "range over a map: its order shows; %s", sortKeys)
			return
		case *types.Chan:
			c.pass.Reportf(s.Pos(), "range over a channel: %s", oneLoop)
			return
		}
	}
}

// typeSet is t alone or, of a type parameter or constraint, the types it may stand for.
func typeSet(t types.Type) []types.Type {
	var set []types.Type
	switch u := t.Underlying().(type) {
	case *types.Interface:
		for embedded := range u.EmbeddedTypes() {
			set = append(set, typeSet(embedded)...)
		}
	case *types.Union:
		for term := range u.Terms() {
			set = append(set, typeSet(term.Type())...)
		}
	default:
		set = append(set, t)
	}
	return set
}

package laws

import (
	"go/ast"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// allowedImports are the standard packages that a part may import: those without goroutines,
// locks, clocks, files, sockets and randomness of their own, except for what checkUse forbids
// of them. A package joins the table when a part needs it and this is true of it.
var allowedImports = map[string]bool{
	"bytes":           true,
	"cmp":             true,
	"container/heap":  true,
	"container/list":  true,
	"encoding/binary": true,
	"errors":          true,
	"fmt":             true,
	"iter":            true,
	"maps":            true,
	"math":            true,
	"math/bits":       true,
	"math/rand/v2":    true,
	"slices":          true,
	"strconv":         true,
	"strings":         true,
	"time":            true,
}

func (c checker) checkImport(spec *ast.ImportSpec) {
	path, err := strconv.Unquote(spec.Path.Value)
	if err != nil || !allowedImports[path] && !strings.HasPrefix(path, "paxon/") {
		c.pass.Reportf(spec.Pos(), "import of %s: a part sees only the capabilities it is given, "+
			"and imports only what is in the table of internal/laws", spec.Path.Value)
	}
}

// sortKeys says what to do instead of going through a map.
const sortKeys = "go through slices.Sorted(maps.Keys(m)), or keep the keys in a slice"

// checkUse reports an identifier that stands for something forbidden, whether it is called or
// not, and by whatever name its package is imported.
func (c checker) checkUse(id *ast.Ident) {
	obj := c.pass.TypesInfo.Uses[id]
	switch {
	case obj == nil:
	case obj == types.Universe.Lookup("close"):
		c.pass.Reportf(id.Pos(), "close of a channel: %s", oneLoop)
	case obj == types.Universe.Lookup("print"), obj == types.Universe.Lookup("println"):
		c.pass.Reportf(id.Pos(), "%s: a part has no terminal", id.Name)
	case obj.Pkg() != nil:
		c.checkImported(id, obj)
	}
}

func (c checker) checkImported(id *ast.Ident, obj types.Object) {
	switch obj.Pkg().Path() {
	case "time":
		if !isDuration(obj) {
			c.pass.Reportf(id.Pos(), "time.%s: only the clock that is given tells time; of this "+
				"package use Duration and its constants", obj.Name())
		}
	case "math/rand/v2":
		if isFunction(obj) {
			c.pass.Reportf(id.Pos(), "rand.%s: use the process.Rand that is given, so that a run "+
				"can be replayed", obj.Name())
		}
	case "fmt":
		if strings.HasPrefix(obj.Name(), "Print") || strings.HasPrefix(obj.Name(), "Scan") {
			c.pass.Reportf(id.Pos(), "fmt.%s: a part has no terminal", obj.Name())
		}
	case "iter":
		if isFunction(obj) {
			c.pass.Reportf(id.Pos(), "iter.%s starts a coroutine: %s", obj.Name(), oneLoop)
		}
	case "maps":
		if !c.unordered[id] && showsOrder[obj.Name()] {
			c.pass.Reportf(id.Pos(), "maps.%s: the order of the map shows; %s", obj.Name(), sortKeys)
		}
	}
}

// isDuration reports whether obj, of package time, is Duration, one of its constants or one
// of its methods.
func isDuration(obj types.Object) bool {
	t := obj.Type()
	if f, ok := obj.(*types.Func); ok {
		recv := f.Signature().Recv()
		if recv == nil {
			return false
		}
		t = recv.Type()
	}
	named, ok := t.(*types.Named)
	return ok && named.Obj().Name() == "Duration"
}

// isFunction reports whether obj is a function and not a method.
func isFunction(obj types.Object) bool {
	f, ok := obj.(*types.Func)
	return ok && f.Signature().Recv() == nil
}

// showsOrder are the functions of package maps that hand out elements in the map's order.
var showsOrder = map[string]bool{
	"All": true, "Keys": true, "Values": true, "DeleteFunc": true, "EqualFunc": true,
}

// noteUnordered notes the use of package maps by call that lets nothing of the order through:
// keys and values that are sorted at once, and deletion by a literal condition.
func (c checker) noteUnordered(call *ast.CallExpr) {
	var inner *ast.Ident
	switch c.called(call) {
	case "slices.Sorted":
		inner = c.argument(call, "maps.Keys", "maps.Values")
	case "slices.SortedFunc":
		// Values that compare as equal would come in the map's order; keys all differ.
		inner = c.argument(call, "maps.Keys")
	case "maps.DeleteFunc":
		if isCondition(call.Args[1]) {
			inner = function(call)
		}
	}
	if inner != nil {
		c.unordered[inner] = true
	}
}

// argument is the function that is called for the first argument of call, nil unless it is
// one of those allowed.
func (c checker) argument(call *ast.CallExpr, allowed ...string) *ast.Ident {
	inner, ok := ast.Unparen(call.Args[0]).(*ast.CallExpr)
	if !ok {
		return nil
	}
	if !slices.Contains(allowed, c.called(inner)) {
		return nil
	}
	return function(inner)
}

// called is the function that a call is of, as path.Name, empty if it has no name.
func (c checker) called(call *ast.CallExpr) string {
	id := function(call)
	if id == nil {
		return ""
	}
	obj := c.pass.TypesInfo.Uses[id]
	if obj == nil || obj.Pkg() == nil {
		return ""
	}
	return obj.Pkg().Path() + "." + obj.Name()
}

// function is the identifier of what is called, nil if it has none.
func function(call *ast.CallExpr) *ast.Ident {
	fun := ast.Unparen(call.Fun)
	if selector, ok := fun.(*ast.SelectorExpr); ok {
		return selector.Sel
	}
	id, _ := fun.(*ast.Ident)
	return id
}

// isCondition reports whether expr is a function literal that only returns an expression, so
// that it does not tell in which order it is called.
func isCondition(expr ast.Expr) bool {
	literal, ok := ast.Unparen(expr).(*ast.FuncLit)
	if !ok || len(literal.Body.List) != 1 {
		return false
	}
	_, ok = literal.Body.List[0].(*ast.ReturnStmt)
	return ok
}

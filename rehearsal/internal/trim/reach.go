package trim

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// library is the SDKs' packages, each parsed when something reaches it.
type library struct {
	modules  []module
	fileSet  *token.FileSet
	packages map[string]*sdkPackage // by import path
	queue    []*declaration         // reached, and not yet walked
}

// sdkPackage is one package of an SDK. Its declarations are those of the outermost level.
type sdkPackage struct {
	path     string
	name     string // in its package clause
	dir      string
	module   module
	files    []*sourceFile
	declared map[string][]*declaration // by name; a method under the name of its receiver's type
}

type sourceFile struct {
	pkg          *sdkPackage
	name         string
	source       []byte
	imports      map[string]string // import path by the name that it has in the file
	declarations []*declaration
}

// declaration is a function, a method, or a whole var, const or type declaration.
type declaration struct {
	file    *sourceFile
	node    ast.Decl
	reached bool
}

func newLibrary(modules []module) *library {
	return &library{modules: modules, fileSet: token.NewFileSet(), packages: map[string]*sdkPackage{}}
}

// moduleOf is the SDK that has the package.
func (l *library) moduleOf(path string) (module, bool) {
	for _, m := range l.modules {
		if path == m.path || strings.HasPrefix(path, m.path+"/") {
			return m, true
		}
	}
	return module{}, false
}

// load parses a package of an SDK. What runs when the package is initialized, beside the
// registration of its types, is reached with it.
func (l *library) load(path string) (*sdkPackage, error) {
	if p, ok := l.packages[path]; ok {
		return p, nil
	}
	m, ok := l.moduleOf(path)
	if !ok {
		return nil, fmt.Errorf("find the package %s: it is in none of the SDKs that are trimmed", path)
	}
	p := &sdkPackage{
		path:     path,
		dir:      filepath.Join(m.dir, strings.TrimPrefix(path, m.path)),
		module:   m,
		declared: map[string][]*declaration{},
	}
	l.packages[path] = p
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		return nil, fmt.Errorf("read the package %s: %w", path, err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		if err := l.parse(p, name); err != nil {
			return nil, fmt.Errorf("read the package %s: %w", path, err)
		}
	}
	if len(p.files) == 0 {
		return nil, fmt.Errorf("read the package %s: %s has no Go files", path, p.dir)
	}
	for _, file := range p.files {
		for _, one := range file.declarations {
			if !one.isInit() {
				continue
			}
			for _, part := range one.unconditional() {
				if err := l.walk(file, part); err != nil {
					return nil, err
				}
			}
		}
	}
	return p, nil
}

func (l *library) parse(p *sdkPackage, name string) error {
	path := filepath.Join(p.dir, name)
	source, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the source: %w", err)
	}
	tree, err := parser.ParseFile(l.fileSet, path, source, parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("parse the source: %w", err)
	}
	if matches, err := build.Default.MatchFile(p.dir, name); err != nil || !matches {
		return errors.Join(err, fmt.Errorf("%s is not built on each system, which no SDK's file should be", path))
	}
	p.name = tree.Name.Name
	file := &sourceFile{pkg: p, name: name, source: source, imports: map[string]string{}}
	for _, spec := range tree.Imports {
		if err := l.importInto(file.imports, spec); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	p.files = append(p.files, file)
	for _, node := range tree.Decls {
		one := &declaration{file: file, node: node}
		names := declaredNames(node)
		if len(names) == 0 {
			continue // the imports, and `var _`, which only keeps an import used
		}
		file.declarations = append(file.declarations, one)
		if one.isInit() {
			continue // nothing names it
		}
		for _, name := range names {
			p.declared[name] = append(p.declared[name], one)
		}
	}
	return nil
}

// importInto notes the name under which a file knows an import.
func (l *library) importInto(imports map[string]string, spec *ast.ImportSpec) error {
	path := strings.Trim(spec.Path.Value, "`\"")
	switch {
	case spec.Name != nil && (spec.Name.Name == "." || spec.Name.Name == "_"):
		return fmt.Errorf("the import of %s as %s reaches what no name says: import it by name", path, spec.Name.Name)
	case spec.Name != nil:
		imports[spec.Name.Name] = path
	default:
		imports[packageName(path)] = path
	}
	return nil
}

// packageName is the name of a package that is imported without one: the last element of its path
// that is no version of a module, as Pulumi's generator and Go's convention have it.
func packageName(path string) string {
	elements := strings.Split(path, "/")
	last := elements[len(elements)-1]
	if len(elements) > 1 && len(last) > 1 && last[0] == 'v' && strings.Trim(last[1:], "0123456789") == "" {
		last = elements[len(elements)-2]
	}
	return last
}

// declaredNames are the names under which a declaration is reached.
func declaredNames(node ast.Decl) (names []string) {
	switch d := node.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return []string{d.Name.Name}
		}
		return []string{receiver(d)}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			case *ast.ValueSpec:
				for _, name := range s.Names {
					if name.Name != "_" {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return names
}

// receiver is the name of the type that a method belongs to.
func receiver(method *ast.FuncDecl) string {
	of := method.Recv.List[0].Type
	for {
		switch t := of.(type) {
		case *ast.StarExpr:
			of = t.X
		case *ast.IndexExpr:
			of = t.X
		case *ast.IndexListExpr:
			of = t.X
		case *ast.Ident:
			return t.Name
		default:
			return ""
		}
	}
}

// reach marks what a package declares under a name.
func (l *library) reach(path, name string) error {
	p, err := l.load(path)
	if err != nil {
		return err
	}
	for _, one := range p.declared[name] {
		if !one.reached {
			one.reached = true
			l.queue = append(l.queue, one)
		}
	}
	return nil
}

// close reaches all that the reached declarations name, and the statements that stay with them,
// until nothing new is found.
func (l *library) close() error {
	for len(l.queue) > 0 {
		last := len(l.queue) - 1
		one := l.queue[last]
		l.queue = l.queue[:last]
		for _, node := range one.unconditional() {
			if err := l.walk(one.file, node); err != nil {
				return err
			}
		}
		if len(l.queue) > 0 {
			continue
		}
		if err := l.walkConditional(); err != nil {
			return err
		}
	}
	return nil
}

// walkConditional reaches what those statements name that stay because all that their own package
// declares of it is reached: it may be of another package.
func (l *library) walkConditional() error {
	// Walking may load a package, whose statements are then walked in the next round.
	for _, p := range slices.Collect(maps.Values(l.packages)) {
		for _, file := range p.files {
			for _, statement := range file.conditional() {
				if !file.kept(statement) {
					continue
				}
				if err := l.walk(file, statement); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (file *sourceFile) conditional() (statements []ast.Stmt) {
	for _, one := range file.declarations {
		statements = append(statements, one.conditional()...)
	}
	return statements
}

// conditional are the statements of a declaration that stay only when what they name is reached.
func (d *declaration) conditional() (statements []ast.Stmt) {
	if d.isInit() {
		for _, statement := range d.node.(*ast.FuncDecl).Body.List {
			if registersType(statement) {
				statements = append(statements, statement)
			}
		}
		return statements
	}
	if choice := d.constructs(); choice != nil && d.reached {
		return choice.Body.List
	}
	return nil
}

// unconditional are the parts of a declaration that stay with it.
func (d *declaration) unconditional() (parts []ast.Node) {
	function, _ := d.node.(*ast.FuncDecl)
	choice := d.constructs()
	if !d.isInit() && choice == nil {
		return []ast.Node{d.node}
	}
	for _, statement := range function.Body.List {
		if statement != ast.Stmt(choice) && !(d.isInit() && registersType(statement)) {
			parts = append(parts, statement)
		}
	}
	if choice != nil {
		parts = append(parts, function.Recv, function.Type, choice.Tag)
	}
	return parts
}

func (d *declaration) isInit() bool {
	function, ok := d.node.(*ast.FuncDecl)
	return ok && function.Recv == nil && function.Name.Name == "init"
}

// walk reaches what the node names.
func (l *library) walk(file *sourceFile, node ast.Node) error {
	var failed error
	visitNames(node, file.imports, func(path, name string) {
		switch _, ours := l.moduleOf(path); {
		case path == "":
			failed = errors.Join(failed, l.reach(file.pkg.path, name))
		case ours:
			failed = errors.Join(failed, l.reach(path, name))
		}
	})
	return failed
}

// kept says whether each name of the node that its own package declares is reached.
func (file *sourceFile) kept(node ast.Node) bool {
	all := true
	visitNames(node, file.imports, func(path, name string) {
		if path == "" {
			all = all && !slices.ContainsFunc(file.pkg.declared[name], func(d *declaration) bool { return !d.reached })
		}
	})
	return all
}

// visitNames calls visit with each name that the node may refer to: a name of another package with
// its import path, any other with none. A local variable that is called like a declaration counts
// as that declaration, which keeps more than need be and never less.
func visitNames(node ast.Node, imports map[string]string, visit func(path, name string)) {
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if base, ok := n.X.(*ast.Ident); ok && imports[base.Name] != "" {
				visit(imports[base.Name], n.Sel.Name)
			} else {
				visitNames(n.X, imports, visit)
			}
			return false
		case *ast.Field: // of a struct, or a parameter: its names are not references
			visitNames(n.Type, imports, visit)
			return false
		case *ast.FuncDecl:
			for _, part := range []ast.Node{n.Recv, n.Type, n.Body} {
				if !isNil(part) {
					visitNames(part, imports, visit)
				}
			}
			return false
		case *ast.Ident:
			visit("", n.Name)
		}
		return true
	})
}

func isNil(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.FieldList:
		return n == nil
	case *ast.BlockStmt:
		return n == nil
	}
	return node == nil
}

// registersType says whether a statement of an init function tells Pulumi's SDK of a type, which
// matters to those alone who use the type.
func registersType(statement ast.Stmt) bool {
	expression, ok := statement.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := expression.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	function, ok := call.Fun.(*ast.SelectorExpr)
	return ok && (function.Sel.Name == "RegisterInputType" || function.Sel.Name == "RegisterOutputType")
}

// constructs returns, of the method by which a package of an SDK makes a resource for a reference to
// one, the choice between its types: `switch typ { case "aws:ec2/vpc:Vpc": r = &Vpc{} … }`. Its
// cases reach nothing, and those stay whose type is reached in another way.
func (d *declaration) constructs() *ast.SwitchStmt {
	function, ok := d.node.(*ast.FuncDecl)
	if !ok || function.Recv == nil || function.Name.Name != "Construct" || receiver(function) != "module" {
		return nil
	}
	for _, statement := range function.Body.List {
		if choice, ok := statement.(*ast.SwitchStmt); ok {
			return choice
		}
	}
	return nil
}

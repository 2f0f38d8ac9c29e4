package trim

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
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

// moduleOf is the SDK that has the package: the one with the longest path, since that of version 6
// begins with that of the first.
func (l *library) moduleOf(path string) (found module, ok bool) {
	for _, m := range l.modules {
		if strings.HasPrefix(path+"/", m.path+"/") && len(m.path) > len(found.path) {
			found, ok = m, true
		}
	}
	return found, ok
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
	l.packages[path] = p
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
	tree, err := parser.ParseFile(l.fileSet, path, source, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return fmt.Errorf("parse the source: %w", err)
	}
	if err := refuseUntrimmable(p, name, source); err != nil {
		return err
	}
	p.name = tree.Name.Name
	file := &sourceFile{pkg: p, name: name, source: source, imports: map[string]string{}}
	for _, spec := range tree.Imports {
		if err := importInto(file.imports, spec); err != nil {
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

// directives are what a comment or an import says to the compiler or the linker. A declaration that
// has one consists of more than its own text.
var directives = [][]byte{[]byte("//go:build"), []byte("//go:embed"), []byte("//go:linkname"), []byte(`import "C"`)}

// instead is what can be done about such a file.
const instead = "build with WHOLE_SDKS=1 (rehearse --whole-sdks), and teach rehearsal/internal/trim what it means"

// refuseUntrimmable refuses a file that means more than its declarations, or that not every system
// compiles.
func refuseUntrimmable(p *sdkPackage, name string, source []byte) error {
	for _, directive := range directives {
		if bytes.Contains(source, append([]byte("\n"), directive...)) || bytes.HasPrefix(source, directive) {
			return fmt.Errorf("%s has %s, with which it cannot be trimmed: %s", filepath.Join(p.dir, name), directive,
				instead)
		}
	}
	for _, system := range []string{"linux", "darwin"} {
		target := build.Default
		target.GOOS = system
		matches, err := target.MatchFile(p.dir, name)
		if err != nil {
			return fmt.Errorf("read for which systems a file is: %w", err)
		}
		if !matches {
			return fmt.Errorf("%s is not built for %s, as each file of an SDK should be: %s", filepath.Join(p.dir, name),
				system, instead)
		}
	}
	return nil
}

// importInto notes the name under which a file knows an import.
func importInto(imports map[string]string, spec *ast.ImportSpec) error {
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

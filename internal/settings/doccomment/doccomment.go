// Package doccomment reads the doc comments of Go types and their fields as a person reads them who
// knows a setting by its key and not by its name in Go.
package doccomment

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Reader reads the packages of one module. It keeps what it has read.
type Reader struct {
	module, root string
	comments     map[string]string // by the package's path, the type's name and the field's
	read         map[string]bool   // packages
}

// New reads the module with the import path module, whose go.mod is in the folder root.
func New(module, root string) *Reader {
	return &Reader{module, root, map[string]string{}, map[string]bool{}}
}

// Of returns the comment of a type, or of one of its fields. It panics where the source of the type
// cannot be read: the type is there, so that its source is.
func (r *Reader) Of(t reflect.Type, field string) string {
	if t.Name() == "" || !strings.HasPrefix(t.PkgPath(), r.module) {
		return ""
	}
	if err := r.parse(t.PkgPath()); err != nil {
		panic(err)
	}
	name := t.PkgPath() + "." + t.Name()
	if field == "" {
		return plain(r.comments[name], t.Name(), nil)
	}
	keys := map[string]string{}
	for one := range t.Fields() {
		keys[one.Name], _, _ = strings.Cut(one.Tag.Get("json"), ",")
	}
	return plain(r.comments[name+"."+field], field, keys)
}

func (r *Reader) parse(path string) error {
	if r.read[path] {
		return nil
	}
	r.read[path] = true
	folder := filepath.Join(r.root, strings.TrimPrefix(path, r.module))
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("read the source of package %s: %w", path, err)
	}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, entry.Name()), nil,
			parser.ParseComments)
		if err != nil {
			return fmt.Errorf("read the source of package %s: %w", path, err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if declaration, ok := node.(*ast.GenDecl); ok && declaration.Tok == token.TYPE {
				for _, spec := range declaration.Specs {
					r.keep(path, declaration.Doc, spec.(*ast.TypeSpec))
				}
			}
			return true
		})
	}
	return nil
}

func (r *Reader) keep(path string, doc *ast.CommentGroup, spec *ast.TypeSpec) {
	name := path + "." + spec.Name.Name
	r.comments[name] = doc.Text()
	if object, ok := spec.Type.(*ast.StructType); ok {
		for _, field := range object.Fields.List {
			for _, one := range field.Names {
				r.comments[name+"."+one.Name] = field.Doc.Text()
			}
		}
	}
}

var (
	address = regexp.MustCompile(`(?m)^https?://\S+$`)
	section = regexp.MustCompile(`: section\s+"[a-z]+"`)
	word    = regexp.MustCompile(`[A-Za-z0-9_]+`)
)

// plain is a comment without the name that it begins with, with keys in the place of fields' names,
// and without the lines that are addresses of sources and the name of a section, which stands
// before it.
func plain(comment, name string, keys map[string]string) string {
	text := strings.Join(strings.Fields(section.ReplaceAllString(address.ReplaceAllString(comment, ""), "")), " ")
	rest, begins := strings.CutPrefix(text, name+" ")
	if begins {
		for _, verb := range []string{"is ", "are "} {
			rest = strings.TrimPrefix(rest, verb)
		}
	}
	text = word.ReplaceAllStringFunc(rest, func(found string) string {
		if key := keys[found]; key != "" && found != strings.ToUpper(found) { // CPU is a word of its own
			return key
		}
		return found
	})
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

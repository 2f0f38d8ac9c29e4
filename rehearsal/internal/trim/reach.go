package trim

import (
	"errors"
	"go/ast"
	"maps"
	"regexp"
	"slices"
	"strings"
)

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

// derived are the ends of the names of the types that Pulumi generates for a type: its outputs, and
// those of pointers, lists and maps of it.
var derived = regexp.MustCompile(`^(Ptr|Array|Map)*Output$`)

// reachUse reaches what the project names, and what Pulumi finds by reflection when the project's
// own functions take or return it: `ApplyT(func(string) ec2.Vpc {…})` is an ec2.VpcOutput, if that
// is registered, and a list as an ec2.VpcArrayInput is an ec2.VpcArray.
func (l *library) reachUse(one use) error {
	p, err := l.load(one.path)
	if err != nil {
		return err
	}
	if err := l.reach(one.path, one.name); err != nil {
		return err
	}
	for name := range p.declared {
		end, begins := strings.CutPrefix(name, one.name)
		if begins && derived.MatchString(end) || name+"Input" == one.name {
			if err := l.reach(one.path, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// reachAll reaches all that the reached declarations name, and the statements that stay with them,
// until nothing new is found.
func (l *library) reachAll() error {
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
	if choice := d.constructSwitch(); choice != nil && d.reached {
		return choice.Body.List
	}
	return nil
}

// unconditional are the parts of a declaration that stay with it.
func (d *declaration) unconditional() (parts []ast.Node) {
	function, _ := d.node.(*ast.FuncDecl)
	choice := d.constructSwitch()
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
// as that declaration.
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
		case *ast.FuncDecl: // its own name is none either
			if n.Recv != nil {
				visitNames(n.Recv, imports, visit)
			}
			visitNames(n.Type, imports, visit)
			if n.Body != nil {
				visitNames(n.Body, imports, visit)
			}
			return false
		case *ast.Ident:
			visit("", n.Name)
		}
		return true
	})
}

// registersType says whether a statement of an init function tells Pulumi's SDK of a type.
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

// constructSwitch returns, of the method by which a package of an SDK makes a resource for a
// reference to one, the choice between its types: `switch typ { case "aws:ec2/vpc:Vpc": r = &Vpc{}
// … }`. Its cases reach nothing, and those stay whose type is reached in another way.
func (d *declaration) constructSwitch() *ast.SwitchStmt {
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

// Package trim writes copies of the providers' SDKs with only the declarations that a project
// reaches. The compilers take 68 seconds of CPU for all of them, where the SDKs as they are take
// 335, and three gigabytes for the largest of their packages.
//
// What stays is the SDK's own source. What goes are declarations that nothing names, the
// registration of types that are gone, and their cases in what makes a resource for a reference: a
// reference to a resource of a type that the project does not name cannot be resolved, and a value
// of a type that it does not name has no output type of its own.
package trim

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// isSDK matches the modules of the SDKs that Pulumi generates for a provider.
var isSDK = regexp.MustCompile(`^github\.com/pulumi(verse)?/pulumi-[a-z0-9-]+/sdk(/v[0-9]+)?$`)

// sources are those of this package: what another version of it wrote is written again.
//
//go:embed *.go
var sources embed.FS

// module is an SDK in the module cache.
type module struct {
	path string
	dir  string
}

// folder is its path below the folder that is written.
func (m module) folder() string { return filepath.FromSlash(m.path) }

// use is a name of an SDK that a file of the project has.
type use struct{ path, name string }

// SDKs writes to dir what the Go files of project's module reach of the SDKs that its go.mod
// requires, and beside it a go.mod that puts these in the place of the SDKs, for go's -modfile, and
// a go.work that does. It returns the path of that go.mod. A module without such an SDK has its
// own. What is up to date stays as it is.
func SDKs(ctx context.Context, goBinary, project, dir string) (modFile string, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("trim the SDKs of the project in %s: %w", project, err)
		}
	}()
	own, err := GoMod(ctx, goBinary, project)
	if err != nil {
		return "", err
	}
	root := filepath.Dir(own)
	mod, sums, err := readModule(own)
	if err != nil {
		return "", err
	}
	required := sdks(mod)
	if len(required) == 0 {
		return own, nil
	}
	uses, err := usesIn(root, required)
	if err != nil {
		return "", err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", err
	}
	modFile = filepath.Join(dir, "go.mod")
	stamp, want := filepath.Join(dir, "stamp"), stampOf(dir, mod, sums, uses)
	if upToDate(dir, stamp, want, required) {
		return modFile, nil
	}
	// What is interrupted from here on is written again.
	if err := os.Remove(stamp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("write the SDKs again: %w", err)
	}
	modules, err := download(ctx, goBinary, root, required)
	if err != nil {
		return "", err
	}
	files, err := reached(modules, uses)
	if err != nil {
		return "", err
	}
	if files["go.mod"], files["go.work"], err = replaced(mod, root, dir, modules); err != nil {
		return "", err
	}
	files["go.sum"] = sums
	if err := write(dir, files); err != nil {
		return "", err
	}
	if err := os.WriteFile(stamp, []byte(want), 0o600); err != nil {
		return "", fmt.Errorf("note what was written: %w", err)
	}
	return modFile, nil
}

// GoMod is the go.mod of the module that the folder belongs to.
func GoMod(ctx context.Context, goBinary, folder string) (string, error) {
	cmd := exec.CommandContext(ctx, goBinary, "env", "GOMOD")
	cmd.Dir, cmd.Env = folder, append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("find its go.mod: %w", err)
	}
	path := strings.TrimSpace(string(out))
	if path == "" || path == os.DevNull {
		return "", errors.New("find its go.mod: neither the folder nor one above has a go.mod")
	}
	return path, nil
}

// readModule reads a go.mod, and the go.sum beside it if there is one.
func readModule(path string) (mod *modfile.File, sums []byte, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read its module: %w", err)
	}
	if mod, err = modfile.Parse(path, raw, nil); err != nil {
		return nil, nil, fmt.Errorf("read its module: %w", err)
	}
	sums, err = os.ReadFile(filepath.Join(filepath.Dir(path), "go.sum"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("read its module: %w", err)
	}
	return mod, sums, nil
}

// replaced are the module and a workspace of it with the trimmed SDKs in the place of the whole
// ones: golangci-lint, for one, takes no -modfile, and heeds GOWORK.
func replaced(mod *modfile.File, root, dir string, modules []module) (goMod, goWork []byte, err error) {
	work := &modfile.WorkFile{Syntax: &modfile.FileSyntax{}}
	err = errors.Join(work.AddGoStmt(mod.Go.Version), work.AddUse(root, ""))
	for _, m := range modules {
		target := filepath.Join(dir, m.folder())
		err = errors.Join(err, mod.AddReplace(m.path, "", target, ""), work.AddReplace(m.path, "", target, ""))
	}
	if err != nil {
		return nil, nil, fmt.Errorf("put the trimmed SDKs in their place: %w", err)
	}
	if goMod, err = mod.Format(); err != nil {
		return nil, nil, fmt.Errorf("write the go.mod: %w", err)
	}
	return goMod, modfile.Format(work.Syntax), nil
}

// upToDate says whether the stamp is the wanted one, and each SDK still there.
func upToDate(dir, stamp, want string, sdks []string) bool {
	if got, err := os.ReadFile(stamp); err != nil || string(got) != want {
		return false
	}
	for _, path := range sdks {
		if _, err := os.Stat(filepath.Join(dir, module{path: path}.folder(), "go.mod")); err != nil {
			return false
		}
	}
	return true
}

// sdks are the SDKs that a go.mod requires, but for those that it replaces itself.
func sdks(mod *modfile.File) (paths []string) {
	for _, require := range mod.Require {
		replaced := slices.ContainsFunc(mod.Replace, func(r *modfile.Replace) bool {
			return r.Old.Path == require.Mod.Path
		})
		if isSDK.MatchString(require.Mod.Path) && !replaced {
			paths = append(paths, require.Mod.Path)
		}
	}
	return paths
}

// usesIn lists what the Go files of the module in project name of the SDKs, sorted: of each
// package, for every system, tests included. A nested module is none of it.
func usesIn(project string, sdks []string) ([]use, error) {
	seen, fileSet := map[use]bool{}, token.NewFileSet()
	err := filepath.WalkDir(project, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return skipped(project, path, entry.Name())
		case !isSource(path, entry.Name()):
			return nil
		}
		// Most files import no SDK, and need not be read further.
		tree, err := parser.ParseFile(fileSet, path, nil, parser.ImportsOnly)
		if tree == nil {
			return fmt.Errorf("read the source: %w", err)
		}
		imports := map[string]string{}
		for _, spec := range tree.Imports {
			ofSDK := slices.ContainsFunc(sdks, func(sdk string) bool {
				return strings.HasPrefix(strings.Trim(spec.Path.Value, `"`), sdk+"/")
			})
			if !ofSDK {
				continue
			}
			if err := importInto(imports, spec); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
		if len(imports) == 0 {
			return nil
		}
		// Of a file that does not parse, what can be read is taken. The rest is for go to report,
		// and only where the file is compiled.
		if tree, err = parser.ParseFile(fileSet, path, nil, parser.SkipObjectResolution); tree == nil {
			return fmt.Errorf("read the source: %w", err)
		}
		visitNames(tree, imports, func(path, name string) {
			if path != "" {
				seen[use{path, name}] = true
			}
		})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what the project in %s uses: %w", project, err)
	}
	var all []use
	for one := range seen {
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b use) int { return strings.Compare(a.path+"."+a.name, b.path+"."+b.name) })
	return all, nil
}

// isSource says whether go reads the file: not the lock and backup files of editors, and no folder
// that is called like a file.
func isSource(path, name string) bool {
	if !strings.HasSuffix(name, ".go") || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// skipped leaves out the folders that go leaves out, and those of other modules.
func skipped(project, path, name string) error {
	if path == project {
		return nil
	}
	if name == "testdata" || name == "vendor" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return fs.SkipDir
	}
	if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

// stampOf identifies all that decides what is written.
func stampOf(dir string, mod *modfile.File, sums []byte, uses []use) string {
	sum := sha256.New()
	// A hash takes all, a pattern without mistakes matches, and the sources are in the binary.
	add := func(part []byte) { _, _ = fmt.Fprintf(sum, "%d\n%s", len(part), part) }
	names, _ := fs.Glob(sources, "*.go")
	for _, name := range names {
		raw, _ := sources.ReadFile(name)
		add(raw)
	}
	add([]byte(dir))
	add(modfile.Format(mod.Syntax))
	add(sums)
	for _, one := range uses {
		add([]byte(one.path + "." + one.name))
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// download returns the SDKs in the module cache, and fetches those that are not there.
func download(ctx context.Context, goBinary, project string, paths []string) ([]module, error) {
	args := append([]string{"mod", "download", "-json"}, paths...)
	cmd := exec.CommandContext(ctx, goBinary, args...) //nolint:gosec // the go command, on the project
	cmd.Dir, cmd.Env = project, append(os.Environ(), "GOWORK=off")
	var errOut strings.Builder
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("download the SDKs: %w\n%s%s", err, out, errOut.String())
	}
	var modules []module
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var one struct{ Path, Dir string }
		if err := decoder.Decode(&one); err != nil {
			return nil, fmt.Errorf("read where the SDKs are: %w", err)
		}
		modules = append(modules, module{path: one.Path, dir: one.Dir})
	}
	return modules, nil
}

// reached are the files to write by their paths, for the uses and all that these reach.
func reached(modules []module, uses []use) (map[string][]byte, error) {
	l := newLibrary(modules)
	for _, one := range uses {
		if err := l.reachUse(one); err != nil {
			return nil, err
		}
	}
	if err := l.reachAll(); err != nil {
		return nil, err
	}
	return l.files()
}

package toolchain

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// floorDir is where go finds the floor's source: a folder that is only in the overlay.
const floorDir = "rehearsal-floor"

// Floor builds a program that imports what the one in dir imports, its own packages aside, and
// registers nothing. What a preview of it takes is the price of the engine and the SDKs, below
// which no program of these SDKs can come.
func (b *Builder) Floor(ctx context.Context, dir string) (path string, err error) {
	goBinary, unlock, err := b.begin(ctx)
	if err != nil {
		return "", err
	}
	defer unlock()
	imports, err := foreignImports(ctx, goBinary, dir)
	if err != nil {
		return "", err
	}
	temporary, err := os.MkdirTemp("", "floor")
	if err != nil {
		return "", fmt.Errorf("make a folder for the source of the floor: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temporary)) }()
	source, overlay := filepath.Join(temporary, "main.go"), filepath.Join(temporary, "overlay.json")
	replaced, err := json.Marshal(map[string]map[string]string{"Replace": {
		filepath.Join(dir, floorDir, "main.go"): source,
	}})
	if err != nil {
		return "", fmt.Errorf("write the overlay of the floor: %w", err)
	}
	for file, content := range map[string][]byte{source: floorSource(imports), overlay: replaced} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			return "", fmt.Errorf("write the source of the floor: %w", err)
		}
	}
	modFile, err := b.trimSDKs(ctx, goBinary, dir)
	if err != nil {
		return "", err
	}
	path = filepath.Join(b.Bin, "floor")
	if _, err := b.build(ctx, goBinary, job{
		what:   "floor",
		dir:    dir,
		pkg:    "./" + floorDir,
		output: path,
		flags:  []string{"-modfile", modFile, "-overlay", overlay},
	}); err != nil {
		return "", fmt.Errorf("build the floor of the program in %s: %w", dir, err)
	}
	return path, nil
}

// foreignImports lists what the packages of the module in dir that its program consists of import
// from other modules, sorted.
func foreignImports(ctx context.Context, goBinary, dir string) ([]string, error) {
	cmd := exec.CommandContext(ctx, goBinary, "list", "-deps",
		"-f", `{{if .Module}}{{if .Module.Main}}{{$module := .Module.Path}}{{range .Imports}}{{$module}} `+
			`{{.}}{{"\n"}}{{end}}{{end}}{{end}}`, ".")
	cmd.Dir = dir
	var errOut strings.Builder
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list the imports of the program in %s: %w\n%s", dir, err, errOut.String())
	}
	var imports []string
	for line := range strings.Lines(string(out)) {
		module, path, ok := strings.Cut(strings.TrimSpace(line), " ")
		first, _, _ := strings.Cut(path, "/")
		own := path == module || strings.HasPrefix(path, module+"/")
		if ok && !own && strings.Contains(first, ".") { // without a dot it is the standard library
			imports = append(imports, path)
		}
	}
	slices.Sort(imports)
	return slices.Compact(imports), nil
}

func floorSource(imports []string) []byte {
	var source bytes.Buffer
	source.WriteString("package main\n\nimport (\n\t\"github.com/pulumi/pulumi/sdk/v3/go/pulumi\"\n")
	for _, path := range imports {
		fmt.Fprintf(&source, "\t_ %q\n", path)
	}
	source.WriteString(")\n\nfunc main() { pulumi.Run(func(*pulumi.Context) error { return nil }) }\n")
	return source.Bytes()
}

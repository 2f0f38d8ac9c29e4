// Gensentry writes the Go SDK of the Sentry provider from sdks/sentry/schema.json, with Pulumi's
// own generator. The published SDK, github.com/pulumiverse/pulumi-sentry/sdk, is not on every
// module mirror; the generated one has its module path, so that the published one takes its place
// when the replace line in the project's go.mod is deleted.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

//go:generate go run . -sdk ../../../sdks/sentry

func main() {
	sdk := flag.String("sdk", "sdks/sentry", "folder of the SDK's module: schema.json is read, go/ is replaced")
	flag.Parse()
	if err := write(*sdk); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write replaces the folder go/ of the SDK's module by what its schema gives.
func write(sdk string) error {
	files, err := generate(filepath.Join(sdk, "schema.json"))
	if err != nil {
		return err
	}
	target := filepath.Join(sdk, "go")
	if err := os.RemoveAll(target); err != nil {
		return fmt.Errorf("clear the old SDK: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(target, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("make the folder of %s: %w", name, err)
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

// generate returns the SDK's files by their slash-separated path below go/.
func generate(schemaFile string) (map[string][]byte, error) {
	raw, err := os.ReadFile(schemaFile)
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	var spec schema.PackageSpec
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&spec); err != nil {
		return nil, fmt.Errorf("parse %s: %w", schemaFile, err)
	}
	// The schema refers to no other package, so that there is none to load.
	pkg, diagnostics, err := schema.BindSpec(spec, schema.NewNullLoader(), schema.ValidationOptions{})
	if err != nil {
		return nil, fmt.Errorf("bind %s: %w", schemaFile, err)
	}
	if len(diagnostics) > 0 {
		return nil, fmt.Errorf("bind %s: %w", schemaFile, errors.Join(diagnostics.Errs()...))
	}
	files, err := gogen.GeneratePackage("pulumi-language-go", pkg, nil)
	if err != nil {
		return nil, fmt.Errorf("generate the SDK from %s: %w", schemaFile, err)
	}
	return files, nil
}

// committed reads the SDK's files as they are in the repository, by the same paths.
func committed(sdk string) (map[string][]byte, error) {
	root := filepath.Join(sdk, "go")
	files := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the committed SDK: %w", err)
	}
	return files, nil
}

// Package sdkdoc checks a modelled provider against the documentation of its SDK: a property whose
// documentation names its values is checked by the model, with all of these values among the right
// ones.
package sdkdoc

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
)

// SDK is where the documentation of a provider's types is.
type SDK struct {
	Project string // the repository's folder, in whose go.mod the SDK is
	Module  string // such as "github.com/pulumi/pulumi-aws/sdk/v6"
	Folder  string // of the provider's package in the module, such as "go/aws"
	Index   string // the module of tokens that stands for the package itself, such as "index"; empty when there is none
}

// Exceptions are what a test knows better than the documentation.
type Exceptions struct {
	// Open are properties, as "type of aws:…", that are no closed set although the documentation
	// names values, each with the reason.
	Open map[string]string
	// NotMeant are words that stand as values in the documentation of a property and are none.
	NotMeant map[string][]string
}

var (
	structure = regexp.MustCompile(`^type (\w+) struct \{`)
	comment   = regexp.MustCompile(`^\t//\s?(.*)`)
	field     = regexp.MustCompile("`pulumi:\"([^\"]+)\"`")
	sentence  = regexp.MustCompile(`\.\s+|\n\s*\n`)
	// names tells that a sentence may name the values of a property.
	names = regexp.MustCompile("(?i)\\b(valid|allowed|possible|supported|accepted|available|permitted)\\b[^\\n]{0," +
		"40}(\\b(values?|types?|options?|choices|are)\\b|`)" +
		"|\\b(must|can|should|may) be (one of|either|set to)\\b|\\bone of\\b|\\bvalues? (are|is|include)\\b|^either `")
	literal = regexp.MustCompile("`\"?([A-Za-z0-9_.:/+-]+)\"?`")
	joints  = strings.NewReplacer("_", "", "-", "", " ", "")
)

// Check walks the strings of the resource types of a schema, and of the types inside them. It fails
// for one whose documentation names values and that the schema does not restrict, for a value that
// the documentation names and the schema refuses, and for an exception that is none.
func Check(t *testing.T, s *schema.Schema, sdk SDK, known Exceptions) {
	t.Helper()
	documentation, err := sdk.of(s)
	require.NoError(t, err)
	owners, found := s.Owners(), map[string]bool{}
	for _, owner := range slices.Sorted(maps.Keys(documentation)) {
		for _, name := range slices.Sorted(maps.Keys(owners[owner])) {
			scalar, place := owners[owner][name].Type.Scalar(), name+" of "+owner
			values := documented(documentation[owner][name], documentation[owner])
			if scalar == nil || scalar.Kind != schema.String || len(values) < 2 {
				continue
			}
			if known.Open[place] != "" {
				found[place] = true
				continue
			}
			if scalar.Allowed == nil {
				t.Errorf("%s: its documentation names %q, and the model takes any value", place, values)
				continue
			}
			for _, value := range values {
				if among(scalar.Allowed.OneOf, value) || slices.Contains(known.NotMeant[place], value) ||
					len(scalar.Allowed.OneOf) == 0 {
					continue
				}
				t.Errorf("%s: its documentation names %q, and the model takes only %q", place, value,
					scalar.Allowed.OneOf)
			}
		}
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(known.Open)), slices.Collect(maps.Keys(found)),
		"an exception that is none")
}

// Deprecated lists the properties that the SDK's documentation deprecates, as "property of type".
func Deprecated(t *testing.T, s *schema.Schema, sdk SDK) []string {
	t.Helper()
	documentation, err := sdk.of(s)
	require.NoError(t, err)
	var all []string
	for owner, properties := range documentation {
		for name, text := range properties {
			if strings.Contains(text, "Deprecated: ") && s.Owners()[owner][name] != nil {
				all = append(all, name+" of "+owner)
			}
		}
	}
	slices.Sort(all)
	return all
}

// among reports whether a value is in a set. The SDK's documentation writes some values in the
// spelling of its properties, anyCase for any_case.
func among(set []string, value string) bool {
	return slices.ContainsFunc(set, func(one string) bool {
		return strings.EqualFold(joints.Replace(one), joints.Replace(value))
	})
}

// documented are the values that a property's documentation names, without the names of other
// properties.
func documented(text string, properties map[string]string) []string {
	var values []string
	for _, one := range sentence.Split(text, -1) {
		if !names.MatchString(one) {
			continue
		}
		for _, match := range literal.FindAllStringSubmatch(one, -1) {
			_, other := properties[match[1]]
			if !other && !slices.Contains(values, match[1]) {
				values = append(values, match[1])
			}
		}
	}
	return values
}

// of is the text of each property, by the types of a schema and those inside them, as the SDK's
// source has it.
func (sdk SDK) of(s *schema.Schema) (map[string]map[string]string, error) {
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", sdk.Module) //nolint:gosec // a test's own module
	list.Dir = sdk.Project
	dir, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("find the SDK %s: %w", sdk.Module, err)
	}
	root := filepath.Join(strings.TrimSpace(string(dir)), filepath.FromSlash(sdk.Folder))
	of, packages := map[string]map[string]string{}, map[string]map[string]map[string]string{}
	for owner := range s.Owners() {
		if _, resource := s.Resources[owner]; resource {
			_, member, _ := strings.Cut(owner, ":")
			file, typ, _ := strings.Cut(member, ":")
			texts, err := structures(filepath.Join(root,
				filepath.FromSlash(strings.TrimPrefix(file, sdk.Index+"/"))+".go"))
			if err != nil {
				return nil, err
			}
			if of[owner] = texts[strings.ToLower(typ[:1])+typ[1:]+"Args"]; of[owner] == nil {
				return nil, fmt.Errorf("read the documentation of %s: its file has no arguments", owner)
			}
			continue
		}
		pkg, typ, inside := strings.Cut(owner, ".")
		if !inside {
			pkg, typ = "", owner
		}
		if packages[pkg] == nil {
			files, err := filepath.Glob(filepath.Join(root, pkg, "pulumiTypes*.go"))
			if err != nil {
				return nil, fmt.Errorf("list the types of the SDK: %w", err)
			}
			if packages[pkg], err = structures(files...); err != nil {
				return nil, err
			}
		}
		if text := packages[pkg][typ]; text != nil { // what is younger than the SDK has none
			of[owner] = text
		}
	}
	return of, nil
}

// structures reads the comments above the fields of every structure in Go files, by the property
// that a field stands for.
func structures(files ...string) (map[string]map[string]string, error) {
	all := map[string]map[string]string{}
	for _, file := range files {
		opened, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("read the SDK: %w", err)
		}
		lines := bufio.NewScanner(opened)
		lines.Buffer(nil, 1<<20)
		var fields map[string]string
		var above []string
		for lines.Scan() {
			if match := structure.FindStringSubmatch(lines.Text()); match != nil {
				fields, above = map[string]string{}, nil
				all[match[1]] = fields
			} else if match := comment.FindStringSubmatch(lines.Text()); match != nil {
				above = append(above, match[1])
			} else if match := field.FindStringSubmatch(lines.Text()); match != nil && fields != nil {
				fields[match[1]] = strings.Join(above, "\n")
				above = nil
			}
		}
		if err := lines.Err(); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		if err := opened.Close(); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
	}
	return all, nil
}

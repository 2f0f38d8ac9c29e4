package verdicts

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
)

// valuesFile is where the values are recorded, under the project's folder.
var valuesFile = filepath.Join("rehearsal", "model", "schema", "aws-values.json")

// CompareValues asks the plugin which values it takes, and says which properties are not recorded
// as it says.
func CompareValues(ctx context.Context, project string, p *Plugin) error {
	asked, recorded, err := values(ctx, project, p)
	if err != nil || bytes.Equal(asked, recorded) {
		return err
	}
	var differences []string
	now, before := strings.Split(string(asked), "\n"), strings.Split(string(recorded), "\n")
	for _, line := range now {
		if !slices.Contains(before, line) {
			differences = append(differences, "the AWS plugin says   "+strings.TrimSpace(line))
		}
	}
	for _, line := range before {
		if !slices.Contains(now, line) {
			differences = append(differences, "recorded is           "+strings.TrimSpace(line))
		}
	}
	return fmt.Errorf("%s is not what the AWS plugin takes:\n%s", valuesFile, strings.Join(differences, "\n"))
}

// WriteValues records which values the plugin takes, and reports whether they were recorded so
// already.
func WriteValues(ctx context.Context, project string, p *Plugin) (already bool, err error) {
	asked, recorded, err := values(ctx, project, p)
	if err != nil || bytes.Equal(asked, recorded) {
		return err == nil, err
	}
	if err := os.WriteFile(filepath.Join(project, valuesFile), asked, 0o644); err != nil {
		return false, fmt.Errorf("record the values that the AWS plugin takes: %w", err)
	}
	return false, nil
}

// values are the contents of the file of values: what the plugin says now, and what is recorded.
func values(ctx context.Context, project string, p *Plugin) (asked, recorded []byte, err error) {
	s, err := schema.AWS()
	if err != nil {
		return nil, nil, err
	}
	provider, err := p.In(ctx, Region)
	if err != nil {
		return nil, nil, err
	}
	taken, err := Values(ctx, provider, s)
	if err != nil {
		return nil, nil, err
	}
	if asked, err = valuesText(taken); err != nil {
		return nil, nil, err
	}
	if recorded, err = os.ReadFile(filepath.Join(project, valuesFile)); err != nil {
		return nil, nil, fmt.Errorf("read the recorded values: %w", err)
	}
	return asked, recorded, nil
}

// valuesText is the file's content: a property a line, so that a change of one shows as one.
func valuesText(values schema.Values) ([]byte, error) {
	var b strings.Builder
	b.WriteString("{\n \"source\": \"The AWS plugin, asked property by property with a value that cannot be right " +
		"(make verdicts UPDATE=1)\",\n \"values\": {")
	between := "\n"
	for _, owner := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&b, "%s  %q: {", between, owner)
		inner := "\n"
		for _, name := range slices.Sorted(maps.Keys(values[owner])) {
			raw, err := json.Marshal(values[owner][name])
			if err != nil {
				return nil, fmt.Errorf("write the values of %s of %s: %w", name, owner, err)
			}
			fmt.Fprintf(&b, "%s   %q: %s", inner, name, raw)
			inner = ",\n"
		}
		b.WriteString("\n  }")
		between = ",\n"
	}
	b.WriteString("\n }\n}\n")
	return []byte(b.String()), nil
}

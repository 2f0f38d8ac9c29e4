// Package permissions says what the roles of a stack used of what they were granted, from the
// requests that the model of AWS wrote down.
package permissions

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/iam"
)

// Record is what was asked of AWS in a rehearsal, and the documents by which it was decided.
type Record struct {
	Asked     []iam.Asked
	Documents map[string]iam.Kept
}

// Load reads the file that the model wrote.
func Load(file string) (*Record, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read the requests of the rehearsal: %w: rehearse the stack first", err)
	}
	defer opened.Close() //nolint:errcheck // it was read only
	r := &Record{Documents: map[string]iam.Kept{}}
	seen := map[string]bool{}
	lines := bufio.NewScanner(opened)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if seen[lines.Text()] {
			continue // another plugin process asked the same
		}
		seen[lines.Text()] = true
		var line struct {
			Asked    *iam.Asked
			Key      string
			Document iam.Kept
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("read the requests of the rehearsal in %s: %w", file, err)
		}
		if line.Asked != nil {
			r.Asked = append(r.Asked, *line.Asked)
		} else {
			r.Documents[line.Key] = line.Document
		}
	}
	return r, lines.Err()
}

// Roles are the ARNs of the roles that asked, sorted.
func (r *Record) Roles() []string {
	roles := map[string]bool{}
	for _, a := range r.Asked {
		if a.Role != "" {
			roles[a.Role] = true
		}
	}
	return slices.Sorted(maps.Keys(roles))
}

// Used are the actions that a role was allowed, each with the resources that it was asked for, both
// sorted.
func (r *Record) Used(role string) map[string][]string {
	resources := map[string]map[string]bool{}
	for _, a := range r.Asked {
		if a.Role != role || a.Refused != "" {
			continue
		}
		if resources[a.Action] == nil {
			resources[a.Action] = map[string]bool{}
		}
		resources[a.Action][a.Resource] = true
	}
	used := map[string][]string{}
	for action, all := range resources {
		used[action] = slices.Sorted(maps.Keys(all))
	}
	return used
}

// As decides again, as another role, what a role was allowed. It returns the refusals.
func (r *Record) As(role, other string) ([]*iam.Refusal, error) {
	i := slices.IndexFunc(r.Asked, func(a iam.Asked) bool { return a.Role == other })
	if i < 0 {
		return nil, fmt.Errorf("decide as %s what %s asked: it asked nothing itself, so its documents are not known",
			other, role)
	}
	theirs := r.Asked[len(r.Asked)-1-slices.IndexFunc(reversed(r.Asked), func(a iam.Asked) bool {
		return a.Role == other
	})]
	var refused []*iam.Refusal
	for _, a := range r.Asked {
		if a.Role != role || a.Refused != "" {
			continue
		}
		a.Role, a.Identity, a.Boundary = other, theirs.Identity, theirs.Boundary
		a.Context = maps.Clone(a.Context)
		a.Context.Set("aws:PrincipalArn", other)
		err := a.Again(r.Documents)
		var refusal *iam.Refusal
		switch {
		case errors.As(err, &refusal):
			refused = append(refused, refusal)
		case err != nil:
			return nil, err
		}
	}
	return refused, nil
}

func reversed(all []iam.Asked) []iam.Asked {
	back := slices.Clone(all)
	slices.Reverse(back)
	return back
}

// short is the name of a role without what comes before it.
func short(role string) string { return path.Base(role) }

func service(action string) string {
	before, _, _ := strings.Cut(action, ":")
	return before
}

package permissions

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/iam"
)

// Without takes an action away from what a role is granted, and decides again what the role asked.
// It returns the first refusal, which should name the action; nil when nothing is refused.
func (r *Record) Without(role, action string) (*iam.Refusal, error) {
	documents := maps.Clone(r.Documents)
	others := r.Used(role)
	changed := map[string]bool{}
	for _, a := range r.Asked {
		if a.Role != role {
			continue
		}
		for _, key := range append(slices.Clone(a.Identity), a.Policy) {
			if key == "" || changed[key] {
				continue
			}
			changed[key] = true
			text, err := withoutAction(documents[key].Text, action, others)
			if err != nil {
				return nil, fmt.Errorf("take %s out of %s: %w", action, documents[key].Name, err)
			}
			documents[key] = iam.Kept{Kind: documents[key].Kind, Name: documents[key].Name, Text: text}
		}
	}
	return r.firstRefusal(documents, func(a iam.Asked) bool { return a.Role == role })
}

// firstRefusal decides again what was allowed.
func (r *Record) firstRefusal(documents map[string]iam.Kept, about func(iam.Asked) bool) (*iam.Refusal, error) {
	for _, a := range r.Asked {
		if a.Refused != "" || !about(a) {
			continue
		}
		var refusal *iam.Refusal
		if err := a.Again(documents); errors.As(err, &refusal) {
			return refusal, nil
		} else if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// withoutAction writes each allowing pattern that covers an action as the other actions in use that
// it covers.
func withoutAction(text, action string, used map[string][]string) (string, error) {
	document, statements, err := open(text)
	if err != nil {
		return "", err
	}
	for _, s := range statements {
		if s["Effect"] != "Allow" || s["Action"] == nil {
			continue
		}
		kept := []string{"none:None"} // a statement wants an action
		for _, pattern := range list(s["Action"]) {
			if !covers(pattern, action) {
				kept = append(kept, pattern)
				continue
			}
			for _, other := range slices.Sorted(maps.Keys(used)) {
				if other != action && covers(pattern, other) {
					kept = append(kept, other)
				}
			}
		}
		s["Action"] = kept
	}
	return write(document, statements)
}

// Statement is one that allows something in the policy of a resource, or in the trust of a role.
type Statement struct {
	Document string // its name
	Label    string // the Sid, or the number from 1
	key      string
	index    int
}

// ResourceStatements are those of the policies of resources, and of trusts, that were asked about,
// in the order of their documents.
func (r *Record) ResourceStatements() ([]Statement, error) {
	keys := map[string]bool{}
	for _, a := range r.Asked {
		if a.Policy != "" {
			keys[a.Policy] = true
		}
	}
	var all []Statement
	texts := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if texts[r.Documents[key].Text] {
			continue // a key is called by its alias as soon as it has one
		}
		texts[r.Documents[key].Text] = true
		_, statements, err := open(r.Documents[key].Text)
		if err != nil {
			return nil, err
		}
		for i, s := range statements {
			label := fmt.Sprint(i + 1)
			if sid, ok := s["Sid"].(string); ok {
				label = sid
			}
			if s["Effect"] == "Allow" {
				all = append(all, Statement{r.Documents[key].Name, label, key, i})
			}
		}
	}
	return all, nil
}

// WithoutStatement takes a statement away and decides again what was asked of its document; nil
// when nothing is refused.
func (r *Record) WithoutStatement(s Statement) (*iam.Refusal, error) {
	document, statements, err := open(r.Documents[s.key].Text)
	if err != nil {
		return nil, err
	}
	text, err := write(document, slices.Delete(statements, s.index, s.index+1))
	if err != nil {
		return nil, err
	}
	documents, changed := maps.Clone(r.Documents), map[string]bool{}
	for key, one := range r.Documents {
		if one.Text == r.Documents[s.key].Text {
			documents[key], changed[key] = iam.Kept{Kind: one.Kind, Name: one.Name, Text: text}, true
		}
	}
	return r.firstRefusal(documents, func(a iam.Asked) bool { return changed[a.Policy] })
}

func open(text string) (document map[string]any, statements []map[string]any, err error) {
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return nil, nil, fmt.Errorf("read a policy document: %w", err)
	}
	many, ok := document["Statement"].([]any)
	if !ok {
		many = []any{document["Statement"]}
	}
	for _, one := range many {
		s, ok := one.(map[string]any)
		if !ok {
			return nil, nil, errors.New("read a policy document: a statement is no object")
		}
		statements = append(statements, s)
	}
	return document, statements, nil
}

func write(document map[string]any, statements []map[string]any) (string, error) {
	document["Statement"] = statements
	raw, err := json.Marshal(document)
	return string(raw), err
}

func list(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []string:
		return v
	case []any:
		var all []string
		for _, one := range v {
			all = append(all, fmt.Sprint(one))
		}
		return all
	}
	return nil
}

// covers reports whether a pattern of actions covers one. Neither has a slash, so that path.Match
// is what IAM does.
func covers(pattern, action string) bool {
	ok, err := path.Match(strings.ToLower(pattern), strings.ToLower(action))
	return ok && err == nil
}

// Package plan reads what `pulumi preview --json --show-sames --show-replacement-steps` prints: the
// resources that a stack will consist of, and the changes of them that a person must approve.
package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

// Preview is what the engine plans.
type Preview struct {
	Steps         []Step         `json:"steps"`
	Diagnostics   []Diagnostic   `json:"diagnostics"`
	ChangeSummary map[string]int `json:"changeSummary"`
}

// Step is one operation of the plan. A replacement is three: create-replacement, replace and
// delete-replaced.
type Step struct {
	Op             string                  `json:"op"`
	URN            string                  `json:"urn"`
	OldState       *State                  `json:"oldState"`
	NewState       *State                  `json:"newState"`
	DiffReasons    []string                `json:"diffReasons"`
	ReplaceReasons []string                `json:"replaceReasons"`
	DetailedDiff   map[string]PropertyDiff `json:"detailedDiff"`
}

// State is a resource before or after a step. Secrets in it are blinded by the engine, and what a
// cloud has yet to compute is Unknown.
type State struct {
	URN            string         `json:"urn"`
	ID             string         `json:"id"` // the cloud's; empty for what is not deployed yet
	Type           string         `json:"type"`
	Custom         bool           `json:"custom"` // false for a component and for the stack itself
	Inputs         map[string]any `json:"inputs"`
	Outputs        map[string]any `json:"outputs"`
	Parent         string         `json:"parent"` // a URN
	Dependencies   []string       `json:"dependencies"`
	Protect        bool           `json:"protect"`
	RetainOnDelete bool           `json:"retainOnDelete"`
	Provider       string         `json:"provider"` // a URN, "::" and an id

	// PropertyDependencies are the resources whose outputs went into an input, by the input's name.
	// They are URNs, and may repeat.
	PropertyDependencies map[string][]string `json:"propertyDependencies"`
}

// Unknown stands for a string that is computed when the stack is deployed. A secret stands as
// "[secret]".
const Unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// unknowns stand for values that are computed when the stack is deployed: of strings, booleans,
// numbers, lists, assets, archives and objects.
var unknowns = []string{
	Unknown, "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
	"6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
	"030794c1-ac77-496b-92df-f27374a8bd58", "e48ece36-62e2-4504-bad9-02848725956a",
	"dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
}

// IsUnknown says whether a string stands for a value that is computed when the stack is deployed,
// whatever its type, or has one within.
func IsUnknown(text string) bool {
	return slices.ContainsFunc(unknowns, func(one string) bool { return strings.Contains(text, one) })
}

// ReplaceUnknown puts words in the place of every value in a text that is computed when the stack
// is deployed.
func ReplaceUnknown(text, words string) string {
	for _, one := range unknowns {
		text = strings.ReplaceAll(text, one, words)
	}
	return text
}

// PropertyDiff is how one property changes, such as "update" or "add-replace".
type PropertyDiff struct {
	Kind string `json:"kind"`
}

// Diagnostic is a message of the engine or of the program.
type Diagnostic struct {
	URN      string `json:"urn"`
	Message  string `json:"message"`
	Severity string `json:"severity"`
}

// The operations of the engine that this package tells apart.
const (
	opSame              = "same"
	opCreate            = "create"
	opUpdate            = "update"
	opDelete            = "delete"
	opReplace           = "replace"
	opCreateReplacement = "create-replacement"
	opDeleteReplaced    = "delete-replaced"
	opImport            = "import"
	opImportReplacement = "import-replacement"
	opRefresh           = "refresh" // one that found a difference is shown as an update or a delete
)

// ErrNoVerdict is returned for what cannot be judged: no preview, one that failed, or one that
// leaves steps out.
var ErrNoVerdict = errors.New("the preview cannot be judged")

// Read reads a preview. It refuses one that failed, with the engine's own messages, and one that
// was made without the flags that show every step.
func Read(r io.Reader) (*Preview, error) {
	var p Preview
	if err := json.NewDecoder(r).Decode(&p); err != nil {
		return nil, fmt.Errorf("%w: it is not the JSON of pulumi preview: %w", ErrNoVerdict, err)
	}
	var failures []string
	for _, one := range p.Diagnostics {
		if one.Severity == "error" {
			failures = append(failures, strings.TrimSpace(one.Message))
		}
	}
	if len(failures) > 0 {
		return nil, fmt.Errorf("%w: it failed:\n%s", ErrNoVerdict, strings.Join(failures, "\n"))
	}
	if len(p.Steps) == 0 {
		return nil, fmt.Errorf("%w: it has no steps, and every preview has one for the stack itself", ErrNoVerdict)
	}
	// The stack's own step is always shown, so one fewer is the least that --show-sames adds.
	if p.count(opSame) < p.ChangeSummary[opSame] || p.count(opDeleteReplaced) < p.ChangeSummary[opReplace] {
		return nil, fmt.Errorf("%w: it leaves steps out; make it with pulumi preview --json --show-sames "+
			"--show-replacement-steps", ErrNoVerdict)
	}
	return &p, nil
}

// ReadFile is Read of a file, or of in when path is "" or "-".
func ReadFile(path string, in io.Reader) (*Preview, error) {
	if path == "" || path == "-" {
		return Read(in)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	defer func() { _ = file.Close() }()
	p, err := Read(file)
	if err != nil {
		return nil, fmt.Errorf("read the plan %s: %w", path, err)
	}
	return p, nil
}

func (p *Preview) count(op string) int {
	n := 0
	for _, step := range p.Steps {
		if step.Op == op {
			n++
		}
	}
	return n
}

// changes are the steps that change something, one for each resource, in the order of their URNs.
func (p *Preview) changes() []Step {
	var changes []Step
	for _, step := range p.Steps {
		if !slices.Contains([]string{opSame, opRefresh, opCreateReplacement, opDeleteReplaced}, step.Op) {
			changes = append(changes, step)
		}
	}
	slices.SortStableFunc(changes, func(a, b Step) int { return strings.Compare(a.URN, b.URN) })
	return changes
}

// Resources are what the stack consists of when the plan has been carried out, components and the
// stack itself included, in the order of their URNs. What is unchanged has its outputs; what is new
// has those that its provider knows beforehand.
func (p *Preview) Resources() []State {
	byURN := map[string]State{}
	for _, step := range p.Steps {
		switch {
		case step.Op == opDelete || step.Op == opDeleteReplaced || step.NewState == nil:
		case step.Op == opSame && step.OldState != nil:
			state := *step.NewState
			// the new state of what stays the same has none
			state.ID, state.Outputs = step.OldState.ID, step.OldState.Outputs
			byURN[step.URN] = state
		default:
			byURN[step.URN] = *step.NewState
		}
	}
	return slices.SortedFunc(maps.Values(byURN), func(a, b State) int { return strings.Compare(a.URN, b.URN) })
}

// Before is what the stack consists of until the plan is carried out, components and the stack
// itself included, in the order of their URNs. For a new stack that is nothing.
func (p *Preview) Before() []State {
	byURN := map[string]State{}
	for _, step := range p.Steps {
		if step.OldState != nil {
			byURN[step.URN] = *step.OldState
		}
	}
	return slices.SortedFunc(maps.Values(byURN), func(a, b State) int { return strings.Compare(a.URN, b.URN) })
}

// Name is the resource's logical name, the last part of its URN.
func (s State) Name() string { return nameIn(s.URN) }

// state is the resource as it is, or as it will be when it is new.
func (s Step) state() State {
	switch {
	case s.OldState != nil:
		return *s.OldState
	case s.NewState != nil:
		return *s.NewState
	default:
		return State{}
	}
}

// Type is the resource's type, such as "aws:rds/cluster:Cluster".
func (s Step) Type() string { return s.state().Type }

// Name is the resource's logical name, the last part of its URN.
func (s Step) Name() string { return nameIn(s.URN) }

func nameIn(urn string) string { return urn[strings.LastIndex(urn, "::")+2:] }

// given says whether the program, and not auto-naming, chose an input.
func (s State) given(property string) bool {
	_, ok := s.chosen()[property]
	return ok
}

// chosen are the inputs without those that a provider filled in. Auto-naming draws a new name in
// every preview.
func (s State) chosen() map[string]any {
	defaults, _ := s.Inputs["__defaults"].([]any)
	chosen := map[string]any{}
	for property, value := range s.Inputs {
		if property != "__defaults" && !slices.Contains(defaults, any(property)) {
			chosen[property] = value
		}
	}
	return chosen
}

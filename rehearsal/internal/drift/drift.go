// Package drift makes changes by hand in the model's cloud, behind Pulumi's back, and has Pulumi
// find and repair them.
package drift

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// followUps are the types that a repair may change as well: a parameter that is written again has
// another version, and tasks with the wrong value are replaced.
var followUps = []string{catalog.TaskDefinition, catalog.ECSService}

// Result is what became of one case.
type Result struct {
	Case
	// Planned are the operations that the preview with refresh plans for what was changed, such as
	// "update". Empty when there is none.
	Planned []string
	URNs    []string
}

// Rehearse makes every case's change in the cloud of a stack that is up, and checks what Pulumi
// answers: in a preview with refresh, a refresh, an `up`, and another preview. The error names each
// case that went otherwise.
func Rehearse(ctx context.Context, f *harness.Fixture, cases []Case) ([]Result, error) {
	before, err := f.Objects()
	if err != nil {
		return nil, err
	}
	results, err := change(f, cases)
	if err != nil {
		return nil, err
	}
	drifted, err := f.Objects()
	if err != nil {
		return nil, err
	}
	f.Console.Heading("Preview with refresh: what Pulumi sees of %d changes by hand", len(cases))
	raw, err := f.Engine.Output(ctx, "preview", "--refresh", "--json")
	if err != nil {
		return nil, fmt.Errorf("preview %s with refresh: %w", f.Stack, err)
	}
	planned, err := operations(raw)
	if err != nil {
		return nil, err
	}
	var problems []error
	for i := range results {
		problems = append(problems, results[i].judge(planned))
	}
	problems = append(problems, unexpected(planned, results))
	if _, err := f.Step(ctx, "drift-refresh", "Refresh: the state takes in what is there", "refresh", "--yes",
		"--skip-preview"); err != nil {
		return results, err
	}
	if _, err := f.Up(ctx, "drift-up", "Up: it is repaired"); err != nil {
		return results, err
	}
	after, err := f.Objects()
	if err != nil {
		return results, err
	}
	problems = append(problems,
		compare(harness.ByURN(before), harness.ByURN(drifted), harness.ByURN(after), results),
		f.NothingLeft(ctx, "drift-second-preview", "Preview with refresh: nothing is left to repair", "--refresh"))
	return results, errors.Join(problems...)
}

// change makes every change, all in one transaction.
func change(f *harness.Fixture, cases []Case) ([]Result, error) {
	var results []Result
	owner := map[string]string{}
	err := f.ByHand(func(tx *cloud.Tx) error {
		for _, one := range cases {
			h := &Hand{tx: tx, touched: map[string]bool{}}
			one.Change(h)
			if h.err != nil {
				return fmt.Errorf("%s: %w", one.Name, h.err)
			}
			urns := slices.Sorted(maps.Keys(h.touched))
			for _, urn := range urns {
				if other, taken := owner[urn]; taken && one.Answer == Repaired {
					return fmt.Errorf("%s: %q changes %s too, and they could not be told apart", one.Name, other, urn)
				}
				if one.Answer != Unseen {
					owner[urn] = one.Name
				}
			}
			results = append(results, Result{Case: one, URNs: urns})
		}
		return nil
	})
	return results, err
}

// operations reads what a preview plans, by URN. Steps that change nothing are left out.
func operations(raw []byte) (map[string][]string, error) {
	var preview struct {
		Steps []struct {
			Op  string `json:"op"`
			URN string `json:"urn"`
		} `json:"steps"`
	}
	if err := json.Unmarshal(raw, &preview); err != nil {
		return nil, fmt.Errorf("read the preview: %w", err)
	}
	planned := map[string][]string{}
	for _, step := range preview.Steps {
		if step.Op != "same" && step.Op != "refresh" && !slices.Contains(planned[step.URN], step.Op) {
			planned[step.URN] = append(planned[step.URN], step.Op)
		}
	}
	return planned, nil
}

// judge compares what was planned for a case with what should have been.
func (r *Result) judge(planned map[string][]string) error {
	if r.Answer == Unseen {
		return nil // its object is another case's too, or none's: see compare and unexpected
	}
	for _, urn := range r.URNs {
		for _, op := range planned[urn] {
			if !slices.Contains(r.Planned, op) {
				r.Planned = append(r.Planned, op)
			}
		}
	}
	switch {
	case r.Answer == Repaired && len(r.Planned) == 0:
		return fmt.Errorf("%s: no refresh has seen it, and it should be %s", r.Name, r.Answer)
	case r.Answer == Owned && len(r.Planned) > 0:
		return fmt.Errorf("%s: the preview plans %s, and it should be %s: %s", r.Name, strings.Join(r.Planned, ", "),
			r.Answer, r.Why)
	}
	return nil
}

// unexpected names what the preview plans for what nobody has changed.
func unexpected(planned map[string][]string, results []Result) error {
	mine := map[string]bool{}
	for _, r := range results {
		for _, urn := range r.URNs {
			mine[urn] = mine[urn] || r.Answer == Repaired
		}
	}
	var others []string
	for _, urn := range slices.Sorted(maps.Keys(planned)) {
		if !mine[urn] && !follows(urn) {
			others = append(others, strings.Join(planned[urn], ", ")+" "+urn)
		}
	}
	if len(others) > 0 {
		return fmt.Errorf("the preview plans what nothing calls for:\n   %s", strings.Join(others, "\n   "))
	}
	return nil
}

func follows(urn string) bool {
	return slices.ContainsFunc(followUps, func(typ string) bool { return strings.Contains(urn, typ+"::") })
}

// compare holds the repaired cloud to what it was, and to what it was changed to where that is left
// alone.
func compare(before, drifted, after map[string]*cloud.Object, results []Result) error {
	alone := map[string]bool{}
	for _, r := range results {
		for _, urn := range r.URNs {
			alone[urn] = alone[urn] || r.Answer != Repaired
		}
	}
	var problems []error
	for _, urn := range slices.Sorted(maps.Keys(before)) {
		want, got := before[urn], after[urn]
		if alone[urn] {
			want = drifted[urn]
		}
		switch {
		case got == nil:
			problems = append(problems, fmt.Errorf("%s is not there again", urn))
		case follows(urn) && !alone[urn]:
		case !sameInputs(want, got):
			problems = append(problems, fmt.Errorf("%s has other inputs after the repair than it should", urn))
		}
	}
	return errors.Join(problems...)
}

func sameInputs(a, b *cloud.Object) bool {
	one, _ := json.Marshal(a.Inputs)
	other, _ := json.Marshal(b.Inputs)
	return string(one) == string(other)
}

package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// Variant is a part of a stack's life: stages that follow each other on a stack that is up.
type Variant struct {
	Name   string
	Stages []Stage
	// Ends takes the stack down at the end, with teardown and destroy.
	Ends bool
}

// Subset is a variant of the stages that continuous integration runs, which may be none.
func (v Variant) Subset() Variant {
	v.Stages = slices.DeleteFunc(slices.Clone(v.Stages), func(s Stage) bool { return !s.Subset })
	return v
}

// Stage is one change of the configuration, deployed.
type Stage struct {
	Name   string
	Subset bool
	// First has the first role ask, previews too: the stage changes what limits the role of
	// deploys. All other stages are deployed by that role and previewed by that of previews, as in
	// real life.
	First bool
	// Edit changes the sections of the configuration, without the project's prefix.
	Edit func(harness.Sections)
	// Before is done in the clouds beforehand, by somebody else than this stack.
	Before func(*cloud.Tx, harness.Place) error
	// Days pass in the clouds after that, with all that AWS does by itself; what goes wrong
	// meanwhile fails the stage.
	Days int
	// Seen says what is wrong with what the clouds did meanwhile. Nil: nothing is expected of them.
	Seen func(*aws.Passed) error
	// Quiet says that nobody has changed anything: a preview with a refresh must find nothing to
	// do, and nothing is deployed.
	Quiet bool
	// Learns says that the deploy reads the Atlas cluster's sizes into the state first, as `infra
	// promote deploy` does.
	Learns bool
	// Settles says that the change takes a second `up`, which must update something: what a restore
	// does not bring.
	Settles bool
	// Unprotect are the logical names of what Pulumi protects and this stage deletes: somebody
	// lifts the protection by hand, with `pulumi state unprotect`.
	Unprotect []string
	// Refused are words that a preview must fail with, all of them. Empty: it is deployed.
	Refused []string
	// Gone are the logical names of what may be replaced or deleted though it keeps something or is
	// costly to make: anything else of that kind fails.
	Gone []string
}

// costly are types beside those of keeping that a change must not replace or delete unless its
// stage says so.
var costly = []string{
	catalog.EIP, catalog.NATGateway, catalog.Subnet, catalog.VPCEndpoint, catalog.ECSService, catalog.LoadBalancer,
	catalog.RDSClusterInstance, catalog.AtlasPrivateLink,
}

// StageResult is what became of a stage.
type StageResult struct {
	Variant, Stage string
	Counts         map[string]int // of the `up`, by operation
	Refused        bool
	Passed         *aws.Passed // what the clouds did by themselves; nil when no time passed
}

// Live takes the stack through a variant, from where it was deployed.
func Live(ctx context.Context, f *harness.Fixture, v Variant) ([]StageResult, error) {
	if err := f.Back(); err != nil {
		return nil, err
	}
	var results []StageResult
	for i, stage := range v.Stages {
		result, err := live(ctx, f, v, stage, fmt.Sprintf("%s, %d", v.Name, i+1))
		if err != nil {
			return results, fmt.Errorf("%s, %s: %w", v.Name, stage.Name, err)
		}
		results = append(results, result)
	}
	if v.Ends {
		return results, f.TearDown(ctx)
	}
	return results, nil
}

func live(
	ctx context.Context, f *harness.Fixture, v Variant, stage Stage, name string,
) (result StageResult, err error) {
	result = StageResult{Variant: v.Name, Stage: stage.Name}
	if stage.First {
		defer f.AsFirst()()
	}
	if stage.Edit != nil {
		if err := f.EditSections(stage.Edit); err != nil {
			return result, err
		}
	}
	if stage.Before != nil {
		if err := beforehand(f, stage.Before); err != nil {
			return result, err
		}
	}
	if stage.Days > 0 {
		if result.Passed, err = f.Pass(stage.Days); err != nil {
			return result, err
		}
		if stage.Seen != nil {
			if err := stage.Seen(result.Passed); err != nil {
				return result, err
			}
		}
	}
	if stage.Quiet {
		return result, f.NothingLeft(ctx, "lifecycle, "+name, v.Name+": "+stage.Name+"; it must show no change",
			"--refresh")
	}
	if err := unprotect(ctx, f, stage.Unprotect); err != nil {
		return result, err
	}
	if len(stage.Refused) > 0 {
		result.Refused = true
		return result, refuses(ctx, f, stage.Refused)
	}
	if stage.Learns {
		if _, err := f.Step(ctx, "lifecycle, "+name+", refresh", "What Atlas has chosen since", "refresh", "--yes",
			"--skip-preview", "--target",
			"**"+catalog.AtlasCluster+"::*"); err != nil {
			return result, err
		}
	}
	up, err := f.Up(ctx, "lifecycle, "+name, v.Name+": "+stage.Name)
	if err != nil {
		return result, err
	}
	result.Counts = up.Counts
	if err := kept(up, stage.Gone); err != nil {
		return result, err
	}
	if stage.Settles {
		if err := settle(ctx, f, v, stage, name); err != nil {
			return result, err
		}
	}
	return result, f.NothingLeft(ctx, "lifecycle, "+name+", preview", "It must show no change", "--refresh")
}

// settle deploys a second time, which must change something in place and take nothing away.
func settle(ctx context.Context, f *harness.Fixture, v Variant, stage Stage, name string) error {
	up, err := f.Up(ctx, "lifecycle, "+name+", again", v.Name+": "+stage.Name+"; what the first deploy could not bring")
	if err != nil {
		return err
	}
	if up.Counts["update"] == 0 {
		return errors.New("the second deploy changes nothing, though the first could not bring everything")
	}
	return kept(up, nil)
}

// beforehand does in the clouds what somebody else does before a stage.
func beforehand(f *harness.Fixture, change func(*cloud.Tx, harness.Place) error) error {
	at, err := f.Place()
	if err != nil {
		return err
	}
	return f.ByHand(func(tx *cloud.Tx) error { return change(tx, at) })
}

// unprotect lifts the protection of resources, by their logical names.
func unprotect(ctx context.Context, f *harness.Fixture, names []string) error {
	if len(names) == 0 {
		return nil
	}
	resources, err := f.Engine.Resources(ctx)
	if err != nil {
		return err
	}
	args := []string{"state", "unprotect", "--yes"}
	for _, one := range resources {
		if one.Protect && slices.Contains(names, one.URN.Name()) {
			args = append(args, string(one.URN))
		}
	}
	if got, want := len(args)-3, len(names); got != want {
		return fmt.Errorf("unprotect %v: %d of them are protected, want %d", names, got, want)
	}
	return f.Engine.Command(ctx, args...)
}

// refuses previews a configuration that the program must refuse.
func refuses(ctx context.Context, f *harness.Fixture, words []string) error {
	raw, err := f.Preview(ctx)
	if err == nil {
		return errors.New("the program takes a change that it should refuse")
	}
	for _, word := range words {
		if !strings.Contains(string(raw), word) {
			return fmt.Errorf("the refusal does not name %q: %w", word, err)
		}
	}
	return nil
}

// kept fails when an operation replaced or deleted what it should not.
func kept(up *engine.Result, gone []string) error {
	var lost []string
	for _, change := range up.Changes {
		name := harness.LogicalName(change.URN)
		goes := change.Op == "delete" || change.Op == "replace"
		if goes && (slices.Contains(keeping, change.Type) || slices.Contains(costly, change.Type)) &&
			!slices.Contains(gone, name) {
			lost = append(lost, change.Op+" "+change.URN)
		}
	}
	if len(lost) > 0 {
		return fmt.Errorf("it takes away what should stay:\n   %s", strings.Join(lost, "\n   "))
	}
	return nil
}

package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bookmark-manager/infrastructure/internal/stackfile"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
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
	Edit func(sections)
	// Before is done in the clouds beforehand, by somebody else than this stack.
	Before func(*cloud.Tx, Place) error
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

// Place is where a stack lives.
type Place struct{ Account, Region string }

// costly are types beside those of keeping that a change must not replace or delete unless its
// stage says so.
var costly = []string{
	"aws:ec2/eip:Eip", "aws:ec2/natGateway:NatGateway", "aws:ec2/subnet:Subnet", "aws:ec2/vpcEndpoint:VpcEndpoint",
	"aws:ecs/service:Service",
	"aws:lb/loadBalancer:LoadBalancer", "aws:rds/clusterInstance:ClusterInstance",
	"mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint",
}

// StageResult is what became of a stage.
type StageResult struct {
	Variant, Stage string
	Counts         map[string]int // of the `up`, by operation
	Refused        bool
	Passed         *aws.Passed // what the clouds did by themselves; nil when no time passed
}

// Live takes the stack through a variant, from where it was deployed.
func Live(ctx context.Context, r *run.Rehearsal, v Variant) ([]StageResult, error) {
	if err := r.Back(); err != nil {
		return nil, err
	}
	var results []StageResult
	for i, stage := range v.Stages {
		result, err := live(ctx, r, v, stage, fmt.Sprintf("%s, %d", v.Name, i+1))
		if err != nil {
			return results, fmt.Errorf("%s, %s: %w", v.Name, stage.Name, err)
		}
		results = append(results, result)
	}
	if v.Ends {
		return results, r.TearDown(ctx)
	}
	return results, nil
}

func live(ctx context.Context, r *run.Rehearsal, v Variant, stage Stage, name string) (StageResult, error) {
	result := StageResult{Variant: v.Name, Stage: stage.Name}
	if stage.First {
		defer r.AsFirst()()
	}
	if stage.Edit != nil {
		if err := edit(r, stage.Edit); err != nil {
			return result, err
		}
	}
	if stage.Before != nil {
		if err := before(r, stage.Before); err != nil {
			return result, err
		}
	}
	if stage.Days > 0 {
		if err := pass(r, stage.Days, &result); err != nil {
			return result, err
		}
		if stage.Seen != nil {
			if err := stage.Seen(result.Passed); err != nil {
				return result, err
			}
		}
	}
	if stage.Quiet {
		_, err := r.Step(ctx, "lifecycle, "+name, v.Name+": "+stage.Name+"; it must show no change", "preview",
			"--refresh", "--expect-no-changes")
		return result, err
	}
	if err := unprotect(ctx, r, stage.Unprotect); err != nil {
		return result, err
	}
	if len(stage.Refused) > 0 {
		result.Refused = true
		return result, refuses(ctx, r, stage.Refused)
	}
	if stage.Learns {
		if _, err := r.Step(ctx, "lifecycle, "+name+", refresh", "What Atlas has chosen since", "refresh", "--yes",
			"--skip-preview", "--target",
			"**mongodbatlas:index/advancedCluster:AdvancedCluster::*"); err != nil {
			return result, err
		}
	}
	up, err := r.Up(ctx, "lifecycle, "+name, v.Name+": "+stage.Name)
	if err != nil {
		return result, err
	}
	result.Counts = up.Counts
	if err := kept(up, stage.Gone); err != nil {
		return result, err
	}
	if stage.Settles {
		if err := settle(ctx, r, v, stage, name); err != nil {
			return result, err
		}
	}
	_, err = r.Step(ctx, "lifecycle, "+name+", preview", "It must show no change", "preview", "--refresh",
		"--expect-no-changes")
	return result, err
}

// settle deploys a second time, which must change something in place and take nothing away.
func settle(ctx context.Context, r *run.Rehearsal, v Variant, stage Stage, name string) error {
	up, err := r.Up(ctx, "lifecycle, "+name+", again", v.Name+": "+stage.Name+"; what the first deploy could not bring")
	if err != nil {
		return err
	}
	if up.Counts["update"] == 0 {
		return errors.New("the second deploy changes nothing, though the first could not bring everything")
	}
	return kept(up, nil)
}

// sections are those of a stack's configuration, by name.
type sections map[string]any

// set gives a setting a value. path has dots between its keys, and begins with the section.
func (s sections) set(path string, value any) {
	holder, last := s.holder(path)
	holder[last] = stackfile.Clone(value)
}

// drop takes a setting out.
func (s sections) drop(path string) {
	holder, last := s.holder(path)
	delete(holder, last)
}

func (s sections) get(path string) any {
	holder, last := s.holder(path)
	return holder[last]
}

func (s sections) holder(path string) (map[string]any, string) {
	keys := strings.Split(path, ".")
	holder := map[string]any(s)
	for _, key := range keys[:len(keys)-1] {
		next, ok := holder[key].(map[string]any)
		if !ok {
			next = map[string]any{}
			holder[key] = next
		}
		holder = next
	}
	return holder, keys[len(keys)-1]
}

// Edit gives settings of the stack file other values, by their paths; nil takes one out.
func Edit(r *run.Rehearsal, values map[string]any) error {
	return edit(r, func(s sections) {
		for _, path := range slices.Sorted(maps.Keys(values)) {
			if values[path] == nil {
				s.drop(path)
				continue
			}
			s.set(path, values[path])
		}
	})
}

// edit changes the stack file.
func edit(r *run.Rehearsal, change func(sections)) error {
	raw, err := r.StackYAML()
	if err != nil {
		return err
	}
	var file map[string]any
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return fmt.Errorf("read the stack file: %w", err)
	}
	config, _ := file["config"].(map[string]any)
	prefix, found := r.Work.Files.Project+":", sections{}
	for key, value := range config {
		if name, ours := strings.CutPrefix(key, prefix); ours {
			found[name] = value
		}
	}
	change(found)
	maps.DeleteFunc(config, func(key string, _ any) bool { return strings.HasPrefix(key, prefix) })
	for name, value := range found {
		config[prefix+name] = value
	}
	if raw, err = yaml.Marshal(file); err != nil {
		return fmt.Errorf("write the stack file: %w", err)
	}
	return r.WriteStackYAML(raw)
}

func before(r *run.Rehearsal, change func(*cloud.Tx, Place) error) error {
	region, err := r.Region()
	if err != nil {
		return err
	}
	c, err := cloud.Open(r.Work.Cloud())
	if err != nil {
		return err
	}
	return c.Update(func(tx *cloud.Tx) error { return change(tx, Place{r.Work.Files.Account, region}) })
}

// pass lets days go by in the clouds.
func pass(r *run.Rehearsal, days int, result *StageResult) error {
	c, err := cloud.Open(r.Work.Cloud())
	if err != nil {
		return err
	}
	if result.Passed, err = aws.Advance(c, r.Work.Files.Account, days); err != nil {
		return err
	}
	if len(result.Passed.Wrong) > 0 {
		return fmt.Errorf("what the clouds do by themselves goes wrong:\n   %s",
			strings.Join(result.Passed.Wrong, "\n   "))
	}
	return nil
}

func unprotect(ctx context.Context, r *run.Rehearsal, names []string) error {
	if len(names) == 0 {
		return nil
	}
	resources, err := r.Engine.Resources(ctx)
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
	return r.Engine.Command(ctx, args...)
}

// refuses previews a configuration that the program must refuse.
func refuses(ctx context.Context, r *run.Rehearsal, words []string) error {
	raw, err := r.Preview(ctx)
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
		name := change.URN[strings.LastIndex(change.URN, "::")+2:]
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

// Sections reads those of a stack file, for Variants.
func Sections(path, project string) (map[string]any, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the stack file: %w", err)
	}
	var file struct {
		Config map[string]any `yaml:"config"`
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("read the stack file %s: %w", path, err)
	}
	found := map[string]any{}
	for key, value := range file.Config {
		if name, ours := strings.CutPrefix(key, project+":"); ours {
			found[name] = value
		}
	}
	return found, nil
}

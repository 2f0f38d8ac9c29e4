package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/lifecycle"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
)

// What --only takes beside paths of settings and names of variants.
const (
	onlySettings = "settings"
	onlyVariants = "variants"
)

// lifecycles previews a stack that is up under every changed setting, and takes it through its
// variants.
func lifecycles(ctx context.Context, f flags, out *console.Console) error {
	return harness.OnDeployed(ctx, f.Options, out, nil, func(fixture *harness.Fixture) error {
		variants, err := chosenVariants(f, fixture.Work.Files.Project)
		if err != nil {
			return err
		}
		if len(variants) == 0 || f.only == "" {
			if err := changeSettings(ctx, f, fixture); err != nil {
				return err
			}
		}
		return live(ctx, fixture, variants)
	})
}

// chosenVariants are all of them, one, or none when --only names settings.
func chosenVariants(f flags, project string) ([]lifecycle.Variant, error) {
	var files [2]harness.Sections
	for i, stack := range []string{"prod", f.Stack} {
		sections, err := harness.ReadSections(filepath.Join(f.Project, "Pulumi."+stack+".yaml"), project)
		if err != nil {
			return nil, err
		}
		files[i] = sections
	}
	all := lifecycle.Variants(files[0], files[1])
	if f.subset {
		for i, one := range all {
			all[i] = one.Subset()
		}
		all = slices.DeleteFunc(all, func(v lifecycle.Variant) bool { return len(v.Stages) == 0 })
	}
	if f.only == "" || f.only == onlyVariants {
		return all, nil
	}
	return slices.DeleteFunc(all, func(v lifecycle.Variant) bool { return v.Name != f.only }), nil
}

func changeSettings(ctx context.Context, f flags, fixture *harness.Fixture) error {
	only := f.only
	if only == onlySettings {
		only = ""
	}
	start := time.Now()
	outcomes, previews, err := lifecycle.Previews(ctx, fixture, filepath.Join(f.Project, "config.schema.json"), only)
	if err != nil {
		return err
	}
	fixture.Console.Heading("Lifecycle of %s: %d changed settings in %d previews, %s", fixture.Stack, len(outcomes),
		previews, console.Duration(time.Since(start)))
	counts := map[lifecycle.Verdict]int{}
	var wrong []error
	for _, one := range outcomes {
		counts[one.Verdict]++
		if one.Verdict == lifecycle.Wrong {
			wrong = append(wrong, fmt.Errorf("%s: %s", one, one.Detail))
		}
	}
	for _, verdict := range []lifecycle.Verdict{lifecycle.Planned, lifecycle.Refused, lifecycle.Guarded,
		lifecycle.Protected, lifecycle.Foreseen, lifecycle.Wrong} {
		fixture.Console.Line("%4d %s", counts[verdict], verdict)
	}
	return errors.Join(wrong...)
}

// passed says what the clouds did by themselves.
func passed(p *aws.Passed) string {
	return fmt.Sprintf("%d backups, %d copies, %d restores tried, %d recovery points expired, %d upgrades, %d "+
		"renewals, %d rotations",
		p.Backups, p.Copies, p.Restores, p.Expired, len(p.Upgrades), p.Renewed, p.Rotated)
}

// live takes the stack through each variant, from where it was deployed, and goes on after one that
// fails.
func live(ctx context.Context, fixture *harness.Fixture, variants []lifecycle.Variant) error {
	var rows [][]string
	var problems []error
	for _, variant := range variants {
		start := time.Now()
		results, err := lifecycle.Live(ctx, fixture, variant)
		for _, one := range results {
			what := run.Counts(one.Counts)
			if one.Refused {
				what = "refused, as it must be"
			}
			if one.Passed != nil {
				what = strings.TrimSpace(what + " " + passed(one.Passed))
			}
			rows = append(rows, []string{one.Variant, one.Stage, what})
		}
		if err != nil {
			problems = append(problems, err)
			rows = append(rows, []string{variant.Name, "FAILED", ""})
			continue
		}
		rows = append(rows, []string{variant.Name, "ok", console.Duration(time.Since(start))})
	}
	if len(rows) > 0 {
		fixture.Console.Heading("Lifecycle of %s: %d variants", fixture.Stack, len(variants))
		fixture.Console.Table("   ", rows)
	}
	return errors.Join(problems...)
}

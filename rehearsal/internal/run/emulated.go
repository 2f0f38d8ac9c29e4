package run

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/emulator"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/loopback"
	"github.com/bookmark-manager/infrastructure/rehearsal/model"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
)

// emulate takes the stack through its life with the real AWS plugin in an emulator that the user
// has started. The model plays what is not AWS. A step that fails does not end the run: what it
// could do is the point, and the rest is judged.
func (r *Rehearsal) emulate(ctx context.Context) (err error) {
	passage, err := emulator.OpenPassage(r.Endpoint)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, passage.Close()) }()
	report := &emulator.Report{Endpoint: r.Endpoint}
	r.summary.Emulator = report
	if err := r.enterEmulator(ctx, report, passage); err != nil {
		return err
	}
	preview, err := r.Step(ctx, "preview", "Preview: what would be created in the emulator", "preview")
	report.Add("preview", preview)
	report.Planned = created(preview)
	if err != nil {
		return err // without a plan there is nothing to deploy
	}
	const heading = "Up: create it in the emulator, as far as that goes"
	if err := r.goOn(ctx, "up", heading, "up", "--yes", "--skip-preview"); err != nil {
		return err
	}
	if report.Made, err = r.countAWS(ctx); err != nil {
		return err
	}
	second, err := r.Step(ctx, "second preview", "Second preview: what was made must be as it was asked for", "preview")
	report.Add("second preview", second)
	report.Compare(second)
	if err != nil {
		r.Console.Line("The second preview failed: what it said is in the list at the end.")
	}
	if err := r.leaveEmulator(ctx); err != nil {
		return err
	}
	return report.Err()
}

// enterEmulator points the stack's copy at the emulator and its account.
func (r *Rehearsal) enterEmulator(ctx context.Context, report *emulator.Report, passage *loopback.Server) error {
	account, err := emulator.Account(ctx, r.Endpoint)
	if err != nil {
		return err
	}
	report.Account, r.Work.Files.Account = account, account
	r.Console.Line("Emulator: %s, account %s by its STS", r.Endpoint, account)
	// The emulator knows none of the roles that the model gives a stack's operations.
	r.As = aws.Root
	r.Engine.Env = r.Work.Env(map[string]string{
		model.AccountEnv:            account,
		"AWS_EC2_METADATA_DISABLED": "true",
		"HTTP_PROXY":                passage.URL,
	})
	if err := r.Set(ctx, "awsEndpoint", r.Endpoint); err != nil {
		return err
	}
	// An account of digits alone would be a number otherwise.
	set := []string{"config", "set", "--path", "--type", "string", r.key("aws.accountId"), account}
	if err := r.Engine.Command(ctx, set...); err != nil {
		return fmt.Errorf("set aws.accountId of %s: %w", r.Stack, err)
	}
	return r.NameImages(ctx)
}

// leaveEmulator lifts the protections and destroys what was made.
func (r *Rehearsal) leaveEmulator(ctx context.Context) error {
	if err := r.Set(ctx, "teardown", r.Work.Files.Environment); err != nil {
		return err
	}
	const heading = "Teardown: up, which lifts the protections"
	if err := r.goOn(ctx, "teardown", heading, "up", "--yes", "--skip-preview"); err != nil {
		return err
	}
	return r.goOn(ctx, "destroy", "Destroy", "destroy", "--yes", "--skip-preview")
}

// goOn runs a step that does all that it can, and adds its failures to the report. Its error is one
// that ends the run.
func (r *Rehearsal) goOn(ctx context.Context, name, heading string, args ...string) error {
	result, err := r.Step(ctx, name, heading, append(args, "--continue-on-error")...)
	r.summary.Emulator.Add(name, result)
	if err != nil && (ctx.Err() != nil || len(result.Problems) == 0) {
		return err
	}
	if err != nil {
		r.Console.Line("%s did not do all: what failed is in the list at the end, and the log is %s", name, result.Log)
	}
	return nil
}

// created counts the resources of AWS that a preview would create.
func created(preview *engine.Result) int {
	n := 0
	for _, change := range preview.Changes {
		if change.Op == "create" && strings.HasPrefix(change.Type, "aws:") {
			n++
		}
	}
	return n
}

// countAWS counts the resources of AWS in the state.
func (r *Rehearsal) countAWS(ctx context.Context) (int, error) {
	resources, err := r.Engine.Resources(ctx)
	if err != nil {
		return 0, fmt.Errorf("count the resources of %s: %w", r.Stack, err)
	}
	n := 0
	for _, one := range resources {
		if strings.HasPrefix(string(one.Type), "aws:") {
			n++
		}
	}
	return n, nil
}

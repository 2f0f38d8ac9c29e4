package permissions

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/workspace"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
)

// Refused is a whole run of the engine that AWS ended, as it should.
type Refused struct {
	Name   string // what was tried
	Action string // the action that was refused
}

// The names under which the drill saves the stack.
const (
	savedEmpty    = "permissions-empty"
	savedDeployed = "permissions-deployed"
)

// subset are the services that a short drill takes.
var subset = []string{"ecr", "kms"}

// Runs makes a stack, and then again and again from nothing with one action taken away from the
// first role: one for each service that it asks, each of which must end the run and be named by
// AWS. Then the role of deploys tries what it may not do: teardown and destroy.
func Runs(ctx context.Context, f *harness.Fixture, short bool) ([]Refused, error) {
	d := &runs{Fixture: f}
	f.Engine.Out = io.Discard // what is meant to fail says much
	defer f.AsFirst()()
	if err := f.Work.Save(savedEmpty); err != nil {
		return nil, err
	}
	if err := f.ComeUp(ctx); err != nil {
		return nil, err
	}
	record, err := Load(workspace.RequestsPath(f.State, f.Stack))
	if err != nil {
		return nil, err
	}
	if err := f.Work.Save(savedDeployed); err != nil {
		return nil, err
	}
	if err := d.destroyAsDeploy(ctx); err != nil {
		return d.refused, err
	}
	actions, err := d.oneOfEach(record)
	if err != nil {
		return d.refused, err
	}
	for _, service := range slices.Sorted(maps.Keys(actions)) {
		if short && !slices.Contains(subset, service) {
			continue
		}
		if err := d.without(ctx, actions[service]); err != nil {
			return d.refused, err
		}
	}
	return d.refused, nil
}

type runs struct {
	*harness.Fixture
	refused []Refused
}

var reads = regexp.MustCompile(`:(Describe|Get|List|Batch|Head)`)

// oneOfEach chooses an action of each service that the first role has asked: one that makes
// something, where there is one.
func (d *runs) oneOfEach(record *Record) (map[string]string, error) {
	i := slices.IndexFunc(record.Roles(), func(role string) bool {
		return strings.HasSuffix(role, "-"+aws.BootstrapRole)
	})
	if i < 0 {
		return nil, errors.New("look for what the first role has asked: nothing")
	}
	chosen := map[string]string{}
	for _, action := range slices.Sorted(maps.Keys(record.Used(record.Roles()[i]))) {
		before := chosen[service(action)]
		if before == "" || reads.MatchString(before) && !reads.MatchString(action) {
			chosen[service(action)] = action
		}
	}
	return chosen, nil
}

// without makes the stack from nothing by a first role that lacks an action.
func (d *runs) without(ctx context.Context, action string) error {
	d.Console.Heading("Without %s", action)
	if err := d.Work.Restore(savedEmpty); err != nil {
		return err
	}
	c, err := d.Cloud()
	if err != nil {
		return err
	}
	f, err := d.Foundation()
	if err != nil {
		return err
	}
	if err := f.Without(c, action); err != nil {
		return err
	}
	return d.fails(ctx, "without "+strings.ReplaceAll(action, ":", " "), action, d.ComeUp(ctx))
}

// destroyAsDeploy has the role of deploys lift the protections, and destroy what the first role has
// lifted them of.
func (d *runs) destroyAsDeploy(ctx context.Context) error {
	d.Console.Heading("Teardown and destroy by the role of deploys")
	if err := d.Set(ctx, "teardown", d.Work.Files.Environment); err != nil {
		return err
	}
	as := func(role string, command func() error) error {
		before := d.As
		d.As = role
		defer func() { d.As = before }()
		return command()
	}
	up := func() error {
		_, err := d.Up(ctx, "teardown", "Teardown")
		return err
	}
	if err := d.fails(ctx, "teardown by deploys", "iam:", as(aws.DeployRole, up)); err != nil {
		return err
	}
	if err := as("", up); err != nil {
		return fmt.Errorf("lift the protections with the first role: %w", err)
	}
	return d.fails(ctx, "destroy by deploys", "iam:", as(aws.DeployRole, func() error {
		_, err := d.Step(ctx, "destroy", "Destroy", "destroy", "--yes", "--skip-preview")
		return err
	}))
}

var notAuthorized = regexp.MustCompile(`not authorized to perform: ([a-z0-9-]+:\w+)`)

// fails wants that an operation has failed because AWS refused an action that begins so, and none
// that does not.
func (d *runs) fails(ctx context.Context, name, action string, failed error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case failed == nil:
		return fmt.Errorf("%s: everything was done, and AWS should have refused %s", name, action)
	}
	logs, err := d.latestLog(failed)
	if err != nil {
		return errors.Join(failed, err)
	}
	named := map[string]bool{}
	for _, found := range notAuthorized.FindAllStringSubmatch(logs, -1) {
		named[found[1]] = true
	}
	refused := slices.Sorted(maps.Keys(named))
	if len(refused) == 0 ||
		slices.ContainsFunc(refused, func(one string) bool { return !strings.HasPrefix(one, action) }) {
		return fmt.Errorf("%s: AWS refused %v, want %s: %w", name, refused, action, failed)
	}
	d.refused = append(d.refused, Refused{name, strings.Join(refused, " ")})
	return nil
}

// latestLog is the log that the error of a step names, and the error itself, which may be of what
// comes before the engine.
func (d *runs) latestLog(failed error) (string, error) {
	_, path, found := strings.Cut(failed.Error(), "the log is ")
	if !found {
		return failed.Error(), nil
	}
	path, _, _ = strings.Cut(path, "\n")
	raw, err := os.ReadFile(path)
	return failed.Error() + string(raw), err
}

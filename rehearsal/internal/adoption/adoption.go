// Package adoption rehearses how a production that Terraform runs comes under this program, as
// docs/adoption.md has it: the production is made in the model's cloud, `infra adopt`'s package
// says what becomes of it, and the real engine takes it through the stages take, move and close.
// After each of them each object is to be the one that Terraform made, and nothing left to do.
package adoption

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/adopt"
	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/faults"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/terraform"
)

// Result is what became of the production.
type Result struct {
	Objects int // of Terraform's
	Adopted int // of them, that became resources of the program
	Becomes int // resources that they became: a route within its table is one of its own
	Beside  int // of them, that Terraform drops at the end
	Nobody  int // of them, that nobody owns afterwards
	Stages  []Stage
	Kept    Kept
	Undone  int // objects that stage take made, and that were deleted on the way back from it
	Ways    int // ways back that were gone
}

// Stage is what a stage did.
type Stage struct {
	Name                                          adopted.Stage
	Kills                                         int // that it was resumed from
	Imported, Created, Updated, Replaced, Deleted int
	Revisions                                     int // new ones of task definitions; the old ones stay
	Passage
}

// drill is a production that is being adopted.
type drill struct {
	*harness.Fixture
	found     *adopt.Adoption
	files     []string                 // Terraform's states, as the operator has pulled them
	originals map[string]*cloud.Object // by the resource of the program that they become
	standing  []*cloud.Object          // records and images as Terraform left them
	// everything is the cloud as Terraform left it, with what `make bootstrap` made.
	everything []*cloud.Object
	inside     *terraform.Production
	images     map[string]string // the digest that each service runs today
	kills      int               // in each stage
	planned    map[adopted.Stage]int
	result     Result
}

// Rehearse makes the production in the model's cloud and adopts it. The error names what was
// replaced, deleted, created again or lost, and the stage in which it was.
//
// In the end every stage is deployed again from where it began, killed on its way and resumed, as
// often as kills says.
func Rehearse(ctx context.Context, o run.Options, c *console.Console, kills int) (*Result, error) {
	if err := faults.CanKill(); kills > 0 && err != nil {
		return nil, fmt.Errorf("kill the CLI on its way: %w", err)
	}
	d := &drill{
		kills:     kills,
		planned:   map[adopted.Stage]int{},
		originals: map[string]*cloud.Object{},
	}
	err := harness.OnNew(ctx, o, c, func(f *harness.Fixture) error {
		d.Fixture = f
		defer f.AsFirst()()
		return d.live(ctx)
	})
	return &d.result, err
}

func (d *drill) live(ctx context.Context) error {
	if err := d.prepare(ctx); err != nil {
		return err
	}
	for _, stage := range []adopted.Stage{adopted.Take, adopted.Move, adopted.Close} {
		if err := d.enter(stage); err != nil {
			return err
		}
		if err := d.stage(ctx, stage); err != nil {
			return fmt.Errorf("stage %s: %w", stage, err)
		}
	}
	err := d.release(ctx)
	for i := range d.result.Stages {
		if killed := d.killed(ctx, &d.result.Stages[i]); killed != nil {
			err = errors.Join(err, fmt.Errorf("stage %s, killed: %w", d.result.Stages[i].Name, killed))
		}
	}
	return err
}

// enter has the stack file say what a stage's does.
func (d *drill) enter(stage adopted.Stage) error {
	values := map[string]any{"adopted.stage": string(stage)}
	switch stage {
	case adopted.Take:
		for service, digest := range d.images {
			values["services."+service+".image"], values["services."+service+".version"] = digest, "a1b2c3d"
		}
	case adopted.Move:
	case adopted.Close:
		values["network.transition"] = nil
	}
	return d.Edit(values)
}

// stage has the guard judge the plan of a stage, deploys it, looks at what came of it, and goes the
// way back.
func (d *drill) stage(ctx context.Context, stage adopted.Stage) error {
	if err := d.Work.Save(beginning(stage)); err != nil {
		return err
	}
	d.Console.Heading("Stage %s: the guard judges its plan", stage)
	if err := d.guard(ctx, stage); err != nil {
		return err
	}
	done := Stage{Name: stage}
	err := d.deploy(ctx, &done, string(stage), "Stage "+string(stage))
	d.result.Stages = append(d.result.Stages, done)
	if err != nil {
		return err
	}
	if err := done.lost(); err != nil {
		return err
	}
	if err := errors.Join(d.same(ctx, stage), d.nothingLeft(ctx, string(stage))); err != nil {
		return err
	}
	return d.back(ctx, stage)
}

// deploy brings a stage about as the runbook does it: by `pulumi up`, and in move as scripts/deploy
// does it, the database and what migrates it first.
func (d *drill) deploy(ctx context.Context, done *Stage, name, heading string) error {
	if done.Name == adopted.Move {
		if err := d.migrate(ctx, done, name, heading); err != nil {
			return err
		}
	}
	return d.watched(done, done.Name != adopted.Take, func() (*engine.Result, error) {
		return d.Up(ctx, name, heading+": up")
	})
}

// migrate deploys the database and the migration task, which must then be able to log in as the
// database's owner. The migration itself is run by the rotation's drill.
func (d *drill) migrate(ctx context.Context, done *Stage, name, heading string) error {
	err := d.watched(done, false, func() (*engine.Result, error) {
		return d.Step(ctx, name+", database", heading+": up, the database and what migrates it",
			append([]string{"up", "--yes", "--skip-preview"}, d.MigrationTargets()...)...)
	})
	if err != nil {
		return err
	}
	objects, err := d.Objects()
	if err != nil {
		return err
	}
	return ownerMigrates(objects)
}

// watched runs an operation, counts what it does, and goes through each of its moments with
// requests and with tasks that log in.
func (d *drill) watched(done *Stage, migrated bool, operation func() (*engine.Result, error)) error {
	before, err := d.Objects()
	if err != nil {
		return err
	}
	result, err := operation()
	if err != nil {
		return err
	}
	done.count(result.Changes)
	after, err := d.Objects()
	if err != nil {
		return err
	}
	return done.pass(done.Name, migrated, before, after, result.Timeline)
}

// beginning is the name under which the workspace is kept before a stage.
func beginning(stage adopted.Stage) string { return "before " + string(stage) }

// count adds what an operation did to the resources of providers.
func (s *Stage) count(changes []engine.Change) {
	for _, change := range changes {
		if !strings.Contains(change.Type, "/") {
			continue // a component, or a provider
		}
		switch change.Op {
		case "replace":
			if change.Type == catalog.TaskDefinition {
				s.Revisions++
				continue
			}
			s.Replaced++
		case "import":
			s.Imported++
		case "create":
			s.Created++
		case "update":
			s.Updated++
		case "delete":
			s.Deleted++
		}
	}
}

// lost is an error for resources that a stage must not replace or delete. Only stage close deletes
// some: the rules that admit the former tasks.
func (s *Stage) lost() error {
	if s.Replaced > 0 || s.Deleted > 0 && s.Name != adopted.Close {
		return fmt.Errorf("%d resources were replaced and %d deleted", s.Replaced, s.Deleted)
	}
	return nil
}

func (d *drill) nothingLeft(ctx context.Context, name string) error {
	return d.NothingLeft(ctx, name+", preview", "After "+name+": nothing is left to do", "--diff")
}

// guard is what the runbook asks of each stage's plan.
func (d *drill) guard(ctx context.Context, stage adopted.Stage) error {
	preview, path, err := d.plan(ctx, string(stage))
	if err != nil {
		return err
	}
	d.planned[stage] = 0
	for _, step := range preview.Steps {
		if step.Op != "same" && strings.Contains(step.Type(), "/") {
			d.planned[stage]++
		}
	}
	findings := plan.JudgeStage(preview, stage)
	d.Console.Line("%s", plan.Text(d.Stack, preview, findings))
	if len(findings) > 0 {
		return fmt.Errorf("the guard finds %d changes that the stage does not make: the plan is %s", len(findings),
			path)
	}
	return nil
}

// plan is what the next operation would do. It is kept among the logs.
func (d *drill) plan(ctx context.Context, name string) (*plan.Preview, string, error) {
	raw, err := d.Preview(ctx)
	path := filepath.Join(d.Work.Logs(), name+".plan.json")
	if err := errors.Join(err, os.WriteFile(path, raw, 0o600)); err != nil {
		return nil, path, err
	}
	preview, err := plan.Read(bytes.NewReader(raw))
	return preview, path, err
}

// of are the resources with a fate, or the addresses that they have in Terraform.
func (d *drill) of(fate adopt.Fate) (addresses []string) {
	for _, row := range d.found.Rows {
		if row.Fate == fate && !slices.Contains(addresses, row.Address) {
			addresses = append(addresses, row.Address)
		}
	}
	return addresses
}

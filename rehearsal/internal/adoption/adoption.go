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

	"go.yaml.in/yaml/v3"

	"github.com/bookmark-manager/infrastructure/internal/adopt"
	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/plan"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/lifecycle"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/terraform"
)

// stateFile is the state of the original design's production, below the project.
const stateFile = "internal/adopt/testdata/terraform.tfstate"

// Result is what became of the production.
type Result struct {
	Objects int // of Terraform's
	Becomes int // resources of the program that are objects of Terraform's
	Beside  int // objects that Terraform drops at the end
	Nobody  int // objects that nobody owns afterwards
	Stages  []Stage
}

// Stage is what a stage did.
type Stage struct {
	Name                                          adopted.Stage
	Kills                                         int // that it was resumed from
	Imported, Created, Updated, Replaced, Deleted int
	Traffic
}

// drill is a production that is being adopted.
type drill struct {
	*run.Rehearsal
	found     *adopt.Adoption
	originals map[string]*cloud.Object // by the resource of the program that they become
	inside    *terraform.Production
	kills     int                   // in each stage
	planned   map[adopted.Stage]int // steps of each stage's plan
	result    Result
}

// Rehearse makes the production in the model's cloud and adopts it. The error names what was
// replaced, deleted, made anew or lost, and the stage in which it was.
//
// In the end every stage is deployed again from where it began, killed on its way and resumed, as
// often as kills says.
func Rehearse(ctx context.Context, o run.Options, c *console.Console, kills int) (*Result, error) {
	r, err := run.Start(ctx, o, c)
	if r == nil {
		return nil, err
	}
	d := &drill{Rehearsal: r, kills: kills, planned: map[adopted.Stage]int{}, originals: map[string]*cloud.Object{}}
	defer r.AsFirst()()
	if err == nil {
		err = d.live(ctx)
	}
	return &d.result, errors.Join(err, r.Close(ctx))
}

func (d *drill) live(ctx context.Context) error {
	if err := d.prepare(ctx); err != nil {
		return err
	}
	for _, stage := range []adopted.Stage{adopted.Take, adopted.Move, adopted.Close} {
		if err := d.enter(ctx, stage); err != nil {
			return err
		}
		if err := d.stage(ctx, stage); err != nil {
			return fmt.Errorf("stage %s: %w", stage, err)
		}
	}
	if err := d.release(ctx); err != nil {
		return err
	}
	for i := range d.result.Stages {
		if err := d.killed(ctx, &d.result.Stages[i]); err != nil {
			return fmt.Errorf("stage %s: %w", d.result.Stages[i].Name, err)
		}
	}
	return nil
}

// release has Terraform destroy what stays beside, once it has let go of everything else. The stack
// must not notice.
func (d *drill) release(ctx context.Context) error {
	c, err := cloud.Open(d.Work.Cloud())
	if err != nil {
		return err
	}
	var left []string
	for _, row := range d.found.Rows {
		if row.Fate == adopt.Beside {
			left = append(left, row.Address)
		}
	}
	d.Console.Heading("The release: Terraform destroys the %d objects that stay beside", len(left))
	if err := d.inside.Destroy(ctx, c, d.Work.Files.Account, left); err != nil {
		return fmt.Errorf("release: %w", err)
	}
	if err := d.same(ctx, adopted.Close); err != nil {
		return fmt.Errorf("release: %w", err)
	}
	_, err = d.Step(ctx, "release, preview", "After the release: a preview with refresh shows nothing",
		"preview", "--refresh", "--expect-no-changes", "--diff")
	return err
}

// prepare makes the production, and has the stack file say what it must for the adoption.
func (d *drill) prepare(ctx context.Context) error {
	d.Console.Heading("The production that Terraform made")
	raw, err := d.StackYAML()
	if err != nil {
		return err
	}
	stack, err := adopt.ReadStack(raw)
	if err != nil {
		return err
	}
	c, err := cloud.Open(d.Work.Cloud())
	if err != nil {
		return err
	}
	state, err := os.ReadFile(filepath.Join(d.Project, stateFile))
	if err != nil {
		return fmt.Errorf("read the Terraform production: %w", err)
	}
	inside, err := terraform.Apply(ctx, c, stack.Account, state)
	if err != nil {
		return err
	}
	base := strings.TrimSuffix(stack.Environment.Name("x"), "-x")
	outside, err := terraform.ApplyOutside(ctx, c, stack.Account, terraform.Outside{
		Project:      stack.Project,
		AtlasRegion:  names.AtlasRegion(stack.Region),
		Organization: stack.Sentry,
		Team:         base,
		Name:         base,
	})
	if err != nil {
		return err
	}
	d.inside = inside
	var files []string
	for name, production := range map[string]*terraform.Production{"aws": inside, "outside": outside} {
		path := filepath.Join(d.Work.Dir, name+".tfstate")
		if err := os.WriteFile(path, production.State, 0o600); err != nil {
			return fmt.Errorf("write the Terraform state: %w", err)
		}
		files = append(files, path)
	}
	slices.Sort(files)
	states, err := adopt.ReadFiles(files)
	if err != nil {
		return err
	}
	d.found = adopt.Match(stack, states, adopt.Said{})
	var report bytes.Buffer
	if err := d.found.Write(&report); err != nil {
		return err
	}
	if len(d.found.Refusals) > 0 {
		return fmt.Errorf("the production cannot be adopted:\n%s", report.String())
	}
	d.count(states)
	if err := d.remember(c, inside, outside); err != nil {
		return err
	}
	return d.configure(ctx, states)
}

func (d *drill) count(states []adopt.State) {
	for _, state := range states {
		d.result.Objects += len(state.Instances)
	}
	for _, row := range d.found.Rows {
		switch row.Fate {
		case adopt.Becomes:
			d.result.Becomes++
		case adopt.Beside:
			d.result.Beside++
		case adopt.Nobody:
			d.result.Nobody++
		case adopt.New:
		}
	}
	d.Console.Line("%d objects: %d resources of the program, %d stay beside, %d are nobody's", d.result.Objects,
		d.result.Becomes, d.result.Beside, d.result.Nobody)
}

// remember keeps the objects as Terraform left them.
func (d *drill) remember(c *cloud.Cloud, productions ...*terraform.Production) error {
	return c.View(func(tx *cloud.Tx) error {
		for _, row := range d.found.Rows {
			if row.Fate != adopt.Becomes || row.ID == "" {
				continue
			}
			typ, _, _ := strings.Cut(row.Resource, " ")
			for _, production := range productions {
				for _, key := range production.Objects[row.Address] {
					if key.Type != typ {
						continue
					}
					o, err := tx.Get(key)
					if err != nil {
						return err
					}
					d.originals[row.Resource] = o
				}
			}
			if d.originals[row.Resource] == nil {
				return fmt.Errorf("%s becomes %s, and the cloud has no such object", row.Address, row.Resource)
			}
		}
		return nil
	})
}

// configure lays what the adoption asks for over the stack file, and sets the secrets.
func (d *drill) configure(ctx context.Context, states []adopt.State) error {
	patch, err := d.found.Patch()
	if err != nil {
		return err
	}
	raw, err := d.StackYAML()
	if err != nil {
		return err
	}
	var file, over map[string]any
	if err := errors.Join(yaml.Unmarshal(raw, &file), yaml.Unmarshal(patch, &over)); err != nil {
		return fmt.Errorf("lay the adoption over the stack file: %w", err)
	}
	if raw, err = yaml.Marshal(laid(file, over)); err != nil {
		return fmt.Errorf("lay the adoption over the stack file: %w", err)
	}
	if err := d.WriteStackYAML(raw); err != nil {
		return err
	}
	// What docs/adoption.md asks for beside: nothing that is kept today is given up, and no lock.
	if err := lifecycle.Edit(d.Rehearsal, map[string]any{"backups.lock": nil}); err != nil {
		return err
	}
	for _, state := range states {
		for _, one := range state.Instances {
			for _, secret := range d.found.Secrets {
				value := one.Text("master_password") + one.Text("value")
				if secret.Address != one.Address || value == "" {
					continue
				}
				if err := d.Engine.Command(ctx, "config", "set", "--secret", d.Work.Files.Project+":"+secret.Key,
					value); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// laid is a mapping with another one over it.
func laid(under, over map[string]any) map[string]any {
	for key, value := range over {
		below, both := under[key].(map[string]any)
		if above, ok := value.(map[string]any); ok && both {
			under[key] = laid(below, above)
			continue
		}
		under[key] = value
	}
	return under
}

// enter has the stack file say what a stage's does.
func (d *drill) enter(ctx context.Context, stage adopted.Stage) error {
	values := map[string]any{"adopted.stage": string(stage)}
	switch stage {
	case adopted.Take:
	case adopted.Move:
		c, err := cloud.Open(d.Work.Cloud())
		if err != nil {
			return err
		}
		region, err := d.Region()
		if err != nil {
			return err
		}
		for _, service := range []string{"api", "web"} {
			repository := d.Work.Files.Project + "-" + d.Work.Files.Environment + "-" + service
			// The image that runs, under the tag that a release would have: what is pushed twice is
			// one image.
			digest, err := aws.Push(c, d.Work.Files.Account, region, repository, terraform.Image)
			if err != nil {
				return err
			}
			values["services."+service+".image"], values["services."+service+".version"] = digest, "a1b2c3d"
		}
	case adopted.Close:
		values["network.transition"] = nil
	}
	return lifecycle.Edit(d.Rehearsal, values)
}

// stage has the guard judge the plan of a stage, deploys it, looks at what came of it, and goes the
// way back.
func (d *drill) stage(ctx context.Context, stage adopted.Stage) error {
	name := string(stage)
	if err := d.Work.Save(beginning(stage)); err != nil {
		return err
	}
	d.Console.Heading("Stage %s: the guard judges its plan", stage)
	if err := d.guard(ctx, stage); err != nil {
		return err
	}
	before, err := d.objects()
	if err != nil {
		return err
	}
	result, err := d.Up(ctx, name, "Stage "+name+": up")
	if err != nil {
		return err
	}
	after, err := d.objects()
	if err != nil {
		return err
	}
	done := counted(stage, result.Changes)
	done.Traffic, err = d.traffic(stage, before, after, result.Timeline)
	d.result.Stages = append(d.result.Stages, done)
	if done.Replaced > 0 || done.Deleted > 0 && stage != adopted.Close {
		err = errors.Join(err, fmt.Errorf("%d resources were replaced and %d deleted", done.Replaced, done.Deleted))
	}
	return errors.Join(err, moments(before, after, result.Timeline), d.same(ctx, stage), d.nothingLeft(ctx, name),
		d.back(ctx, stage))
}

// beginning is the name under which the workspace is kept before a stage.
func beginning(stage adopted.Stage) string { return "before " + string(stage) }

// counted is what a stage did to the resources of providers.
func counted(stage adopted.Stage, changes []engine.Change) Stage {
	done := Stage{Name: stage}
	for _, change := range changes {
		if !strings.Contains(change.Type, "/") {
			continue // a component, or a provider
		}
		switch change.Op {
		case "import":
			done.Imported++
		case "create":
			done.Created++
		case "update":
			done.Updated++
		case "replace":
			done.Replaced++
		case "delete":
			done.Deleted++
		}
	}
	return done
}

func (d *drill) nothingLeft(ctx context.Context, name string) error {
	_, err := d.Step(ctx, name+", preview", "After "+name+": nothing is left to do",
		"preview", "--expect-no-changes", "--diff")
	return err
}

// guard is what the runbook asks of each stage's plan.
func (d *drill) guard(ctx context.Context, stage adopted.Stage) error {
	raw, err := d.Preview(ctx)
	path := filepath.Join(d.Work.Logs(), string(stage)+".plan.json")
	if err := errors.Join(err, os.WriteFile(path, raw, 0o600)); err != nil {
		return err
	}
	preview, err := plan.Read(bytes.NewReader(raw))
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

func (d *drill) objects() ([]*cloud.Object, error) {
	c, err := cloud.Open(d.Work.Cloud())
	if err != nil {
		return nil, err
	}
	return c.List()
}

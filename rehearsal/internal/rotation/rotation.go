// Package rotation rotates each secret of a stack that is up, twice, and holds every moment of it
// to what must never break: no task and no request is locked out while old and new ones run side by
// side.
package rotation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// Secret is one that a counter of the configuration rotates.
type Secret struct {
	Name    string
	Setting string // the counter, such as "edge.originSecret.rotation"
	// inUse is the value that is in use.
	inUse func(*rotator) (string, error)
	// works says whether a value that was in use earlier still works.
	works func(*rotator, string) (bool, error)
}

// Secrets are those of the stack.
var Secrets = []Secret{
	{
		Name:    "origin header",
		Setting: "edge.originSecret.rotation",
		inUse:   (*rotator).headerInUse,
		works:   (*rotator).headerWorks,
	},
	{Name: "JWT key", Setting: "parameters.jwtRotation", inUse: taskReads("JWT_SECRET"), works: (*rotator).keyWorks},
	{
		Name:    "application's database password",
		Setting: "aurora.applicationPasswordRotation",
		inUse:   taskReads("DATABASE_URL"),
		works:   func(r *rotator, url string) (bool, error) { return logsIn(url, r.roles) },
	},
	{
		Name:    "database owner's password",
		Setting: "aurora.masterPasswordRotation",
		inUse:   (*rotator).ownersURL,
		works:   (*rotator).ownerLogsIn,
	},
	{
		Name:    "Atlas password",
		Setting: "atlas.passwordRotation",
		inUse:   taskReads("MONGODB_URI"),
		works:   (*rotator).atlasLogsIn,
	},
}

// Result is what became of a secret.
type Result struct {
	Secret
	Moments int // how many moments were checked, in both rotations
	Steps   int // how many steps the engine took
}

// rotations is how often each secret is rotated: the first keeps the value before it, the second
// drops that.
const rotations = 2

// Rehearse rotates each secret as a deploy does: the database and the migration task first, the
// migration, then the rest.
func Rehearse(ctx context.Context, f *harness.Fixture, secrets []Secret) ([]Result, error) {
	d := &rotator{Fixture: f, roles: map[string]string{}}
	if err := d.begin(ctx); err != nil {
		return nil, err
	}
	var results []Result
	for _, secret := range secrets {
		result, err := d.rotate(ctx, secret)
		if err != nil {
			return results, fmt.Errorf("rotate the %s (%s): %w", secret.Name, secret.Setting, err)
		}
		results = append(results, result)
	}
	return results, nil
}

// rotator is a stack whose secrets are rotated.
type rotator struct {
	*harness.Fixture
	now   *moment
	roles map[string]string // the verifiers of the database's roles, as the migration task set them
	// moments and steps count since the rotation of a secret began.
	moments, steps int
}

func (d *rotator) begin(ctx context.Context) error {
	objects, err := d.Objects()
	if err != nil {
		return err
	}
	d.now = newMoment(objects)
	if err := d.now.scale(); err != nil {
		return err
	}
	return d.migrate(ctx)
}

func (d *rotator) rotate(ctx context.Context, secret Secret) (Result, error) {
	d.moments, d.steps = 0, 0
	first, err := secret.inUse(d)
	if err != nil {
		return Result{}, err
	}
	for i := range rotations {
		before, err := secret.inUse(d)
		if err != nil {
			return Result{}, err
		}
		counter := strconv.Itoa(2 + i)
		if err := d.Set(ctx, secret.Setting, counter); err != nil {
			return Result{}, err
		}
		if err := d.deploy(ctx, secret.Name, counter); err != nil {
			return Result{}, err
		}
		after, err := secret.inUse(d)
		if err != nil {
			return Result{}, err
		}
		if after == before {
			return Result{}, fmt.Errorf("the deploy of rotation %s went through, and the value in use is the one "+
				"before it", counter)
		}
		kept, err := secret.works(d, first)
		if err != nil {
			return Result{}, err
		}
		if last := i == rotations-1; last && kept {
			return Result{}, fmt.Errorf("the value of rotation 1 still works after rotation %s", counter)
		}
	}
	return Result{Secret: secret, Moments: d.moments, Steps: d.steps}, nil
}

// deploy does what scripts/deploy does.
func (d *rotator) deploy(ctx context.Context, what, counter string) error {
	heading := "Rotation " + counter + " of the " + what
	args := append([]string{"up", "--yes", "--skip-preview"}, d.MigrationTargets()...)
	if err := d.operate(ctx, what+" "+counter+", database", heading+": the database and what migrates it",
		args...); err != nil {
		return err
	}
	if err := d.migrate(ctx); err != nil {
		return err
	}
	return d.operate(ctx, what+" "+counter, heading+": everything", "up", "--yes", "--skip-preview")
}

// operate runs an operation and goes through every moment of it.
func (d *rotator) operate(ctx context.Context, name, heading string, args ...string) error {
	result, err := d.Step(ctx, "rotation, "+name, heading, args...)
	if err != nil {
		return err
	}
	after, err := d.Objects()
	if err != nil {
		return err
	}
	d.steps += len(result.Changes)
	return d.replay(after, result.Timeline)
}

func (d *rotator) replay(after []*cloud.Object, timeline []engine.Event) error {
	return d.now.replay(after, timeline, func(m *moment) error {
		d.moments++
		for _, holds := range []invariant{accepted, verified, atlasAdmits, databaseAdmits(d.roles), ownerIsApart} {
			if err := holds(m); err != nil {
				return fmt.Errorf("after %s: %w", m.after, err)
			}
		}
		return nil
	})
}

var alterRole = regexp.MustCompile(`ALTER ROLE "(\w+)" .*PASSWORD '([^']+)'`)

// migrate runs the script of the migration task with what the task is told, and takes note of the
// role that it makes. In the place of the database is a command that prints the SQL.
func (d *rotator) migrate(ctx context.Context) error {
	definition := d.now.definition("migration")
	if definition == nil {
		return errors.New("migrate: there is no task definition of the migration task")
	}
	all, err := harness.Containers(definition)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(c harness.Container) bool { return c.Name == "migration" })
	if i < 0 || len(all[i].EntryPoint) == 0 || len(all[i].Command) == 0 {
		return fmt.Errorf("migrate: %s has no container migration with a command", definition)
	}
	task, err := d.now.Read(all[i])
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if err := d.ownerMayLogIn(task["MASTER_DATABASE_URL"]); err != nil {
		return err
	}
	script := slices.Concat(all[i].EntryPoint[1:], all[i].Command)
	cmd := exec.CommandContext(ctx, all[i].EntryPoint[0], script...) //nolint:gosec // it is the program's own script
	task["SQL_COMMAND"], task["MIGRATE_COMMAND"] = "cat", "true"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	for _, name := range slices.Sorted(maps.Keys(task)) {
		cmd.Env = append(cmd.Env, name+"="+task[name])
	}
	sql, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("run the script of the migration task: %w", err)
	}
	made := alterRole.FindSubmatch(sql)
	if made == nil {
		return errors.New("run the script of the migration task: its SQL gives no role a password")
	}
	d.roles[string(made[1])] = string(made[2])
	return nil
}

// definition is the task definition that Pulumi knows under a logical name.
func (m *moment) definition(name string) *cloud.Object {
	for _, o := range m.OfType(catalog.TaskDefinition) {
		if harness.LogicalName(o.URN) == name {
			return o
		}
	}
	return nil
}

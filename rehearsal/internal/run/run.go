// Package run is the rehearsal itself: it prepares a workspace, takes a stack through its life with
// the real Pulumi CLI, and sums up what happened.
package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/emulator"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/sts"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/workspace"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// AWS says which AWS provider the rehearsal uses.
type AWS string

// The values of AWS.
const (
	Model AWS = "model" // the rehearsal's model: the stack's whole life
	// Installed is the real plugin, which cannot create without an account: the preview only, or
	// the whole life in an emulator (Endpoint).
	Installed AWS = "installed"
)

// Options are what a user chooses. Every path is absolute.
type Options struct {
	Project    string // the folder of Pulumi.yaml and of the program
	Module     string // the folder of the Go module whose tool is the Pulumi CLI
	State      string // where workspaces are made
	Bin        string // where the CLI and the program are built
	WholeSDKs  bool   // compile the providers' SDKs as they are
	Stack      string
	ConfigFile string // the stack file; empty for Pulumi.<stack>.yaml of the project
	Keep       bool
	Kept       bool // go on with the stack that Keep left, in the place of deploying one: see Rehearse
	AWS        AWS
	Endpoint   string // the URL of an emulator that Installed deploys to; empty for a preview only
	JSON       string // where to write the summary; empty for nowhere
	Program    string // the built program; empty to build the project's
	As         string // the role that asks AWS in every step, such as deploy; empty for that of real life: see caller
}

// Providers are the plugins that the model serves.
var Providers = []string{"aws", "random", "mongodbatlas", "datadog", "sentry"}

// PluginName is the file name under which the engine looks for a provider's plugin.
func PluginName(provider string) string { return "pulumi-resource-" + provider }

// UsageError is a mistake in how the command was called.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }

// Rehearsal is a stack in a workspace of its own, with the CLI, the program and the model of its
// clouds. Start makes one.
type Rehearsal struct {
	Options
	Console *console.Console
	Work    *workspace.Workspace
	Engine  *engine.Engine
	summary *Summary
	kept    bool
	first   bool // the first role asks, whatever else there is: see AsFirst
}

// Rehearse runs a rehearsal and prints it. With Options.Kept it is the rest of the life of a stack
// that an earlier one kept. The error says which step failed and where to look.
func Rehearse(ctx context.Context, o Options, c *console.Console) (err error) {
	if err := o.check(); err != nil {
		return &UsageError{err}
	}
	begin := Start
	if o.Kept {
		begin = Resume
	}
	r, err := begin(ctx, o, c)
	if r == nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close(ctx)) }()
	defer func() { err = errors.Join(err, r.finish(err)) }()
	if err != nil {
		return err
	}
	switch {
	case o.Kept:
		return r.end(ctx)
	case o.Endpoint != "":
		return r.emulate(ctx)
	case o.AWS == Installed:
		return r.previewInstalled(ctx)
	default:
		return r.live(ctx)
	}
}

// check refuses what does not go together.
func (o Options) check() error {
	if o.AWS == Installed && o.Keep {
		return errors.New("keep a rehearsal with the installed AWS plugin: it previews, or destroys what it has " +
			"made in an emulator, and leaves nothing to keep: drop --keep, or --aws installed")
	}
	if o.Kept && (o.AWS == Installed || o.Keep || o.ConfigFile != "") {
		return errors.New("go on with a kept stack: it has its providers and its configuration, and ends: drop " +
			"--aws, --keep and --config-file, or --kept")
	}
	if o.Endpoint == "" {
		return nil
	}
	if o.AWS != Installed {
		return fmt.Errorf("deploy to the emulator at %s: only the real plugin can: add --aws %s, or drop --endpoint",
			o.Endpoint, Installed)
	}
	return emulator.CheckURL(o.Endpoint)
}

// Start claims a workspace for the stack, builds what runs and makes an empty stack with the
// configuration of its file. A rehearsal that comes with an error has a workspace all the same:
// Close it too.
func Start(ctx context.Context, o Options, c *console.Console) (*Rehearsal, error) {
	stackFile, err := o.stackFile()
	if err != nil {
		return nil, err
	}
	r := &Rehearsal{Options: o, Console: c, summary: &Summary{Stack: o.Stack, AWS: o.AWS}}
	if err := r.claim(); err != nil {
		return nil, err
	}
	return r, r.prepare(ctx, stackFile)
}

// Close gives the workspace free. What is in it stays there until the next rehearsal of the stack.
func (r *Rehearsal) Close(ctx context.Context) error { return r.Work.Close(ctx.Err() == nil) }

// stackFile is the stack's file, which must exist.
func (o Options) stackFile() (string, error) {
	if o.ConfigFile != "" {
		return o.ConfigFile, nil
	}
	path := filepath.Join(o.Project, "Pulumi."+o.Stack+".yaml")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("read the stack file of %q: %w", o.Stack, err)
	}
	stacks, err := o.stacks()
	if err != nil {
		return "", err
	}
	if len(stacks) == 0 {
		return "", &UsageError{fmt.Errorf("find the stack %q: there is no stack file (Pulumi.<stack>.yaml) in %s: "+
			"run this in the project's folder, or give it with --project", o.Stack, o.Project)}
	}
	return "", &UsageError{fmt.Errorf("find the stack %q: there is no %s: the stacks are %s", o.Stack, path,
		strings.Join(stacks, ", "))}
}

func (o Options) stacks() ([]string, error) {
	files, err := filepath.Glob(filepath.Join(o.Project, "Pulumi.*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("list the stack files of %s: %w", o.Project, err)
	}
	var stacks []string
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "Pulumi."), ".yaml")
		stacks = append(stacks, name)
	}
	slices.Sort(stacks)
	return stacks, nil
}

// Step runs one operation under a heading and adds it to the summary.
func (r *Rehearsal) Step(ctx context.Context, name, heading string, args ...string) (*engine.Result, error) {
	r.Console.Heading("%s", heading)
	result, err := r.Engine.Operation(ctx, name, args...)
	r.summary.add(name, result, err)
	if err != nil {
		return result, errors.Join(fmt.Errorf("%s of %s: %w: the log is %s", name, r.Stack, err, result.Log),
			r.pluginErrors())
	}
	return result, nil
}

// NothingLeft previews under a heading, and fails when the next `up` would change something. flags
// are more of `pulumi preview`, such as --refresh.
func (r *Rehearsal) NothingLeft(ctx context.Context, name, heading string, flags ...string) error {
	_, err := r.Step(ctx, name, heading, append([]string{"preview", "--expect-no-changes"}, flags...)...)
	return err
}

// Cloud is the model of the stack's clouds.
func (r *Rehearsal) Cloud() (*cloud.Cloud, error) { return cloud.Open(r.Work.Cloud()) }

// pluginErrors is what the rehearsal's plugins failed with, or nil.
func (r *Rehearsal) pluginErrors() error {
	raw, err := os.ReadFile(r.Work.PluginErrors())
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("read the errors of the plugins: %w", err)
	}
	return fmt.Errorf("the plugins say:\n%s", strings.TrimSpace(string(raw)))
}

// live takes the stack from nothing to nothing.
func (r *Rehearsal) live(ctx context.Context) error {
	if _, err := r.Step(ctx, "preview", "Preview: what would be created", "preview"); err != nil {
		return err
	}
	if err := r.ComeUp(ctx); err != nil {
		return err
	}
	if err := r.count(ctx); err != nil {
		return err
	}
	second, err := r.Step(ctx, "second preview", "Second preview: nothing may change", "preview", "--expect-no-changes")
	r.summary.SecondPreview = &SecondPreview{Changed: second.Changed(), Changes: second.Changes}
	if err != nil {
		return explainChanges(second, err)
	}
	if err := r.lookForDrift(ctx); err != nil {
		return err
	}
	if r.Keep {
		r.kept = true
		return r.Work.Keep()
	}
	return r.end(ctx)
}

// end takes a stack that is up to its end, after another release. What was kept is no longer.
func (r *Rehearsal) end(ctx context.Context) error {
	if err := r.nextRelease(ctx); err != nil {
		return err
	}
	if err := r.TearDown(ctx); err != nil {
		return err
	}
	return r.Work.Leave()
}

// lookForDrift previews with a refresh, as the nightly report of drift does: the preview role reads
// everything that the stack has.
func (r *Rehearsal) lookForDrift(ctx context.Context) error {
	return r.NothingLeft(ctx, "drift", "Preview with refresh: what is there is what the state says", "--refresh")
}

// explainChanges adds to a failed second preview which resources would change.
func explainChanges(second *engine.Result, err error) error {
	if len(second.Changes) == 0 {
		return err
	}
	var lines strings.Builder
	for _, change := range second.Changes {
		fmt.Fprintf(&lines, "\n   %s %s", change.Op, change.URN)
		if len(change.Diffs) > 0 {
			fmt.Fprintf(&lines, ": %s", strings.Join(change.Diffs, ", "))
		}
	}
	return fmt.Errorf("%w\nThe second preview shows changes, where the same program on the same stack must show "+
		"none:%s", err, lines.String())
}

// TearDown lifts the protections and takes the stack down, as a user would.
func (r *Rehearsal) TearDown(ctx context.Context) error {
	environment := r.Work.Files.Environment
	if environment == "" {
		return fmt.Errorf("tear down %s: its stack file has no %s:environment, whose name lifts the "+
			"protections: set it", r.Stack, r.Work.Files.Project)
	}
	key := r.Work.Files.Project + ":teardown"
	if err := r.Engine.Command(ctx, "config", "set", key, environment); err != nil {
		return fmt.Errorf("tear down %s: %w", r.Stack, err)
	}
	defer r.AsFirst()()
	if _, err := r.Up(ctx, "teardown",
		"Teardown: up, with "+key+" set to "+environment+", lifts the protections"); err != nil {
		return err
	}
	if _, err := r.Step(ctx, "destroy", "Destroy", "destroy", "--yes", "--skip-preview"); err != nil {
		return err
	}
	left, err := r.Engine.Resources(ctx)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return fmt.Errorf("destroy %s: the state still holds %d resources, the first is %s", r.Stack, len(left),
			left[0].URN)
	}
	return r.listRemaining()
}

// count notes what the stack consists of.
func (r *Rehearsal) count(ctx context.Context) error {
	resources, err := r.Engine.Resources(ctx)
	if err != nil {
		return fmt.Errorf("count the resources of %s: %w", r.Stack, err)
	}
	r.summary.Resources = engine.CountByPackage(r.Work.Files.Project, resources)
	return nil
}

// listRemaining notes what outlives the stack, beside what was there before it.
func (r *Rehearsal) listRemaining() error {
	objects, err := List(r.Work.Cloud())
	if err != nil {
		return err
	}
	objects = slices.DeleteFunc(objects, func(o Object) bool { return o.State == string(aws.Bootstrapped) })
	r.summary.Remaining = &objects
	return nil
}

// previewInstalled previews with the real AWS provider.
func (r *Rehearsal) previewInstalled(ctx context.Context) (err error) {
	server, err := sts.Start(r.Work.Files.Account)
	if err != nil {
		return fmt.Errorf("preview %s with the installed AWS plugin: %w: set %s:aws.accountId in the stack file",
			r.Stack, err, r.Work.Files.Project)
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	r.Console.Line("Local STS for account %s: %s", r.Work.Files.Account, server.URL)
	r.Engine.Env = r.Work.Env(map[string]string{
		"AWS_ENDPOINT_URL_STS":      server.URL,
		"AWS_ACCESS_KEY_ID":         "rehearsal",
		"AWS_SECRET_ACCESS_KEY":     "rehearsal",
		"AWS_EC2_METADATA_DISABLED": "true",
	})
	if err := r.NameImages(ctx); err != nil {
		return err
	}
	_, err = r.Step(ctx, "preview", "Preview with the installed AWS plugin", "preview")
	return err
}

// finish prints and writes the summary, whatever the end.
func (r *Rehearsal) finish(err error) error {
	r.summary.end(err)
	r.summary.print(r.Console)
	if r.kept {
		r.explainKept()
	}
	if r.JSON == "" {
		return nil
	}
	return r.summary.write(r.JSON)
}

// Command rehearse deploys a stack of this project offline: with the real Pulumi CLI and engine, on
// copies of the stack's files, against a model of its clouds.
//
// The same binary is the plugins that the engine starts: under the name of a provider's plugin it
// serves the model of that provider, and under the name of the Go language host it runs the
// program.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/bench"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/faults"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/langhost"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/regionloss"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/workspace"
	"github.com/bookmark-manager/infrastructure/rehearsal/model"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

const usage = `rehearse deploys a stack of this project offline, with the real Pulumi CLI and engine, against a model of
AWS, MongoDB Atlas, Datadog and Sentry: preview, up, a second preview that must show no change, teardown,
destroy, and a summary. Your Pulumi login, state, files and cloud accounts are not used.

Usage:
  rehearse [flags]         rehearse a stack
  rehearse build [flags]   build the Pulumi CLI and the program, so that a later run need not
  rehearse sdks [flags]    trim the providers' SDKs to what the program and its tests reach, and print the go.mod
                           that go compiles them with: go test -modfile="$(rehearse sdks)" ./...
  rehearse plan [flags]    write the stack's plan as JSON, for the commands that read one
  rehearse verdicts        ask the model, and the installed AWS plugin, about defective programs
  rehearse faults [flags]  let each operation on each resource fail once and kill the CLI, and see that
                           the stack recovers
  rehearse drift [flags]   deploy the stack, change its clouds by hand behind Pulumi's back, and have Pulumi
                           find and repair it
  rehearse rotate [flags]  deploy the stack, rotate each of its secrets twice, and check every moment in between
  rehearse rollout [flags]
                           deploy the stack, make each change that may be made to a running service, and
                           count the requests that fail
  rehearse adopt [flags]   make the production of a Terraform state in the model's cloud, and adopt it in its
                           three stages
  rehearse region-loss [flags]
                           deploy the stack, lose its region, and take the runbook's steps: to the recovery
                           region and back home
  rehearse lifecycle [flags]
                           deploy the stack, preview it with every setting changed, and take it through the
                           large changes of its life
  rehearse options [flags] preview the stack with each choice changed alone, and write what each changes
                           about what is billed
  rehearse bench [flags]   measure previews, the program's start, the tests and a rehearsal, and print them
                           beside the targets
  rehearse permissions [flags]
                           rehearse a stack, and list for each role what it used, what was granted and never
                           used, and what is granted too widely
  rehearse cloud [flags]   list what is in the model's cloud (after a run with --keep)

Flags:
`

const exitCodes = `
Exit codes: 0 all went well, 1 a step failed, 2 the command was called wrongly.
`

func main() {
	// A second Ctrl-C has no effect: the CLI needs its time to write the state, and is ended if it
	// takes too long.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := dispatch(ctx, filepath.Base(os.Args[0]), os.Args[1:])
	stop()
	os.Exit(code)
}

// dispatch runs what the binary's name asks for.
func dispatch(ctx context.Context, name string, args []string) int {
	var err error
	provider, isPlugin := strings.CutPrefix(name, run.PluginName(""))
	switch {
	case isPlugin:
		err = model.Serve(ctx, provider, args)
	case name == langhost.Name:
		err = langhost.Serve(ctx, args, os.Stdout, os.Stderr)
	case slices.Contains(regionloss.Tools, name):
		return tool(ctx, name, args)
	default:
		return command(ctx, args)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, errors.Join(err, note(name, err)))
		return exitFailed
	}
	return exitOK
}

// note writes the error of a plugin to the file from which the rehearse command reads it.
func note(plugin string, err error) error {
	path := os.Getenv(workspace.PluginErrorsEnv)
	if path == "" {
		return nil
	}
	file, openErr := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if openErr != nil {
		return fmt.Errorf("note the error of %s: %w", plugin, openErr)
	}
	_, writeErr := fmt.Fprintf(file, "%s: %v\n", plugin, err)
	return errors.Join(writeErr, file.Close())
}

// command is what a user calls.
func command(ctx context.Context, args []string) int {
	out := console.New(os.Stdout)
	err := rehearse(ctx, args, out)
	var usageErr *run.UsageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.Is(err, context.Canceled):
		console.New(os.Stderr).Problem(fmt.Errorf("interrupted: %w", err))
		return exitFailed
	case errors.As(err, &usageErr):
		console.New(os.Stderr).Problem(fmt.Errorf("%w (rehearse --help lists the flags)", err))
		return exitUsage
	default:
		console.New(os.Stderr).Problem(err)
		return exitFailed
	}
}

func rehearse(ctx context.Context, args []string, out *console.Console) error {
	var subcommand string
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		subcommand, args = args[0], args[1:]
	}
	f, err := parse(args)
	if err != nil {
		return err
	}
	switch subcommand {
	case "":
		return run.Rehearse(ctx, f.Options, out)
	case "build":
		return run.Build(ctx, f.Options, out)
	case "sdks":
		return printSDKs(ctx, f.Options)
	case "plan":
		if f.out == "" {
			return &run.UsageError{
				Err: errors.New("write the plan: there is no file to write it to: give one with --out"),
			}
		}
		return run.Plan(ctx, f.Options, out, f.deployed, f.out)
	case "verdicts":
		return run.Verdicts(ctx, f.Options, out, f.update)
	case "faults":
		return makeFail(ctx, f, out)
	case "drift":
		return rehearseDrift(ctx, f.Options, out)
	case "rotate":
		return rotate(ctx, f.Options, out)
	case "rollout":
		return rollOut(ctx, f, out)
	case "adopt":
		return adopt(ctx, f, out)
	case "region-loss":
		return loseRegion(ctx, f, out)
	case "lifecycle":
		return lifecycles(ctx, f, out)
	case "options":
		return priceOptions(ctx, f, out)
	case "bench":
		return bench.Run(ctx, f.Options, f.bench, out)
	case "permissions":
		return reportPermissions(ctx, f, out)
	case "cloud":
		return listCloud(f.Options, out)
	default:
		return &run.UsageError{
			Err: fmt.Errorf("read the arguments: %q is not a command, want build, sdks, plan, verdicts, faults, "+
				"drift, rotate, rollout, adopt, region-loss, lifecycle, options, bench, permissions, cloud, or none",
				subcommand),
		}
	}
}

// flags are the options of every command, and what a command has of its own.
type flags struct {
	run.Options
	out      string // plan, options: the file
	deployed bool   // plan: of the deployed stack
	update   bool   // verdicts: record them
	// faults: a few of each part; rollout: some of the changes; lifecycle: some stages of the
	// variants; permissions: two of the runs
	subset bool
	// faults: one part; lifecycle: the settings, or the variant; permissions: the runs; options:
	// the settings
	only  string
	bench bench.Options
}

// printSDKs prints the path alone, for a shell to take; what it does on the way is said on standard
// error.
func printSDKs(ctx context.Context, o run.Options) error {
	modFile, err := run.SDKs(ctx, o, console.New(os.Stderr))
	if err != nil {
		return err
	}
	fmt.Println(modFile)
	return nil
}

func listCloud(o run.Options, out *console.Console) error {
	objects, err := run.List(workspace.CloudPath(o.State, o.Stack))
	if err != nil {
		return err
	}
	rows := make([][]string, 0, len(objects))
	for _, object := range objects {
		rows = append(rows, object.Row())
	}
	out.Table("", rows)
	return nil
}

// parse reads the flags. Paths become absolute, and those that are not given are put under the
// project.
func parse(args []string) (flags, error) {
	var o flags
	var aws string
	flags := flag.NewFlagSet("rehearse", flag.ContinueOnError)
	flags.SetOutput(os.Stdout)
	flags.StringVar(&o.Stack, "stack", "prod", "the `name` of the stack, from its file Pulumi.<name>.yaml")
	flags.BoolVar(&o.Keep, "keep", false,
		"stop after the second preview, keep the stack and the model's cloud, and print how to go on with plain pulumi")
	flags.BoolVar(&o.Kept, "kept", false,
		"go on with the stack that --keep left, in the place of deploying one: with its next release, teardown and "+
			"destroy, or with plan, drift, rotate, rollout, region-loss or lifecycle")
	flags.StringVar(&aws, "aws", string(run.Model),
		"which provider stands for AWS: model, or installed (the real plugin, on PATH or in Pulumi's plugin folder; "+
			"the preview only without an --endpoint)")
	flags.StringVar(&o.Endpoint, "endpoint", "",
		"with --aws installed: the `URL` of an emulator of AWS that runs, such as http://127.0.0.1:4566: "+
			"preview, up, second preview and destroy in it")
	flags.StringVar(&o.As, "as", "", "the `role` that asks AWS in every step: bootstrap, deploy, preview, the name "+
		"of another one of the account, or root "+
		"(default: the role of real life, the first up with bootstrap, later ones with deploy, previews with "+
		"preview, teardown and destroy with bootstrap)")
	flags.StringVar(&o.ConfigFile, "config-file", "", "use this `file` instead of the project's stack file")
	flags.StringVar(&o.JSON, "json", "", "write the summary to this `file`")
	flags.StringVar(&o.Project, "project", ".", "the `folder` of Pulumi.yaml and of the program")
	flags.StringVar(&o.Module, "module", "",
		"the `folder` of the Go module whose tool is the Pulumi CLI (default <project>/rehearsal)")
	flags.StringVar(&o.State, "state", "",
		"the `folder` for workspaces: state, logs, the model's cloud (default <project>/.rehearsal)")
	flags.StringVar(&o.Bin, "bin", "",
		"the `folder` for what is built: the Pulumi CLI and the program (default <state>/bin)")
	flags.BoolVar(&o.WholeSDKs, "whole-sdks", false, "compile the providers' SDKs as they are, as a real deploy does, "+
		"and not what the program reaches of them: minutes more")
	flags.StringVar(&o.out, "out", "", "plan, options: the `file` to write to")
	flags.BoolVar(&o.deployed, "deployed", false,
		"plan: deploy the stack first, so that the plan has what the clouds compute")
	flags.BoolVar(&o.update, "update", false, "verdicts: record them, and write docs/model.md")
	flags.BoolVar(&o.subset, "subset", false, "faults: two cycles of each operation and a few kills, instead of all "+
		"of them; rollout: another image, size and port alone; "+
		"lifecycle: a season of the year alone; permissions: the runs of two services")
	flags.StringVar(&o.only, "only", "", "faults: this `part` alone: "+strings.Join(faults.Parts, ", ")+
		"; lifecycle: only the settings whose path begins like this, "+
		"all \"settings\", all \"variants\", or the variant of this name; region-loss: copies, global or standby; "+
		"permissions: \"runs\", which make the "+
		"stack again and again with one action taken away; options: only the settings whose path begins like this")
	flags.IntVar(&o.bench.Turns, "turns", 5, "bench: how `often` each preview runs")
	flags.BoolVar(&o.bench.Short, "short", false, "bench: leave out the tests and the rehearsal, which take minutes")
	flags.BoolVar(&o.bench.Cold, "cold", false,
		"bench: build the program with an empty build cache, and list the packages that took most: minutes, and "+
			"nothing else")
	flags.Usage = func() {
		fmt.Print(usage)
		flags.PrintDefaults()
		fmt.Print(exitCodes)
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, &run.UsageError{Err: err}
	}
	if flags.NArg() > 0 {
		return o, &run.UsageError{Err: fmt.Errorf("read the arguments: %q is not a flag", flags.Arg(0))}
	}
	o.AWS = run.AWS(aws)
	if o.AWS != run.Model && o.AWS != run.Installed {
		return o, &run.UsageError{
			Err: fmt.Errorf("read the flag --aws: it is %q, want %s or %s", aws, run.Model, run.Installed),
		}
	}
	return o, absolute(&o)
}

func absolute(o *flags) error {
	for _, p := range []struct {
		path     *string
		fallback func() string
	}{
		{&o.Project, nil},
		{&o.Module, func() string { return filepath.Join(o.Project, "rehearsal") }},
		{&o.State, func() string { return filepath.Join(o.Project, ".rehearsal") }},
		{&o.Bin, func() string { return filepath.Join(o.State, "bin") }},
		{&o.ConfigFile, nil},
		{&o.JSON, nil},
		{&o.out, nil},
	} {
		if *p.path == "" {
			if p.fallback == nil {
				continue
			}
			*p.path = p.fallback()
		}
		path, err := filepath.Abs(*p.path)
		if err != nil {
			return fmt.Errorf("find the folder %s: %w", *p.path, err)
		}
		*p.path = path
	}
	return nil
}

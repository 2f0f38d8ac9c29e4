package run

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/langhost"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/toolchain"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/workspace"
)

func (r *Rehearsal) claim() error {
	work, before, err := workspace.Claim(r.State, r.Stack)
	if err != nil {
		return err
	}
	r.Work = work
	r.summary.Workspace = work.Dir
	switch before {
	case workspace.Fresh:
	case workspace.Kept:
		r.Console.Line("An earlier rehearsal of %s was kept in %s: it is gone now, this one starts fresh.", r.Stack,
			work.Dir)
	case workspace.Interrupted:
		r.Console.Line("An earlier rehearsal of %s in %s did not come to its end: this one starts fresh.", r.Stack,
			work.Dir)
	}
	return nil
}

// Build finds or builds the Pulumi CLI, and builds the program, so that a later run need not.
func Build(ctx context.Context, o Options, c *console.Console) error {
	_, _, err := build(ctx, o, c)
	return err
}

// SDKs trims the providers' SDKs to what the project reaches, and returns the go.mod with which go
// compiles the project against these.
func SDKs(ctx context.Context, o Options, c *console.Console) (modFile string, err error) {
	builder, err := NewBuilder(o, c)
	if err != nil {
		return "", err
	}
	return builder.SDKs(ctx, o.Project)
}

// NewBuilder builds as the options say, and makes the folder for that.
func NewBuilder(o Options, c *console.Console) (*toolchain.Builder, error) {
	if err := os.MkdirAll(o.Bin, 0o750); err != nil {
		return nil, fmt.Errorf("make the folder for what is built: %w: give another one with --bin", err)
	}
	return &toolchain.Builder{Bin: o.Bin, Console: c, ModuleDir: o.Module, WholeSDKs: o.WholeSDKs}, nil
}

func build(ctx context.Context, o Options, c *console.Console) (cli *toolchain.CLI, program string, err error) {
	builder, err := NewBuilder(o, c)
	if err != nil {
		return nil, "", err
	}
	if cli, err = builder.CLI(ctx); err != nil {
		return nil, "", err
	}
	from := "on PATH"
	if cli.Built {
		from = "built from its Go module"
	}
	c.Line("Pulumi CLI %s, %s: %s", cli.Version, from, cli.Path)
	if o.Program != "" {
		return cli, o.Program, nil
	}
	program, took, err := builder.Program(ctx, o.Project)
	if err != nil {
		return nil, "", err
	}
	c.Line("Program built in %s: %s", console.Duration(took), program)
	return cli, program, nil
}

// prepare finds or builds what runs, and makes the stack.
func (r *Rehearsal) prepare(ctx context.Context, stackFile string) error {
	r.Console.Heading("Preparing to rehearse %s", r.Stack)
	cli, program, err := build(ctx, r.Options, r.Console)
	if err != nil {
		return err
	}
	if err := r.write(stackFile, program, cli); err != nil {
		return err
	}
	r.Console.Line("Workspace: %s (copies of Pulumi.yaml and the stack file; your login, state and files are "+
		"not used)", r.Work.Dir)
	r.useEngine(cli)
	if err := r.bootstrap(); err != nil {
		return err
	}
	if err := r.Engine.Command(ctx, "stack", "init"); err != nil {
		return fmt.Errorf("make the stack in the workspace: %w", err)
	}
	if args := r.Work.Files.SecretArgs(); args != nil {
		if err := r.Engine.Command(ctx, args...); err != nil {
			return fmt.Errorf("set the generated secrets: %w", err)
		}
	}
	return nil
}

// Deployed is the name under which the workspace saves a stack that has come up, while a drill
// changes it.
const Deployed = "deployed"

// Resume goes on with the stack that an earlier run kept, as it was deployed, whatever a drill that
// failed has left of it. As with Start, one that comes with an error must be closed too.
func Resume(ctx context.Context, o Options, c *console.Console) (*Rehearsal, error) {
	c.Heading("Going on with the kept stack %s", o.Stack)
	work, err := workspace.Resume(o.State, o.Stack)
	if err != nil {
		return nil, err
	}
	r := &Rehearsal{
		Options: o,
		Console: c,
		Work:    work,
		summary: &Summary{Stack: o.Stack, AWS: o.AWS, Workspace: work.Dir},
	}
	cli, _, err := build(ctx, o, c)
	if err != nil {
		return r, err
	}
	r.useEngine(cli)
	if work.Saved(Deployed) {
		return r, work.Restore(Deployed)
	}
	return r, nil
}

// useEngine runs the CLI on the workspace from now on.
func (r *Rehearsal) useEngine(cli *toolchain.CLI) {
	r.summary.CLI = *cli
	r.Engine = &engine.Engine{
		CLI:    cli.Path,
		Dir:    r.Work.Project(),
		Env:    r.Work.Env(nil),
		Stack:  r.Stack,
		Logs:   r.Work.Logs(),
		Out:    r.Console.Writer(),
		Colour: r.Console.Terminal(),
		Caller: r.caller,
	}
}

// write fills the workspace.
func (r *Rehearsal) write(stackFile, program string, cli *toolchain.CLI) error {
	projectYAML, err := os.ReadFile(filepath.Join(r.Project, "Pulumi.yaml"))
	if err != nil {
		return fmt.Errorf("read the project: %w: run this in the project's folder, or give it with --project", err)
	}
	stackYAML, err := os.ReadFile(stackFile)
	if err != nil {
		return fmt.Errorf("read the stack file: %w", err)
	}
	providers, err := r.providers(program)
	if err != nil {
		return err
	}
	languages, err := r.languages(cli)
	if err != nil {
		return err
	}
	files, err := workspace.Rewrite(projectYAML, stackYAML, program, providers, languages)
	if err != nil {
		return err
	}
	return r.Work.Write(files)
}

func (r *Rehearsal) providers(program string) ([]workspace.Plugin, error) {
	var plugins []workspace.Plugin
	for _, name := range Providers {
		if name == "aws" && r.AWS == Installed {
			path, err := toolchain.InstalledPlugin(name, program)
			if err != nil {
				return nil, err
			}
			r.Console.Line("AWS plugin: %s", path)
			plugins = append(plugins, workspace.Plugin{Name: name, Dir: filepath.Dir(path)})
			continue
		}
		dir, err := r.Work.Link(PluginName(name))
		if err != nil {
			return nil, err
		}
		plugins = append(plugins, workspace.Plugin{Name: name, Dir: dir})
	}
	return plugins, nil
}

// languages is our language host, where Pulumi would find none: not beside the CLI, and not on
// PATH.
func (r *Rehearsal) languages(cli *toolchain.CLI) ([]workspace.Plugin, error) {
	if toolchain.HasLanguageHost(cli) {
		return nil, nil
	}
	dir, err := r.Work.Link(langhost.Name)
	if err != nil {
		return nil, err
	}
	return []workspace.Plugin{{Name: "go", Dir: dir}}, nil
}

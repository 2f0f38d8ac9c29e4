// Package recovery prepares for the loss of a stack's region, and makes the file of the stack that
// takes its place in the recovery region. It asks nothing of the region that may be lost.
package recovery

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/tools"
)

const exitCodes = `
Exit codes:
  0  all is as it should be
  1  something is missing, or AWS refuses
  2  the command was called wrongly
`

// objective is how old a copy may be: a day, and the two hours that a backup and its copy take.
const objective = 26 * time.Hour

// clock returns the current time.
type clock func() (time.Time, error)

type options struct {
	stack, to, snapshot string
	within              time.Duration
	clock               clock
	tools               tools.Tools
}

// Command is `infra recovery`.
func Command() *cobra.Command {
	return CommandAt(func() (time.Time, error) { return time.Now(), nil })
}

// CommandAt is Command with another clock, by which the age of copies is measured.
func CommandAt(clock clock) *cobra.Command {
	group := command.Group(&cobra.Command{
		Use:   "recovery",
		Short: "Prepare for the loss of a stack's region, and make the stack that takes its place",
		Long: `recovery takes a stack from a region that is lost to the recovery region, which is that of
backups.copy, and back home. docs/operations.md, "A region", has the whole way.

It calls aws and pulumi, which must be on PATH and logged in.`,
	}, assetsCommand(clock), checkCommand(clock), fileCommand(clock), homeCommand(clock), secretCommand(clock))
	return command.WithExitCodes(group, exitCodes)
}

func checkCommand(clock clock) *cobra.Command {
	o := &options{clock: clock}
	c := &cobra.Command{
		Use:   "check --stack NAME",
		Short: "Say whether the stack could be brought up in the recovery region now",
		Long: `check looks for what the recovery region must have before the stack's own region is lost: a key
that opens the secrets of the stack file, and a copy of the database that is young enough, under a key
of that region. It asks the recovery region alone, and changes nothing.`,
		Args: command.FlagsOnly,
		RunE: o.run(func(r *run) error {
			found, err := r.check()
			if err != nil {
				return err
			}
			r.say("Stack %s could be brought up in %s, with the database as of %s ago", r.from.stack, r.from.recovery,
				r.age(found))
			return nil
		}),
	}
	o.flags(c)
	return c
}

func fileCommand(clock clock) *cobra.Command {
	o := &options{clock: clock}
	c := &cobra.Command{
		Use:   "file --stack NAME --to NAME",
		Short: "Write the stack file with which the stack comes up in the recovery region",
		Long: `file writes Pulumi.TO.yaml out of the stack's own file, after the same look as check: with the zones of
the recovery region, the database restored from the copy, and the load balancer behind the distribution
that is there. TO is the new stack's name and its environment's. It keeps the secrets, under the key of
the recovery region. It takes no image along, since the repositories are new.`,
		Args: command.FlagsOnly,
		RunE: o.run((*run).file),
	}
	o.flags(c)
	c.Flags().StringVar(&o.to, "to", "",
		"the `name` of the new stack: 2 to 10 lower-case letters and digits, such as recovery")
	return c
}

func secretCommand(clock clock) *cobra.Command {
	o := &options{clock: clock}
	c := &cobra.Command{
		Use:   "secret --stack NAME",
		Short: "Set the distribution's origin secret in a standby's configuration",
		Long: `secret reads the value of the origin's header from the distribution of edge.standby, where CloudFront
keeps it, and sets it as the secret bookmark-manager:originSecret of the stack. Run it again after each
rotation of the origin's secret, and deploy.`,
		Args: command.FlagsOnly,
		RunE: o.run((*run).secret),
	}
	c.Flags().StringVar(&o.stack, "stack", "", "the `name` of the standby, such as recovery")
	return c
}

func assetsCommand(clock clock) *cobra.Command {
	o := &options{clock: clock}
	c := &cobra.Command{
		Use:   "assets --stack NAME",
		Short: "Have the distribution take its files from a standby's bucket",
		Long: `assets points the origin "assets" of the distribution of edge.standby at the stack's own assets bucket:
static files, pictures and the maintenance page come from there then. The next pulumi up --refresh of the
distribution's own stack takes it back. It waits until the edges have it.`,
		Args: command.FlagsOnly,
		RunE: o.run((*run).assets),
	}
	c.Flags().StringVar(&o.stack, "stack", "", "the `name` of the standby, such as recovery")
	return c
}

func homeCommand(clock clock) *cobra.Command {
	o := &options{clock: clock}
	c := &cobra.Command{
		Use:   "home --stack NAME --to NAME",
		Short: "Copy the database of the stack in the recovery region back to the original region",
		Long: `home takes a snapshot of the database of the stack that has taken over, copies it to the region of
the other stack under that stack's key, and puts a cluster that is restored from it into that stack's
configuration, as aurora.clusters.home, which is to be the active one. Nobody may write meanwhile: close
the site first. It waits for the snapshots, which takes minutes to an hour.`,
		Args: command.FlagsOnly,
		RunE: o.run((*run).home),
	}
	c.Flags().StringVar(&o.stack, "stack", "", "the `name` of the stack that has taken over, such as recovery")
	c.Flags().StringVar(&o.to, "to", "", "the `name` of the stack at home, such as prod")
	return c
}

func (o *options) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.stack, "stack", "", "the `name` of the stack whose region is lost, such as prod")
	c.Flags().StringVar(&o.snapshot, "snapshot", "",
		"the `name` or ARN of a cluster snapshot in the recovery region, in the place of the latest copy")
	c.Flags().DurationVar(&o.within, "within", objective, "how `old` the copy may be")
}

// run is one run of a command on a stack file.
type run struct {
	*options
	command *cobra.Command
	from    *stackFile
	now     time.Time
}

func (o *options) run(do func(*run) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, _ []string) error {
		if err := command.NeedsStack(o.stack); err != nil {
			return err
		}
		if c.Flags().Lookup("to") != nil && o.to == "" {
			return command.Wrong("read the flag --to: it is missing, want the name of the other stack")
		}
		from, err := readStackFile(o.stack)
		if err != nil {
			return command.Exit(command.Usage, err)
		}
		now, err := o.clock()
		if err != nil {
			return err
		}
		o.tools = tools.Tools{Out: c.OutOrStdout(), Env: []string{"AWS_PAGER="}}
		return do(&run{o, c, from, now})
	}
}

func (r *run) out() io.Writer { return r.command.OutOrStdout() }

func (r *run) say(format string, args ...any) {
	_, _ = fmt.Fprintf(r.out(), format+"\n", args...)
}

// aws reads what the CLI prints of a region.
func (r *run) aws(into any, region string, args ...string) error {
	args = append(args, "--region", region, "--output", "json")
	return r.tools.Read(r.command.Context(), into, "aws", args...)
}

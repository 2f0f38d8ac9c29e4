// Package promote puts a release on a stack: it writes the images into the stack's file, commits
// that, migrates the database, deploys, and checks the site. When any of it fails, the commit and
// the stack go back to where they were. On a stack that is asleep there is nothing to check: the
// release stays, and the command says so.
package promote

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/tools"
)

const exitCodes = `
Exit codes:
  0  the release is on the stack and the site answers
  1  it is not
  2  the command was called wrongly
  3  it is on the stack, which is asleep, so that nothing shows whether it works (with --let-sleep,
     and for check)
  4  an image or the static files of the release are not there
  5  an image is built for another architecture than its service runs on
  6  the stack has left the version behind
  7  the checkout has changes of its own, or is not the tip of the branch
  8  the migration failed
  9  somebody else changes the stack at the moment
 10  another image has a tag that a deploy or a promotion sets
 11  an image that the stack file names lacks a tag that keeps it (tagged)
 12  another migration of the database is under way
`

// The exit codes beside those of every command.
const (
	exitAsleep       = 3
	exitMissing      = 4
	exitArchitecture = 5
	exitBehind       = 6
	exitEdited       = 7
	exitMigration    = 8
	exitLocked       = 9
	exitTaken        = 10
	exitUntagged     = 11
	exitMigrating    = 12
)

// promotion is one call of the command.
type promotion struct {
	tools.Tools
	stack   string
	version string
	branch  string            // that the commit is pushed to
	images  map[string]string // digests by service
	planned string            // the commit of the approved plan; empty when there is none
	back    bool              // go back to a version that the stack has left behind
	// letSleep leaves a stack that is asleep as it is; it is woken otherwise.
	letSleep bool
	health   health
}

var (
	stackName   = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	versionText = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	commitHash  = regexp.MustCompile(`^[0-9a-f]{40}$`)
	image       = regexp.MustCompile(`^([a-z][a-z0-9-]*)=(sha256:[0-9a-f]{64})$`)
)

// Command is `infra promote`.
func Command() *cobra.Command {
	p := &promotion{images: map[string]string{}}
	group := &cobra.Command{
		Use:   "promote",
		Short: "Put a release on a stack, deploy a stack, or check what is on it",
		Long: `promote puts a release on a stack, deploys a stack, or checks what is on it. Run
it in the root of the repository. It calls git, pulumi and aws, which must be on PATH and logged
in.

A stack whose schedule holds a service at no task is asleep: the site answers with 503, whatever
was deployed. release and deploy wake it first: they give its services the bounds of the day, and
the schedule's next evening lowers them again, also when the command was interrupted. With
--let-sleep they leave it asleep, check what can be checked, end with 3 and leave what they have
done in place; run check when the schedule has raised the services.`,
	}
	flags := group.PersistentFlags()
	flags.StringVar(&p.stack, "stack", "", "the `name` of the stack")
	flags.StringVar(&p.branch, "branch", "main", "the `branch` whose tip is deployed, and that commits are pushed to")
	flags.Func("path", "a `path` of the site that must answer with 200; may be given several times "+
		"(default / and /api/health)", p.health.addPath)
	flags.IntVar(&p.health.attempts, "attempts", 30, "how `often` to ask the site before it is given up")
	flags.IntVar(&p.health.streak, "streak", 3, "how many `times` in a row every path must answer")
	flags.DurationVar(&p.health.pause, "pause", 10*time.Second, "how `long` to wait between two times")

	release := p.command("release --stack NAME --version COMMIT --image SERVICE=sha256:...", "Put a release on a stack",
		`release takes the tip of main, writes the images into Pulumi.NAME.yaml, and previews what a
release changes: task definitions, services and the migration. It stops when that is more than
images and the version, and when the stack has left the version behind. Then it commits and
pushes, runs the migration, deploys the same, and checks. When a step after the commit fails, it
takes the release out of the file again, pushes that, and deploys what was there before.`, p.validateRelease,
		(*promotion).release)
	release.Flags().StringVar(&p.version, "version", "", "what the images were built from, such as a `commit`")
	release.Flags().BoolVar(&p.back, "back", false, "go back to a version that the stack has left behind")
	release.Flags().Func("image", "a `service=digest` of the release, or several with spaces between; "+
		"may be given several times", p.addImages)
	approved := p.command("approved --stack NAME [--planned COMMIT]", "Check that a deploy may begin",
		`approved looks whether the checkout is the tip of main, without changes of its own, and
whether nothing but releases came after the commit whose plan was approved.`, p.validateApproved, (*promotion).approved)
	approved.Flags().StringVar(&p.planned, "planned", "", "the `commit` whose plan was approved")
	deploy := p.command("deploy --stack NAME", "Deploy a stack with the file as it is",
		`deploy does what release does with the stack file as it is, without the guard, a
commit or a way back; scripts/deploy has the guard look first.`, p.validate, (*promotion).deployCommand)
	for _, one := range []*cobra.Command{release, deploy} {
		one.Flags().BoolVar(&p.letSleep, "let-sleep", false, "leave a stack that is asleep as it is, and end with 3")
	}
	return command.WithExitCodes(command.Group(group, release, deploy,
		p.command("check --stack NAME", "Check what is on a stack",
			`check waits until the services are steady with the tasks that the stack has
deployed, and until the site answers.`,
			p.validate, (*promotion).checkCommand),
		approved,
		p.command("tagged --stack NAME", "Check that ECR keeps what a stack file names",
			`tagged looks whether the images that a stack file names have the tags by which ECR
keeps them. The workflow Deploy asks it when a plan is empty. It changes nothing.`,
			p.validate, (*promotion).taggedCommand),
		p.command("static --stack NAME", "Check that the static files of what a stack file names are there",
			`static refuses a stack file by which CloudFront would look for static files in the
assets bucket that no release has uploaded. scripts/plan asks it. It changes nothing.`,
			p.validate, (*promotion).staticCommand),
	), exitCodes)
}

// command is one that works on the promotion that the flags describe.
func (p *promotion) command(use, short, long string, validate func() error,
	run func(*promotion, context.Context) error) *cobra.Command {
	c := &cobra.Command{
		Use:   use,
		Short: short,
		Long:  long,
		Args:  command.FlagsOnly,
	}
	c.RunE = func(c *cobra.Command, _ []string) error {
		if len(p.health.paths) == 0 {
			p.health.paths = []string{"/", "/api/health"}
		}
		if err := validate(); err != nil {
			return err
		}
		p.Out = c.OutOrStdout()
		err := run(p, c.Context())
		var asleep *asleepError
		if errors.As(err, &asleep) {
			return command.Exit(exitAsleep, err)
		}
		return err
	}
	return c
}

func (h *health) addPath(path string) error {
	if !strings.HasPrefix(path, "/") {
		return fmt.Errorf("found %q, want a path that begins with a slash", path)
	}
	h.paths = append(h.paths, path)
	return nil
}

// addImages takes images with spaces between, as a workflow's input has them.
func (p *promotion) addImages(text string) error {
	for _, one := range strings.Fields(text) {
		if err := p.addImage(one); err != nil {
			return err
		}
	}
	return nil
}

func (p *promotion) addImage(text string) error {
	parts := image.FindStringSubmatch(text)
	if parts == nil {
		return fmt.Errorf("found %q, want a service, an equals sign, sha256: and 64 hexadecimal digits", text)
	}
	if _, twice := p.images[parts[1]]; twice {
		return fmt.Errorf("found service %q twice", parts[1])
	}
	p.images[parts[1]] = parts[2]
	return nil
}

func (p *promotion) validate() error {
	switch {
	case !stackName.MatchString(p.stack):
		return command.Wrong("read the flag --stack: found %q, want the name of a stack", p.stack)
	case p.health.attempts < 1 || p.health.streak < 1 || p.health.streak > p.health.attempts:
		return command.Wrong("read the flags --streak and --attempts: found %d and %d, want 1 or more, and not more "+
			"in a row than at all", p.health.streak, p.health.attempts)
	default:
		return nil
	}
}

func (p *promotion) validateApproved() error {
	if err := p.validate(); err != nil {
		return err
	}
	if p.planned != "" && !commitHash.MatchString(p.planned) {
		return command.Wrong("read the flag --planned: found %q, want a commit of 40 hexadecimal digits", p.planned)
	}
	return nil
}

func (p *promotion) validateRelease() error {
	switch err := p.validate(); {
	case err != nil:
		return err
	case !versionText.MatchString(p.version):
		return command.Wrong("read the flag --version: found %q, want 1 to 64 letters, digits, dots, hyphens and "+
			"underscores", p.version)
	case len(p.images) == 0:
		return command.Wrong("read the flag --image: found none, want one for each service of the release")
	default:
		return nil
	}
}

// Command promote puts a release on a stack: it writes the images into the stack's file, commits
// that, migrates the database, deploys, and checks the site. When any of it fails, the commit and
// the stack go back to where they were. On a stack that is asleep there is nothing to check: the
// release stays, and the command says so.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/bookmark-manager/infrastructure/cmd/internal/help"
	"github.com/bookmark-manager/infrastructure/cmd/internal/tools"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
	exitAsleep = 3
)

const usage = `promote puts a release on a stack, deploys a stack, or checks what is on it. Run it in the root of the repository.

Usage:
  promote release --stack NAME --version COMMIT --image SERVICE=sha256:... [--image ...] [flags]
  promote deploy  --stack NAME [flags]
  promote check   --stack NAME [flags]

release writes the images into Pulumi.NAME.yaml, has the guard look at the preview, commits and pushes, brings the database and the migration
task up to date, runs that task, deploys the rest, and checks. When a step after the commit fails, it reverts the commit, pushes that and deploys again.
deploy does the same with the stack file as it is, without the guard, a commit or a way back; scripts/deploy has the guard look first.
check waits until the services are steady with the tasks that the stack has deployed, and until the site answers.

A stack whose schedule holds a service at no task is asleep: the site answers with 503, whatever was deployed. Each
command then ends with 3 and leaves what it has done in place; run check when the schedule has raised the services.

It calls git, pulumi and aws, which must be on PATH and logged in.

Flags:
`

const exitCodes = `
Exit codes: 0 the release is on the stack and the site answers, 1 it is not, 2 the command was called wrongly,
3 it is on the stack, which is asleep, so that nothing shows whether it works.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, out, problems io.Writer) int {
	p, command, err := parse(args, out)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		complain(problems, fmt.Errorf("%w (promote --help lists the flags)", err))
		return exitUsage
	}
	p.Out = out
	err = command(p, ctx)
	if err == nil {
		return exitOK
	}
	complain(problems, err)
	var asleep *asleepError
	if errors.As(err, &asleep) {
		return exitAsleep
	}
	return exitFailed
}

func complain(to io.Writer, err error) { _, _ = fmt.Fprintln(to, "promote:", err) }

// promotion is one call of the command.
type promotion struct {
	tools.Tools
	stack   string
	version string
	branch  string            // that the commit is pushed to
	images  map[string]string // digests by service
	health  health
}

var (
	commands = map[string]func(*promotion, context.Context) error{
		"release": (*promotion).release, "deploy": (*promotion).deployCommand, "check": (*promotion).check,
	}
	stackName   = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	versionText = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	image       = regexp.MustCompile(`^([a-z][a-z0-9-]*)=(sha256:[0-9a-f]{64})$`)
)

func parse(args []string, out io.Writer) (*promotion, func(*promotion, context.Context) error, error) {
	p := &promotion{images: map[string]string{}}
	flags := flag.NewFlagSet("promote", flag.ContinueOnError)
	flags.StringVar(&p.stack, "stack", "", "the `name` of the stack")
	flags.StringVar(&p.version, "version", "", "what the images were built from, such as a `commit`")
	flags.StringVar(&p.branch, "branch", "main", "the `branch` that the commit is pushed to")
	flags.Func("image", "a `service=digest` of the release; may be given several times", p.addImage)
	flags.Func("path", "a `path` of the site that must answer with 200; may be given several times (default / and /api/health)", func(path string) error {
		if !strings.HasPrefix(path, "/") {
			return fmt.Errorf("found %q, want a path that begins with a slash", path)
		}
		p.health.paths = append(p.health.paths, path)
		return nil
	})
	flags.IntVar(&p.health.attempts, "attempts", 30, "how `often` to ask the site before it is given up")
	flags.IntVar(&p.health.streak, "streak", 3, "how many `times` in a row every path must answer")
	flags.DurationVar(&p.health.pause, "pause", 10*time.Second, "how `long` to wait between two times")
	if len(args) == 0 || args[0] == "-h" || args[0] == "-help" || args[0] == "--help" {
		help.Print(flags, out, usage, exitCodes)
		if len(args) == 0 {
			return nil, nil, errors.New("read the arguments: found no command, want release, deploy or check")
		}
		return nil, nil, flag.ErrHelp
	}
	command, ok := commands[args[0]]
	if !ok {
		return nil, nil, fmt.Errorf("read the arguments: found %q, want one of %s", args[0], strings.Join(slices.Sorted(maps.Keys(commands)), ", "))
	}
	if err := help.Parse(flags, args[1:], out, usage, exitCodes); err != nil {
		return nil, nil, err
	}
	if len(p.health.paths) == 0 {
		p.health.paths = []string{"/", "/api/health"}
	}
	return p, command, p.validate(args[0], flags.Args())
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

func (p *promotion) validate(command string, rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("read the arguments: found %q, want flags only", rest[0])
	case !stackName.MatchString(p.stack):
		return fmt.Errorf("read the flag --stack: found %q, want the name of a stack", p.stack)
	case p.health.attempts < 1 || p.health.streak < 1 || p.health.streak > p.health.attempts:
		return fmt.Errorf("read the flags --streak and --attempts: found %d and %d, want 1 or more, and not more in a row than at all",
			p.health.streak, p.health.attempts)
	case command != "release":
		return nil
	case !versionText.MatchString(p.version):
		return fmt.Errorf("read the flag --version: found %q, want 1 to 64 letters, digits, dots, hyphens and underscores", p.version)
	case len(p.images) == 0:
		return errors.New("read the flag --image: found none, want one for each service of the release")
	default:
		return nil
	}
}

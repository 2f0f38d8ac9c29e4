// Package publish hands what GitHub's workflows need on to GitHub, as variables of its
// environments.
package publish

import (
	"regexp"

	"github.com/spf13/cobra"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/tools"
)

var stackName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// Command is `infra publish`.
func Command() *cobra.Command {
	p := &publication{}
	c := &cobra.Command{
		Use:   "publish --stack NAME [--dry-run | --check]",
		Short: "Hand what workflows need on to GitHub, as variables of its environments",
		Long: `publish sets the variables of GitHub's environments from a stack's outputs and
configuration: which role a job assumes, where the state is, where images go, and what a web
build needs to know. Nothing in them is secret. Run it after the first deploy, and when one of
these outputs changes.

Environments that are missing are made, for the main branch only, but for that of pull requests.
Those that are there keep their rules. What people must set it looks for at the end, and with
--check alone: reviewers for the environments that need some, environments that admit more than
main, rules by which GitHub refuses the push of a promotion, and with backups.copy the copy of the
state in that region, which make bootstrap makes. It ends with 1 while one of these is open, and
says who must do what. It calls pulumi, gh and aws, which must be on PATH and logged in. Run it in
the root of the repository.`,
		Args: command.FlagsOnly,
		RunE: func(c *cobra.Command, _ []string) error {
			if !stackName.MatchString(p.stack) {
				return command.Wrong("read the flag --stack: found %q, want the name of a stack", p.stack)
			}
			p.Tools = tools.Tools{Out: c.OutOrStdout()}
			return p.publish(c.Context())
		},
	}
	c.Flags().StringVar(&p.stack, "stack", "", "the `name` of the stack")
	c.Flags().BoolVar(&p.dryRun, "dry-run", false,
		"look at what is there, and print the commands that would change something")
	c.Flags().BoolVar(&p.checkOnly, "check", false, "look for what people must set, and change nothing")
	c.MarkFlagsMutuallyExclusive("dry-run", "check")
	return command.WithExitCodes(c, `
Exit codes:
  0  all is set
  1  something could not be read or set, or is for people to set
  2  the command was called wrongly
`)
}

// ids are what GitHub puts into the names in its tokens; its own commands want the names alone.
var ids = regexp.MustCompile(`@[0-9]+`)

func plainName(repository string) string { return ids.ReplaceAllString(repository, "") }

// Package orphans lists what is in the AWS account with a stack's tags and is not in its state:
// what a deploy left that failed or was killed after AWS had made something and before Pulumi knew
// of it.
package orphans

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/tools"
)

const exitCodes = `
Exit codes:
  0  there is nothing, and no creation is pending
  1  something is there, or a creation is pending
  2  the command was called wrongly, or the state or the account cannot be read
`

// errFound ends the command with 1. What was found has been written.
var errFound = errors.New("the account has what the stack's state does not know, or a creation is pending")

// Command is `infra orphans`.
func Command() *cobra.Command {
	var stack string
	c := &cobra.Command{
		Use:   "orphans --stack NAME",
		Short: "List what a failed deploy left behind",
		Long: `orphans lists what is in the AWS account with a stack's tags and is not in its
state, with what to do about each, and the creations that the state holds as pending. It changes
nothing.

It asks the Resource Groups Tagging API in the regions of the stack's AWS providers, and in
us-east-1 for what is global. What has no tags is not found, nor what is at MongoDB Atlas,
Datadog and Sentry: there, and for names that are fixed, the next pulumi up says that it exists.
It calls pulumi and aws, which must be on PATH and logged in.`,
		Args: command.FlagsOnly,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := command.NeedsStack(stack); err != nil {
				return err
			}
			found, err := search(c.Context(), tools.Tools{Out: c.OutOrStdout()}, stack)
			if err != nil {
				return command.Exit(command.Usage, err)
			}
			if err := found.write(c.OutOrStdout()); err != nil {
				return command.Exit(command.Usage, fmt.Errorf("write what was found: %w", err))
			}
			if len(found.orphans)+len(found.pending) > 0 {
				return errFound
			}
			return nil
		},
	}
	c.Flags().StringVar(&stack, "stack", "", "the `name` of the stack")
	return command.WithExitCodes(c, exitCodes)
}

// Package strays lists rules of a stack's security groups that no resource of its state is:
// somebody has added them by hand. A refresh cannot see them, because each rule is a resource of
// its own and the group knows none.
package strays

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/tools"
)

const exitCodes = `
Exit codes:
  0  there is none
  1  there are some, which are printed
  2  the command was called wrongly, or the state or the account cannot be read
`

// errFound ends the command with 1. What was found has been written.
var errFound = errors.New("the security groups have rules that the stack's state does not know")

// Command is `infra strays`.
func Command() *cobra.Command {
	var stack string
	c := &cobra.Command{
		Use:   "strays --stack NAME",
		Short: "List rules that somebody added to a stack's security groups by hand",
		Long: `strays lists the rules of a stack's security groups that no resource of its state is.
A refresh cannot see them, because each rule is a resource of its own and the group knows none.
Each rule is one line: group, rule, direction, protocol, ports, from or to where, description. It
changes nothing. To take a rule out:

  aws ec2 revoke-security-group-ingress --group-id GROUP --security-group-rule-ids RULE

It calls pulumi and aws, which must be on PATH and logged in.`,
		Args: command.FlagsOnly,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := command.NeedsStack(stack); err != nil {
				return err
			}
			rules, err := search(c.Context(), tools.Tools{Out: c.OutOrStdout()}, stack)
			if err != nil {
				return command.Exit(command.Usage, err)
			}
			for _, rule := range rules {
				if _, err := fmt.Fprintln(c.OutOrStdout(), rule); err != nil {
					return command.Exit(command.Usage, fmt.Errorf("write the rules: %w", err))
				}
			}
			if len(rules) > 0 {
				return errFound
			}
			return nil
		},
	}
	c.Flags().StringVar(&stack, "stack", "", "the `name` of the stack")
	return command.WithExitCodes(c, exitCodes)
}

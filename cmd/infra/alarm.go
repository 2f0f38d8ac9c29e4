package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/runbook"
)

func alarmCommand() *cobra.Command {
	var page string
	c := &cobra.Command{
		Use:   "alarm NAME",
		Short: "Print what an alarm means, what to look at first, what to do, and when it is over",
		Long: `alarm prints the section of the runbook that is about an alarm, by the alarm's whole name,
such as bookmark-manager-production-api-tasks-missing, or by its end, api-tasks-missing.`,
		Args: func(_ *cobra.Command, names []string) error {
			if len(names) != 1 {
				return command.Wrong("read the arguments: found %d names, want one", len(names))
			}
			return nil
		},
		RunE: func(c *cobra.Command, names []string) error {
			text, err := readFile(page, func(r io.Reader) (string, error) {
				raw, err := io.ReadAll(r)
				return string(raw), err
			})
			if err != nil {
				return err
			}
			section, err := runbook.Find(text, names[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), section.Text)
			return err
		},
	}
	c.Flags().StringVar(&page, "runbook", "docs/operations.md", "the `file` of the runbook")
	return command.WithExitCodes(c, `
Exit codes:
  0  the section is printed
  1  the runbook has none about the alarm
  2  the command was called wrongly
`)
}

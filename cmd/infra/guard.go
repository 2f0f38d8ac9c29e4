package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

const guardExitCodes = `
Exit codes:
  0  nothing is lost (or --allow was given), and the plan is the expected one
  1  something is replaced, deleted or moved that must not happen unnoticed, or fails half-way,
     or the plan is not the expected one
  2  the command was called wrongly, or the preview failed or cannot be read
`

type guardOptions struct {
	title, format, expect, fingerprintTo string
	adoption                             string
	allow                                bool
}

func guardCommand() *cobra.Command {
	o := &guardOptions{}
	c := &cobra.Command{
		Use:   "guard [PLAN]",
		Short: "Judge a preview: does it lose anything that holds data or has a fixed name?",
		Long: `guard judges what "pulumi preview --json --show-sames --show-replacement-steps"
prints, and writes it down for people. Without a file, or with -, it reads standard input.`,
		Args: plans(0, 1),
		RunE: func(c *cobra.Command, files []string) error {
			return o.judge(first(files), c.InOrStdin(), c.OutOrStdout())
		},
	}
	c.Flags().StringVar(&o.title, "title", "Preview", "the `title` of the report")
	c.Flags().StringVar(&o.format, "format", "text", "text or markdown")
	c.Flags().BoolVar(&o.allow, "allow", false, "report what would be lost, and exit with 0 all the same")
	c.Flags().StringVar(&o.expect, "expect", "",
		"the `fingerprint` of the plan that was approved; another plan fails, even with --allow")
	c.Flags().StringVar(&o.fingerprintTo, "fingerprint-to", "", "write the plan's fingerprint to this `file`")
	c.Flags().StringVar(&o.adoption, "adoption", "",
		"the `stage` of an adoption, take, move or close, in which less may happen")
	return command.WithExitCodes(c, guardExitCodes)
}

func (o *guardOptions) findings(preview *plan.Preview) ([]plan.Finding, error) {
	switch stage := adopted.Stage(o.adoption); stage {
	case "":
		return plan.Judge(preview), nil
	case adopted.Take, adopted.Move, adopted.Close:
		return plan.JudgeStage(preview, stage), nil
	default:
		return nil, command.Wrong("read the flag --adoption: found %q, want %s, %s or %s", o.adoption, adopted.Take,
			adopted.Move, adopted.Close)
	}
}

func (o *guardOptions) judge(file string, in io.Reader, out io.Writer) error {
	formats := map[string]func(string, *plan.Preview, []plan.Finding) string{
		"text":     plan.Text,
		"markdown": plan.Markdown,
	}
	write := formats[o.format]
	if write == nil {
		return command.Wrong("read the flag --format: found %q, want text or markdown", o.format)
	}
	preview, err := plan.ReadFile(file, in)
	if err != nil {
		return command.Exit(command.Usage, err)
	}
	findings, err := o.findings(preview)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(out, write(o.title, preview, findings)); err != nil {
		return command.Exit(command.Usage, fmt.Errorf("write the report: %w", err))
	}
	fingerprint, err := plan.Fingerprint(preview)
	if err != nil {
		return command.Exit(command.Usage, err)
	}
	if o.fingerprintTo != "" {
		if err := os.WriteFile(o.fingerprintTo, []byte(fingerprint+"\n"), 0o600); err != nil {
			return command.Exit(command.Usage, fmt.Errorf("write the fingerprint: %w", err))
		}
	}
	if o.expect != "" && o.expect != fingerprint {
		return fmt.Errorf("the plan is not the one that was approved: its fingerprint is %s, want %s; look at it "+
			"and approve it again",
			fingerprint, o.expect)
	}
	if len(findings) > 0 && !o.allow && o.adoption != "" {
		return fmt.Errorf("%d of the changes do not belong to stage %s of an adoption, as the report says; --allow "+
			"lets them pass",
			len(findings), o.adoption)
	}
	if len(findings) > 0 && !o.allow {
		return fmt.Errorf("%d of the changes would lose something or fail, as the report says; --allow lets them pass",
			len(findings))
	}
	return nil
}

// Package adopt takes over a production that Terraform runs: it reads Terraform's states and says
// of each object which resource of this program it becomes, what is left to Terraform, and what the
// stack file must say for nothing to be replaced. It asks no cloud and changes none.
package adopt

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/tools"
)

const exitCodes = `
Exit codes:
  0  everything has its place
  1  something is refused, as the report says, and no file was written and no secret set
  2  the command was called wrongly, or a state or the stack file cannot be read
`

type options struct {
	stack, patch, release string
	removed               string
	exported, made        string
	states                []string
	secrets               bool
	accepted              Accepted
}

// Command is `infra adopt`.
func Command() *cobra.Command {
	o := &options{}
	c := &cobra.Command{
		Use:   "adopt --state FILE --stack NAME",
		Short: "Say what becomes of a Terraform production",
		Long: `adopt reads the states of a production that Terraform runs and says, of each object,
which resource of this program it becomes, what stays until Terraform destroys it, and what nobody
owns; then the settings of the stack file that must be so for nothing to be replaced. Objects are
matched by their type and by what they are, whatever their address in Terraform.

A state is what "terraform state pull" prints, or "terraform show -json". Both hold passwords in
plain text: keep the files out of the repository, and delete them afterwards. No secret is
printed; --secrets hands them to "pulumi config set --secret" by standard input.

docs/adoption.md goes through an adoption from its beginning to its end.`,
		Args: command.FlagsOnly,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.run(c)
		},
	}
	c.Flags().StringArrayVar(&o.states, "state", nil, "a `file` with a Terraform state; once for each state")
	c.Flags().StringVar(&o.stack, "stack", "", "the `name` of the stack, whose file is Pulumi.NAME.yaml")
	c.Flags().StringVar(&o.patch, "patch", "", "write what the stack file must say to this `file`, as YAML")
	c.Flags().StringVar(&o.release, "release", "", "write the script that empties Terraform's state to this `file`")
	c.Flags().StringVar(&o.removed, "removed", "",
		"write the same as removed blocks of Terraform's configuration to this `file`")
	c.Flags().StringVar(&o.exported, "exported", "",
		"the way back from stage take: a `file` with what pulumi stack export printed after it")
	c.Flags().StringVar(&o.made, "made", "",
		"write that state without what was adopted to this `file`, for pulumi destroy")
	c.Flags().BoolVar(&o.secrets, "secrets", false,
		"set the secrets that are taken over, with pulumi config set --secret")
	c.Flags().BoolVar(&o.accepted.Unencrypted, "unencrypted", false,
		"adopt a database whose storage is not encrypted, as it is")
	c.Flags().BoolVar(&o.accepted.ShorterLogs, "shorter-logs", false,
		"let log lines be deleted that are older than the stack keeps them")
	c.Flags().StringArrayVar(&o.accepted.Leave, "leave", nil,
		"the `address` of an object that holds data and is left to nobody; repeatable")
	return command.WithExitCodes(c, exitCodes)
}

func (o *options) run(c *cobra.Command) error {
	if err := command.NeedsStack(o.stack); err != nil {
		return err
	}
	if len(o.states) == 0 {
		return command.Wrong("read the flag --state: it is missing, want a file with what terraform state pull prints")
	}
	if (o.exported == "") != (o.made == "") {
		return command.Wrong("read the flags --exported and --made: found one of them, want both or none")
	}
	raw, err := os.ReadFile("Pulumi." + o.stack + ".yaml")
	if err != nil {
		return command.Exit(command.Usage, fmt.Errorf("read the stack file: %w", err))
	}
	stack, err := ReadStack(raw)
	if err != nil {
		return command.Exit(command.Usage, err)
	}
	states, err := ReadFiles(o.states)
	if err != nil {
		return command.Exit(command.Usage, err)
	}
	adoption := Match(stack, states, o.accepted)
	if err := adoption.Write(c.OutOrStdout()); err != nil {
		return command.Exit(command.Usage, fmt.Errorf("write the report: %w", err))
	}
	if len(adoption.Refusals) > 0 {
		return errors.New("the production cannot be adopted yet, as the report says; nothing was written")
	}
	if err := o.write(c.ErrOrStderr(), adoption); err != nil {
		return err
	}
	if !o.secrets {
		return nil
	}
	t := tools.Tools{Out: c.ErrOrStderr()}
	for _, one := range adoption.Secrets {
		if err := t.Feed(c.Context(), one.value, "pulumi", "config", "set", "--secret", "--stack", o.stack,
			"bookmark-manager:"+one.Key); err != nil {
			return fmt.Errorf("set secret %s: %w", one.Key, err)
		}
	}
	return nil
}

// write writes the files that are asked for.
func (o *options) write(w io.Writer, a *Adoption) error {
	files := []struct {
		what, path string
		content    func() ([]byte, error)
	}{
		{"the patch", o.patch, a.Patch},
		{"the release script", o.release, func() ([]byte, error) { return a.Release(), nil }},
		{"the removed blocks", o.removed, func() ([]byte, error) { return a.Removed(), nil }},
		{"the state without what was adopted", o.made, func() ([]byte, error) {
			exported, err := os.ReadFile(o.exported)
			if err != nil {
				return nil, fmt.Errorf("read the exported state: %w", err)
			}
			state, n, err := a.Made(exported)
			if err == nil {
				_, err = fmt.Fprintf(w, "Made by stage take, and gone after pulumi destroy of %s: %d resources\n",
					o.made, n)
			}
			return state, err
		}},
	}
	for _, file := range files {
		if file.path == "" {
			continue
		}
		content, err := file.content()
		if err != nil {
			return err
		}
		if err := os.WriteFile(file.path, content, 0o600); err != nil {
			return fmt.Errorf("write %s: %w", file.what, err)
		}
	}
	return nil
}

// Package bootstrap makes what must be there before the first deploy, in each stack's account: the
// key and the bucket of Pulumi's state, trust in GitHub's tokens with a first role, and the stack
// itself. It can be run again: what is there is left alone or brought up to date.
package bootstrap

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

type options struct {
	stacks   []string
	profiles map[string]string
	dryRun   bool
}

// Command is `infra bootstrap`.
func Command() *cobra.Command {
	o := &options{profiles: map[string]string{}}
	c := &cobra.Command{
		Use:   "bootstrap [--stack NAME]... [--profile NAME=PROFILE]... [--dry-run]",
		Short: "Make what must be there before the first deploy: state bucket, key, stacks",
		Long: `bootstrap makes what must be there before the first deploy. Run it in the root of
the repository, with an administrator's AWS credentials. It can be run again at any time.

For each stack, in the account and region that its file names:
  - the KMS key alias/bookmark-manager-state, which encrypts the state and the secrets
  - the bucket bookmark-manager-state-ACCOUNT-REGION, private, versioned and encrypted,
    which holds the state
  - with backups.copy: the same key and bucket in the region of the copies, the role
    bookmark-manager-state-replication-REGION, and the rule by which S3 copies the state there
  - with delivery.provider "adopt": GitHub's identity provider and the role
    bookmark-manager-ENVIRONMENT-bootstrap, for the first deploy from GitHub and for later changes of
    the roles that deploys cannot change themselves
  - the Pulumi stack, with that key for its secrets`,
		Args: command.FlagsOnly,
		RunE: func(c *cobra.Command, _ []string) error {
			stacks, err := readStacks(o)
			if err != nil {
				return command.Wrong("%w", err)
			}
			return bootstrap(c.Context(), stacks, o.dryRun, c.OutOrStdout())
		},
	}
	c.Flags().StringArrayVar(&o.stacks, "stack", nil,
		"the `name` of a stack; may be given several times (default every stack file here)")
	c.Flags().Func("profile",
		"a `stack=profile` of the AWS configuration, for stacks in several accounts; may be given several times",
		o.addProfile)
	c.Flags().BoolVar(&o.dryRun, "dry-run", false,
		"look at what is there, and print the commands that would change something")
	return command.WithExitCodes(c, `
Exit codes:
  0  all is there
  1  something could not be made
  2  the command was called wrongly
`)
}

func (o *options) addProfile(text string) error {
	name, profile, ok := strings.Cut(text, "=")
	if !ok || name == "" || profile == "" {
		return fmt.Errorf("found %q, want a stack, an equals sign and a profile", text)
	}
	o.profiles[name] = profile
	return nil
}

// readStacks reads the stack files, all of them before anything is made.
func readStacks(o *options) ([]*stack, error) {
	files, err := filepath.Glob("Pulumi.*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the stack files: %w", err)
	}
	var known []string
	for _, file := range files {
		known = append(known, strings.TrimSuffix(strings.TrimPrefix(file, "Pulumi."), ".yaml"))
	}
	if len(known) == 0 {
		return nil, errors.New("list the stack files: found none here, want Pulumi.NAME.yaml; run this in the root " +
			"of the repository")
	}
	wanted := o.stacks
	if len(wanted) == 0 {
		wanted = known
	}
	for name := range o.profiles {
		if !slices.Contains(wanted, name) {
			return nil, fmt.Errorf("read the flag --profile: found stack %q, want one of %s", name,
				strings.Join(wanted, ", "))
		}
	}
	var stacks []*stack
	for _, name := range wanted {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("read the flag --stack: found %q, want one of %s", name, strings.Join(known, ", "))
		}
		one, err := readStack(name, o.profiles[name])
		if err != nil {
			return nil, err
		}
		stacks = append(stacks, one)
	}
	return stacks, nil
}

package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/bookmark-manager/infrastructure/delivery/foundation"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/tools"
)

// stack is one stack and the account that it lives in.
type stack struct {
	name, profile   string
	account, region string
	recovery        string // the region of the state's copy, which is that of the backups; empty for none
	engineVersion   string // of Aurora; empty for none
	environment     names.Environment
	trust           *trust // nil when the stack's roles are off, or when the stack makes GitHub's provider itself
}

// trust is which of GitHub's jobs may take the first role, and for how long: as long as a deploy's,
// which they run.
type trust struct {
	repository, environment string
	hours                   int
}

var (
	accountID  = regexp.MustCompile(`^[0-9]{12}$`)
	regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
)

// readStack takes from a stack file what bootstrap needs. The program checks the rest of the file.
func readStack(name, profile string) (*stack, error) {
	path := "Pulumi." + name + ".yaml"
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the stack file: %w", err)
	}
	var file struct {
		Config struct {
			Environment string `yaml:"bookmark-manager:environment"`
			AWS         struct {
				AccountID string `yaml:"accountId"`
				Region    string `yaml:"region"`
			} `yaml:"bookmark-manager:aws"`
			Aurora struct {
				EngineVersion string `yaml:"engineVersion"`
			} `yaml:"bookmark-manager:aurora"`
			Backups struct {
				Copy struct {
					Region string `yaml:"region"`
				} `yaml:"copy"`
			} `yaml:"bookmark-manager:backups"`
			Delivery struct {
				Provider          string `yaml:"provider"`
				Repository        string `yaml:"repository"`
				DeployEnvironment string `yaml:"deployEnvironment"`
				SessionHours      int    `yaml:"sessionHours"`
			} `yaml:"bookmark-manager:delivery"`
		} `yaml:"config"`
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	c := file.Config
	s := &stack{
		name:          name,
		profile:       profile,
		account:       c.AWS.AccountID,
		region:        c.AWS.Region,
		recovery:      c.Backups.Copy.Region,
		environment:   names.Environment(c.Environment),
		engineVersion: c.Aurora.EngineVersion,
	}
	switch {
	case c.Environment == "":
		return nil, fmt.Errorf("read %s: bookmark-manager:environment is missing", path)
	case !accountID.MatchString(s.account):
		return nil, fmt.Errorf("read %s: bookmark-manager:aws.accountId is %q, want 12 digits in quotes", path,
			s.account)
	case !regionName.MatchString(s.region):
		return nil, fmt.Errorf("read %s: bookmark-manager:aws.region is %q, want a region such as ap-northeast-1",
			path, s.region)
	case s.recovery != "" && (!regionName.MatchString(s.recovery) || s.recovery == s.region):
		return nil, fmt.Errorf("read %s: bookmark-manager:backups.copy.region is %q, want a region other than %s",
			path, s.recovery, s.region)
	case c.Delivery.Provider != "adopt":
		return s, nil
	case c.Delivery.Repository == "" || c.Delivery.DeployEnvironment == "":
		return nil, fmt.Errorf("read %s: bookmark-manager:delivery wants repository and deployEnvironment", path)
	case c.Delivery.SessionHours < 1 || c.Delivery.SessionHours > 12:
		return nil, fmt.Errorf("read %s: bookmark-manager:delivery.sessionHours is %d, want 1 to 12 (hours)", path,
			c.Delivery.SessionHours)
	}
	s.trust = &trust{c.Delivery.Repository, c.Delivery.DeployEnvironment + "-" + foundation.BootstrapRole,
		c.Delivery.SessionHours}
	return s, nil
}

// bootstrap checks every account before it makes anything in the first.
func bootstrap(ctx context.Context, stacks []*stack, dryRun bool, out io.Writer) error {
	var makers []*maker
	for _, one := range stacks {
		m := newMaker(one, dryRun, out)
		if err := m.checkAccount(ctx); err != nil {
			return err
		}
		if err := m.checkEngineVersion(ctx); err != nil {
			return err
		}
		makers = append(makers, m)
	}
	for _, m := range makers {
		if err := m.make(ctx); err != nil {
			return fmt.Errorf("bootstrap stack %q: %w", m.name, err)
		}
	}
	for _, m := range makers {
		_, _ = fmt.Fprintf(out, "\nTo go on with %s:\n  pulumi login '%s'\n  pulumi stack select %s\n", m.name,
			m.backend(), m.name)
	}
	return nil
}

// maker makes what one stack needs.
type maker struct {
	*stack
	tools.Tools
	dryRun bool
	empty  bool // there is no bucket yet
}

func newMaker(s *stack, dryRun bool, out io.Writer) *maker {
	env := []string{"AWS_REGION=" + s.region, "AWS_DEFAULT_REGION=" + s.region, "AWS_PAGER=",
		"PULUMI_BACKEND_URL=" + s.backend()}
	if s.profile != "" {
		env = append(env, "AWS_PROFILE="+s.profile)
	}
	return &maker{stack: s, Tools: tools.Tools{Out: out, Env: env}, dryRun: dryRun}
}

func (s *stack) backend() string { return foundation.BackendURL(s.account, s.region) }

// checkAccount refuses credentials of another account: the bucket's name would say one account, and
// the bucket be in another.
func (m *maker) checkAccount(ctx context.Context) error {
	raw, err := m.Output(ctx, "aws", "sts", "get-caller-identity", "--query", "Account", "--output", "text")
	if err != nil {
		return fmt.Errorf("find the account of the AWS credentials for stack %q: %w", m.name, err)
	}
	if found := strings.TrimSpace(string(raw)); found != m.account {
		return fmt.Errorf("the AWS credentials for stack %q are of account %q, and Pulumi.%s.yaml names %s: "+
			"put your account there, or give its credentials with --profile %s=PROFILE, or leave the stack out with "+
			"--stack", m.name, found, m.name, m.account, m.name)
	}
	return nil
}

// checkEngineVersion refuses a version that RDS does not offer: the first deploy would stop at the
// database, with most of the stack made. A version of one that is made already may be one that is
// no longer offered, and is not sent again.
func (m *maker) checkEngineVersion(ctx context.Context) error {
	if m.engineVersion == "" {
		return nil
	}
	versions, err := m.Output(ctx, "aws", "rds", "describe-db-engine-versions", "--engine", "aurora-postgresql",
		"--include-all",
		"--query", "DBEngineVersions[].EngineVersion", "--output", "text")
	if err != nil {
		return fmt.Errorf("list the versions of Aurora PostgreSQL for stack %q: %w", m.name, err)
	}
	known := strings.Fields(string(versions))
	if slices.Contains(known, m.engineVersion) {
		return nil
	}
	return fmt.Errorf("bookmark-manager:aurora.engineVersion in Pulumi.%s.yaml is %q, and RDS offers none such in "+
		"%s: want one of %s",
		m.name, m.engineVersion, m.region, strings.Join(known, ", "))
}

func (m *maker) make(ctx context.Context) error {
	m.Say("Stack %s in account %s, %s", m.name, m.account, m.region)
	key, err := m.makeKey(ctx)
	if err != nil {
		return err
	}
	if err := m.makeBucket(ctx, key.arn); err != nil {
		return err
	}
	if m.recovery == "" {
		m.note("no copy of the state in another region: backups.copy is not set")
	} else if err := m.makeReplica(ctx, key); err != nil {
		return err
	}
	if m.trust == nil {
		m.note("no role for GitHub: delivery.provider is not adopt")
	} else if err := m.makeRole(ctx); err != nil {
		return err
	}
	return m.makeStack(ctx)
}

func (m *maker) note(format string, args ...any) {
	_, _ = fmt.Fprintf(m.Out, "   "+format+"\n", args...)
}

// change runs a command that changes something, or prints it.
func (m *maker) change(ctx context.Context, name string, args ...string) ([]byte, error) {
	if m.dryRun {
		m.note("would run: %s %s", name, strings.Join(args, " "))
		return nil, nil
	}
	return m.Output(ctx, name, args...)
}

// exists runs a command that looks for something. Only an answer that says that it is not there
// counts as no: a lack of permission does not.
func (m *maker) exists(ctx context.Context, missing string, args ...string) (string, bool, error) {
	raw, err := m.Output(ctx, "aws", args...)
	var failure *tools.Failure
	if errors.As(err, &failure) && strings.Contains(failure.Stderr, missing) {
		return "", false, nil
	}
	return strings.TrimSpace(string(raw)), err == nil, err
}

// makeStack runs `pulumi stack init`, which also writes the encrypted key of the stack's secrets
// into its file. That file is to be committed.
func (m *maker) makeStack(ctx context.Context) error {
	var stacks []struct {
		Name string `json:"name"`
	}
	if !m.empty {
		if err := m.Read(ctx, &stacks, "pulumi", "stack", "ls", "--json"); err != nil {
			return fmt.Errorf("list the stacks: %w", err)
		}
	}
	for _, one := range stacks {
		if one.Name == m.name || strings.HasSuffix(one.Name, "/"+m.name) {
			m.note("stack %s is there", m.name)
			return nil
		}
	}
	if _, err := m.change(ctx, "pulumi", "stack", "init", m.name,
		"--secrets-provider="+foundation.SecretsProvider(m.region), "--no-select"); err != nil {
		return fmt.Errorf("make the stack: %w", err)
	}
	if m.dryRun {
		return nil
	}
	m.note("stack %s; commit Pulumi.%s.yaml, which has the key of its secrets now, encrypted", m.name, m.name)
	return nil
}

package publish

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/bookmark-manager/infrastructure/delivery/foundation"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/tools"
)

// publication is one call of the command.
type publication struct {
	tools.Tools
	stack     string
	dryRun    bool
	checkOnly bool
}

// outputs are the outputs of the stack that a publication uses.
type outputs struct {
	DeployRoleArn  string            `json:"deployRoleArn"`
	PreviewRoleArn string            `json:"previewRoleArn"`
	PushRoleArn    string            `json:"pushRoleArn"`
	SiteURL        string            `json:"siteUrl"`
	AssetsBucket   string            `json:"assetsBucket"`
	RepositoryURLs map[string]string `json:"repositoryUrls"`
	SentryDSNs     map[string]string `json:"sentryDsns"`     // missing without Sentry
	SentryProjects map[string]string `json:"sentryProjects"` // missing without Sentry
}

// settings are the parts of the configuration that say where things go.
type settings struct {
	environment names.Environment
	delivery    struct {
		Repository            string `json:"repository"`
		ApplicationRepository string `json:"applicationRepository"`
		DeployEnvironment     string `json:"deployEnvironment"`
		PreviewEnvironment    string `json:"previewEnvironment"`
		PlanEnvironment       string `json:"planEnvironment"`
		ReleaseEnvironment    string `json:"releaseEnvironment"`
	}
	aws struct {
		AccountID string `json:"accountId"`
		Region    string `json:"region"`
	}
	backups struct {
		Copy struct {
			Region string `json:"region"`
		} `json:"copy"`
	}
	sentry struct {
		Organization string `json:"organization"`
	}
}

// variable is one variable of an environment.
type variable struct{ name, value string }

// environment is one environment of a repository.
type environment struct {
	repository, name string
	everyBranch      bool
	variables        []variable
}

// publish reads everything before it sets anything.
func (p *publication) publish(ctx context.Context) error {
	var known outputs
	if err := p.Read(ctx, &known, "pulumi", "stack", "output", "--json", "--stack", p.stack); err != nil {
		return err
	}
	config, err := p.settings(ctx)
	if err != nil {
		return err
	}
	gate, err := gated(config.delivery.DeployEnvironment)
	if err != nil {
		return err
	}
	environments := environments(config, known, gate)
	for _, one := range environments {
		for _, v := range one.variables {
			if v.value == "" {
				return fmt.Errorf("find %s of environment %s: the stack has no such output or setting; deploy it "+
					"first, with its delivery roles", v.name, one.name)
			}
		}
	}
	if p.checkOnly {
		return p.check(ctx, config, gate, environments)
	}
	for _, one := range environments {
		if err := p.set(ctx, one); err != nil {
			return err
		}
	}
	if p.dryRun {
		return p.sayChecks(config, gate)
	}
	return p.check(ctx, config, gate, environments)
}

// approval ends the name of the environment whose reviewers approve what goes to a stack.
const approval = "-approval"

// gated says whether a workflow waits for approval before it changes the stack.
func gated(deployEnvironment string) (bool, error) {
	workflows, err := filepath.Glob(".github/workflows/*.yml")
	if err != nil {
		return false, fmt.Errorf("look for the workflows: %w", err)
	}
	if len(workflows) == 0 {
		return false, errors.New("look for the workflows: found none in .github/workflows; run this in the root of " +
			"the repository")
	}
	for _, path := range workflows {
		text, err := os.ReadFile(path)
		if err != nil {
			return false, fmt.Errorf("read a workflow: %w", err)
		}
		if strings.Contains(string(text), "environment: "+deployEnvironment+approval+"\n") {
			return true, nil
		}
	}
	return false, nil
}

func (p *publication) settings(ctx context.Context) (*settings, error) {
	var s settings
	raw, err := p.Output(ctx, "pulumi", "config", "get", names.Project+":environment", "--stack", p.stack)
	if err != nil {
		return nil, err
	}
	s.environment = names.Environment(strings.TrimSpace(string(raw)))
	for key, into := range map[string]any{
		"delivery": &s.delivery,
		"aws":      &s.aws,
		"backups":  &s.backups,
		"sentry":   &s.sentry,
	} {
		if err := p.Read(ctx, into, "pulumi", "config", "get", names.Project+":"+key, "--stack", p.stack); err != nil {
			return nil, err
		}
	}
	if s.delivery.Repository == "" || s.delivery.DeployEnvironment == "" || s.aws.AccountID == "" {
		return nil, errors.New("read the configuration: delivery or aws is not complete")
	}
	return &s, nil
}

// environments lists what each repository's jobs need to know.
func environments(s *settings, o outputs, gate bool) []environment {
	infrastructure, application := plainName(s.delivery.Repository), plainName(s.delivery.ApplicationRepository)
	state := func(role string) []variable {
		return []variable{
			{"AWS_ROLE_ARN", role},
			{"AWS_REGION", s.aws.Region},
			{"PULUMI_BACKEND_URL", foundation.BackendURL(s.aws.AccountID, s.aws.Region)},
		}
	}
	bootstrap := "arn:aws:iam::" + s.aws.AccountID + ":role/" + s.environment.Name(foundation.BootstrapRole)
	release := []variable{
		{"AWS_ROLE_ARN", o.PushRoleArn},
		{"AWS_REGION", s.aws.Region},
		{"SITE_URL", o.SiteURL},
		{"ASSETS_BUCKET", o.AssetsBucket},
	}
	for _, service := range []string{"api", "web"} {
		release = append(release, variable{strings.ToUpper(service) + "_REPOSITORY_URL", o.RepositoryURLs[service]})
	}
	if len(o.SentryProjects) > 0 {
		release = append(release, variable{"WEB_SENTRY_DSN", o.SentryDSNs["web"]},
			variable{"SENTRY_ORG", s.sentry.Organization},
			variable{"SENTRY_PROJECT", o.SentryProjects["web"]})
	}
	all := []environment{
		// A pull request is previewed from its own branch.
		{infrastructure, s.delivery.PreviewEnvironment, true, state(o.PreviewRoleArn)},
		{infrastructure, s.delivery.PlanEnvironment, false, state(o.PreviewRoleArn)},
		{infrastructure, s.delivery.DeployEnvironment, false, state(o.DeployRoleArn)},
		{infrastructure, s.delivery.DeployEnvironment + "-" + foundation.BootstrapRole, false, state(bootstrap)},
		{application, s.delivery.ReleaseEnvironment, false, release},
	}
	if gate {
		all = append(all, environment{infrastructure, s.delivery.DeployEnvironment + approval, false, nil})
	}
	return all
}

// set makes an environment unless it is there, and sets its variables. Setting the branches of one
// that is there would drop its other rules, such as who must approve.
func (p *publication) set(ctx context.Context, e environment) error {
	path := "repos/" + e.repository + "/environments/" + e.name
	_, err := p.Output(ctx, "gh", "api", "--silent", path)
	var failure *tools.Failure
	switch {
	case err == nil:
	case errors.As(err, &failure) && strings.Contains(failure.Stderr, "HTTP 404"):
		if err := p.create(ctx, path, e.everyBranch); err != nil {
			return fmt.Errorf("make environment %s of %s: %w", e.name, e.repository, err)
		}
	default:
		return fmt.Errorf("look for environment %s of %s: %w", e.name, e.repository, err)
	}
	for _, v := range e.variables {
		if err := p.change(ctx, "variable", "set", v.name, "--repo", e.repository, "--env", e.name, "--body",
			v.value); err != nil {
			return fmt.Errorf("set %s of environment %s of %s: %w", v.name, e.name, e.repository, err)
		}
	}
	return nil
}

func (p *publication) create(ctx context.Context, path string, everyBranch bool) error {
	if everyBranch {
		return p.change(ctx, "api", "--silent", "--method", "PUT", path)
	}
	if err := p.change(ctx, "api", "--silent", "--method", "PUT", path, "--field",
		"deployment_branch_policy[protected_branches]=false",
		"--field", "deployment_branch_policy[custom_branch_policies]=true"); err != nil {
		return err
	}
	return p.change(ctx, "api", "--silent", "--method", "POST", path+"/deployment-branch-policies", "--field",
		"name=main")
}

// change runs gh, or prints the call.
func (p *publication) change(ctx context.Context, args ...string) error {
	if p.dryRun {
		_, err := fmt.Fprintln(p.Out, "would run: gh", strings.Join(args, " "))
		return err
	}
	_, err := p.Output(ctx, "gh", args...)
	return err
}

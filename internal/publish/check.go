package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/delivery/foundation"
	"github.com/bookmark-manager/infrastructure/internal/tools"
)

// mainBranch is the branch that is deployed, and that promotions push to.
const mainBranch = "main"

// pushToken is the secret that a promotion pushes with where its job's own token may not.
const pushToken = "PUSH_TOKEN"

// check looks at what only people can set, and names all of it that is missing.
func (p *publication) check(ctx context.Context, s *settings, gate bool, environments []environment) error {
	repository := plainName(s.delivery.Repository)
	problems := []error{p.reviewed(ctx, repository, wantReviewers(s, gate))}
	for _, one := range environments {
		if !one.everyBranch {
			problems = append(problems, p.mainOnly(ctx, one))
		}
	}
	return errors.Join(append(problems, p.pushable(ctx, repository, s.delivery.DeployEnvironment),
		p.replicated(ctx, s))...)
}

// sayChecks prints what a dry run leaves out.
func (p *publication) sayChecks(s *settings, gate bool) error {
	_, err := fmt.Fprintln(p.Out, "would look for the reviewers of", strings.Join(wantReviewers(s, gate), ", ")+
		", for environments that admit more than "+mainBranch+
		", for rules that stop the push of a promotion, and for the copy of the state")
	return err
}

// wantReviewers are the environments whose jobs people must approve: they run the code of pull
// requests, or stand before production.
func wantReviewers(s *settings, gate bool) []string {
	wanted := []string{s.delivery.PreviewEnvironment}
	if gate {
		wanted = append(wanted, s.delivery.DeployEnvironment+approval)
	}
	return wanted
}

// reviewed refuses environments that let everybody pass.
func (p *publication) reviewed(ctx context.Context, repository string, wanted []string) error {
	var open []string
	for _, name := range wanted {
		var found struct {
			Rules []struct {
				Reviewers []any `json:"reviewers"`
			} `json:"protection_rules"`
		}
		if err := p.Read(ctx, &found, "gh", "api", "repos/"+repository+"/environments/"+name); err != nil {
			return err
		}
		reviewers := 0
		for _, rule := range found.Rules {
			reviewers += len(rule.Reviewers)
		}
		if reviewers == 0 {
			open = append(open, name)
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("look for the reviewers of the environments: %s of %s has none. "+
			"An administrator of the repository must set required reviewers there (Settings, Environments): "+
			"until then "+
			"previews run the code of every pull request, and production's deploys stop at their gate",
			strings.Join(open, ", "), repository)
	}
	return nil
}

// mainOnly refuses an environment that jobs of other branches may run in. One that was there before
// keeps its rules, so it may admit any.
func (p *publication) mainOnly(ctx context.Context, e environment) error {
	path := "repos/" + e.repository + "/environments/" + e.name
	var policies struct {
		Branches []struct {
			Name string `json:"name"`
		} `json:"branch_policies"`
	}
	var found struct {
		Policy *struct {
			Custom bool `json:"custom_branch_policies"`
		} `json:"deployment_branch_policy"`
	}
	if err := p.Read(ctx, &found, "gh", "api", path); err != nil {
		return err
	}
	admits := "every branch"
	if found.Policy != nil {
		admits = "every protected branch"
		if found.Policy.Custom {
			if err := p.Read(ctx, &policies, "gh", "api", path+"/deployment-branch-policies"); err != nil {
				return err
			}
			var names []string
			for _, one := range policies.Branches {
				names = append(names, one.Name)
			}
			if slices.Equal(names, []string{mainBranch}) {
				return nil
			}
			admits = strings.Join(names, ", ")
		}
	}
	return fmt.Errorf("look for the branches of environment %s of %s: it admits %s, want %s alone. "+
		"An administrator of the repository must set that (Settings, Environments, Deployment branches and tags): "+
		"its jobs have a role of the account", e.name, e.repository, admits, mainBranch)
}

// stopping are the rules of a branch by which GitHub refuses a push, whoever it is from unless the
// rule lets them pass.
// https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch
var stopping = []string{"merge_queue", "pull_request", "required_deployments", "required_signatures",
	"required_status_checks", "update"}

// pushable refuses a branch whose rules stop promotions, which commit and push, unless there is a
// token that may. Whether that token may pass the rules is GitHub's to know.
func (p *publication) pushable(ctx context.Context, repository, environment string) error {
	var rules []struct {
		Type string `json:"type"`
	}
	if err := p.Read(ctx, &rules, "gh", "api", "repos/"+repository+"/rules/branches/"+mainBranch); err != nil {
		return err
	}
	var branch struct {
		Protection struct {
			Enabled bool `json:"enabled"`
		} `json:"protection"`
	}
	if err := p.Read(ctx, &branch, "gh", "api", "repos/"+repository+"/branches/"+mainBranch); err != nil {
		return err
	}
	var found []string
	for _, rule := range rules {
		if slices.Contains(stopping, rule.Type) {
			found = append(found, rule.Type)
		}
	}
	if branch.Protection.Enabled {
		found = append(found, "branch protection")
	}
	if len(found) == 0 {
		return nil
	}
	var secrets []struct {
		Name string `json:"name"`
	}
	if err := p.Read(ctx, &secrets, "gh", "secret", "list", "--repo", repository, "--env", environment, "--json",
		"name"); err != nil {
		return err
	}
	for _, secret := range secrets {
		if secret.Name == pushToken {
			return nil
		}
	}
	return fmt.Errorf("look whether a promotion may push to %s of %s: it has %s, and environment %s has no secret %s. "+
		"Let an app or a person pass these rules (Settings, Rules), and put a token of theirs that may write "+
		"contents into that secret: "+
		"until then every promotion stops before it deploys", mainBranch, repository, strings.Join(found, ", "),
		environment, pushToken)
}

// replicated refuses a state that is lost with its region, while the backups are not.
func (p *publication) replicated(ctx context.Context, s *settings) error {
	recovery := s.backups.Copy.Region
	if recovery == "" {
		return nil
	}
	bucket, replica := foundation.StateBucket(s.aws.AccountID, s.aws.Region),
		foundation.StateBucket(s.aws.AccountID, recovery)
	var found struct {
		Configuration struct {
			Rules []struct {
				Status      string `json:"Status"`
				Destination struct {
					Bucket string `json:"Bucket"`
				} `json:"Destination"`
			} `json:"Rules"`
		} `json:"ReplicationConfiguration"`
	}
	err := p.Read(ctx, &found, "aws", "s3api", "get-bucket-replication", "--bucket", bucket, "--region", s.aws.Region,
		"--output", "json")
	var failure *tools.Failure
	if err != nil &&
		(!errors.As(err, &failure) || !strings.Contains(failure.Stderr, "ReplicationConfigurationNotFoundError")) {
		return err
	}
	for _, rule := range found.Configuration.Rules {
		if rule.Status == "Enabled" && rule.Destination.Bucket == "arn:aws:s3:::"+replica {
			return nil
		}
	}
	return fmt.Errorf("look for the copy of the state in %s: S3 copies none from bucket %s to bucket %s. "+
		"An administrator of the account must run make bootstrap ARGS=\"--stack %s\": "+
		"until then the state is lost with its region", recovery, bucket, replica, p.stack)
}

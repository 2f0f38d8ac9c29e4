package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// stackRoles are the roles that may be named by their last part alone.
var stackRoles = []string{aws.BootstrapRole, aws.DeployRole, aws.PreviewRole, aws.PushRole}

// Foundation is where the stack lives.
func (r *Rehearsal) Foundation() (aws.Foundation, error) {
	s, err := r.settings()
	return aws.Foundation{
		Account:     r.Work.Files.Account,
		Region:      s.region,
		Recovery:    s.recovery,
		Project:     r.Work.Files.Project,
		Environment: r.Work.Files.Environment,
		Jobs:        s.jobs,
	}, err
}

// deliverySection is what a stack file says of the jobs that take the stack's roles.
type deliverySection struct {
	Provider           string `yaml:"provider"`
	Repository         string `yaml:"repository"`
	Application        string `yaml:"applicationRepository"`
	DeployEnvironment  string `yaml:"deployEnvironment"`
	PreviewEnvironment string `yaml:"previewEnvironment"`
	PlanEnvironment    string `yaml:"planEnvironment"`
	ReleaseEnvironment string `yaml:"releaseEnvironment"`
	SessionHours       int    `yaml:"sessionHours"`
}

// jobs are none where the stack makes GitHub's identity provider itself, or has no such roles.
func (d deliverySection) jobs() aws.Jobs {
	if d.Provider != "adopt" {
		return aws.Jobs{}
	}
	return aws.Jobs{
		Repository:            d.Repository,
		ApplicationRepository: d.Application,
		SessionHours:          d.SessionHours,
		Environments: map[string][]string{
			aws.BootstrapRole: {d.DeployEnvironment + "-" + aws.BootstrapRole},
			aws.DeployRole:    {d.DeployEnvironment},
			aws.PreviewRole:   {d.PreviewEnvironment, d.PlanEnvironment},
			aws.PushRole:      {d.ReleaseEnvironment},
		},
	}
}

// operates are the commands of the CLI that ask the state and the clouds, and whether they write
// the state.
var operates = map[string]bool{"preview": false, "up": true, "refresh": true, "destroy": true, "import": true}

// hasRoles says whether the stack can have roles: they have the name of its environment, and belong
// to its account.
func (r *Rehearsal) hasRoles() bool {
	return r.Work.Files.Environment != "" && r.Work.Files.Account != ""
}

// bootstrap makes the model's cloud with what `make bootstrap` makes in an account. With a recovery
// region S3 must be able to copy the state there.
func (r *Rehearsal) bootstrap() error {
	c, err := r.Cloud()
	if err != nil || !r.hasRoles() {
		return err
	}
	f, err := r.Foundation()
	if err != nil {
		return err
	}
	if err := f.Bootstrap(c); err != nil || f.Recovery == "" {
		return err
	}
	return f.MayReplicateState(c)
}

// AsFirst has the first role ask from now on, for what deploys may not do: teardown, destroy, and
// changes of the boundary and of the delivery roles. What it returns ends that.
func (r *Rehearsal) AsFirst() (end func()) {
	before := r.first
	r.first = true
	return func() { r.first = before }
}

// caller says who runs a command of the CLI, as in real life: previews with the preview role and
// everything else with the deploy role, as soon as the stack has made them; until then, and for
// what these may not do, with the first role.
func (r *Rehearsal) caller(command string) ([]string, error) {
	name, err := r.callerName(command)
	if err != nil {
		return nil, err
	}
	if err := r.begins(command, name); err != nil {
		return nil, fmt.Errorf("run pulumi %s as role %s: %w", command, name, err)
	}
	return []string{model.RoleEnv + "=" + name}, nil
}

// begins is nil if a job can begin a command with a role of the stack: GitHub's token lets it take
// the role, and the role may use Pulumi's state.
func (r *Rehearsal) begins(command, name string) error {
	writes, operation := operates[command]
	f, err := r.Foundation()
	if err != nil || !operation || r.As != "" {
		return err
	}
	last, ours := strings.CutPrefix(name, f.Role(""))
	if !ours {
		return nil
	}
	c, err := r.Cloud()
	if err != nil {
		return err
	}
	record, err := aws.Record(r.Work.Requests())
	if err != nil {
		return err
	}
	return errors.Join(f.MayTake(c, last, record), f.MayUseState(c, last, writes, record), record.Close())
}

// mayPush is nil if the workflow Release can push images of the services and add static files, with
// the role that it takes. An administrator pushes where no job takes roles.
func (r *Rehearsal) mayPush(ctx context.Context, c *cloud.Cloud, s settings) error {
	if r.As != "" || s.jobs.Repository == "" || !r.hasRoles() {
		return nil
	}
	f, err := r.Foundation()
	if err != nil {
		return err
	}
	raw, err := r.Engine.Output(ctx, "stack", "output", "assetsBucket", "--json")
	if err != nil {
		return fmt.Errorf("read the bucket of static files of %s: %w", r.Stack, err)
	}
	var bucket string
	if err := json.Unmarshal(raw, &bucket); err != nil {
		return fmt.Errorf("read the bucket of static files of %s: %w", r.Stack, err)
	}
	var repositories []string
	for _, service := range s.services {
		repositories = append(repositories, r.Repository(service))
	}
	record, err := aws.Record(r.Work.Requests())
	if err != nil {
		return err
	}
	return errors.Join(f.MayPush(c, repositories, bucket, record), record.Close())
}

// Repository is the name of a service's image repository.
func (r *Rehearsal) Repository(service string) string {
	return r.Work.Files.Project + "-" + r.Work.Files.Environment + "-" + service
}

func (r *Rehearsal) callerName(command string) (string, error) {
	if r.As == "" && !r.hasRoles() {
		return aws.Root, nil
	}
	f, err := r.Foundation()
	if err != nil {
		return "", err
	}
	last := aws.DeployRole
	switch {
	case r.As == aws.Root:
		return aws.Root, nil
	case r.As != "" && slices.Contains(stackRoles, r.As):
		return f.Role(r.As), nil
	case r.As != "":
		return r.As, nil
	case r.first || command == "destroy":
		return f.Role(aws.BootstrapRole), nil
	case command == "preview":
		last = aws.PreviewRole
	}
	c, err := r.Cloud()
	if err != nil {
		return "", err
	}
	there, err := f.HasRole(c, f.Role(last))
	if err != nil {
		return "", fmt.Errorf("look for role %s: %w", f.Role(last), err)
	}
	if !there {
		last = aws.BootstrapRole
	}
	return f.Role(last), nil
}

package promote

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

// outputs are the outputs of the stack that a promotion uses.
type outputs struct {
	SiteURL                 string            `json:"siteUrl"`
	ClusterName             string            `json:"clusterName"`
	ServiceNames            []string          `json:"serviceNames"`
	TaskDefinitionArns      map[string]string `json:"taskDefinitionArns"`
	RepositoryURLs          map[string]string `json:"repositoryUrls"`
	AssetsBucket            string            `json:"assetsBucket"`
	AtlasCluster            string            `json:"atlasCluster"`
	MigrationTaskDefinition string            `json:"migrationTaskDefinition"`
	MigrationNetwork        string            `json:"migrationNetwork"` // JSON
}

func (p *promotion) outputs(ctx context.Context) (*outputs, error) {
	var known outputs
	if err := p.Read(ctx, &known, "pulumi", "stack", "output", "--json", "--stack", p.stack); err != nil {
		return nil, err
	}
	return &known, nil
}

// deployed are the outputs of a stack that has a cluster and a name.
func (p *promotion) deployed(ctx context.Context) (*outputs, error) {
	known, err := p.outputs(ctx)
	if err == nil && (known.SiteURL == "" || known.ClusterName == "") {
		return nil, fmt.Errorf("read the outputs of %s: siteUrl or clusterName is missing; is the zone delegated, "+
			"and the stack deployed?", p.stack)
	}
	return known, err
}

const (
	migrationContainer = "migration"
	// migrationWaits is how compute/migrate.sh ends when another migration does not.
	migrationWaits = 75
)

// migrationTargets are what the database must have before the services change: its cluster and
// passwords, the parameters that the migration task reads, and the task. They are patterns of URNs.
// The services' own parameters are not among them: they name a role that the task has yet to make.
func (p *promotion) migrationTargets() []string {
	return p.targets(
		"compute:Migration$**", "data:AuroraCluster$**",
		"data:Parameters$aws:ssm/parameter:Parameter::parameters-MASTER_DATABASE_URL",
		"data:Parameters$aws:ssm/parameter:Parameter::parameters-MIGRATION_*",
	)
}

const (
	taskDefinitions = "aws:ecs/taskDefinition:TaskDefinition::*"
	ecsServices     = "aws:ecs/service:Service::*"
	schedules       = "aws:scheduler/schedule:Schedule::*"
)

// releaseTargets are what a release changes. The schedules follow the services: what they start is
// what a service runs once it is steady.
func (p *promotion) releaseTargets() []string {
	return p.targets("compute:Migration$"+taskDefinitions, "compute:Service$"+taskDefinitions,
		"compute:Service$"+ecsServices, "compute:Service$"+schedules)
}

// targets are patterns of URNs, each as pulumi takes it.
func (p *promotion) targets(patterns ...string) []string {
	var targets []string
	for _, one := range patterns {
		targets = append(targets, "--target", "urn:pulumi:"+p.stack+"::bookmark-manager::bookmark-manager:"+one)
	}
	return targets
}

// task is what ECS says about a task.
type task struct {
	TaskArn       string `json:"taskArn"`
	StoppedReason string `json:"stoppedReason"`
	Containers    []struct {
		Name     string `json:"name"`
		ExitCode *int   `json:"exitCode"` // missing when the container never started
		Reason   string `json:"reason"`
	} `json:"containers"`
}

type tasks struct {
	Tasks    []task `json:"tasks"`
	Failures []struct {
		Arn    string `json:"arn"`
		Reason string `json:"reason"`
	} `json:"failures"`
}

// migrate updates the targets, the migration task among them, and runs it once.
func (p *promotion) migrate(ctx context.Context, targets []string) error {
	p.Say("Migrating the database of %s", p.stack)
	if err := p.up(ctx, targets...); err != nil {
		return err
	}
	known, err := p.deployed(ctx)
	if err != nil {
		return err
	}
	if known.MigrationTaskDefinition == "" || known.MigrationNetwork == "" {
		return fmt.Errorf("read the outputs of %s: migrationTaskDefinition or migrationNetwork is missing, though a "+
			"service has a migration", p.stack)
	}
	var started tasks
	if err := p.Read(ctx, &started, "aws", "ecs", "run-task", "--cluster", known.ClusterName, "--launch-type",
		"FARGATE",
		"--task-definition", known.MigrationTaskDefinition, "--network-configuration", known.MigrationNetwork,
		"--started-by", "release", "--output", "json"); err != nil {
		return err
	}
	if len(started.Failures) > 0 || len(started.Tasks) != 1 {
		return fmt.Errorf("start the migration task: found %d tasks and failures %v, want one task",
			len(started.Tasks), started.Failures)
	}
	return p.waitForTask(ctx, known, started.Tasks[0].TaskArn)
}

// waits is how often the aws command waits for ten minutes, which is its own limit for a task.
const waits = 6

func (p *promotion) waitForTask(ctx context.Context, known *outputs, arn string) error {
	cluster := known.ClusterName
	var err error
	for range waits {
		if err = p.Run(ctx, "aws", "ecs", "wait", "tasks-stopped", "--cluster", cluster, "--tasks", arn); err == nil ||
			ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("wait for the migration task %s: %w", arn, err)
	}
	var stopped tasks
	if err := p.Read(ctx, &stopped, "aws", "ecs", "describe-tasks", "--cluster", cluster, "--tasks", arn, "--output",
		"json"); err != nil {
		return err
	}
	for _, one := range stopped.Tasks {
		for _, container := range one.Containers {
			if container.Name != migrationContainer {
				continue
			}
			if container.ExitCode != nil && *container.ExitCode == 0 {
				return nil
			}
			if container.ExitCode != nil && *container.ExitCode == migrationWaits {
				return command.Exit(exitMigrating, fmt.Errorf("migrate the database: task %s has waited for another "+
					"migration, and nothing of this one was done; wait until that has ended, and start again; "+
					"pg_locks has who holds Prisma's lock, 72707369; %s", arn,
					p.lastWords(ctx, known.MigrationTaskDefinition, arn)))
			}
			code := "no exit code"
			if container.ExitCode != nil {
				code = fmt.Sprintf("exit code %d", *container.ExitCode)
			}
			return command.Exit(exitMigration,
				fmt.Errorf("migrate the database: task %s ended with %s (%s; %s); %s", arn, code,
					one.StoppedReason, container.Reason, p.lastWords(ctx, known.MigrationTaskDefinition, arn)))
		}
	}
	return fmt.Errorf("migrate the database: task %s has no container %q", arn, migrationContainer)
}

// perCall is how many services ECS describes in one call.
const perCall = 10

// service is what ECS says about a service.
type service struct {
	ServiceName  string `json:"serviceName"`
	DesiredCount int    `json:"desiredCount"`
	Deployments  []struct {
		Status         string `json:"status"`
		RolloutState   string `json:"rolloutState"`
		TaskDefinition string `json:"taskDefinition"`
	} `json:"deployments"`
}

// describe asks ECS about up to perCall services of the stack. It returns those that ECS knows.
func (p *promotion) describe(ctx context.Context, known *outputs, names []string) ([]service, error) {
	var found struct {
		Services []service `json:"services"`
	}
	args := append([]string{
		"ecs", "describe-services", "--output", "json", "--cluster", known.ClusterName, "--services",
	}, names...)
	if err := p.Read(ctx, &found, "aws", args...); err != nil {
		return nil, err
	}
	return found.Services, nil
}

// steady waits for the services, and makes sure that they run what was deployed: a service whose
// new tasks failed is steady too, with the old ones, once ECS has rolled it back. It returns the
// services that are asleep: they have no task, so nothing was tried.
func (p *promotion) steady(ctx context.Context, known *outputs) (asleep []string, err error) {
	wanted := slices.Collect(maps.Values(known.TaskDefinitionArns))
	if len(known.ServiceNames) == 0 {
		return nil, errors.New("wait for the services: the stack has none yet; release an image first")
	}
	for names := range slices.Chunk(known.ServiceNames, perCall) {
		wait := append([]string{
			"ecs", "wait", "services-stable", "--cluster", known.ClusterName, "--services",
		}, names...)
		if err := p.Run(ctx, "aws", wait...); err != nil {
			return nil, err
		}
		found, err := p.describe(ctx, known, names)
		if err != nil {
			return nil, err
		}
		if len(found) != len(names) {
			return nil, fmt.Errorf("look at the services: found %d, want %v", len(found), names)
		}
		for _, one := range found {
			if err := one.runs(wanted); err != nil {
				return nil, err
			}
		}
		sleeping, err := p.sleeping(ctx, known, found)
		if err != nil {
			return nil, err
		}
		asleep = append(asleep, sleeping...)
	}
	return asleep, nil
}

// runs says whether the service's deployment is one of the wanted task definitions, rolled out.
func (s service) runs(wanted []string) error {
	for _, deployment := range s.Deployments {
		if deployment.Status != "PRIMARY" {
			continue
		}
		// AWS does not document whether a roll-out without tasks ends. None of its tasks can have
		// failed.
		out := deployment.RolloutState == "COMPLETED" || s.DesiredCount == 0 && deployment.RolloutState == "IN_PROGRESS"
		if !out || !slices.Contains(wanted, deployment.TaskDefinition) {
			return fmt.Errorf("look at service %s: it runs %s (%s), want one of %v; "+
				"ECS has rolled it back, and its events say why",
				s.ServiceName, deployment.TaskDefinition, deployment.RolloutState, wanted)
		}
	}
	return nil
}

package promote

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// asleepError ends a check of a stack whose services sleep. What was deployed is there, and
// nothing has shown that it works.
type asleepError struct {
	stack    string
	services []string
}

func (e *asleepError) Error() string {
	return fmt.Sprintf(`%s is asleep: its schedule holds %s at no task, and the site answers with 503.
checked: the deploy ended well, and every service has the task definition that was deployed
not checked: whether the tasks start, and whether the site answers
when the schedule has raised the services, run: go run ./cmd/infra promote check --stack %[1]s
or deploy again without --let-sleep, which wakes them
its images have their running- tags; the next deploy or release that finds them running gives them
their release- tags, by which they are kept to go back to
if that fails, revert its commit, push, and run: scripts/deploy %[1]s`, e.stack, strings.Join(e.services, ", "))
}

// sleeping are those of the services that have no task because their bounds allow that.
// Application Auto Scaling has the bounds that are in force, whatever the time and the
// configuration say. A service that somebody has stopped by hand is not asleep: its minimum is
// above 0.
func (p *promotion) sleeping(ctx context.Context, known *outputs, services []service) ([]string, error) {
	byResource := map[string]string{}
	var resources []string
	for _, one := range services {
		if one.DesiredCount == 0 {
			resource := known.scaled(one.ServiceName)
			byResource[resource], resources = one.ServiceName, append(resources, resource)
		}
	}
	if len(resources) == 0 {
		return nil, nil
	}
	var found struct {
		ScalableTargets []struct {
			ResourceID  string `json:"ResourceId"`
			MinCapacity int    `json:"MinCapacity"`
		} `json:"ScalableTargets"`
	}
	args := append([]string{
		"application-autoscaling", "describe-scalable-targets", "--output", "json",
		"--service-namespace", "ecs", "--resource-ids",
	}, resources...)
	if err := p.Read(ctx, &found, "aws", args...); err != nil {
		return nil, err
	}
	var names []string
	for _, target := range found.ScalableTargets {
		if name, ok := byResource[target.ResourceID]; ok && target.MinCapacity == 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// asleep are the services of the stack that sleep now. A service that ECS does not know, as an
// interrupted deploy may leave one, does not sleep.
func (p *promotion) asleep(ctx context.Context, known *outputs) ([]string, error) {
	var asleep []string
	for names := range slices.Chunk(known.ServiceNames, perCall) {
		found, err := p.describe(ctx, known, names)
		if err != nil {
			return nil, err
		}
		sleeping, err := p.sleeping(ctx, known, found)
		if err != nil {
			return nil, err
		}
		asleep = append(asleep, sleeping...)
	}
	return asleep, nil
}

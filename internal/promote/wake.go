package promote

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// wakeAttempts is how often ECS is asked whether the tasks of a woken service are wanted.
const wakeAttempts = 30

// scaled is what Application Auto Scaling calls a service of the stack.
func (o *outputs) scaled(service string) string { return "service/" + o.ClusterName + "/" + service }

// wake raises services that sleep, before something is deployed to them: ECS then rolls the release
// out as by day, and the site shows whether it works. It does what the schedule does in the
// morning. The schedule's next evening lowers them again, on days off as well, so that an
// interrupted command leaves services that run for a day at the most.
func (p *promotion) wake(ctx context.Context, known *outputs) error {
	if p.letSleep || known.ClusterName == "" {
		return nil // without a cluster, nothing was ever deployed
	}
	asleep, err := p.asleep(ctx, known)
	if err != nil {
		return err
	}
	return p.raise(ctx, known, asleep)
}

// raise gives services the bounds of their day, and waits until ECS wants their tasks.
func (p *promotion) raise(ctx context.Context, known *outputs, asleep []string) error {
	if len(asleep) == 0 {
		return nil
	}
	p.Say("Waking %s of %s, until the schedule's next evening lowers them", strings.Join(asleep, ", "), p.stack)
	for _, name := range asleep {
		bounds, err := p.day(ctx, known.scaled(name))
		if err != nil {
			return err
		}
		// This call is all that it takes: Application Auto Scaling brings what is outside of new
		// bounds into them at once. The service is asleep or awake, and never in between.
		// https://docs.aws.amazon.com/autoscaling/application/userguide/getting-started.html
		if err := p.Run(ctx, "aws", "application-autoscaling", "register-scalable-target", "--service-namespace", "ecs",
			"--scalable-dimension", "ecs:service:DesiredCount", "--resource-id", known.scaled(name),
			"--min-capacity", strconv.Itoa(bounds.Min), "--max-capacity", strconv.Itoa(bounds.Max)); err != nil {
			return fmt.Errorf("wake service %s: %w", name, err)
		}
	}
	return p.risen(ctx, known, asleep)
}

// dayBounds are the least and the greatest number of tasks by day.
type dayBounds struct {
	Min int `json:"MinCapacity"`
	Max int `json:"MaxCapacity"`
}

// day is what the mornings of the schedule give a service: every action that raises it does the
// same.
func (p *promotion) day(ctx context.Context, resource string) (dayBounds, error) {
	var found struct {
		ScheduledActions []struct {
			Action dayBounds `json:"ScalableTargetAction"`
		} `json:"ScheduledActions"`
	}
	if err := p.Read(ctx, &found, "aws", "application-autoscaling", "describe-scheduled-actions", "--output", "json",
		"--service-namespace", "ecs", "--resource-id", resource); err != nil {
		return dayBounds{}, err
	}
	for _, one := range found.ScheduledActions {
		if one.Action.Min > 0 {
			return one.Action, nil
		}
	}
	return dayBounds{}, fmt.Errorf("wake %s: found %d scheduled actions, and none that raises it, so it would not "+
		"run by day either: "+
		"run scripts/deploy %s --let-sleep, which sets its schedule up", resource, len(found.ScheduledActions), p.stack)
}

// risen waits until ECS wants tasks of each service. Its deploy would do nothing otherwise.
func (p *promotion) risen(ctx context.Context, known *outputs, names []string) error {
	for attempt := range wakeAttempts {
		if attempt > 0 {
			select {
			case <-ctx.Done():
				return fmt.Errorf("wait for the services that were woken: %w", ctx.Err())
			case <-time.After(p.health.pause):
			}
		}
		wanted := 0
		for batch := range slices.Chunk(names, perCall) {
			found, err := p.describe(ctx, known, batch)
			if err != nil {
				return err
			}
			for _, one := range found {
				if one.DesiredCount > 0 {
					wanted++
				}
			}
		}
		if wanted == len(names) {
			return nil
		}
	}
	return fmt.Errorf("wake %s: Application Auto Scaling has new bounds for %s, and ECS wants no task of some of "+
		"them yet; "+
		"look at: aws application-autoscaling describe-scaling-activities --service-namespace ecs", p.stack,
		strings.Join(names, ", "))
}

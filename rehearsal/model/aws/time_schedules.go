package aws

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// Schedule does what Application Auto Scaling does with the scheduled actions that fall between two
// times: each gives its target its bounds. A time that is to itself counts, the one it ends with
// does not.
// https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scheduled-scaling.html
func Schedule(tx *cloud.Tx, from, to time.Time) error {
	actions, err := tx.OfType(scheduledActionType)
	if err != nil {
		return err
	}
	type due struct {
		at     time.Time
		action *cloud.Object
	}
	var all []due
	for _, action := range actions {
		found, err := times(action.Text("schedule"), action.Text("timezone"), from, to)
		if err != nil {
			return fmt.Errorf("run scheduled action %s: %w", action.ID, err)
		}
		for _, at := range found {
			all = append(all, due{at, action})
		}
	}
	slices.SortStableFunc(all, func(one, other due) int {
		return cmp.Or(one.at.Compare(other.at), cmp.Compare(one.action.ID, other.action.ID))
	})
	for _, one := range all {
		bounds := provider.Values(one.action.Outputs).Object("scalableTargetAction")
		least, hasLeast := bounds.Number("minCapacity")
		most, hasMost := bounds.Number("maxCapacity")
		if !hasLeast || !hasMost {
			return fmt.Errorf("run scheduled action %s: it has %v, and the model wants both bounds", one.action.ID,
				bounds)
		}
		target, err := tx.Get(cloud.Key{
			Type:    scalingTargetType,
			Account: one.action.Account,
			Region:  one.action.Region,
			ID:      one.action.Text("resourceId"),
		})
		if err != nil {
			return err
		}
		if target == nil {
			return fmt.Errorf("run scheduled action %s: there is no scalable target %s", one.action.ID,
				one.action.Text("resourceId"))
		}
		if err := Bound(tx, target, least, most); err != nil {
			return err
		}
	}
	return nil
}

// Bound gives a scalable target other bounds, as RegisterScalableTarget does. A service whose
// number of tasks is outside of them gets the nearest one that is not.
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
func Bound(tx *cloud.Tx, target *cloud.Object, least, most float64) error {
	if err := write(tx, target,
		map[resource.PropertyKey]float64{"minCapacity": least, "maxCapacity": most}); err != nil {
		return err
	}
	service, err := scaledService(tx, target)
	if err != nil {
		return err
	}
	tasks, _ := provider.Values(service.Outputs).Number("desiredCount")
	return write(tx, service, map[resource.PropertyKey]float64{"desiredCount": min(max(tasks, least), most)})
}

// Wake gives each target that a schedule holds at no task the bounds that the schedule's mornings
// have, as `infra promote` does before it deploys. It returns how many it has raised.
func Wake(tx *cloud.Tx) (raised int, err error) {
	actions, err := tx.OfType(scheduledActionType)
	if err != nil {
		return 0, err
	}
	woken := map[string]bool{}
	for _, action := range actions {
		bounds := provider.Values(action.Outputs).Object("scalableTargetAction")
		least, _ := bounds.Number("minCapacity")
		most, _ := bounds.Number("maxCapacity")
		target, err := tx.Get(cloud.Key{
			Type:    scalingTargetType,
			Account: action.Account,
			Region:  action.Region,
			ID:      action.Text("resourceId"),
		})
		if err != nil {
			return raised, err
		}
		if least == 0 || target == nil || woken[target.ID] {
			continue
		}
		if now, _ := provider.Values(target.Outputs).Number("maxCapacity"); now > 0 {
			continue
		}
		woken[target.ID] = true
		raised++
		if err := Bound(tx, target, least, most); err != nil {
			return raised, err
		}
	}
	return raised, nil
}

// Tasks are how many tasks each service that a target scales wants, by the target's id.
func Tasks(tx *cloud.Tx) (map[string]int, error) {
	targets, err := tx.OfType(scalingTargetType)
	if err != nil {
		return nil, err
	}
	wanted := map[string]int{}
	for _, target := range targets {
		service, err := scaledService(tx, target)
		if err != nil {
			return nil, err
		}
		tasks, _ := provider.Values(service.Outputs).Number("desiredCount")
		wanted[target.ID] = int(tasks)
	}
	return wanted, nil
}

func scaledService(tx *cloud.Tx, target *cloud.Object) (*cloud.Object, error) {
	services, err := tx.OfType(ecsServiceType)
	if err != nil {
		return nil, err
	}
	arn := fmt.Sprintf("arn:aws:ecs:%s:%s:%s", target.Region, target.Account, target.Text("resourceId"))
	i := slices.IndexFunc(services, func(service *cloud.Object) bool { return service.ARN == arn })
	if i < 0 {
		return nil, fmt.Errorf("scale %s: there is no service %s", target.ID, arn)
	}
	return services[i], nil
}

// write gives an object other numbers, as a service does behind the back of whoever made it.
func write(tx *cloud.Tx, o *cloud.Object, numbers map[resource.PropertyKey]float64) error {
	for name, number := range numbers {
		o.Inputs[name], o.Outputs[name] = resource.NewProperty(number), resource.NewProperty(number)
	}
	return tx.Replace(o)
}

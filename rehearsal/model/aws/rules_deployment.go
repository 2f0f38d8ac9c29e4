package aws

import (
	"fmt"
	"slices"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// deploymentRules are about what ECS does when a service is deployed, after its API has taken the
// service: the provider waits for the steady state, and fails when that never comes.
var deploymentRules = []provider.Rule{
	{
		Name:  "a deployment that can take a step",
		Types: []string{ecsServiceType},
		When:  provider.OnUpdate,
		Why: "ECS deployment-type-ecs: minimumHealthyPercent is rounded up and maximumPercent down to whole tasks; " +
			"with room for neither one more nor one fewer the deployment waits for ever",
		Check: func(r *provider.Request) error {
			count, _ := provider.Values(r.Old.Outputs).Number("desiredCount")
			tasks := int(count)
			anew := r.Inputs.Is("forceNewDeployment", false) || r.Inputs.Unknown("taskDefinition") ||
				r.Inputs.Text("taskDefinition") != provider.Values(r.Old.Inputs).Text("taskDefinition")
			if tasks == 0 || !anew {
				return nil
			}
			most := tasks * percent(r.Inputs, "deploymentMaximumPercent", 200) / 100
			least := (tasks*percent(r.Inputs, "deploymentMinimumHealthyPercent", 100) + 99) / 100
			if most <= tasks && least >= tasks {
				return fmt.Errorf("%stimeout while waiting for state to become 'tfSTABLE': with %d tasks ECS may run "+
					"%d at most and keeps %d at least", notSteady, tasks, most, least)
			}
			return nil
		},
	},
	{
		Name:  "targets of a load balancer",
		Types: []string{ecsServiceType},
		When:  provider.OnWrite,
		Why: "ELB quotas: targets per Application Load Balancer, as an account has it at first; ECS registers the " +
			"tasks of a deployment beside those before it",
		Check: func(r *provider.Request) error {
			own := balancersOf(r, r.Inputs)
			targets := atOnce(r.Inputs)
			for _, other := range r.Others(ecsServiceType) {
				if slices.ContainsFunc(balancersOf(r, provider.Values(other.Inputs)), func(arn string) bool {
					return slices.Contains(own, arn)
				}) {
					targets += atOnce(provider.Values(other.Outputs))
				}
			}
			if len(own) > 0 && targets > targetsPerBalancer {
				return fmt.Errorf("%sTooManyTargets: the services of load balancer %s have up to %d tasks while they "+
					"are deployed, of %d", notSteady, own[0], targets, targetsPerBalancer)
			}
			return nil
		},
	},
}

// percent is a whole number of a service's inputs, or what ECS takes without it.
func percent(service provider.Values, property string, absent int) int {
	if value, ok := service.Number(property); ok {
		return int(value)
	}
	return absent
}

// atOnce is how many tasks a service has at the most while it is deployed.
func atOnce(service provider.Values) int {
	return percent(service, "desiredCount", 1) * percent(service, "deploymentMaximumPercent", 200) / 100
}

// balancersOf are the load balancers whose listeners lead to a service, by ARN.
func balancersOf(r *provider.Request, service provider.Values) []string {
	var all []string
	for _, balancer := range service.Objects("loadBalancers") {
		group := balancer.Text("targetGroupArn")
		for _, rule := range r.List(listenerRuleType) {
			if slices.Contains(forwardsTo(provider.Values(rule.Inputs)), group) {
				all = append(all, balancerOf(r, provider.Values(rule.Inputs)))
			}
		}
		for _, listener := range r.List(listenerType) {
			if slices.Contains(forwardsTo(provider.Values(listener.Inputs)), group) {
				all = append(all, listener.Text("loadBalancerArn"))
			}
		}
	}
	return all
}

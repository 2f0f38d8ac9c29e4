package compute

import "github.com/bookmark-manager/infrastructure/internal/settings"

// groupsPerBalancer is AWS's quota of target groups per load balancer, which nobody can raise.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
const groupsPerBalancer = 100

// validateQuotas refuses services that the load balancer has no room for: a rule too many fails a
// deploy, and a task too many is never registered, at the peak that the tasks were added for. While
// a service is deployed it has more tasks than its scaling says.
func (s Services) validateQuotas(quota LoadBalancerConfig) settings.Problems {
	rules, groups, targets := 0, 0, 0
	for _, name := range s.Names() {
		c := s[name]
		if len(c.Paths) == 0 {
			continue
		}
		rules += c.listenerRules()
		groups++
		targets += c.Scaling.Max * c.Deployment.MaxPercent / 100
		if c.Canary != nil {
			groups++
			targets += c.Canary.Tasks * c.Deployment.MaxPercent / 100
		}
	}
	var p settings.Problems
	say := func(ok bool, message string, args ...any) {
		if !ok {
			p.Say("", message, args...)
		}
	}
	say(rules <= quota.RuleQuota, "the services take %d rules of the load balancer, and "+
		"compute.loadBalancer.ruleQuota is %d: have AWS raise the quota, or give a service fewer paths", rules,
		quota.RuleQuota)
	say(groups <= groupsPerBalancer, "the services and their canaries take %d target groups, and a load balancer "+
		"has %d at most", groups, groupsPerBalancer)
	say(targets <= quota.TargetQuota, "the services have up to %d tasks behind the load balancer while they are "+
		"deployed, and compute.loadBalancer.targetQuota is %d: have AWS raise the quota, or lower scaling.max or "+
		"deployment.maxPercent", targets, quota.TargetQuota)
	return p
}

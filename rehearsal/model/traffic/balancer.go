package traffic

import (
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// Request is one that reaches the HTTPS listener of the load balancer.
type Request struct {
	// Balancer is the ARN of the load balancer that it comes to. Default any: there is one.
	Balancer string
	Path     string
	Headers  map[string]string
	// Seconds is how long the application takes to answer.
	Seconds int
}

// Answer is what became of a request.
type Answer struct {
	// Status is 200, or 403 where no rule takes the request, 502 where the target is not there (any
	// more), 503 without a target, 504 where nothing lets the load balancer reach it.
	Status int
	// Why says what failed; empty for 200.
	Why string
}

// request is one that is being answered.
type request struct {
	target *task
	ends   int
}

// Send sends a request now. It returns false for one that takes time, which Tick answers later.
func (w *World) Send(r Request) (Answer, bool) {
	rule, actions := w.match(r)
	if len(actions) == 0 {
		return Answer{403, "no rule takes " + r.Path}, true
	}
	group := w.share(actions)
	if group == nil {
		return Answer{503, "no group of rule " + rule + " has a weight"}, true
	}
	target := w.target(group)
	switch {
	case target == nil:
		return Answer{503, "no target in " + group.Name}, true
	case !w.reaches(target, r.Balancer):
		return Answer{504,
			"nothing lets the load balancer reach port " + strconv.Itoa(target.port) + " of " + target.name()}, true
	case !target.answers(w.Now):
		return Answer{502, target.name() + " does not answer yet"}, true
	case r.Seconds == 0:
		return Answer{Status: 200}, true
	}
	w.pending = append(w.pending, &request{target: target, ends: w.Now + r.Seconds})
	return Answer{}, false
}

// match are the actions of the first rule, by priority, whose conditions a request meets, and what
// names it. A request that no rule takes has the default actions of the HTTPS listener, if they
// forward it.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
func (w *World) match(r Request) (name string, actions []provider.Values) {
	listeners := w.listeners(r.Balancer)
	rules := slices.DeleteFunc(w.ofType(RuleType), func(rule *cloud.Object) bool {
		return r.Balancer != "" && !slices.ContainsFunc(listeners, func(l *cloud.Object) bool {
			return l.ARN == values(rule).Text("listenerArn")
		})
	})
	slices.SortStableFunc(rules, func(a, b *cloud.Object) int {
		return number(values(a), "priority") - number(values(b), "priority")
	})
	i := slices.IndexFunc(rules, func(rule *cloud.Object) bool {
		for _, condition := range values(rule).Objects("conditions") {
			if !meets(condition, r) {
				return false
			}
		}
		return true
	})
	if i >= 0 {
		return rules[i].ID, values(rules[i]).Objects("actions")
	}
	for _, listener := range listeners {
		if values(listener).Text("protocol") != "HTTPS" {
			continue
		}
		for _, action := range values(listener).Objects("defaultActions") {
			if action.Text("type") == "forward" {
				return listener.ID, []provider.Values{action}
			}
		}
	}
	return "", nil
}

func meets(condition provider.Values, r Request) bool {
	if condition.Has("pathPattern") {
		return slices.ContainsFunc(condition.Object("pathPattern").Texts("values"), func(p string) bool {
			return matches(p, r.Path)
		})
	}
	if condition.Has("httpHeader") {
		header := condition.Object("httpHeader")
		return slices.Contains(header.Texts("values"), r.Headers[header.Text("httpHeaderName")])
	}
	if condition.Has("hostHeader") {
		return slices.ContainsFunc(condition.Object("hostHeader").Texts("values"), func(p string) bool {
			return matches(p, r.Headers["Host"])
		})
	}
	return false
}

// matches says whether a text is what a pattern with "*" and "?" means. A star takes slashes too.
func matches(pattern, text string) bool {
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", "\x01"), strings.ReplaceAll(text, "/", "\x01"))
	return err == nil && ok
}

// share chooses one of the groups that actions forward to, by their weights.
func (w *World) share(actions []provider.Values) *cloud.Object {
	w.draws++
	for _, action := range actions {
		groups := action.Object("forward").Objects("targetGroups")
		if len(groups) == 0 {
			return w.objects[w.groupKey(action.Text("targetGroupArn"))]
		}
		all := 0
		for _, one := range groups {
			all += number(one, "weight")
		}
		if all == 0 {
			return nil
		}
		// Steps of 37 meet every one of a hundred, and spread them.
		for drawn, i := w.draws*37%all, 0; i < len(groups); i++ {
			if drawn -= number(groups[i], "weight"); drawn < 0 {
				return w.objects[w.groupKey(groups[i].Text("arn"))]
			}
		}
	}
	return nil
}

func (w *World) groupKey(arn string) cloud.Key {
	for _, group := range w.ofType(GroupType) {
		if group.ARN == arn {
			return group.Key
		}
	}
	return cloud.Key{}
}

// target chooses among the healthy targets of a group. Without any it fails open: every registered
// one may get the request. One that is draining gets none.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health.html
func (w *World) target(group *cloud.Object) *task {
	var registered, well []*task
	for _, one := range w.tasks {
		if !slices.Contains(one.groups, group.ARN) || one.state == draining || one.state == starting {
			continue
		}
		registered = append(registered, one)
		if one.state == healthy {
			well = append(well, one)
		}
	}
	if len(well) > 0 {
		registered = well
	}
	if len(registered) == 0 {
		return nil
	}
	w.turns++
	return registered[w.turns%len(registered)]
}

// Healthy says whether Route 53 takes the load balancer for healthy: every target group that it
// forwards to has a healthy target. A group without targets is not healthy.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-failover-alias.html
func (w *World) Healthy() bool {
	for _, group := range w.ofType(GroupType) {
		if count, _ := w.HealthyTargets(group.ARN); count == 0 {
			return false
		}
	}
	return true
}

// HealthyTargets is how many healthy ones a target group has. The load balancer counts them only
// where a target is registered.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
func (w *World) HealthyTargets(groupARN string) (count int, counted bool) {
	for _, one := range w.tasks {
		if !slices.Contains(one.groups, groupARN) || one.state == draining || one.state == starting {
			continue
		}
		counted = true
		if one.state == healthy {
			count++
		}
	}
	return count, counted
}

// Break lets every task answer nothing from now on. The load balancer finds them unhealthy.
func (w *World) Break() {
	for _, one := range w.tasks {
		one.state, one.ready, one.passed = initial, never, never
	}
}

const never = math.MaxInt

// listeners are those of a load balancer, by its ARN; empty for those of any.
func (w *World) listeners(of string) []*cloud.Object {
	return slices.DeleteFunc(w.ofType(ListenerType), func(l *cloud.Object) bool {
		return of != "" && values(l).Text("loadBalancerArn") != of
	})
}

// Reached is the ARN of the load balancer that the requests of visitors come to: that of the VPC
// origin that a distribution uses, or else the one that faces the internet. It is empty when there
// is none.
func (w *World) Reached() string {
	for _, distribution := range w.ofType(DistributionType) {
		for _, origin := range values(distribution).Objects("origins") {
			if id := origin.Object("vpcOriginConfig").Text("vpcOriginId"); id != "" {
				used := w.objects[cloud.Key{Type: VPCOriginType, Account: distribution.Account, ID: id}]
				if used == nil {
					return ""
				}
				return values(used).Object("vpcOriginEndpointConfig").Text("arn")
			}
		}
	}
	for _, balancer := range w.ofType(BalancerType) {
		if !values(balancer).Is("internal", false) {
			return balancer.ARN
		}
	}
	return ""
}

// reaches says whether the security groups of a load balancer, by its ARN or else of any, and of a
// task let requests through to its port.
func (w *World) reaches(target *task, from string) bool {
	var balancers []string
	for _, balancer := range w.ofType(BalancerType) {
		if from == "" || balancer.ARN == from {
			balancers = append(balancers, values(balancer).Texts("securityGroups")...)
		}
	}
	allows := func(typ string, of, peers []string) bool {
		return slices.ContainsFunc(w.ofType(typ), func(o *cloud.Object) bool {
			v := values(o)
			return slices.Contains(of, v.Text("securityGroupId")) &&
				slices.Contains(peers, v.Text("referencedSecurityGroupId")) &&
				number(v, "fromPort") <= target.port && target.port <= number(v, "toPort")
		})
	}
	return allows(IngressType, target.securityGroups, balancers) && allows(EgressType, balancers, target.securityGroups)
}

// finish answers what has taken its time, and what waits for a task that has ended.
func (w *World) finish() []Answer {
	var answers []Answer
	w.pending = slices.DeleteFunc(w.pending, func(r *request) bool {
		switch {
		case r.ends <= w.Now:
			answers = append(answers, Answer{Status: 200})
			return true
		case r.target.state == stopped:
			answers = append(answers, Answer{502, r.target.name() + " was stopped before it had answered"})
			return true
		}
		return false
	})
	return answers
}

package visit

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// Listener is what the load balancer does with a request.
type Listener struct {
	// Rule is the rule that takes it; "default" when none does.
	Rule string `json:"rule"`
	// Priority is the rule's.
	Priority int `json:"priority,omitempty"`
	// Service is the component whose tasks get it, and Port their port; empty for an answer of the
	// load balancer itself.
	Service string `json:"service,omitempty"`
	Port    int    `json:"port,omitempty"`
	// Targets are the target groups with the share of each.
	Targets []Target `json:"targets,omitempty"`
	// Status is that of the load balancer's own answer.
	Status int `json:"status,omitempty"`
}

// Target is a target group and its share of the requests, in percent.
type Target struct {
	Group string `json:"group"`
	Share int    `json:"share"`
}

type balancer struct {
	rules  []listenerRule
	status int // of the answer to everything else
}

type listenerRule struct {
	name     string
	priority int
	paths    []*regexp.Regexp
	hosts    []string // none for any
	header   string   // must come with the origin's secret; empty for none
	service  string
	port     int
	targets  []Target
}

// readBalancer reads the load balancer that the distribution sends requests to: an internal one or
// one that faces the internet. While a stack moves from one to the other it has both.
func readBalancer(from source, internal bool) (*balancer, error) {
	var https []plan.State
	for _, listener := range from.OfType(catalog.Listener) {
		if listener.Input("protocol").Text() == "HTTPS" {
			https = append(https, listener)
		}
	}
	both := len(https) > 1
	b := &balancer{}
	reached := map[string]bool{} // listeners, by their URNs
	for _, listener := range https {
		if both {
			of, err := from.follow(listener.Input("loadBalancerArn"), catalog.LoadBalancer)
			if err != nil {
				return nil, err
			}
			if of.Input("internal").Raw() != internal {
				continue
			}
		}
		reached[listener.URN] = true
		b.status = number(listener.Input("defaultActions[0].fixedResponse.statusCode"))
	}
	if b.status == 0 {
		return nil, errors.New("no HTTPS listener that answers by itself by default")
	}
	for _, state := range from.OfType(catalog.ListenerRule) {
		if both {
			of, err := from.follow(state.Input("listenerArn"), catalog.Listener)
			if err != nil {
				return nil, err
			}
			if !reached[of.URN] {
				continue
			}
		}
		rule, err := readListenerRule(from, state)
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", state.Name(), err)
		}
		b.rules = append(b.rules, rule)
	}
	slices.SortFunc(b.rules, func(a, b listenerRule) int { return cmp.Compare(a.priority, b.priority) })
	return b, nil
}

func readListenerRule(from source, state plan.State) (listenerRule, error) {
	rule := listenerRule{name: state.Name(), priority: number(state.Input("priority"))}
	if component, ok := from.Component(state); ok {
		rule.service = component.Name()
	}
	var paths []string
	conditions := state.Input("conditions")
	if conditions.Hidden() {
		// The secret of the origin is in one of them, and hides them all.
		paths, rule.header = texts(from.output(state, "paths")), "X-Origin-Verify"
		rule.hosts = texts(from.output(state, "hosts"))
		if len(paths) == 0 {
			return rule, fmt.Errorf("%w: the plan hides its conditions with the origin's secret, and its component "+
				"has no output paths yet", ErrNotDeployed)
		}
	}
	for _, condition := range conditions.List() {
		switch {
		case condition.At("pathPattern").Present():
			paths = append(paths, texts(condition.At("pathPattern.values"))...)
		case condition.At("hostHeader").Present():
			rule.hosts = append(rule.hosts, texts(condition.At("hostHeader.values"))...)
		case condition.At("httpHeader").Present():
			rule.header = condition.At("httpHeader.httpHeaderName").Text()
		default:
			return rule, fmt.Errorf("%s is of a kind that this command does not know", condition.Path)
		}
	}
	for _, one := range paths {
		quoted := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(one))
		rule.paths = append(rule.paths, regexp.MustCompile("^"+quoted+"$"))
	}
	return rule, rule.readTargets(from, state)
}

// readTargets reads where the rule's one action forwards to.
func (r *listenerRule) readTargets(from source, state plan.State) error {
	weighted := state.Input("actions[0].forward.targetGroups").List()
	groups := map[string]int{}
	total := 0
	for _, one := range weighted {
		groups[one.At("arn").Text()] = number(one.At("weight"))
		total += number(one.At("weight"))
	}
	if len(weighted) == 0 {
		groups[state.Input("actions[0].targetGroupArn").Text()], total = 1, 1
	}
	for arn, weight := range groups {
		group, err := from.follow(plan.ValueOf("actions[0].targetGroupArn", arn), catalog.TargetGroup)
		if err != nil {
			return err
		}
		r.port = number(group.Input("port"))
		r.targets = append(r.targets, Target{group.Name(), 100 * weight / max(total, 1)})
	}
	slices.SortFunc(r.targets, func(a, b Target) int { return strings.Compare(a.Group, b.Group) })
	return nil
}

// route asks the rules in the order of their priorities. The load balancer compares the path as it
// came: it resolves nothing. That is not verified.
func (b *balancer) route(r *OriginRequest) *Listener {
	for _, rule := range b.rules {
		matched := slices.ContainsFunc(rule.paths, func(pattern *regexp.Regexp) bool {
			return pattern.MatchString(r.Path)
		})
		matched = matched && (len(rule.hosts) == 0 || slices.Contains(rule.hosts, strings.ToLower(r.Host)))
		if matched && (rule.header == "" || r.Headers.Get(rule.header) == secretValue) {
			return &Listener{
				Rule:     rule.name,
				Priority: rule.priority,
				Service:  rule.service,
				Port:     rule.port,
				Targets:  rule.targets,
			}
		}
	}
	return &Listener{Rule: "default", Status: b.status}
}

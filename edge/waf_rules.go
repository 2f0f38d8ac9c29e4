package edge

import (
	"net/http"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/sdk/wafv2"
)

// An exception (webAcl.exceptions) takes two rules. The rule of the managed group has a rule action
// override for each excepted rule, so that this one only counts and puts its label on the request;
// a later rule, except-NAME, blocks a request with that label (label match) on every path but those
// of the exception. Content (webAcl.content) works the other way round: a first rule labels its
// requests, and the scope-down statement of a managed group leaves requests with that label out of
// the whole group.

// The places of the rules. Each has its own, so that a rule that is added by configuration moves no
// other; groups and exceptions count on from theirs.
const (
	priorityAllow = 10 * (iota + 1)
	priorityDeny
	priorityCountries
	prioritySignInPaths
	prioritySignIn
	priorityRate
	priorityGroups
	priorityExceptions = 1000
	priorityTakeover   = 2000
	priorityBots       = 2010
)

// action is what a rule does with the requests that it matches: a rule action, or for a rule that
// holds a managed group an override action.
type action int

const (
	block         action = iota
	allow                // ends the evaluation
	count                // goes on with the next rule
	tooMany              // blocks with status 429, upon which clients wait
	tooLarge             // blocks with status 413
	overrideNone         // the group's rules decide
	overrideCount        // the group's rules only count
)

// rule is one rule of the web ACL.
type rule struct {
	name      string // also of its metric
	priority  int
	action    action
	statement statement
	label     string // put on what it matches
}

// ipSets are the ARNs of the address lists.
type ipSets struct{ allow4, allow6, deny4, deny6 pulumi.StringInput }

// signInLabel marks the requests for the sign-in paths.
const signInLabel = "sign-in"

// looseForm is the form in which the application sees a path: WAF gets it with escapes and dot
// segments as the viewer sent it, and the application does not mind case. An exception has no such
// form: it is granted for the path as it was sent, or a request for another path could borrow it
// with an escape that is resolved here and nowhere behind.
var looseForm = []string{"URL_DECODE", "NORMALIZE_PATH", "LOWERCASE"}

// rules lists the rules of a web ACL in the order of their priorities.
func rules(c WebACLConfig, sets ipSets) []rule {
	all := []rule{
		{
			name:      "allow-list",
			priority:  priorityAllow,
			action:    allow,
			statement: anyOf{inIPSet{sets.allow4}, inIPSet{sets.allow6}},
		},
		{
			name:      "deny-list",
			priority:  priorityDeny,
			action:    block,
			statement: anyOf{inIPSet{sets.deny4}, inIPSet{sets.deny6}},
		},
	}
	if len(c.BlockedCountries) > 0 {
		var codes []string
		for _, country := range slices.Sorted(slices.Values(c.BlockedCountries)) {
			codes = append(codes, string(country))
		}
		all = append(all, rule{
			name:      "countries",
			priority:  priorityCountries,
			action:    block,
			statement: inCountry{codes},
		})
	}
	if c.SignIn != nil {
		var paths anyOf
		for _, path := range c.SignIn.Paths {
			paths = append(paths, onPath{strings.ToLower(string(path)), true, looseForm})
		}
		limit := RateConfig{Limit: c.SignIn.Limit, WindowSeconds: c.SignIn.WindowSeconds}
		all = append(all,
			rule{
				name:      "sign-in-paths",
				priority:  prioritySignInPaths,
				action:    count,
				statement: paths,
				label:     signInLabel,
			},
			rule{
				name:      "sign-in-rate",
				priority:  prioritySignIn,
				action:    tooMany,
				statement: overRate{limit, signInLabel},
			})
	}
	all = append(all, rule{
		name:      "rate",
		priority:  priorityRate,
		action:    tooMany,
		statement: overRate{limit: c.Rate},
	})
	for i, name := range sortedKeys(c.Content) {
		all = append(all, contentRules(name, c.Content[name], priorityRate+1+rulesOfContent*i)...)
	}
	for i, group := range c.Groups.all() {
		if group.mode != GroupOff {
			all = append(all,
				groupRule(group, priorityGroups+10*i, c.overridden(group.name), c.contentLabels(group.key)))
		}
	}
	for i, name := range sortedKeys(c.Exceptions) {
		exception := c.Exceptions[name]
		all = append(all,
			exceptionRule(string(name), exception, priorityExceptions+i, c.Groups.named(exception.group()).mode))
	}
	return append(all, c.paidRules()...)
}

// overridden lists the rules of a group that have an exception: in the group they are overridden to
// count.
func (c WebACLConfig) overridden(group string) []string {
	var all []string
	for _, exception := range c.Exceptions {
		for _, rule := range exception.Rules {
			if exceptableRules[rule].group == group {
				all = append(all, string(rule))
			}
		}
	}
	slices.Sort(all)
	return all
}

// group is the group that the exception's rules are of.
func (c ExceptionConfig) group() string { return exceptableRules[c.Rules[0]].group }

// groupRule is the rule that holds a managed group. overridden are the group's rules that only
// count, scopedOut the labels of requests that the group does not look at. The common group never
// counts as a whole, since its rules against cross-site scripting always block: with mode count,
// each of its other rules is overridden.
func groupRule(group managedGroup, priority int, overridden, scopedOut []string) rule {
	of := inGroup{group: group, overridden: overridden, scopedOut: scopedOut}
	if group.name != commonGroup {
		return rule{
			name:      group.rule,
			priority:  priority,
			action:    group.mode.of(),
			statement: of,
		}
	}
	if group.mode == GroupCount {
		of.overridden = slices.Clone(userAgentRules)
		for name, rule := range exceptableRules {
			if rule.group == commonGroup {
				of.overridden = append(of.overridden, string(name))
			}
		}
		slices.Sort(of.overridden)
	}
	return rule{
		name:      group.rule,
		priority:  priority,
		action:    overrideNone,
		statement: of,
	}
}

// exceptionRule is the second half of an exception: it blocks what the overridden rules have
// labelled, on every path but those of the exception.
func exceptionRule(name string, c ExceptionConfig, priority int, mode GroupMode) rule {
	var labels, paths anyOf
	for _, excepted := range slices.Sorted(slices.Values(c.Rules)) {
		labels = append(labels, hasLabel{exceptableRules[excepted].fullLabel()})
	}
	for _, path := range slices.Sorted(slices.Values(c.Paths)) {
		paths = append(paths, onPath{path.searched(), path.folder(), nil})
	}
	does := block
	if mode == GroupCount {
		does = count
	}
	return rule{
		name:      "except-" + name,
		priority:  priority,
		action:    does,
		statement: allOf{labels, not{paths}},
	}
}

// Capacity is how many capacity units the web ACL uses. Its price includes 1,500.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html
func (c WebACLConfig) Capacity() int { return capacity(rules(c, ipSets{})) }

// capacity is what AWS counts the rules for.
func capacity(all []rule) int {
	total := 0
	for _, one := range all {
		total += one.statement.capacity()
	}
	return total
}

func (r rule) args() wafv2.Rule {
	args := wafv2.Rule{
		Name:      pulumi.String(r.name),
		Priority:  pulumi.Int(r.priority),
		Statement: r.statement.args(),
		VisibilityConfig: wafv2.VisibilityConfig{
			MetricName:               pulumi.String(r.name),
			CloudwatchMetricsEnabled: pulumi.Bool(true),
			SampledRequestsEnabled:   pulumi.Bool(true),
		},
	}
	if r.label != "" {
		args.RuleLabels = wafv2.RuleLabelArray{{Name: pulumi.String(r.label)}}
	}
	switch r.action {
	case block:
		args.Action = &wafv2.Action{Block: &wafv2.Block{}}
	case allow:
		args.Action = &wafv2.Action{Allow: &wafv2.Nothing{}}
	case count:
		args.Action = &wafv2.Action{Count: &wafv2.Nothing{}}
	case tooMany:
		args.Action = &wafv2.Action{Block: &wafv2.Block{
			CustomResponse: &wafv2.CustomResponse{ResponseCode: pulumi.Int(http.StatusTooManyRequests)},
		}}
	case tooLarge:
		args.Action = &wafv2.Action{Block: &wafv2.Block{
			CustomResponse: &wafv2.CustomResponse{ResponseCode: pulumi.Int(http.StatusRequestEntityTooLarge)},
		}}
	case overrideNone:
		args.OverrideAction = &wafv2.OverrideAction{None: &wafv2.Nothing{}}
	case overrideCount:
		args.OverrideAction = &wafv2.OverrideAction{Count: &wafv2.Nothing{}}
	}
	return args
}

package visit

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// Firewall is what the web ACL says of a request.
type Firewall struct {
	// Action is allow or block, and By the rule that decided; "default" when none did.
	Action string `json:"action"`
	By     string `json:"by"`
	// Status is that of a block.
	Status int `json:"status,omitempty"`
	// Rules are those that were asked, in order. Those behind the one that decided are left out.
	Rules []RuleVerdict `json:"rules"`
	// Labels are those that the request has in the end, in the order in which it got them.
	Labels []string `json:"labels,omitempty"`
	// Capacity is how many capacity units the whole web ACL uses; 0 when the plan does not know it.
	// Its price includes IncludedCapacity of them.
	Capacity int `json:"capacity,omitempty"`
}

// IncludedCapacity are the capacity units that are in the price of a web ACL.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html
const IncludedCapacity = 1500

// RuleVerdict is what one rule says.
type RuleVerdict struct {
	Name string `json:"name"`
	// Verdict is "passes" for a rule that does not match, or what it does: allow, block, count.
	Verdict string `json:"verdict"`
	// Labels are those that it has put on the request.
	Labels []string `json:"labels,omitempty"`
	// Matched are the rules of a managed group that match.
	Matched []string `json:"matched,omitempty"`
	// Outside says that a managed group does not look at the request.
	Outside bool `json:"outside,omitempty"`
}

const (
	actionAllow = "allow"
	actionBlock = "block"
	actionCount = "count"
	passes      = "passes"
)

type webACL struct {
	byDefault string
	rules     []aclRule
	sets      map[string][]netip.Prefix
	patterns  map[string]*regexp.Regexp
	capacity  int
}

type aclRule struct {
	name      string
	priority  int
	statement map[string]any
	action    string // allow, block or count; empty for a group that does as its rules say
	status    int
	labels    []string
}

func readWebACL(from source, arn plan.Value) (*webACL, error) {
	state, err := from.follow(arn, catalog.WebACL)
	if err != nil {
		return nil, err
	}
	acl := &webACL{sets: map[string][]netip.Prefix{}, patterns: map[string]*regexp.Regexp{}, byDefault: actionBlock}
	acl.capacity = number(plan.ValueOf("capacity", state.Outputs["capacity"]))
	if state.Input("defaultAction.allow").Present() {
		acl.byDefault = actionAllow
	}
	for _, set := range from.OfType(catalog.WebACLIPSet) {
		arn, _ := set.Outputs["arn"].(string)
		for _, block := range texts(set.Input("addresses")) {
			prefix, err := netip.ParsePrefix(block)
			if err != nil {
				return nil, fmt.Errorf("address list %s: %w", set.Name(), err)
			}
			acl.sets[arn] = append(acl.sets[arn], prefix)
		}
	}
	for _, rule := range state.Input("rules").List() {
		one := aclRule{
			name:      rule.At("name").Text(),
			priority:  number(rule.At("priority")),
			statement: rule.At("statement").Object(),
		}
		for action := range rule.At("action").Object() {
			one.action = action
		}
		for action := range rule.At("overrideAction").Object() {
			if action == actionCount {
				one.action = actionCount
			}
		}
		one.status = cmp.Or(number(rule.At("action.block.customResponse.responseCode")), http.StatusForbidden)
		for _, label := range rule.At("ruleLabels").List() {
			one.labels = append(one.labels, label.At("name").Text())
		}
		if err := acl.learn(one.statement); err != nil {
			return nil, fmt.Errorf("rule %s: %w", one.name, err)
		}
		acl.rules = append(acl.rules, one)
	}
	slices.SortFunc(acl.rules, func(a, b aclRule) int { return cmp.Compare(a.priority, b.priority) })
	return acl, nil
}

// inside are the statements directly within one.
func inside(kind string, body map[string]any) []map[string]any {
	var all []map[string]any
	switch kind {
	case "andStatement", "orStatement", "notStatement":
		list, _ := body["statements"].([]any)
		for _, one := range list {
			statement, _ := one.(map[string]any)
			all = append(all, statement)
		}
	case "rateBasedStatement", "managedRuleGroupStatement":
		if scope, ok := body["scopeDownStatement"].(map[string]any); ok {
			all = append(all, scope)
		}
	}
	return all
}

// learn refuses a statement that judge does not know, and compiles its patterns.
func (a *webACL) learn(statement map[string]any) error {
	if len(statement) != 1 {
		return fmt.Errorf("a statement of %d kinds, want 1", len(statement))
	}
	for kind, raw := range statement {
		body, _ := raw.(map[string]any)
		switch kind {
		case "ipSetReferenceStatement":
			if arn, _ := body["arn"].(string); plan.IsUnknown(arn) {
				return fmt.Errorf("%w: its address list is known when it is; make the plan with make plan DEPLOYED=1",
					ErrNotDeployed)
			}
		case "geoMatchStatement", "labelMatchStatement", "byteMatchStatement", "sizeConstraintStatement",
			"andStatement", "orStatement",
			"notStatement", "rateBasedStatement":
		case "managedRuleGroupStatement":
			name, _ := body["name"].(string)
			if _, ok := managedGroups[name]; !ok {
				return fmt.Errorf("managed rule group %q, of which this command knows no rule", name)
			}
		case "regexMatchStatement":
			pattern, _ := body["regexString"].(string)
			compiled, err := regexp.Compile(pattern)
			if err != nil {
				return fmt.Errorf("pattern %q: %w", pattern, err)
			}
			a.patterns[pattern] = compiled
		default:
			return fmt.Errorf("statement %q, which this command does not know", kind)
		}
		for _, one := range inside(kind, body) {
			if err := a.learn(one); err != nil {
				return err
			}
		}
	}
	return nil
}

// judge asks the rules in the order of their priorities until one allows or blocks.
func (a *webACL) judge(r *Request) (*Firewall, error) {
	f := &Firewall{Capacity: a.capacity}
	inspected := inspect(r)
	for _, rule := range a.rules {
		verdict := RuleVerdict{Name: rule.name, Verdict: passes}
		group, managed := rule.statement["managedRuleGroupStatement"].(map[string]any)
		var matched bool
		var err error
		if managed {
			matched, err = a.group(group, inspected, f, &verdict)
		} else {
			matched, err = a.matches(rule.statement, inspected, f.Labels)
		}
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", rule.name, err)
		}
		if matched {
			verdict.Verdict = cmp.Or(rule.action, actionBlock)
			verdict.Labels = append(verdict.Labels, rule.labels...)
			f.Labels = append(f.Labels, rule.labels...)
		}
		f.Rules = append(f.Rules, verdict)
		if verdict.Verdict == actionAllow || verdict.Verdict == actionBlock {
			f.Action, f.By = verdict.Verdict, rule.name
			if f.Action == actionBlock {
				f.Status = rule.status
			}
			return f, nil
		}
	}
	f.Action, f.By = a.byDefault, "default"
	if f.Action == actionBlock {
		f.Status = http.StatusForbidden
	}
	return f, nil
}

// group asks the rules of a managed group, up to the first that blocks.
func (a *webACL) group(body map[string]any, r inspected, f *Firewall, verdict *RuleVerdict) (bool, error) {
	for _, scope := range inside("managedRuleGroupStatement", body) {
		within, err := a.matches(scope, r, f.Labels)
		if err != nil || !within {
			verdict.Outside = true
			return false, err
		}
	}
	counted := map[string]bool{}
	for _, name := range countedByAWS {
		counted[name] = true
	}
	overrides, _ := body["ruleActionOverrides"].([]any)
	for _, raw := range overrides {
		override := plan.ValueOf("", raw)
		counted[override.At("name").Text()] = override.At("actionToUse.count").Present()
	}
	name, _ := body["name"].(string)
	for _, rule := range managedGroups[name].rules {
		if !slices.Contains(r.Matched, rule.name) && (rule.matches == nil || !rule.matches(r)) {
			continue
		}
		label := managedGroups[name].namespace + rule.label
		verdict.Matched, verdict.Labels, f.Labels = append(verdict.Matched, rule.name), append(verdict.Labels, label),
			append(f.Labels, label)
		if !counted[rule.name] {
			return true, nil
		}
	}
	return false, nil
}

var errField = errors.New("a part of the request that this command does not know")

func (a *webACL) matches(statement map[string]any, r inspected, labels []string) (bool, error) {
	for kind, raw := range statement {
		body := plan.ValueOf(kind, raw)
		nested := inside(kind, body.Object())
		switch kind {
		case "ipSetReferenceStatement":
			return slices.ContainsFunc(a.sets[body.At("arn").Text()], func(p netip.Prefix) bool {
				return p.Contains(r.Viewer)
			}), nil
		case "geoMatchStatement":
			return slices.Contains(texts(body.At("countryCodes")), r.Country), nil
		case "labelMatchStatement":
			return slices.Contains(labels, body.At("key").Text()), nil
		case "byteMatchStatement":
			seen, err := field(body, r)
			return err == nil &&
				compare(body.At("positionalConstraint").Text(), seen, body.At("searchString").Text()), err
		case "regexMatchStatement":
			seen, err := field(body, r)
			return err == nil && a.patterns[body.At("regexString").Text()].MatchString(seen), err
		case "sizeConstraintStatement":
			seen, err := field(body, r)
			if seen == "" {
				return false, err // a request without the component is evaluated as not matching
			}
			size, given := body.At("size").Number()
			return err == nil && given && sized(body.At("comparisonOperator").Text(), len(seen), int(size)), err
		case "rateBasedStatement":
			for _, scope := range nested {
				if within, err := a.matches(scope, r, labels); err != nil || !within {
					return false, err
				}
			}
			return r.Recent > number(body.At("limit")), nil
		case "andStatement", "orStatement":
			wanted := kind == "orStatement"
			for _, one := range nested {
				if got, err := a.matches(one, r, labels); err != nil || got == wanted {
					return wanted, err
				}
			}
			return !wanted, nil
		case "notStatement":
			got, err := a.matches(nested[0], r, labels)
			return !got, err
		}
	}
	return false, nil
}

func compare(constraint, seen, wanted string) bool {
	switch constraint {
	case "EXACTLY":
		return seen == wanted
	case "STARTS_WITH":
		return strings.HasPrefix(seen, wanted)
	case "ENDS_WITH":
		return strings.HasSuffix(seen, wanted)
	default: // CONTAINS
		return strings.Contains(seen, wanted)
	}
}

func sized(operator string, n, size int) bool {
	return map[string]bool{
		"EQ": n == size,
		"NE": n != size,
		"LT": n < size,
		"LE": n <= size,
		"GT": n > size,
		"GE": n >= size,
	}[operator]
}

// field is the part of the request that a statement looks at, after its transformations.
func field(body plan.Value, r inspected) (string, error) {
	var seen string
	for name, raw := range body.At("fieldToMatch").Object() {
		switch name {
		case "uriPath":
			seen = r.URL.EscapedPath()
		case "queryString":
			seen = r.URL.RawQuery
		case "method":
			seen = r.Method
		case "body":
			seen = r.body
		case "singleHeader":
			seen = strings.Join(r.Headers.Values(plan.ValueOf("", raw).At("name").Text()), ",")
		default:
			return "", fmt.Errorf("%w: %s", errField, name)
		}
	}
	transformations := body.At("textTransformations").List()
	slices.SortFunc(transformations, func(a, b plan.Value) int {
		return cmp.Compare(number(a.At("priority")), number(b.At("priority")))
	})
	for _, one := range transformations {
		switch kind := one.At("type").Text(); kind {
		case "NONE":
		case "URL_DECODE":
			seen = decoded(seen)
		case "NORMALIZE_PATH":
			seen = path.Clean(seen)
		case "LOWERCASE":
			seen = strings.ToLower(seen)
		default:
			return "", fmt.Errorf("transformation %q, which this command does not know", kind)
		}
	}
	return seen, nil
}

// decoded is a text without its escapes; an escape that is none stays, as WAF leaves it.
func decoded(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if one, err := url.PathUnescape(text[i : i+3]); err == nil {
				out.WriteString(one)
				i += 2
				continue
			}
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

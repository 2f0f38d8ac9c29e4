package datadog

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

var (
	// A query ends in a comparison with its critical threshold.
	comparison = regexp.MustCompile(`(>=|<=|>|<)\s*(-?[0-9.]+)$`)
	burnRate   = regexp.MustCompile(`^(?:burn_rate|error_budget)\("([^"]+)"\)\.over\("(7d|30d|90d)"\)(?` +
		`:\.long_window\("\d+[mhd]"\)\.short_window\("\d+[mhd]"\))?\s*>\s*[0-9.]+$`)
	scoped = regexp.MustCompile(`\{[^{}]+\}`)
	handle = regexp.MustCompile(`(^|\s)@[A-Za-z0-9._@+-]+`)
)

// Rules are what Datadog and its provider refuse.
func Rules() []provider.Rule {
	return slices.Concat(monitorRules, objectiveRules, checkRules, otherRules)
}

// monitorRules are about monitors.
var monitorRules = []provider.Rule{
	{
		Name:  "one way to treat missing data",
		Types: []string{monitorType},
		When:  provider.OnCheck,
		Why:   "the provider: ConflictsWith of on_missing_data",
		Check: apart("", "onMissingData", "notifyNoData", "noDataTimeframe"),
	},
	{
		Name:  "a monitor's threshold is its query's",
		Types: []string{monitorType},
		When:  provider.OnWrite,
		Why:   "Create a monitor: The value provided for parameter 'thresholds' is invalid",
		Check: func(r *provider.Request) error {
			thresholds := r.Inputs.Object("monitorThresholds")
			match := comparison.FindStringSubmatch(r.Inputs.Text("query"))
			critical, given := thresholds.Number("critical")
			if match == nil || !given {
				return nil
			}
			if queried, err := strconv.ParseFloat(match[2], 64); err != nil || queried != critical {
				return fmt.Errorf("400 Bad Request: The value provided for parameter 'thresholds' is invalid: Alert "+
					"threshold (%g) does not match that used in the query (%s).", critical, match[2])
			}
			return nil
		},
	},
	{
		Name:  "a warning comes before the alert",
		Types: []string{monitorType},
		When:  provider.OnWrite,
		Why:   "Create a monitor: The value provided for parameter 'thresholds' is invalid",
		Check: func(r *provider.Request) error {
			thresholds := r.Inputs.Object("monitorThresholds")
			match := comparison.FindStringSubmatch(r.Inputs.Text("query"))
			critical, alerts := thresholds.Number("critical")
			warning, warns := thresholds.Number("warning")
			if match == nil || !alerts || !warns {
				return nil
			}
			if rising := strings.HasPrefix(match[1], ">"); rising && warning >= critical ||
				!rising && warning <= critical {
				return fmt.Errorf("400 Bad Request: The value provided for parameter 'thresholds' is invalid: "+
					"Warning threshold (%g) must come before the alert threshold (%g).", warning, critical)
			}
			return nil
		},
	},
	{
		Name:  "query of a monitor",
		Types: []string{monitorType},
		When:  provider.OnWrite,
		Why:   "Create a monitor: The value provided for parameter 'query' is invalid",
		Check: func(r *provider.Request) error {
			query, kind := r.Inputs.Text("query"), r.Inputs.Text("type")
			if query == "" || kind != "query alert" && kind != "metric alert" {
				return nil
			}
			for _, open := range []string{"()", "{}"} {
				if strings.Count(query, open[:1]) != strings.Count(query, open[1:]) {
					return fmt.Errorf("400 Bad Request: The value provided for parameter 'query' is invalid: "+
						"unbalanced %q", open)
				}
			}
			if !comparison.MatchString(query) || !scoped.MatchString(query) || !strings.Contains(query, "(last_") {
				return fmt.Errorf("400 Bad Request: The value provided for parameter 'query' is invalid: want " +
					"aggregator(last_...):metric{scope} comparison threshold")
			}
			return nil
		},
	},
	{
		Name:  "a default of zero has its own missing data",
		Types: []string{monitorType},
		When:  provider.OnWrite,
		Why: "Create a monitor: on_missing_data with default_zero, " +
			"https://github.com/DataDog/terraform-provider-datadog/issues/2815",
		Check: func(r *provider.Request) error {
			if missing := r.Inputs.Text("onMissingData"); strings.Contains(r.Inputs.Text("query"), "default_zero(") &&
				missing != "" && missing != "default" {
				return fmt.Errorf("400 Bad Request: The value provided for parameter 'on_missing_data' is invalid: "+
					"%s cannot be used with default_zero()", missing)
			}
			return nil
		},
	},
	{
		Name:  "a monitor of a known objective",
		Types: []string{monitorType},
		When:  provider.OnWrite,
		Why:   "Create a monitor of type slo alert: the SLO must exist",
		Check: func(r *provider.Request) error {
			query := r.Inputs.Text("query")
			if r.Inputs.Text("type") != "slo alert" || query == "" {
				return nil
			}
			match := burnRate.FindStringSubmatch(query)
			if match == nil {
				return fmt.Errorf("400 Bad Request: The value provided for parameter 'query' is invalid: %s", query)
			}
			if r.Missing(r.Find(objectiveType, match[1])) {
				return fmt.Errorf("404 Not Found: SLO not found: %s", match[1])
			}
			return nil
		},
	},
	{
		Name:  "a burn rate that can be reached",
		Types: []string{monitorType},
		When:  provider.OnWrite,
		Why:   "Burn rate alerts: 1/(1-target) is the highest rate that an objective can burn at",
		Check: func(r *provider.Request) error {
			match := burnRate.FindStringSubmatch(r.Inputs.Text("query"))
			rate, given := r.Inputs.Object("monitorThresholds").Number("critical")
			if match == nil || !given || !strings.HasPrefix(r.Inputs.Text("query"), "burn_rate") {
				return nil
			}
			objective := r.Find(objectiveType, match[1])
			if objective == nil {
				return nil
			}
			for _, threshold := range provider.Values(objective.Inputs).Objects("thresholds") {
				target, ok := threshold.Number("target")
				if most := 100 / (100 - target); ok && threshold.Text("timeframe") == match[2] && rate > most {
					return fmt.Errorf("400 Bad Request: The value provided for parameter 'thresholds' is invalid: a "+
						"target of %g %% burns at a rate of %g at most, got %g", target, most, rate)
				}
			}
			return nil
		},
	},
	{
		Name:  "a monitor notifies somebody",
		Types: []string{monitorType, checkType},
		When:  provider.OnWrite,
		Why:   "Datadog takes a message without a handle, and then notifies nobody",
		Check: func(r *provider.Request) error {
			if r.Inputs.Object("optionsList").Has("scheduling") { // what is asleep on holidays calls nobody
				return nil
			}
			if message := r.Inputs.Text("message"); r.Inputs.Has("message") && !r.Inputs.Unknown("message") &&
				!handle.MatchString(message) {
				return fmt.Errorf("nobody is notified: the message has no @handle: %q", message)
			}
			return nil
		},
	},
}

// apart makes the rule that an input is not given beside others, all of them in the object of this
// name, or at the top.
func apart(object, one string, others ...string) func(*provider.Request) error {
	return func(r *provider.Request) error {
		at, place := r.Inputs, ""
		if object != "" {
			for step := range strings.SplitSeq(object, ".") {
				at = at.Object(step)
			}
			place = object + "."
		}
		for _, other := range others {
			if at.Has(one) && at.Has(other) {
				return fmt.Errorf("Conflicting configuration arguments. %q: conflicts with %s%s", place+one, place,
					other)
			}
		}
		return nil
	}
}

// objectiveRules are about service level objectives.
var objectiveRules = []provider.Rule{
	{
		Name:  "one indicator an objective",
		Types: []string{objectiveType},
		When:  provider.OnCheck,
		Why:   "the provider: ConflictsWith of query",
		Check: apart("", "query", "sliSpecification"),
	},
	{
		Name:  "an objective has what its type needs",
		Types: []string{objectiveType},
		When:  provider.OnWrite,
		Why:   "Create an SLO: query for type metric, sli_specification for time_slice, monitor_ids for monitor",
		Check: func(r *provider.Request) error {
			needed := map[string]string{"metric": "query", "time_slice": "sliSpecification", "monitor": "monitorIds"}
			kind := r.Inputs.Text("type")
			if kind != "" && !r.Inputs.Has(needed[kind]) {
				return fmt.Errorf("400 Bad Request: Invalid payload: an SLO of type %s needs %s", kind, needed[kind])
			}
			return nil
		},
	},
	{
		Name:  "thresholds of an objective",
		Types: []string{objectiveType},
		When:  provider.OnCheck,
		Why:   "Create an SLO: thresholds, each with a timeframe of its own",
		Check: func(r *provider.Request) error {
			seen := map[string]bool{}
			for _, threshold := range r.Inputs.Objects("thresholds") {
				frame := threshold.Text("timeframe")
				if seen[frame] {
					return fmt.Errorf("400 Bad Request: Invalid payload: thresholds have the timeframe %s more "+
						"than once", frame)
				}
				seen[frame] = true
				target, known := threshold.Number("target")
				if known && (target <= 0 || target >= 100) {
					return fmt.Errorf("400 Bad Request: Invalid payload: 'target' must be greater than 0 and less "+
						"than 100, got %g", target)
				}
				if warning, ok := threshold.Number("warning"); ok && known && (warning <= target || warning >= 100) {
					return fmt.Errorf("400 Bad Request: Invalid payload: 'warning' must be greater than the target "+
						"and less than 100, got %g", warning)
				}
			}
			return nil
		},
	},
	{
		Name:  "an objective that is shown or watched stays",
		Types: []string{objectiveType},
		When:  provider.OnDelete,
		Why:   "Delete an SLO: 409, it is used in a dashboard or monitor",
		Check: func(r *provider.Request) error {
			if provider.Values(r.Old.Inputs).Is("forceDelete", false) {
				return nil
			}
			for typ, property := range map[string]string{monitorType: "query", dashboardType: "dashboard"} {
				users := r.Everywhere(typ)
				if slices.ContainsFunc(users, func(o *cloud.Object) bool {
					return strings.Contains(o.Text(property), r.Old.ID)
				}) {
					return fmt.Errorf("409 Conflict: the SLO is referenced by a %s",
						strings.ToLower(typ[strings.LastIndex(typ, ":")+1:]))
				}
			}
			return nil
		},
	},
}

// checkRules are about Synthetics tests.
var checkRules = []provider.Rule{
	{
		Name:  "where a check runs",
		Types: []string{checkType},
		When:  provider.OnWrite,
		Why:   "Create a test: locations that Datadog has, or private ones",
		Check: func(r *provider.Request) error {
			known := regexp.MustCompile(`^(aws:[a-z]{2}(-[a-z]+)+-[0-9]|azure:[a-z0-9]+|gcp:[a-z0-9-]+|pl:[a-z0-9-]+)$`)
			for _, location := range r.Inputs.Texts("locations") {
				if !known.MatchString(location) {
					return fmt.Errorf("400 Bad Request: Invalid location: %s", location)
				}
			}
			return nil
		},
	},
	{
		Name:  "what a check asks and wants",
		Types: []string{checkType},
		When:  provider.OnWrite,
		Why:   "Create a test: a test of an API over HTTP has a request and assertions",
		Check: func(r *provider.Request) error {
			if r.Inputs.Text("type") != "api" || r.Inputs.Text("subtype") != "http" {
				return nil
			}
			url := r.Inputs.Object("requestDefinition").Text("url")
			if !r.Inputs.Unknown("requestDefinition") && !strings.HasPrefix(url, "http://") &&
				!strings.HasPrefix(url, "https://") {
				return fmt.Errorf("400 Bad Request: config.request.url must be an HTTP URL, got %q", url)
			}
			operators := map[string][]string{
				"statusCode":   {"is", "isNot", "matches", "doesNotMatch"},
				"responseTime": {"lessThan"},
				"body": {"contains", "doesNotContain", "is", "isNot", "matches", "doesNotMatch",
					"validatesJSONPath", "validatesJSONSchema"},
				"header": {"contains", "doesNotContain", "is", "isNot", "matches", "doesNotMatch"},
			}
			for _, assertion := range r.Inputs.Objects("assertions") {
				kind, operator := assertion.Text("type"), assertion.Text("operator")
				if kind != "" && operator != "" && !slices.Contains(operators[kind], operator) {
					return fmt.Errorf("400 Bad Request: an assertion on %s cannot have the operator %s", kind, operator)
				}
			}
			return nil
		},
	},
}

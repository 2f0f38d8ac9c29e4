package aws

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// scalingRules are about Application Auto Scaling of ECS services.
var scalingRules = []provider.Rule{
	{
		Name:  "scale a known service",
		Types: []string{scalingTargetType},
		When:  provider.OnWrite,
		Why:   "Application Auto Scaling RegisterScalableTarget: ValidationException",
		Check: func(r *provider.Request) error {
			id := r.Inputs.Text("resourceId")
			if r.Inputs.Text("serviceNamespace") != "ecs" || id == "" || r.Preview {
				return nil
			}
			if r.Find(ecsServiceType, fmt.Sprintf("arn:aws:ecs:%s:%s:%s", r.Region, r.Account, id)) == nil {
				return fmt.Errorf("ValidationException: ECS service doesn't exist: %s", id)
			}
			return nil
		},
	},
	{
		Name:  "one scalable target a service",
		Types: []string{scalingTargetType},
		When:  provider.OnCreate,
		Why: "RegisterScalableTarget overwrites the target, which another resource manages; the model does not " +
			"forgive it",
		Check: func(r *provider.Request) error {
			if other := r.Find(scalingTargetType, r.Inputs.Text("resourceId")); other != nil && !r.Itself(other) {
				return fmt.Errorf("the scalable target %s exists already", other.ID)
			}
			return nil
		},
	},
	{
		Name:  "bounds of a scalable target",
		Types: []string{scalingTargetType},
		When:  provider.OnCheck,
		Why:   "Application Auto Scaling RegisterScalableTarget: ValidationException",
		Check: func(r *provider.Request) error { return boundsOf(r.Inputs) },
	},
	{
		Name:  "scale a known target",
		Types: []string{scalingPolicyType, scheduledActionType},
		When:  provider.OnWrite,
		Why:   "Application Auto Scaling error codes: ObjectNotFoundException",
		Check: func(r *provider.Request) error {
			id := r.Inputs.Text("resourceId")
			if id == "" || !r.Missing(r.Find(scalingTargetType, id)) {
				return nil
			}
			return fmt.Errorf("ObjectNotFoundException: No scalable target registered for service namespace: %s, "+
				"resource ID: %s, scalable dimension: %s",
				r.Inputs.Text("serviceNamespace"), id, r.Inputs.Text("scalableDimension"))
		},
	},
	{
		Name:  "one tracking policy a metric",
		Types: []string{scalingPolicyType},
		When:  provider.OnWrite,
		Why: "Application Auto Scaling PutScalingPolicy: ValidationException, " +
			"https://github.com/hashicorp/terraform-provider-aws/issues/41179",
		Check: func(r *provider.Request) error {
			metric := trackedMetric(r.Inputs)
			for _, other := range r.Others(scalingPolicyType) {
				if metric != "" && trackedMetric(provider.Values(other.Outputs)) == metric &&
					other.Text("name") != r.Inputs.Text("name") &&
					other.Text("resourceId") == r.Inputs.Text("resourceId") {
					return fmt.Errorf("ValidationException: Only one TargetTrackingScaling policy for a given metric " +
						"specification is allowed.")
				}
			}
			return nil
		},
	},
	{
		Name:  "requests of a known target group",
		Types: []string{scalingPolicyType},
		When:  provider.OnWrite,
		Why:   "Application Auto Scaling PredefinedMetricSpecification: ResourceLabel",
		Check: func(r *provider.Request) error {
			metric := r.Inputs.Object("targetTrackingScalingPolicyConfiguration").Object(
				"predefinedMetricSpecification",
			)
			if metric.Text("predefinedMetricType") != "ALBRequestCountPerTarget" || metric.Unknown("resourceLabel") ||
				r.Preview {
				return nil
			}
			label := metric.Text("resourceLabel")
			for _, balancer := range r.List(loadBalancerType) {
				for _, group := range r.List(targetGroupType) {
					if label == balancer.Text("arnSuffix")+"/"+group.Text("arnSuffix") {
						return nil
					}
				}
			}
			return fmt.Errorf("ValidationException: Resource label %q is not of the form "+
				"app/NAME/ID/targetgroup/NAME/ID of a load balancer and a target group.", label)
		},
	},
	{
		Name:  "a schedule",
		Types: []string{scheduledActionType},
		When:  provider.OnCheck,
		Why:   "Application Auto Scaling PutScheduledAction: ValidationException",
		Check: func(r *provider.Request) error {
			schedule := r.Inputs.Text("schedule")
			if schedule == "" {
				return nil
			}
			if problem := scheduleProblem(schedule); problem != "" {
				return fmt.Errorf("ValidationException: Invalid schedule expression: %s: %s", schedule, problem)
			}
			return nil
		},
	},
	{
		Name:  "bounds of a schedule",
		Types: []string{scheduledActionType},
		When:  provider.OnCheck,
		Why:   "Application Auto Scaling PutScheduledAction: ValidationException",
		Check: func(r *provider.Request) error { return boundsOf(r.Inputs.Object("scalableTargetAction")) },
	},
}

func boundsOf(v provider.Values) error {
	least, hasLeast := v.Number("minCapacity")
	most, hasMost := v.Number("maxCapacity")
	if hasLeast && hasMost && least > most {
		return fmt.Errorf("ValidationException: Maximum capacity cannot be less than minimum capacity: %g, %g", most,
			least)
	}
	return nil
}

// scheduleProblem says what is wrong with an expression; nothing when it is good.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
func scheduleProblem(expression string) string {
	for _, kind := range []string{"at(", "rate("} {
		if strings.HasPrefix(expression, kind) && strings.HasSuffix(expression, ")") {
			return ""
		}
	}
	inside, isCron := strings.CutPrefix(expression, "cron(")
	inside, closed := strings.CutSuffix(inside, ")")
	if !isCron || !closed {
		return "it is no at(), rate() or cron()"
	}
	fields := strings.Fields(inside)
	if len(fields) != len(cronFields) {
		return fmt.Sprintf("cron has %d fields, got %d", len(cronFields), len(fields))
	}
	for i, field := range cronFields {
		if !field.takes(fields[i]) {
			return fmt.Sprintf("%s is no %s", fields[i], field.name)
		}
	}
	if (fields[2] == "?") == (fields[4] == "?") {
		return "one of the day fields must be a question mark"
	}
	return ""
}

type cronField struct {
	name        string
	first, last int
	words       []string // for first and what follows
	day         bool     // may be a question mark
}

var cronFields = []cronField{
	{name: "minute", last: 59},
	{name: "hour", last: 23},
	{name: "day of the month", first: 1, last: 31, day: true},
	{
		name:  "month",
		first: 1,
		last:  12,
		words: []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"},
	},
	{
		name:  "day of the week",
		first: 1,
		last:  7,
		words: []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"},
		day:   true,
	},
	{name: "year", first: 1970, last: 2199},
}

func (f cronField) takes(text string) bool {
	if text == "*" || text == "?" && f.day {
		return true
	}
	for _, part := range strings.Split(text, ",") {
		span, step, stepped := strings.Cut(part, "/")
		if _, err := strconv.Atoi(step); stepped && err != nil {
			return false
		}
		if span == "*" && stepped {
			continue
		}
		first, last, isSpan := strings.Cut(span, "-")
		if !isSpan {
			last = first
		}
		from, okFrom := f.value(first)
		to, okTo := f.value(last)
		if !okFrom || !okTo || from > to {
			return false
		}
	}
	return true
}

func (f cronField) value(text string) (int, bool) {
	if i := slices.Index(f.words, strings.ToUpper(text)); i >= 0 {
		return f.first + i, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= f.first && n <= f.last
}

// trackedMetric is the predefined metric that a policy tracks; empty for one that tracks none.
func trackedMetric(policy provider.Values) string {
	tracking := policy.Object("targetTrackingScalingPolicyConfiguration")
	return tracking.Object("predefinedMetricSpecification").Text("predefinedMetricType")
}

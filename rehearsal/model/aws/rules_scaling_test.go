package aws

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scaled is a service's scalable target, changed by more.
func scaled(more in) in {
	return merged(in{
		"serviceNamespace":  "ecs",
		"scalableDimension": "ecs:service:DesiredCount",
		"resourceId":        "service/main/web",
		"minCapacity":       2,
		"maxCapacity":       10,
	}, more)
}

func (w *world) scalable() host {
	w.t.Helper()
	h := w.host()
	w.make(ecsServiceType, "web", h.service(nil))
	w.make(scalingTargetType, "web", scaled(nil))
	return h
}

// action asks for a scheduled action.
func (w *world) action(schedule string, more in) error {
	w.t.Helper()
	w.scalable()
	return failed(w.try(scheduledActionType, "lower",
		merged(scaled(in{"minCapacity": nil, "maxCapacity": nil}), merged(in{
			"schedule": schedule, "scalableTargetAction": in{"minCapacity": 1, "maxCapacity": 1},
		}, more))))
}

func requestsPolicy(label string) in {
	return merged(scaled(in{"minCapacity": nil, "maxCapacity": nil}), in{
		"policyType": "TargetTrackingScaling", "targetTrackingScalingPolicyConfiguration": in{
			"targetValue": 100,
			"predefinedMetricSpecification": in{
				"predefinedMetricType": "ALBRequestCountPerTarget",
				"resourceLabel":        label,
			},
		},
	})
}

// tracking is a policy of a service that tracks a predefined metric.
func tracking(metric string) in {
	return merged(scaled(in{"minCapacity": nil, "maxCapacity": nil}), in{
		"policyType": "TargetTrackingScaling", "targetTrackingScalingPolicyConfiguration": in{
			"targetValue": 70, "predefinedMetricSpecification": in{"predefinedMetricType": metric},
		},
	})
}

var scalingPairs = map[string]pair{
	"scale a known service": {
		want:    "ValidationException: ECS service doesn't exist: service/main/web",
		refuses: func(w *world) error { return failed(w.try(scalingTargetType, "web", scaled(nil))) },
		passes:  func(w *world) error { w.scalable(); return nil },
	},
	"one scalable target a service": {
		want: "the scalable target service/main/web exists already",
		refuses: func(w *world) error {
			w.scalable()
			return failed(w.try(scalingTargetType, "again", scaled(nil)))
		},
		passes: func(w *world) error { w.scalable(); return nil },
	},
	"bounds of a scalable target": {
		want: "ValidationException: Maximum capacity cannot be less than minimum capacity: 1, 2",
		refuses: func(w *world) error {
			_, err := w.check(scalingTargetType, "web", scaled(in{"maxCapacity": 1}))
			return err
		},
		passes: func(w *world) error {
			_, err := w.check(scalingTargetType, "web", scaled(in{"maxCapacity": 2}))
			return err
		},
	},
	"scale a known target": {
		want: "ObjectNotFoundException: No scalable target registered for service namespace: ecs, resource ID: " +
			"service/main/web, scalable dimension: ecs:service:DesiredCount",
		refuses: func(w *world) error {
			return failed(w.try(scalingPolicyType, "cpu", scaled(in{"minCapacity": nil, "maxCapacity": nil})))
		},
		passes: func(w *world) error {
			w.scalable()
			return failed(w.try(scalingPolicyType, "cpu", scaled(in{"minCapacity": nil, "maxCapacity": nil})))
		},
	},
	"one tracking policy a metric": {
		want: "ValidationException: Only one TargetTrackingScaling policy for a given metric specification is allowed.",
		refuses: func(w *world) error {
			w.scalable()
			w.make(scalingPolicyType, "cpu", tracking("ECSServiceAverageCPUUtilization"))
			return failed(w.try(scalingPolicyType, "again", tracking("ECSServiceAverageCPUUtilization")))
		},
		passes: func(w *world) error {
			w.scalable()
			w.make(scalingPolicyType, "cpu", tracking("ECSServiceAverageCPUUtilization"))
			return failed(w.try(scalingPolicyType, "memory", tracking("ECSServiceAverageMemoryUtilization")))
		},
	},
	"requests of a known target group": {
		want: `ValidationException: Resource label "app/alb/1" is not of the form app/NAME/ID/targetgroup/NAME/ID ` +
			`of a load balancer and a target group.`,
		refuses: func(w *world) error {
			w.scalable()
			return failed(w.try(scalingPolicyType, "requests", requestsPolicy("app/alb/1")))
		},
		passes: func(w *world) error {
			h := w.scalable()
			return failed(w.try(scalingPolicyType, "requests",
				requestsPolicy(h.balancer.text("arnSuffix")+"/"+h.group.text("arnSuffix"))))
		},
	},
	"a schedule": {
		want:    "ValidationException: Invalid schedule expression: cron(0 22 * * *): cron has 6 fields, got 5",
		refuses: func(w *world) error { return w.action("cron(0 22 * * *)", nil) },
		passes:  func(w *world) error { return w.action("cron(0 22 * * ? *)", nil) },
	},
	"bounds of a schedule": {
		want: "ValidationException: Maximum capacity cannot be less than minimum capacity: 1, 2",
		refuses: func(w *world) error {
			return w.action("cron(0 22 * * ? *)", in{"scalableTargetAction": in{"minCapacity": 2, "maxCapacity": 1}})
		},
		passes: func(w *world) error {
			return w.action("cron(0 22 * * ? *)", in{"scalableTargetAction": in{"minCapacity": 2, "maxCapacity": 2}})
		},
	},
}

func TestScheduleExpressions(t *testing.T) {
	for expression, want := range map[string]string{
		"cron(0 7 ? * MON-FRI *)":                   "",
		"cron(0 7 ? * MON-FRI 1970-2025,2027-2199)": "",
		"cron(30 7 2,4,5-9 11 ? 2026)":              "",
		"cron(0/15 8-18 ? JAN,feb 2 *)":             "",
		"cron(*/5 * * * ? *)":                       "",
		"at(2026-01-01T00:00:00)":                   "",
		"rate(5 minutes)":                           "",
		"0 7 * * *":                                 "it is no at(), rate() or cron()",
		"cron(0 24 * * ? *)":                        "24 is no hour",
		"cron(60 7 * * ? *)":                        "60 is no minute",
		"cron(0 7 32 * ? *)":                        "32 is no day of the month",
		"cron(0 7 ? 13 MON *)":                      "13 is no month",
		"cron(0 7 ? * MON-FRY *)":                   "MON-FRY is no day of the week",
		"cron(0 7 ? * FRI-MON *)":                   "FRI-MON is no day of the week",
		"cron(0 7 * * ? 1969)":                      "1969 is no year",
		"cron(? 7 * * ? *)":                         "? is no minute",
		"cron(0 7 * * * *)":                         "one of the day fields must be a question mark",
		"cron(0 7 ? * ? *)":                         "one of the day fields must be a question mark",
		"cron(0/x 7 * * ? *)":                       "0/x is no minute",
	} {
		assert.Equal(t, want, scheduleProblem(expression), expression)
	}
}

func TestATargetGoesWithItsPoliciesAndSchedules(t *testing.T) {
	w := newWorld(t)
	h := w.host()
	w.make(ecsServiceType, "web", h.service(nil))
	target := w.make(scalingTargetType, "web", scaled(nil))
	w.make(scalingPolicyType, "cpu",
		scaled(in{"minCapacity": nil, "maxCapacity": nil, "policyType": "TargetTrackingScaling"}))
	require.NoError(t, w.delete(target))
	objects, err := w.cloud.List()
	require.NoError(t, err)
	for _, o := range objects {
		assert.NotEqual(t, scalingPolicyType, o.Type)
	}
}

package aws

import (
	"errors"
	"fmt"
	"strings"
)

// deployed is a service of so many tasks that is deployed anew, with room for more and fewer.
func (w *world) deployed(tasks, least, most int) error {
	w.t.Helper()
	h := w.host()
	room := in{"desiredCount": tasks, "deploymentMinimumHealthyPercent": least, "deploymentMaximumPercent": most}
	service := w.make(ecsServiceType, "web", h.service(room))
	next := w.make(taskDefinitionType, "next", w.task(in{"cpu": "1024", "memory": "2048"}, box("web",
		in{"portMappings": []in{{"containerPort": 3000, "hostPort": 3000, "name": "http"}}})))
	return failed(w.update(service, h.service(merged(room, in{"taskDefinition": next.text("arn")}))))
}

// crowded are two services behind one load balancer; the second has so many tasks.
func (w *world) crowded(tasks int) error {
	w.t.Helper()
	h := w.host()
	w.make(ecsServiceType, "web", h.service(in{"desiredCount": 300}))
	group := w.make(targetGroupType, "api", targetGroup(h.vpc.id, in{"name": "api"}))
	w.make(listenerRuleType, "api", h.rule(in{"priority": 5, "actions": forward(group.id)}))
	return h.named(failed(w.try(ecsServiceType, "api", h.service(in{
		"name": "api", "desiredCount": tasks, "loadBalancers": []any{in{
			"targetGroupArn": group.id, "containerName": "web", "containerPort": 3000,
		}},
	}))))
}

// ruled is the last of so many rules of a load balancer.
func (w *world) ruled(rules int) error {
	w.t.Helper()
	f := w.front()
	for i := range rules - 1 {
		w.make(listenerRuleType, fmt.Sprintf("rule-%d", i), f.rule(in{"priority": i + 1}))
	}
	return f.named(failed(w.try(listenerRuleType, "last", f.rule(in{"priority": rules}))))
}

// named puts a name in the place of the load balancer's ARN.
func (f front) named(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(strings.ReplaceAll(err.Error(), f.balancer.id, "ALB"))
}

var deploymentPairs = map[string]pair{
	"a deployment that can take a step": {
		want: "waiting for ECS Service to reach a steady state: tasks failed to start: timeout while waiting for " +
			"state to become 'tfSTABLE': with 1 tasks ECS may run 1 at most and keeps 1 at least",
		refuses: func(w *world) error { return w.deployed(1, 100, 150) },
		passes:  func(w *world) error { return w.deployed(2, 100, 150) },
	},
	"targets of a load balancer": {
		want: "waiting for ECS Service to reach a steady state: tasks failed to start: TooManyTargets: the services " +
			"of load balancer ALB have up to 1002 tasks while they are deployed, of 1000",
		refuses: func(w *world) error { return w.crowded(201) },
		passes:  func(w *world) error { return w.crowded(200) },
	},
	"rules of a load balancer": {
		want:    "TooManyRules: The maximum number of rules on load balancer 'ALB' has been reached",
		refuses: func(w *world) error { return w.ruled(101) },
		passes:  func(w *world) error { return w.ruled(100) },
	},
	"a matcher of a target group": {
		want: "ValidationError: Health check matcher HTTP code '299-200' must be a range from the lower code to the " +
			"higher",
		refuses: func(w *world) error {
			return failed(w.try(targetGroupType, "web",
				targetGroup(w.network().vpc.id, in{"healthCheck": in{"matcher": "200,299-200"}})))
		},
		passes: func(w *world) error {
			return failed(w.try(targetGroupType, "web",
				targetGroup(w.network().vpc.id, in{"healthCheck": in{"matcher": "200,202-299"}})))
		},
	},
	"slow start shares requests out in turn": {
		want: "InvalidConfigurationRequest: slow_start.duration_seconds is not supported with " +
			"load_balancing.algorithm.type least_outstanding_requests",
		refuses: func(w *world) error { return w.balanced("least_outstanding_requests") },
		passes:  func(w *world) error { return w.balanced("round_robin") },
	},
	"a user that a container can have": {
		want: "waiting for ECS Service to reach a steady state: tasks failed to start: " +
			"CannotStartContainerError: uids " +
			"and gids must be in range 0-2147483647: 9999999999:1",
		refuses: func(w *world) error { return w.runAs("9999999999:1") },
		passes:  func(w *world) error { return w.runAs("2147483647:node") },
	},
}

// balanced is a target group with slow start.
func (w *world) balanced(algorithm string) error {
	w.t.Helper()
	return failed(w.try(targetGroupType, "web", targetGroup(w.network().vpc.id,
		in{"slowStart": 30, "loadBalancingAlgorithmType": algorithm})))
}

// runAs is a service whose container runs as a user.
func (w *world) runAs(user string) error {
	w.t.Helper()
	h := w.host(box("web", in{
		"user": user, "portMappings": []in{{"containerPort": 3000, "hostPort": 3000, "name": "http"}},
	}))
	return failed(w.try(ecsServiceType, "web", h.service(nil)))
}

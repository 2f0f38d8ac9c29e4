package drill

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/cloudwatch"
)

// sent is what a metric is sent in a minute: nothing, or values.
type sent []cloudwatch.Value

func once(value float64) sent { return cloudwatch.Of(value) }

// counted is a counter that is not sent while it is 0.
func counted(value float64) sent {
	if value == 0 {
		return nil
	}
	return once(value)
}

// outcome is what became of the requests of a minute at the load balancer.
type outcome struct {
	routed, unrouted, byTargets, byBalancer float64
}

func (o *outcome) add(other outcome) {
	o.routed += other.routed
	o.unrouted += other.unrouted
	o.byTargets += other.byTargets
	o.byBalancer += other.byBalancer
}

// errors are all answers with a 5xx status. A request that found no target is a 503 of the load
// balancer.
func (o outcome) errors() float64 { return o.byTargets + o.byBalancer }

// arriving are the requests that reach the load balancer for a service, those of the health
// checkers with them, who ask one.
func (r *run) arriving(now *state, name string) float64 {
	requests := r.visitorsOf(now, name)
	if name == r.stack.prober {
		requests += probes * (1 - now.cutOff)
	}
	return requests
}

// visitorsOf are the requests of visitors that reach the load balancer for a service. They ask all
// services that have paths alike, and a canary in the place of its service one time in ten.
func (r *run) visitorsOf(now *state, name string) float64 {
	reached := 0
	for _, one := range r.stack.services {
		if one.targets && !strings.HasSuffix(one.name, canary) {
			reached++
		}
	}
	const part = 0.1
	share := 1.0
	switch {
	case strings.HasSuffix(name, canary):
		share = part
	case now.services[name+canary] != nil:
		share = 1 - part
	}
	return share * now.requests * (1 - now.cached) / float64(reached) * (1 - now.cutOff)
}

// canary is the end of the name of a service that takes a part of another's requests.
const canary = "-canary"

// outcomeOf is what becomes of a service's requests. With unhealthy targets alone the load balancer
// sends them to those, which may well answer them.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
func (r *run) outcomeOf(now *state, one service) outcome {
	if !one.targets {
		return outcome{}
	}
	requests, is := r.arriving(now, one.name), now.services[one.name]
	if is.healthy+is.unhealthy == 0 {
		return outcome{unrouted: requests, byBalancer: requests}
	}
	return outcome{
		routed: requests, byTargets: requests * is.failing * (1 - is.hanging), byBalancer: requests * is.hanging,
	}
}

func (r *run) balanced(now *state) outcome {
	var all outcome
	for _, one := range r.stack.services {
		all.add(r.outcomeOf(now, one))
	}
	return all
}

// edge are the requests at CloudFront and those that it answered with a 5xx status.
func (r *run) edge(now *state) (requests, errors float64) {
	requests = now.requests + probes
	lost := (now.requests*(1-now.cached) + probes) * now.cutOff
	return requests, lost + r.balanced(now).errors()
}

// answers says whether the health check succeeds in a minute. Its checkers want several failures in
// a row, which take them a minute and a half.
func (r *run) answers(minute int) bool {
	for _, before := range []int{minute, minute - 1} {
		now := r.state(before)
		is := now.services[r.stack.prober]
		if is != nil && is.healthy+is.unhealthy > 0 && max(is.failing, is.hanging, now.cutOff) < 0.8 &&
			!(is.unwell && r.stack.sameCheck) {
			return true
		}
	}
	return false
}

// source is what a metric is sent, by the minute. known is false for a metric that the stack does
// not send.
func (s *Stack) source(metric string) (send func(*run, *state) sent, known bool) {
	parts := append(strings.Fields(metric), "", "", "")
	namespace, name, subject := parts[0], parts[1], parts[2]
	if send, ok := metrics[namespace+" "+name]; ok {
		return func(r *run, now *state) sent { return send(r, now, subject) }, true
	}
	if name == "dumps-completed" {
		return func(_ *run, now *state) sent { return counted(now.backups.dumped) }, true
	}
	of, ok := strings.CutSuffix(name, "-error-lines")
	if ok && slices.ContainsFunc(s.services, func(one service) bool { return one.name == of }) {
		return func(_ *run, now *state) sent { return once(now.services[of].errorLines) }, true
	}
	return nil, false
}

// metrics are those that the stack sends, by namespace and name. What AWS sends only when there is
// something to send is so here.
var metrics = map[string]func(r *run, now *state, subject string) sent{
	"AWS/ECS CPUUtilization":    perTask(func(s *serviceState) float64 { return min(100, s.cpu) }),
	"AWS/ECS MemoryUtilization": perTask(func(s *serviceState) float64 { return min(100, s.memory) }),

	"AWS/ApplicationELB HealthyHostCount":   hosts(func(s *serviceState) int { return s.healthy }),
	"AWS/ApplicationELB UnHealthyHostCount": hosts(func(s *serviceState) int { return s.unhealthy }),
	"AWS/ApplicationELB RequestCount": func(r *run, now *state, subject string) sent {
		return counted(r.of(now, subject).routed)
	},
	"AWS/ApplicationELB HTTPCode_Target_5XX_Count": func(r *run, now *state, subject string) sent {
		return counted(r.of(now, subject).byTargets)
	},
	"AWS/ApplicationELB HTTPCode_ELB_5XX_Count": func(r *run, now *state, _ string) sent {
		return counted(r.balanced(now).byBalancer)
	},
	"AWS/ApplicationELB HTTPCode_ELB_503_Count": func(r *run, now *state, _ string) sent {
		return counted(r.balanced(now).unrouted)
	},
	"AWS/ApplicationELB TargetResponseTime": func(r *run, now *state, _ string) sent { return r.responses(now) },

	"AWS/CloudFront Requests": func(r *run, now *state, _ string) sent {
		requests, _ := r.edge(now)
		return once(requests)
	},
	"AWS/CloudFront 5xxErrorRate": func(r *run, now *state, _ string) sent {
		requests, errors := r.edge(now)
		return sent{{Value: 100, Times: errors}, {Value: 0, Times: requests - errors}}
	},
	"AWS/WAFV2 BlockedRequests": func(_ *run, now *state, _ string) sent { return counted(now.blocked) },
	"AWS/Route53 HealthCheckStatus": func(r *run, now *state, _ string) sent {
		if r.answers(now.minute) {
			return once(1)
		}
		return once(0)
	},
	"AWS/Route53 DNSSECInternalFailure":             signing(func(s signingState) float64 { return s.failure }),
	"AWS/Route53 DNSSECKeySigningKeysNeedingAction": signing(func(s signingState) float64 { return s.needsAction }),
	"AWS/CertificateManager DaysToExpiry": func(_ *run, now *state, subject string) sent {
		if left, ok := now.expires[subject]; ok && now.minute%(minutesOfDay/2) == 0 { // twice a day
			return once(float64(left))
		}
		return nil
	},
	"AWS/NATGateway ErrorPortAllocation": func(_ *run, now *state, zone string) sent { return once(now.ports[zone]) },

	"AWS/RDS DatabaseConnections": database(func(r *run, d databaseState) float64 {
		return d.connections * r.stack.connections
	}),
	"AWS/RDS ACUUtilization": database(func(_ *run, d databaseState) float64 { return d.capacity }),
	"AWS/RDS FreeableMemory": database(func(r *run, d databaseState) float64 {
		return d.memory * r.stack.memory
	}),
	"AWS/RDS AuroraReplicaLagMaximum": database(func(_ *run, d databaseState) float64 { return d.lag }),
	"AWS/RDS Deadlocks":               database(func(_ *run, d databaseState) float64 { return d.deadlocks / 60 }),

	"AWS/Backup NumberOfBackupJobsCompleted": backup(func(b backupState) float64 { return b.completed }),
	"AWS/Backup NumberOfCopyJobsCompleted":   backup(func(b backupState) float64 { return b.copied }),

	"AWS/SQS ApproximateAgeOfOldestMessage": func(_ *run, now *state, queue string) sent {
		return once(now.oldest[queue])
	},
	"AWS/SQS ApproximateNumberOfMessagesVisible": func(_ *run, now *state, queue string) sent {
		return once(now.waiting[queue])
	},

	"AWS/Scheduler TargetErrorCount":       unstarted,
	"AWS/Scheduler InvocationDroppedCount": unstarted,

	"AWS/Firehose IncomingRecords": func(_ *run, now *state, _ string) sent { return counted(now.lines) },
	"AWS/Firehose DeliveryToHttpEndpoint.Success": func(_ *run, now *state, _ string) sent {
		return sent{{Value: 1, Times: now.taken}, {Value: 0, Times: 1 - now.taken}}
	},
}

// unstarted are the starts of scheduled tasks that ECS refuses.
func unstarted(_ *run, now *state, _ string) sent { return counted(now.unstarted) }

// of is the outcome at the load balancer, of one service or of all.
func (r *run) of(now *state, subject string) outcome {
	i := slices.IndexFunc(r.stack.services, func(one service) bool { return one.name == subject })
	if i < 0 {
		return r.balanced(now)
	}
	return r.outcomeOf(now, r.stack.services[i])
}

// perTask is sent once for each task that runs.
func perTask(value func(*serviceState) float64) func(*run, *state, string) sent {
	return func(_ *run, now *state, subject string) sent {
		is := now.services[subject]
		if is == nil || is.healthy+is.unhealthy == 0 {
			return nil
		}
		return sent{{Value: value(is), Times: float64(is.healthy + is.unhealthy)}}
	}
}

// hosts is sent by each node of the load balancer while a target is registered.
func hosts(value func(*serviceState) int) func(*run, *state, string) sent {
	const nodes = 2
	return func(_ *run, now *state, subject string) sent {
		is := now.services[subject]
		if is == nil || is.healthy+is.unhealthy == 0 {
			return nil
		}
		return sent{{Value: float64(value(is)), Times: nodes}}
	}
}

// answers are how long targets take: most a tenth of a second, one in eleven a third of one, and
// one in a hundred a whole one.
var answers = []struct{ seconds, of float64 }{{0.1, 0.9}, {0.3, 0.09}, {1, 0.01}}

// responses are the times of all targets.
func (r *run) responses(now *state) sent {
	var all sent
	for _, one := range r.stack.services {
		is := now.services[one.name]
		requests := r.outcomeOf(now, one).routed * (1 - is.hanging)
		if requests == 0 {
			continue
		}
		for _, part := range answers {
			all = append(all, cloudwatch.Value{Value: part.seconds * is.slow, Times: requests * part.of})
		}
	}
	return all
}

func database(value func(*run, databaseState) float64) func(*run, *state, string) sent {
	return func(r *run, now *state, _ string) sent {
		if now.database.gone {
			return nil
		}
		return once(value(r, now.database))
	}
}

// signing is sent every four hours.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-hosted-zones-with-cloudwatch.html
func signing(value func(signingState) float64) func(*run, *state, string) sent {
	return func(_ *run, now *state, _ string) sent {
		if now.minute%(4*60) != 0 {
			return nil
		}
		return once(value(now.signing))
	}
}

func backup(value func(backupState) float64) func(*run, *state, string) sent {
	return func(_ *run, now *state, _ string) sent { return counted(value(now.backups)) }
}

// check finds alarms on metrics that the stack does not send.
func (s *Stack) check() error {
	for _, one := range s.Alarms {
		for _, query := range one.Queries {
			if _, known := s.source(query.Metric); query.Expression == "" && !known {
				return fmt.Errorf("alarm %s watches %q, which the drill's stack does not send: teach it in "+
					"internal/drill/metrics.go",
					one.Name, query.Metric)
			}
		}
	}
	return nil
}

package drill

import (
	"maps"
	"strings"
)

// What AWS reports by itself, as EventBridge has it, and the incidents that no metric shows by
// then. An event has the region that it is in.

func (s *Stack) report(source, kind string, detail map[string]any) map[string]any {
	return map[string]any{"region": s.region, "source": source, "detail-type": kind, "detail": detail}
}

// inUsEast1 moves an event to us-east-1.
func inUsEast1(event map[string]any) map[string]any {
	moved := maps.Clone(event)
	moved["region"] = "us-east-1"
	return moved
}

// deployment is what ECS reports of a deployment.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
func (s *Stack) deployment(name, reason string) map[string]any {
	event := s.report("aws.ecs", "ECS Deployment State Change", map[string]any{
		"eventName": name, "deploymentId": "ecs-svc/1", "reason": reason,
	})
	event["resources"] = []any{s.arn + "service/" + s.cluster + "/" + s.cluster}
	return event
}

// stopped is what ECS reports of a task that has stopped.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
func (s *Stack) stopped(code, why string, containers ...any) map[string]any {
	return s.report("aws.ecs", "ECS Task State Change", map[string]any{
		"clusterArn":    s.arn + "cluster/" + s.cluster,
		"group":         "service:" + s.cluster,
		"lastStatus":    "STOPPED",
		"stopCode":      code,
		"stoppedReason": why,
		"containers":    containers,
	})
}

// container is one of a task that has stopped. ECS gives a reason only where there is one.
func container(name string, exit float64, reason string) map[string]any {
	one := map[string]any{"name": name, "lastStatus": "STOPPED", "exitCode": exit}
	if reason != "" {
		one["reason"] = reason
	}
	return one
}

// killed is the reason of a container that took more memory than it may have.
const killed = "OutOfMemoryError: Container killed due to memory usage"

// ended is what ECS reports of a task that a schedule has started, when its command has ended. The
// container beside it is stopped then.
func (s *Stack) ended(workload string, code float64) map[string]any {
	event := s.stopped("EssentialContainerExited", "Essential container in task exited",
		container(workload, code, ""), container("beside", 143, ""))
	event["detail"].(map[string]any)["group"] = "family:" + strings.TrimSuffix(s.cluster, "cluster") + workload
	return event
}

// certificate is what ACM reports.
// https://docs.aws.amazon.com/acm/latest/userguide/supported-events.html
func (s *Stack) certificate(kind string) map[string]any {
	event := s.report("aws.acm", kind, nil)
	event["resources"] = []any{"arn:aws:acm:REGION:ACCOUNT:certificate/ID"}
	return event
}

// database is what RDS reports of a cluster ("cluster") or an instance ("db").
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-cloud-watch-events.html
func (s *Stack) database(of, category, words string) map[string]any {
	kind, source := "RDS DB Cluster Event", s.databases["cluster"]
	if of == "db" {
		kind, source = "RDS DB Instance Event", s.databases["db"]
	}
	event := s.report("aws.rds", kind, map[string]any{"EventCategories": []any{category}, "Message": words})
	event["resources"] = []any{source}
	return event
}

// job is what AWS Backup reports of a job. A restore has its state in "status".
// https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
func (s *Stack) job(kind, state string) map[string]any {
	field := "state"
	if kind == "Restore Job State Change" {
		field = "status"
	}
	return s.report("aws.backup", kind, map[string]any{
		field: state, "resourceArn": "arn:aws:rds:REGION:ACCOUNT:cluster:CLUSTER",
	})
}

// finding is one of GuardDuty's.
// https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
func (s *Stack) finding(severity float64) map[string]any {
	return s.report("aws.guardduty", "GuardDuty Finding", map[string]any{
		"severity": severity, "type": "Trojan:Runtime/DropPoint",
		"description": `The container "web" talks to an address that is known to hold stolen data.`,
	})
}

// signIn is what CloudTrail records of somebody who signs in to the console.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
func (s *Stack) signIn(identity string) map[string]any {
	return inUsEast1(s.report("aws.signin", "AWS Console Sign In via CloudTrail", map[string]any{
		"userIdentity": map[string]any{"type": identity}, "sourceIPAddress": "192.0.2.1",
		"eventTime": "2026-11-20T04:00:00Z",
	}))
}

// spent is what a budget is compared with: percent of its amount, before and after.
func (s *Stack) spent(kind string, from, to float64) map[string]any {
	event := s.report(byBudget, "", nil)
	event["type"], event["from"], event["to"] = kind, from, to
	return event
}

// anomaly is one of costs, with its impact in US dollars.
func (s *Stack) anomaly(impact float64) map[string]any {
	event := s.report(byAnomalies, "", nil)
	event["impact"] = impact
	return event
}

// everyday is what AWS reports in a week in which all is well.
func (s *Stack) everyday() []map[string]any {
	var all []map[string]any
	for _, workload := range s.started {
		all = append(all, s.ended(workload, 0))
	}
	return append(all, []map[string]any{
		s.deployment("SERVICE_DEPLOYMENT_IN_PROGRESS", "ECS deployment ecs-svc/1 in progress."),
		s.deployment("SERVICE_DEPLOYMENT_COMPLETED", "ECS deployment ecs-svc/1 completed."),
		// A container beside the service's own was killed once, hours before the task was scaled
		// in.
		s.stopped("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/1)",
			container("web", 0, ""), container("datadog-agent", 137, killed)),
		s.certificate("ACM Certificate Available"), inUsEast1(s.certificate("ACM Certificate Available")),
		s.database("db", "configuration change", "Finished updating DB parameter group"),
		s.database("db", "notification", "Performance Insights has been enabled"),
		s.database("db", "availability", "DB instance shutdown"),
		s.database("db", "availability", "DB instance restarted"),
		s.database("db", "maintenance", "DB instance patched"),
		s.database("cluster", "maintenance", "Database cluster engine minor version has been upgraded"),
		s.database("cluster", "configuration change", "Reset master credentials"),
		s.database("cluster", "backup", "Finished creating a snapshot"),
		s.job("Backup Job State Change", "RUNNING"), s.job("Backup Job State Change", "COMPLETED"),
		s.job("Copy Job State Change", "COMPLETED"), s.job("Restore Job State Change", "COMPLETED"),
		s.finding(2), s.signIn("AssumedRole"), s.spent("ACTUAL", 20, 45), s.spent("FORECASTED", 85, 90), s.anomaly(2),
	}...)
}

// maintenance are the rules that tell of the minor upgrade of that week.
var maintenance = []string{"aurora-db-cluster-events"}

// reported are the incidents that AWS tells of itself.
func (s *Stack) reported() []Incident {
	one := func(name, what, own string, events ...map[string]any) Incident {
		return Incident{Name: name, What: what, Own: []string{own}, events: events}
	}
	const jobs, budget = "backups-failed-jobs", "budget-monthly"
	var all []Incident
	for _, workload := range s.started {
		all = append(all, one("exit-"+workload, "A scheduled task of "+workload+" ends with an error.",
			"scheduled-task-failed", s.ended(workload, 1)))
	}
	return append(all, []Incident{
		one("deployment", "A deployment's tasks do not become healthy, and ECS takes it back.", "deployment-failed",
			s.deployment("SERVICE_DEPLOYMENT_FAILED", "ECS deployment circuit breaker: tasks failed to start.")),
		one("memory-kill", "A task is killed for its memory, and another one takes its place.", "task-out-of-memory",
			s.stopped("EssentialContainerExited", "Essential container in task exited",
				container("datadog-agent", 0, ""), container("web", 137, killed))),
		one("image", "A task cannot pull its image.", "task-stopped",
			s.stopped("TaskFailedToStart",
				`CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve `+
					`ref "web"`)),
		one("parameter", "A task cannot read a parameter of its environment.", "task-stopped",
			s.stopped("TaskFailedToStart",
				"ResourceInitializationError: unable to pull secrets or registry auth: execution resource "+
					"retrieval failed")),
		one("renewal", "ACM finds no validation record when it renews the load balancer's certificate.",
			"certificate-action",
			s.certificate("ACM Certificate Renewal Action Required")),
		one("renewal-edge", "The same for CloudFront's certificate.", "certificate-action-us-east-1",
			inUsEast1(s.certificate("ACM Certificate Renewal Action Required"))),
		one("instance", "An instance of the database fails, and RDS recovers it.", "aurora-db-instance-events",
			s.database("db", "failure", "The DB instance has failed"),
			s.database("db", "recovery", "Recovery of the DB instance is complete")),
		one("backup", "A backup job fails.", jobs, s.job("Backup Job State Change", "FAILED")),
		one("copy", "A copy expires before it starts.", jobs, s.job("Copy Job State Change", "EXPIRED")),
		one("restore", "A restore that is tried fails.", jobs, s.job("Restore Job State Change", "FAILED")),
		one("intruder", "GuardDuty finds that a task talks to an address of attackers.", "guards-guardduty-findings",
			s.finding(8)),
		one("root", "Somebody signs in as the account's root user.", "guards-root-sign-in", s.signIn("Root")),
		one("budget", "The month has cost all of its budget.", budget, s.spent("ACTUAL", 99, 100.5)),
		one("forecast", "AWS expects the month to cost more than its budget.", budget, s.spent("FORECASTED", 95, 130)),
		one("anomaly", "A service costs 200 US dollars more than it ever did.", "guards-costs", s.anomaly(200)),
	}...)
}

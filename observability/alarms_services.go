package observability

import "fmt"

func serviceAlarms(service string, w watchedService, logMetrics string, t Thresholds) []alarm {
	ofService := map[string]dimension{"ClusterName": on(cluster), "ServiceName": on(serviceTarget(service))}
	utilization := func(name string) metric { return metric{"AWS/ECS", name, "Average", ofService} }
	all := []alarm{
		{
			key:        service + "-cpu-high",
			section:    sectionService,
			silent:     true,
			means:      fmt.Sprintf("Service %s uses more than %g %% of its CPU.", service, t.CPUPercent),
			first:      "look whether tasks are being added and whether requests grew with the load.",
			metric:     utilization("CPUUtilization"),
			period:     fiveMinutes,
			periods:    2,
			comparison: above,
			threshold:  t.CPUPercent,
			missing:    missingIsGood,
		},
		{
			key:        service + "-memory-high",
			section:    sectionService,
			silent:     true,
			means:      fmt.Sprintf("Service %s uses more than %g %% of its memory.", service, t.MemoryPercent),
			first:      "look whether memory has grown since the last deploy; a task that runs out is killed.",
			metric:     utilization("MemoryUtilization"),
			period:     fiveMinutes,
			periods:    2,
			comparison: above,
			threshold:  t.MemoryPercent,
			missing:    missingIsGood,
		},
	}
	if w.targets {
		all = append(all, alarm{
			key:        service + "-unhealthy-targets",
			section:    sectionTargets,
			silent:     true,
			means:      fmt.Sprintf("The load balancer finds tasks of service %s unhealthy.", service),
			first:      "read the reasons of stopped tasks and the last lines of their logs.",
			metric:     hosts(service, "UnHealthyHostCount", "Maximum"),
			noticed:    w.noticed,
			period:     60,
			periods:    3,
			comparison: above,
			threshold:  0,
			missing:    missingIsGood,
		})
	}
	if w.minTasks > 0 {
		all = append(all, tasksMissing(service, w, ofService))
	}
	if w.logs {
		all = append(all, alarm{
			key:        service + "-error-lines",
			section:    sectionErrorLines,
			silent:     true,
			means:      fmt.Sprintf("Service %s has logged more than %g errors in 5 minutes.", service, t.ErrorLines),
			first:      "run the saved query of the service's errors and compare with the latest deploy.",
			metric:     metric{logMetrics, errorLines(service), "Sum", nil},
			period:     fiveMinutes,
			periods:    1,
			comparison: above,
			threshold:  t.ErrorLines,
			missing:    missingIsGood,
		})
	}
	return all
}

// tasksMissing is on while a service has fewer tasks than its least;
// compute.ScalingConfig.LeastAwake has the cases. It uses what a stack has without Container
// Insights, which is billed and may be off. The load balancer counts a service's healthy targets
// and sends nothing when none is registered. Of a service that it does not reach, ECS sends one
// sample of the CPU for each task and minute.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
func tasksMissing(service string, w watchedService, ofService map[string]dimension) alarm {
	one := alarm{
		key:        service + tasksMissingEnd,
		section:    sectionTasks,
		silent:     true,
		means:      fmt.Sprintf("Service %s runs fewer than its %d tasks.", service, w.minTasks),
		first:      "read the service's events: they say why a task does not start.",
		metric:     metric{"AWS/ECS", "CPUUtilization", "SampleCount", ofService},
		period:     60,
		periods:    7,
		datapoints: 5, // a task that exits again and again has a sample in some minutes
		comparison: below,
		threshold:  float64(w.minTasks),
		missing:    missingIsBad,
	}
	if w.targets {
		one.means = fmt.Sprintf("Service %s has fewer than %d healthy tasks.", service, w.minTasks)
		one.metric, one.noticed = hosts(service, "HealthyHostCount", "Minimum"), w.noticed
		one.periods, one.datapoints = 5, 0 // and it is never healthy
	}
	if !w.sleeps {
		return one
	}
	// A service that sleeps has no task at all outside of its hours, and this alarm looks at those
	// alone. In them no data is no task: one that exits again and again is registered, as initial,
	// for seconds only, and most minutes have neither a healthy nor an unhealthy target.
	one.missing = missingIsGood
	one.inputs, one.metric, one.expression = []idMetric{{"tasks", one.metric}}, metric{}, "FILL(tasks,0)"
	return one
}

// tasksMissingEnd ends the names of the alarms of tasks that are missing.
const tasksMissingEnd = "-tasks-missing"

// outagePeriods are the minutes that the outage alarm looks at. FILL takes a minute whose data is
// late for one without a target, and the alarm would keep the others silent for nothing: all five
// are only so when data is five minutes later than it usually is.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
const outagePeriods = 5

// outageAlarm is on while the health check of the site cannot succeed, since the load balancer asks
// the same of the service's targets. While it is on, application-trouble sends no message, since
// site-down reports the same incident; application-trouble waits for it as long as it takes.
func outageAlarm(service string, w watchedService) alarm {
	return alarm{
		key:     keyOutage,
		section: sectionSite,
		silent:  true,
		means: fmt.Sprintf("Service %s, which answers the site's health check, has no healthy target: that check "+
			"fails, and %s says so.",
			service, keySiteDown),
		first:      "see " + keySiteDown + "; while this alarm is on, " + keyTrouble + " sends no message of its own.",
		expression: "FILL(healthy,0)",
		inputs:     []idMetric{{"healthy", hosts(service, "HealthyHostCount", "Minimum")}},
		noticed:    w.noticed,
		period:     60,
		periods:    outagePeriods,
		comparison: below,
		threshold:  1,
		missing:    missingIsGood,
	}
}

// hosts is a count of the service's targets.
func hosts(service, name, stat string) metric {
	return metric{"AWS/ApplicationELB", name, stat, map[string]dimension{
		"LoadBalancer": on(loadBalancer), "TargetGroup": on(targetGroup(service)),
	}}
}

// queueAlarms watch a queue that is not emptied, and one whose messages cannot be handled. SQS
// sends nothing of a queue that has been idle for six hours.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
func queueAlarms(service string, oldestSeconds float64) []alarm {
	of := func(name targetName, metricName string) metric {
		return metric{"AWS/SQS", metricName, "Maximum", map[string]dimension{"QueueName": on(name)}}
	}
	return []alarm{
		{
			key:        service + "-messages-late",
			section:    sectionQueue,
			silent:     true,
			means:      fmt.Sprintf("A message has waited for service %s for more than %g s.", service, oldestSeconds),
			first:      "look whether tasks are being added, and whether the service's log has errors.",
			metric:     of(queue(service), "ApproximateAgeOfOldestMessage"),
			period:     fiveMinutes,
			periods:    2,
			comparison: above,
			threshold:  oldestSeconds,
			missing:    missingIsGood,
		},
		{
			key:        service + "-dead-letters",
			section:    sectionQueue,
			means:      fmt.Sprintf("Service %s has messages that it could not handle.", service),
			first:      "read one of them and the service's log; after the repair send them back to the queue.",
			metric:     of(deadLetters(service), "ApproximateNumberOfMessagesVisible"),
			period:     fiveMinutes,
			periods:    1,
			comparison: above,
			threshold:  0,
			missing:    missingIsGood,
		},
	}
}

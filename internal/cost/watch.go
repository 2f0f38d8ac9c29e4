package cost

import (
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

// daysPerMonth is that of the month of 730 hours.
const daysPerMonth = hoursPerMonth / 24.0

// logGroup keeps what it takes in for its retention, compressed.
func logGroup(e *estimator, r resource) {
	if class := r.textOr("logGroupClass", "STANDARD"); class != "STANDARD" && class != "" {
		e.problem("%s (%s): its logGroupClass is %q, and only STANDARD is priced", r.Name(), r.Type, class)
	}
	ingested := e.want("logs." + r.Name() + ".ingestedGB")
	e.charge(logs, r, "ingested", "logs.ingestedGB", ingested)
	compressed := ingested * e.want("logs.storedPerIngestedGB")
	if days := r.Inputs["retentionInDays"]; days == nil || days == 0.0 {
		e.problem("%s (%s): it keeps its lines for ever, so what it stores has no bound: set retentionInDays",
			r.Name(), r.Type)
		return
	}
	e.charge(logs, r, "stored, compressed", "logs.storedGB", compressed*r.number("retentionInDays")/daysPerMonth)
}

// alarm is charged for each metric it watches, those of an expression included.
func alarm(e *estimator, r resource) {
	metrics, periods := 0.0, []float64{}
	if queries := r.objects("metricQueries"); len(queries) > 0 {
		for _, query := range queries {
			expression := strings.ToUpper(query.At("expression").Text())
			if strings.HasPrefix(strings.TrimSpace(expression), "SELECT") ||
				strings.Contains(expression, "ANOMALY_DETECTION_BAND") {
				e.problem("%s (%s): it is an alarm on a Metrics Insights query or an anomaly, which has another price",
					r.Name(), r.Type)
			}
			if metric := query.At("metric"); metric.Object() != nil {
				metrics++
				period, _ := metric.At("period").Number()
				periods = append(periods, period)
			}
		}
	} else {
		metrics, periods = 1, []float64{r.number("period")}
	}
	price, kind := "cloudwatch.alarmMetric", "alarm metrics"
	if slices.Min(append(periods, 60)) < 60 {
		price, kind = "cloudwatch.fastAlarmMetric", "alarm metrics of high resolution"
	}
	e.charge(watch, r, kind, price, metrics)
}

func compositeAlarm(e *estimator, r resource) {
	e.charge(watch, r, "composite alarm", "cloudwatch.compositeAlarm", 1)
}

func dashboard(e *estimator, r resource) {
	e.charge(watch, r, "dashboard", "cloudwatch.dashboard", 1)
}

// metricFilter publishes one custom metric; with dimensions it would be more.
func metricFilter(e *estimator, r resource) {
	if len(r.Input("metricTransformation.dimensions").Object()) > 0 {
		e.problem("%s (%s): its metric has dimensions, and each combination of their values is a metric: price them",
			r.Name(), r.Type)
	}
	e.charge(watch, r, "custom metric", "cloudwatch.metric", 1)
}

// trackingPolicy has Application Auto Scaling make two alarms that are in no plan.
func trackingPolicy(e *estimator, r resource) {
	if r.text("policyType") != "TargetTrackingScaling" {
		e.problem("%s (%s): its policyType is not TargetTrackingScaling, which is the only one priced", r.Name(),
			r.Type)
	}
	e.charge(watch, r, "alarm metrics that target tracking makes", "cloudwatch.alarmMetric", 2)
}

// savedQuery is free; what all queries scan is counted with the first.
func savedQuery(e *estimator, r resource) {
	if e.first(r) {
		e.charge(logs, r, "scanned by all queries", "logs.scannedGB", e.want("logs.scannedGB"))
	}
}

func subscription(e *estimator, r resource) {
	switch protocol := r.text("protocol"); protocol {
	case "email":
		e.charge(notifications, r, "emails", "sns.emailThousand", e.want("sns.emailsThousand"))
	case "https":
		e.charge(notifications, r, "HTTPS deliveries", "sns.httpsMillion", e.want("sns.httpsMillion"))
	default:
		e.problem("%s (%s): its protocol is %q, and only email and https are priced", r.Name(), r.Type, protocol)
	}
}

// logSubscription is charged for what its log group sends through Data Firehose to Datadog.
func logSubscription(e *estimator, r resource) {
	for _, group := range e.of(catalog.LogGroup) {
		if slices.Contains(r.PropertyDependencies["logGroup"], group.URN) {
			part := 1.0
			if r.Input("filterPattern").Text() != "" { // some lines are not sent
				part = e.want("datadog."+group.Name()+".sentPercent") / 100
			}
			sent := part * e.want("logs."+group.Name()+".ingestedGB")
			e.charge(logDelivery, r, "ingested, in steps of 5 KB", "firehose.ingestedGB", sent)
			e.chargeIn(Everywhere, datadog, r, "logs ingested", "datadog.logGB", sent)
			lines := part * e.want("datadog."+group.Name()+".linesMillion")
			e.chargeIn(Everywhere, datadog, r, "logs indexed for 15 days", "datadog.indexedLogMillion", lines)
			return
		}
	}
	e.problem("%s (%s): the plan does not say which log group it sends on", r.Name(), r.Type)
}

func workgroup(e *estimator, r resource) {
	e.charge(queries, r, "scanned", "athena.scannedTB", e.want("athena.scannedTB"))
}

func threatDetector(e *estimator, r resource) {
	e.charge(watch, r, "GuardDuty: events analysed", "guardduty.eventMillion", e.want("guardduty.eventsMillion"))
}

// queue is charged by the request, those for messages that are not there included.
func queue(e *estimator, r resource) {
	if fifo, _ := r.Input("fifoQueue").Bool(); fifo {
		e.problem("%s (%s): it is a FIFO queue, which has another price", r.Name(), r.Type)
	}
	e.charge(queues, r, "requests", "sqs.requestsMillion", e.want("queue."+r.Name()+".requestsMillion"))
}

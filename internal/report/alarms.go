package report

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/cloudwatch"
	"github.com/bookmark-manager/infrastructure/internal/inventory"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// Alarm is what watches the stack, in whichever system.
type Alarm struct {
	System, Name string
	Watches      string // a metric, an expression, a query or other alarms
	Condition    string // when it raises
	Notifies     string
}

// nobody is shown for an alarm that notifies no one: it may be there for a deployment or for
// another alarm.
const nobody = "nobody"

// alarmsOf lists the alarms of CloudWatch, Datadog and Atlas, by system and name.
func alarmsOf(inv *inventory.Inventory) []Alarm {
	var alarms []Alarm
	for typ, read := range map[string]func(*inventory.Inventory, plan.State) Alarm{
		catalog.MetricAlarm:    metricAlarm,
		catalog.CompositeAlarm: compositeAlarm,
		catalog.DatadogMonitor: monitor,
		catalog.AtlasAlert:     atlasAlert,
	} {
		for _, one := range inv.OfType(typ) {
			alarms = append(alarms, read(inv, one))
		}
	}
	slices.SortFunc(alarms, func(a, b Alarm) int {
		return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Name, b.Name))
	})
	return alarms
}

var comparisons = map[string]string{
	"GreaterThanThreshold":          ">",
	"GreaterThanOrEqualToThreshold": "≥",
	"LessThanThreshold":             "<",
	"LessThanOrEqualToThreshold":    "≤",
}

func metricAlarm(inv *inventory.Inventory, one plan.State) Alarm {
	a := Alarm{System: "CloudWatch", Name: one.Input("name").String(), Notifies: topics(inv, one)}
	period := one.Input("period").String()
	if metric := one.Input("metricName").String(); metric != "" {
		a.Watches = strings.TrimSpace(one.Input("statistic").String() + one.Input("extendedStatistic").String() +
			" of " + one.Input("namespace").String() + " " + metric)
	} else {
		a.Watches, period = expression(one)
	}
	comparison := one.Input("comparisonOperator").String()
	a.Condition = fmt.Sprintf("%s %s", cmp.Or(comparisons[comparison], comparison), threshold(one))
	seconds, err := strconv.Atoi(period)
	if periods := one.Input("evaluationPeriods").String(); periods != "" && err == nil {
		a.Condition += fmt.Sprintf(", in %s of %s periods of %s",
			cmp.Or(one.Input("datapointsToAlarm").String(), periods), periods, cloudwatch.Period(seconds))
	}
	return a
}

// threshold is an alarm's in the unit of its metric. Of an expression and of an anomaly band only
// the alarm knows it.
func threshold(alarm plan.State) string {
	value, known := alarm.Input("threshold").Number()
	if !known {
		return alarm.Input("threshold").String()
	}
	return cloudwatch.Quantity(alarm.Input("namespace").String(), alarm.Input("metricName").String(), value)
}

// expression is the query of an alarm that returns data, and the period of the metrics that it is
// made of.
func expression(alarm plan.State) (watches, period string) {
	for _, query := range alarm.Input("metricQueries").List() {
		metric := query.At("metric")
		period = cmp.Or(period, query.At("period").String(), metric.At("period").String())
		if query.At("returnData").Raw() == true {
			watches = cmp.Or(query.At("expression").String(),
				fmt.Sprintf("%s of %s %s", metric.At("stat"), metric.At("namespace"), metric.At("metricName")))
		}
	}
	return watches, period
}

func compositeAlarm(inv *inventory.Inventory, one plan.State) Alarm {
	return Alarm{
		System:    "CloudWatch",
		Name:      one.Input("alarmName").String(),
		Watches:   "other alarms",
		Condition: one.Input("alarmRule").String(),
		Notifies:  topics(inv, one),
	}
}

// topics are the topics that an alarm notifies, and who is subscribed to them.
func topics(inv *inventory.Inventory, alarm plan.State) string {
	var notified []string
	for _, topic := range inv.Feeding(alarm, "alarmActions") {
		if topic.Type != catalog.Topic {
			continue
		}
		var subscribers []string
		for _, one := range inv.OfType(catalog.TopicSubscription) {
			if slices.ContainsFunc(inv.Feeding(one, "topic"), func(s plan.State) bool { return s.URN == topic.URN }) {
				subscribers = append(subscribers, one.Input("protocol").String()+" "+one.Input("endpoint").String())
			}
		}
		if len(subscribers) == 0 {
			subscribers = []string{"no subscriber"}
		}
		notified = append(notified, "topic "+inv.Name(topic)+": "+strings.Join(subscribers, ", "))
	}
	for _, service := range inv.OfType(catalog.ECSService) {
		if slices.ContainsFunc(inv.Feeding(service, "alarms"), func(s plan.State) bool { return s.URN == alarm.URN }) {
			notified = append(notified, "rolls back deployments of "+inv.Name(service))
		}
	}
	return cmp.Or(strings.Join(notified, "; "), nobody)
}

var handle = regexp.MustCompile(`(?:^|\s)(@[\w.@-]+)`)

func monitor(_ *inventory.Inventory, one plan.State) Alarm {
	a := Alarm{
		System:    "Datadog",
		Name:      one.Input("name").String(),
		Watches:   one.Input("query").String(),
		Condition: "as the query says",
	}
	if thresholds := one.Input("monitorThresholds"); thresholds.Object() != nil {
		a.Condition = "critical at " + thresholds.At("critical").String()
		if warning := thresholds.At("warning").String(); warning != "" {
			a.Condition += ", warning at " + warning
		}
	}
	var notified []string
	for _, match := range handle.FindAllStringSubmatch(one.Input("message").String(), -1) {
		notified = append(notified, match[1])
	}
	a.Notifies = cmp.Or(strings.Join(notified, ", "), nobody)
	return a
}

func atlasAlert(inv *inventory.Inventory, one plan.State) Alarm {
	a := Alarm{
		System:    "MongoDB Atlas",
		Name:      inv.Name(one),
		Watches:   one.Input("eventType").String(),
		Condition: "when it happens",
	}
	for _, property := range []string{"metricThresholdConfig", "thresholdConfig"} {
		config := one.Input(property)
		if config.Object() == nil {
			continue
		}
		a.Watches = cmp.Or(config.At("metricName").String(), a.Watches)
		operator := config.At("operator").String()
		a.Condition = strings.TrimSpace(cmp.Or(map[string]string{"GREATER_THAN": ">", "LESS_THAN": "<"}[operator],
			operator) + " " +
			config.At("threshold").String() + " " + strings.ToLower(config.At("units").String()))
	}
	var notified []string
	for _, notification := range one.Input("notifications").List() {
		to := strings.ToLower(notification.At("typeName").String())
		if roles, ok := notification.At("roles").Raw().([]any); ok {
			to += " " + strings.ToLower(strings.Trim(fmt.Sprint(roles...), "[]"))
		}
		notified = append(notified, strings.TrimSpace(to+" "+notification.At("emailAddress").String()))
	}
	a.Notifies = cmp.Or(strings.Join(notified, ", "), nobody)
	return a
}

package report

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

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

// nobody is shown for an alarm that tells no one: it may be there for a deployment or for another alarm.
const nobody = "nobody"

// alarmsOf lists the alarms of CloudWatch, Datadog and Atlas, by system and name.
func alarmsOf(inv *inventory.Inventory) []Alarm {
	var alarms []Alarm
	for typ, read := range map[string]func(*inventory.Inventory, plan.State) Alarm{
		"aws:cloudwatch/metricAlarm:MetricAlarm":                   metricAlarm,
		"aws:cloudwatch/compositeAlarm:CompositeAlarm":             compositeAlarm,
		"datadog:index/monitor:Monitor":                            monitor,
		"mongodbatlas:index/alertConfiguration:AlertConfiguration": atlasAlert,
	} {
		for _, one := range inv.OfType(typ) {
			alarms = append(alarms, read(inv, one))
		}
	}
	slices.SortFunc(alarms, func(a, b Alarm) int { return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Name, b.Name)) })
	return alarms
}

// text is an input as text, and says so where it is a secret, not known yet or not given.
func text(inputs map[string]any, name string) string {
	switch value := inputs[name]; value {
	case nil:
		return ""
	case secret:
		return "a secret"
	default:
		return known(inventory.Text(value))
	}
}

var comparisons = map[string]string{
	"GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": "≥", "LessThanThreshold": "<", "LessThanOrEqualToThreshold": "≤",
}

func metricAlarm(inv *inventory.Inventory, one plan.State) Alarm {
	a := Alarm{System: "CloudWatch", Name: text(one.Inputs, "name"), Notifies: topics(inv, one)}
	period := text(one.Inputs, "period")
	if metric := text(one.Inputs, "metricName"); metric != "" {
		a.Watches = strings.TrimSpace(text(one.Inputs, "statistic") + text(one.Inputs, "extendedStatistic") + " of " + text(one.Inputs, "namespace") + " " + metric)
	} else {
		a.Watches, period = expression(one)
	}
	comparison := text(one.Inputs, "comparisonOperator")
	a.Condition = fmt.Sprintf("%s %s", cmp.Or(comparisons[comparison], comparison), text(one.Inputs, "threshold"))
	if periods := text(one.Inputs, "evaluationPeriods"); periods != "" && period != "" {
		a.Condition += fmt.Sprintf(", in %s of %s periods of %s s", cmp.Or(text(one.Inputs, "datapointsToAlarm"), periods), periods, period)
	}
	return a
}

// expression is the query of an alarm that returns data, and the period of the metrics that it is made of.
func expression(alarm plan.State) (watches, period string) {
	queries, _ := alarm.Inputs["metricQueries"].([]any)
	for _, query := range queries {
		query, _ := query.(map[string]any)
		metric, _ := query["metric"].(map[string]any)
		period = cmp.Or(period, text(query, "period"), text(metric, "period"))
		if query["returnData"] == true {
			watches = cmp.Or(text(query, "expression"), text(metric, "stat")+" of "+text(metric, "namespace")+" "+text(metric, "metricName"))
		}
	}
	return watches, period
}

func compositeAlarm(inv *inventory.Inventory, one plan.State) Alarm {
	return Alarm{System: "CloudWatch", Name: text(one.Inputs, "alarmName"), Watches: "other alarms", Condition: text(one.Inputs, "alarmRule"),
		Notifies: topics(inv, one)}
}

// topics are the topics that an alarm tells, and who is subscribed to them.
func topics(inv *inventory.Inventory, alarm plan.State) string {
	var told []string
	for _, topic := range inv.Feeding(alarm, "alarmActions") {
		if topic.Type != "aws:sns/topic:Topic" {
			continue
		}
		var subscribers []string
		for _, one := range inv.OfType("aws:sns/topicSubscription:TopicSubscription") {
			if slices.ContainsFunc(inv.Feeding(one, "topic"), func(s plan.State) bool { return s.URN == topic.URN }) {
				subscribers = append(subscribers, text(one.Inputs, "protocol")+" "+text(one.Inputs, "endpoint"))
			}
		}
		if len(subscribers) == 0 {
			subscribers = []string{"no subscriber"}
		}
		told = append(told, "topic "+inv.Name(topic)+": "+strings.Join(subscribers, ", "))
	}
	for _, service := range inv.OfType("aws:ecs/service:Service") {
		if slices.ContainsFunc(inv.Feeding(service, "alarms"), func(s plan.State) bool { return s.URN == alarm.URN }) {
			told = append(told, "rolls back deployments of "+inv.Name(service))
		}
	}
	return cmp.Or(strings.Join(told, "; "), nobody)
}

var handle = regexp.MustCompile(`(?:^|\s)(@[\w.@-]+)`)

func monitor(_ *inventory.Inventory, one plan.State) Alarm {
	a := Alarm{System: "Datadog", Name: text(one.Inputs, "name"), Watches: text(one.Inputs, "query"), Condition: "as the query says"}
	if thresholds, _ := one.Inputs["monitorThresholds"].(map[string]any); thresholds != nil {
		a.Condition = "critical at " + text(thresholds, "critical")
		if warning := text(thresholds, "warning"); warning != "" {
			a.Condition += ", warning at " + warning
		}
	}
	var told []string
	for _, match := range handle.FindAllStringSubmatch(text(one.Inputs, "message"), -1) {
		told = append(told, match[1])
	}
	a.Notifies = cmp.Or(strings.Join(told, ", "), nobody)
	return a
}

func atlasAlert(inv *inventory.Inventory, one plan.State) Alarm {
	a := Alarm{System: "MongoDB Atlas", Name: inv.Name(one), Watches: text(one.Inputs, "eventType"), Condition: "when it happens"}
	for _, property := range []string{"metricThresholdConfig", "thresholdConfig"} {
		config, _ := one.Inputs[property].(map[string]any)
		if config == nil {
			continue
		}
		a.Watches = cmp.Or(text(config, "metricName"), a.Watches)
		operator := text(config, "operator")
		a.Condition = strings.TrimSpace(cmp.Or(map[string]string{"GREATER_THAN": ">", "LESS_THAN": "<"}[operator], operator) + " " +
			text(config, "threshold") + " " + strings.ToLower(text(config, "units")))
	}
	var told []string
	notifications, _ := one.Inputs["notifications"].([]any)
	for _, notification := range notifications {
		notification, _ := notification.(map[string]any)
		to := strings.ToLower(text(notification, "typeName"))
		if roles, ok := notification["roles"].([]any); ok {
			to += " " + strings.ToLower(strings.Trim(fmt.Sprint(roles...), "[]"))
		}
		told = append(told, strings.TrimSpace(to+" "+text(notification, "emailAddress")))
	}
	a.Notifies = cmp.Or(strings.Join(told, ", "), nobody)
	return a
}

package observability

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// composite is an alarm over others of its region, as data. The others have no actions: one
// incident is one message, whichever of them see it.
type composite struct {
	key     string
	global  bool
	silent  bool // it has no actions of its own: another composite alarm notifies people
	section string
	means   string
	first   string
	within  int // minutes after the first of its children
	of      []string
	// suppressor is an alarm that suppresses this one's actions while it is on: another alarm then
	// reports the same incident.
	suppressor      string
	wait, extension int // seconds
}

const (
	// outageExtension is how long the other alarms may be on after the outage alarm.
	outageExtension = 1200
	// mostChildren is what CloudWatch takes in the rule of a composite alarm.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
	mostChildren = 100
)

// troubleOf is the alarm over those of one service.
func troubleOf(service string) string { return service + "-trouble" }

// composites are the composite alarms over a table of alarms.
func composites(w watched, table []alarm) []composite {
	var all []composite
	top := composite{
		key:     keyTrouble,
		section: sectionTrouble,
		means: "Something is wrong with the services, the load balancer or Aurora; the message names the alarms " +
			"that see it.",
		first: "run infra alarm with the name of the first alarm that the message names.",
	}
	if w.prober != "" {
		// In an outage the outage alarm goes on at most this long after the first of the others.
		minutes := wholeMinutes(w.services[w.prober].noticed) + outagePeriods
		top.suppressor, top.wait, top.extension, top.within = keyOutage, minutes*60, outageExtension, minutes
	}
	inServices := map[string]bool{}
	for _, service := range slices.Sorted(maps.Keys(w.services)) {
		one := composite{
			key:     troubleOf(service),
			silent:  true,
			section: sectionTrouble,
			means:   fmt.Sprintf("One of the alarms of service %s is on.", service),
			first:   "see which; this alarm is there for " + keyTrouble + ".",
		}
		for _, a := range serviceAlarms(service, w.services[service], w.logMetrics, Thresholds{}) {
			one.of = append(one.of, a.key)
			inServices[a.key] = true
		}
		all = append(all, one)
		top.of = append(top.of, one.key)
	}
	down := composite{
		key:     keySiteDown,
		global:  true,
		section: sectionSite,
		means: "Users cannot use the site: its health check fails, or a part of the edge's answers has failed for " +
			"half an hour.",
		first: "open the site yourself, then follow the request: DNS, CloudFront, load balancer, tasks.",
	}
	for _, a := range table {
		switch {
		case !a.silent || inServices[a.key] || a.key == keyOutage:
		case a.key == keyEdgeErrors && w.closed: // which is what CloudFront is told to answer
		case a.global:
			down.of = append(down.of, a.key)
		default:
			top.of = append(top.of, a.key)
		}
	}
	return append(all, top, down)
}

// compositeAlarms makes the alarms that notify people on behalf of the metric alarms without
// actions. A composite alarm can only be made of alarms of its own region.
func (b *builder) compositeAlarms() error {
	made := map[string]pulumi.Resource{}
	for _, one := range b.table {
		made[one.key] = b.metricAlarms[one.key]
	}
	for _, one := range composites(b.args.watched(), b.table) {
		if len(one.of) > mostChildren {
			return b.Wrap("plan", "alarm "+one.key,
				fmt.Errorf("%d alarms, and CloudWatch takes %d", len(one.of), mostChildren))
		}
		topic := b.topic(one.global)
		args := &cloudwatch.CompositeAlarmArgs{
			AlarmName:        pulumi.String(b.args.Environment.Name(one.key)),
			AlarmDescription: pulumi.String(one.description(string(b.args.Config.RunbookBase))),
			AlarmRule:        b.rule(one.of),
		}
		if !one.silent {
			args.AlarmActions, args.OkActions = pulumi.StringArray{topic}, pulumi.StringArray{topic}
		}
		var children []pulumi.Resource
		for _, child := range one.of {
			children = append(children, made[child])
		}
		if one.suppressor != "" {
			children = append(children, made[one.suppressor])
			args.ActionsSuppressor = cloudwatch.CompositeAlarmActionsSuppressorArgs{
				Alarm:           pulumi.String(b.args.Environment.Name(one.suppressor)),
				WaitPeriod:      pulumi.Int(one.wait),
				ExtensionPeriod: pulumi.Int(one.extension),
			}
		}
		resource, err := cloudwatch.NewCompositeAlarm(b.Ctx, b.Child(one.key), args,
			append(b.options(one.global), pulumi.DependsOn(children))...)
		if err != nil {
			return b.Wrap("create", "alarm "+one.key, err)
		}
		made[one.key], b.component.AlarmNames[one.key] = resource, resource.AlarmName
	}
	return nil
}

// rule is on when one of the alarms is.
func (b *builder) rule(alarms []string) pulumi.String {
	var parts []string
	for _, one := range alarms {
		parts = append(parts, fmt.Sprintf("ALARM(%q)", b.args.Environment.Name(one)))
	}
	return pulumi.String(strings.Join(parts, " OR "))
}

func (c composite) description(runbook string) string {
	told := "On as soon as the first of them is."
	if c.within > 0 {
		told = fmt.Sprintf("Told within %s of the first of them.", minutes(c.within))
	}
	return fmt.Sprintf("%s %s First: %s Runbook: %s#%s", c.means, told, c.first, runbook, c.section)
}

package observability

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// alarm is one alarm as data. Its dimensions name targets, which become known in a deploy.
type alarm struct {
	key     string // unique; the end of its name
	global  bool   // in us-east-1
	silent  bool   // it has no actions of its own: a composite alarm notifies people
	section string // of the runbook
	means   string // what is wrong, as a sentence
	first   string // what to do first, as a sentence

	metric     metric     // watched as it is; or
	expression string     // metric math over
	inputs     []idMetric // these, and
	steps      []step     // what is computed of them

	noticed    int // seconds that pass until the metric shows what is wrong
	period     int // seconds
	periods    int // looked at
	datapoints int // of them that must be bad; 0 for all
	comparison comparison
	threshold  float64
	missing    missing
}

type comparison string

const (
	above comparison = "GreaterThanThreshold"
	below comparison = "LessThanThreshold"
)

// missing is what a period without data counts as.
type missing string

const (
	missingIsGood missing = "notBreaching" // counters that AWS sends only when there is something to count
	missingIsBad  missing = "breaching"    // what must always report
	missingIsKept missing = "ignore"       // what reports seldom: the last state stands
)

// metric is a CloudWatch metric with a statistic.
type metric struct {
	namespace, name, stat string
	dimensions            map[string]dimension
}

// idMetric is a metric with the name it has in an expression.
type idMetric struct {
	id     string
	metric metric
}

// dimension is the value of a dimension: a target's, or a fixed one.
type dimension struct {
	target targetName
	fixed  string
}

func on(target targetName) dimension { return dimension{target: target} }

func fixed(value string) dimension { return dimension{fixed: value} }

// targetName names a resource of the stack that alarms watch.
type targetName string

// The targets of which a stack has one. Others carry a service's, zone's or certificate's name.
const (
	cluster      targetName = "cluster"
	loadBalancer targetName = "loadBalancer"
	database     targetName = "database"
	webACL       targetName = "webAcl"
	distribution targetName = "distribution"
	healthCheck  targetName = "healthCheck"
	signedZone   targetName = "signedZone"
	backupVault  targetName = "backupVault"
	copyVault    targetName = "copyVault"
	logStream    targetName = "logStream"

	scheduleGroup targetName = "scheduleGroup"
)

func serviceTarget(service string) targetName     { return targetName("service:" + service) }
func targetGroup(service string) targetName       { return targetName("targetGroup:" + service) }
func queue(service string) targetName             { return targetName("queue:" + service) }
func deadLetters(service string) targetName       { return targetName("deadLetters:" + service) }
func logGroup(service string) targetName          { return targetName("logGroup:" + service) }
func natGateway(zone string) targetName           { return targetName("nat:" + zone) }
func certificate(where certificateUse) targetName { return targetName("certificate:" + string(where)) }

type certificateUse string

const (
	loadBalancerCertificate certificateUse = "loadBalancer"
	cloudFrontCertificate   certificateUse = "cloudFront"
)

// targets are the values behind the names.
type targets map[targetName]pulumi.StringInput

// resolve turns a metric's dimensions into inputs.
func (t targets) resolve(m metric) (pulumi.StringMap, error) {
	resolved := pulumi.StringMap{}
	for _, name := range slices.Sorted(maps.Keys(m.dimensions)) {
		value := m.dimensions[name]
		if value.target == "" {
			resolved[name] = pulumi.String(value.fixed)
			continue
		}
		input, ok := t[value.target]
		if !ok {
			return nil, fmt.Errorf("the stack has no %s for dimension %s of metric %s", value.target, name, m.name)
		}
		resolved[name] = input
	}
	return resolved, nil
}

// lookBack is how many periods CloudWatch looks back further than the alarm's own before it takes
// missing data for bad.
const lookBack = 2

// within is how many minutes pass, at the most, from the beginning of what is wrong to the alarm.
// CloudWatch has a minute's data about two minutes later.
func (a alarm) within() int {
	const late = 2
	periods := a.periods
	if a.missing == missingIsBad {
		periods += lookBack
	}
	return wholeMinutes(a.noticed) + periods*a.period/60 + late
}

// wholeMinutes are the minutes that have passed when the seconds have.
func wholeMinutes(seconds int) int { return (seconds + 59) / 60 }

// args are the alarm's arguments.
func (a alarm) args(t targets, name, runbook string, topic pulumi.StringInput) (*cloudwatch.MetricAlarmArgs, error) {
	args := &cloudwatch.MetricAlarmArgs{
		Name:               pulumi.String(name),
		AlarmDescription:   pulumi.String(a.description(runbook)),
		ComparisonOperator: pulumi.String(string(a.comparison)),
		EvaluationPeriods:  pulumi.Int(a.periods),
		DatapointsToAlarm:  pulumi.Int(cmp.Or(a.datapoints, a.periods)),
		Threshold:          pulumi.Float64(a.threshold),
		TreatMissingData:   pulumi.String(string(a.missing)),
	}
	if !a.silent {
		args.AlarmActions, args.OkActions = pulumi.Array{topic}, pulumi.Array{topic}
	}
	if a.expression == "" {
		dimensions, err := t.resolve(a.metric)
		if err != nil {
			return nil, err
		}
		args.Namespace, args.MetricName = pulumi.String(a.metric.namespace), pulumi.String(a.metric.name)
		args.Period, args.Dimensions = pulumi.Int(a.period), dimensions
		args.Statistic = pulumi.String(a.metric.stat)
		return args, nil
	}
	queries := cloudwatch.MetricAlarmMetricQueryArray{cloudwatch.MetricAlarmMetricQueryArgs{
		Id:         pulumi.String("result"),
		Expression: pulumi.String(a.expression),
		Label:      pulumi.String(a.key),
		ReturnData: pulumi.Bool(true),
	}}
	for _, input := range a.inputs {
		dimensions, err := t.resolve(input.metric)
		if err != nil {
			return nil, err
		}
		queries = append(queries, cloudwatch.MetricAlarmMetricQueryArgs{
			Id: pulumi.String(input.id), ReturnData: pulumi.Bool(false),
			Metric: cloudwatch.MetricAlarmMetricQueryMetricArgs{
				Namespace:  pulumi.String(input.metric.namespace),
				MetricName: pulumi.String(input.metric.name),
				Stat:       pulumi.String(input.metric.stat),
				Period:     pulumi.Int(a.period),
				Dimensions: dimensions,
			},
		})
	}
	for _, one := range a.steps {
		queries = append(queries, cloudwatch.MetricAlarmMetricQueryArgs{
			Id: pulumi.String(one.id), Expression: pulumi.String(one.expression), ReturnData: pulumi.Bool(false),
		})
	}
	args.MetricQueries = queries
	return args, nil
}

// description says what is wrong, since when at the most, what to do first and where to read on.
func (a alarm) description(runbook string) string {
	return fmt.Sprintf("%s Told within %s. First: %s Runbook: %s#%s", a.means, minutes(a.within()), a.first, runbook,
		a.section)
}

// minutes are written as a number of minutes, or of hours when they are many. The drill reads it.
func minutes(n int) string {
	const many, ofHour = 120, 60
	if n > many {
		return fmt.Sprintf("%d hours", (n+ofHour-1)/ofHour)
	}
	return fmt.Sprintf("%d minutes", n)
}

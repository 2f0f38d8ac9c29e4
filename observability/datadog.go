package observability

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/sdk/datadog"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// DatadogType is part of every child's URN; changing it replaces the monitors and objectives.
const DatadogType = "bookmark-manager:observability:Datadog"

// DatadogTarget is a service of the stack.
type DatadogTarget struct {
	// Tag is the value of the service tag (DD_SERVICE) of its traces. Required.
	Tag string
	// Running is false before the first image: what is not there yet has no monitors.
	Running bool
	// Sleeps says that the schedule leaves it no task outside of the stack's Hours.
	Sleeps bool
}

// DatadogArgs adds the wiring.
type DatadogArgs struct {
	Config DatadogConfig
	identity.Stack
	// Services are those of the stack, by name. Required.
	Services map[string]DatadogTarget
	// Hours are when the site is awake. Nil for one that always is; required when a service sleeps.
	Hours *Hours
	// SiteURL is the site's address without a path, such as https://www.example.com. Required.
	SiteURL string
	// RunbookBase is the page that monitors link to, without a fragment. Required.
	RunbookBase string
	// ExtraMetrics says that the distribution sends CloudFront's additional metrics.
	ExtraMetrics bool

	// What follows is required with Config.Logs.

	// APIKey is the key of the log delivery, a secret.
	APIKey pulumi.StringInput
	// LogGroups are delivered to Datadog, by a name of their own. All are in the region.
	LogGroups map[string]pulumi.StringInput
	// LogBucketArn takes what could not be delivered, in the folder "datadog".
	LogBucketArn pulumi.StringInput
}

func (a *DatadogArgs) check() error {
	if err := a.Check(); err != nil {
		return err
	}
	switch {
	case !a.Config.Enabled:
		return errors.New("datadog.enabled is false")
	case !strings.HasPrefix(a.SiteURL, "https://") || strings.HasSuffix(a.SiteURL, "/"):
		return fmt.Errorf("SiteURL is %q, want an https URL without a slash at its end", a.SiteURL)
	case a.RunbookBase == "" || len(a.Services) == 0:
		return errors.New("RunbookBase and Services are required")
	case a.Config.Logs && (a.APIKey == nil || a.LogBucketArn == nil || len(a.LogGroups) == 0):
		return errors.New("APIKey, LogGroups and LogBucketArn are required with logs")
	}
	problems := a.Config.Validate()
	known := slices.Sorted(maps.Keys(a.Services))
	for _, name := range slices.Sorted(maps.Keys(a.Config.Services)) {
		problems.Want(slices.Contains(known, name), settings.Key("services", name), "a service", "%s",
			settings.OneOf(known...))
	}
	for _, name := range known {
		if a.Services[name].Tag == "" {
			return fmt.Errorf("Services.%s.Tag is required", name)
		}
		if a.Services[name].Sleeps && a.Hours == nil {
			return fmt.Errorf("Services.%s sleeps: Hours are required", name)
		}
	}
	return errors.Join(problems.Err(), a.Hours.check())
}

// Datadog is what the stack has in Datadog: the AWS account's integration, log delivery, monitors,
// objectives, checks and a dashboard.
type Datadog struct {
	pulumi.ResourceState

	// LogStreamName is the delivery stream of log lines; unset without logs.
	LogStreamName pulumi.StringOutput
	// DashboardURL is the dashboard's path below the site's address.
	DashboardURL pulumi.StringOutput
	// ObjectiveIDs are the objectives, by service and kind, such as api-availability.
	ObjectiveIDs map[string]pulumi.StringOutput
}

// NewDatadog registers nothing when args are invalid. It needs an aws and a datadog provider.
func NewDatadog(ctx *pulumi.Context, name string, args *DatadogArgs, opts ...pulumi.ResourceOption) (*Datadog, error) {
	if args == nil {
		return nil, fmt.Errorf("datadog %q: args are required", name)
	}
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("datadog %q: %w", name, err)
	}
	filled := *args
	filled.Config = settings.WithDefaults(args.Config)
	d := &Datadog{ObjectiveIDs: map[string]pulumi.StringOutput{}}
	base, err := component.Register(ctx, "datadog", DatadogType, name, d, opts...)
	if err != nil {
		return nil, err
	}
	b := &datadogBuilder{Component: base, args: &filled, datadog: d}
	for _, build := range []func() error{b.integration, b.logs, b.monitors, b.objectives, b.checks, b.dashboard} {
		if err := build(); err != nil {
			return nil, err
		}
	}
	outputs := pulumi.Map{"dashboardUrl": d.DashboardURL}
	if args.Config.Logs {
		outputs["logStreamName"] = d.LogStreamName
	}
	return d, b.Outputs(outputs)
}

// datadogBuilder carries what the steps share.
type datadogBuilder struct {
	component.Component
	args    *DatadogArgs
	datadog *Datadog
}

func (b *datadogBuilder) parent() pulumi.ResourceOption { return b.Parent() }

// here is for what stands in Datadog.
func (b *datadogBuilder) here() pulumi.ResourceOption { return standsAt(string(b.args.Config.Site)) }

// running are the traced services that run.
func (b *datadogBuilder) running() []traced {
	var all []traced
	for _, name := range slices.Sorted(maps.Keys(b.args.Services)) {
		target := b.args.Services[name]
		if service, ok := b.args.Config.Services[name]; ok && target.Running {
			all = append(all, traced{
				name:    name,
				tag:     target.Tag,
				env:     string(b.args.Environment),
				service: service,
				sleeps:  target.Sleeps,
			})
		}
	}
	return all
}

// message tells what to do first, and calls those who are to do it.
func (b *datadogBuilder) message(first, section string) pulumi.String {
	return b.advice(first, section) + pulumi.String("\n"+strings.Join(b.args.Config.Notify, " "))
}

// advice is a message that calls nobody.
func (b *datadogBuilder) advice(first, section string) pulumi.String {
	return pulumi.String(fmt.Sprintf("First: %s\nRunbook: %s#%s", first, b.args.RunbookBase, section))
}

func (b *datadogBuilder) title(what string) pulumi.String {
	return pulumi.String(b.args.Environment.Name() + " " + what)
}

// tags are those of everything that the component makes in Datadog.
func (b *datadogBuilder) tags(more ...string) pulumi.StringArray {
	return pulumi.ToStringArray(append([]string{"env:" + string(b.args.Environment), "project:" + names.Project},
		more...))
}

func (b *datadogBuilder) monitors() error {
	for _, service := range b.running() {
		for _, one := range service.monitors() {
			thresholds := &datadog.MonitorMonitorThresholdsArgs{Critical: pulumi.String(number(one.levels.Critical))}
			if one.levels.Warning > 0 {
				thresholds.Warning = pulumi.String(number(one.levels.Warning))
			}
			if _, err := datadog.NewMonitor(b.Ctx, b.Child(one.key), &datadog.MonitorArgs{
				Name:              b.title(one.title),
				Type:              pulumi.String("query alert"),
				Query:             pulumi.String(one.fullQuery()),
				MonitorThresholds: thresholds,
				Message:           b.message(one.first, one.section),
				Priority:          pulumi.String(strconv.Itoa(one.priority)),
				OnMissingData:     pulumi.String(one.onMissingData),
				RequireFullWindow: pulumi.Bool(false),
				IncludeTags:       pulumi.Bool(true),
				Tags:              b.tags("service:" + service.tag),
			}, b.parent(), b.here()); err != nil {
				return b.Wrap("create", "monitor "+one.key, err)
			}
		}
	}
	return nil
}

func (b *datadogBuilder) objectives() error {
	for _, service := range b.running() {
		for _, one := range service.objectives() {
			if err := b.objective(service, one); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *datadogBuilder) objective(service traced, one objective) error {
	args := &datadog.ServiceLevelObjectiveArgs{
		Name:        b.title(one.title),
		Description: pulumi.String(one.description),
		Tags:        b.tags("service:" + service.tag),
		Thresholds: datadog.ServiceLevelObjectiveThresholdArray{datadog.ServiceLevelObjectiveThresholdArgs{
			Timeframe: pulumi.String(objectiveDays), Target: pulumi.Float64(one.target),
		}},
	}
	if one.slice == "" {
		args.Type = pulumi.String("metric")
		args.Query = &datadog.ServiceLevelObjectiveQueryArgs{
			Numerator:   pulumi.String(one.good),
			Denominator: pulumi.String(one.all),
		}
	} else {
		args.Type = pulumi.String("time_slice")
		args.SliSpecification = timeSlice(one)
	}
	made, err := datadog.NewServiceLevelObjective(b.Ctx, b.Child(one.key), args, b.parent(), b.here())
	if err != nil {
		return b.Wrap("create", "objective "+one.key, err)
	}
	b.datadog.ObjectiveIDs[one.key] = made.ID().ToStringOutput()
	for _, speed := range burns {
		if !speed.possible(one.target) {
			continue
		}
		key := one.key + "-" + speed.key
		if _, err := datadog.NewMonitor(b.Ctx, b.Child(key), &datadog.MonitorArgs{
			Name:              b.title(one.title + ": " + strings.ReplaceAll(speed.key, "-", " ")),
			Type:              pulumi.String("slo alert"),
			Query:             made.ID().ToStringOutput().ApplyT(speed.query).(pulumi.StringOutput),
			MonitorThresholds: &datadog.MonitorMonitorThresholdsArgs{Critical: pulumi.String(number(speed.rate))},
			Message: b.message("see since when the objective is missed, and which deploy or load "+
				"began then.", sectionErrorBudget),
			Priority:    pulumi.String(strconv.Itoa(speed.priority)),
			IncludeTags: pulumi.Bool(true),
			Tags:        b.tags("service:" + service.tag),
		}, b.parent(), b.here()); err != nil {
			return b.Wrap("create", "monitor "+key, err)
		}
	}
	return nil
}

func timeSlice(one objective) *datadog.ServiceLevelObjectiveSliSpecificationArgs {
	return &datadog.ServiceLevelObjectiveSliSpecificationArgs{
		TimeSlice: datadog.ServiceLevelObjectiveSliSpecificationTimeSliceArgs{
			Comparator:           pulumi.String("<"),
			Threshold:            pulumi.Float64(one.threshold),
			QueryIntervalSeconds: pulumi.Int(fiveMinutes),
			Query: datadog.ServiceLevelObjectiveSliSpecificationTimeSliceQueryArgs{
				Formula: datadog.ServiceLevelObjectiveSliSpecificationTimeSliceQueryFormulaArgs{
					FormulaExpression: pulumi.String("latency"),
				},
				Queries: datadog.ServiceLevelObjectiveSliSpecificationTimeSliceQueryQueryArray{
					datadog.ServiceLevelObjectiveSliSpecificationTimeSliceQueryQueryArgs{
						MetricQuery: &datadog.ServiceLevelObjectiveSliSpecificationTimeSliceQueryQueryMetricQueryArgs{
							Name:       pulumi.String("latency"),
							DataSource: pulumi.String("metrics"),
							Query:      pulumi.String(one.slice),
						},
					},
				},
			},
		},
	}
}

// checks request the site from outside, the way its users do.
func (b *datadogBuilder) checks() error {
	for _, name := range slices.Sorted(maps.Keys(b.args.Config.Checks)) {
		check := b.args.Config.Checks[name]
		assert := func(kind, operator string, target int) datadog.SyntheticsTestAssertionArgs {
			return datadog.SyntheticsTestAssertionArgs{
				Type:     pulumi.String(kind),
				Operator: pulumi.String(operator),
				Target:   pulumi.String(strconv.Itoa(target)),
			}
		}
		if _, err := datadog.NewSyntheticsTest(b.Ctx, b.Child("check-"+name), &datadog.SyntheticsTestArgs{
			Name:      b.title("check " + name),
			Type:      pulumi.String("api"),
			Subtype:   pulumi.String("http"),
			Status:    pulumi.String("live"),
			Locations: pulumi.StringArray{pulumi.String(b.args.Config.CheckLocation)},
			RequestDefinition: &datadog.SyntheticsTestRequestDefinitionArgs{
				Method: pulumi.String("GET"), Url: pulumi.String(b.args.SiteURL + check.Path), Timeout: pulumi.Int(60),
			},
			Assertions: datadog.SyntheticsTestAssertionArray{
				assert("statusCode", "is", check.Status), assert("responseTime", "lessThan", check.Milliseconds),
			},
			OptionsList: &datadog.SyntheticsTestOptionsListArgs{
				TickEvery: pulumi.Int(b.args.Config.CheckMinutes * 60),
				// One answer that was lost on its way is no outage.
				Retry: &datadog.SyntheticsTestOptionsListRetryArgs{
					Count:    pulumi.Int(2),
					Interval: pulumi.Int(1000),
				},
				MinLocationFailed:  pulumi.Int(1),
				MinFailureDuration: pulumi.Int(0),
				MonitorPriority:    pulumi.Int(1),
				Scheduling:         b.args.scheduling(),
			},
			Message: b.checkMessage(),
			Tags:    b.tags("check:" + name),
		}, b.parent(), b.here()); err != nil {
			return b.Wrap("create", "check "+name, err)
		}
	}
	return nil
}

// checkMessage calls nobody where the site sleeps on holidays, since a check would find it asleep
// then: its schedule knows no dates. A downtime of Datadog has dates, but none that are over, so
// that a stack could not be made after the first of its holidays. CloudWatch's alarm site-health
// asks the site in the same hours, and knows the holidays.
// https://github.com/DataDog/terraform-provider-datadog/issues/2060
func (b *datadogBuilder) checkMessage() pulumi.String {
	const first = "open the address yourself, then follow the request: DNS, CloudFront, load balancer, tasks."
	if b.args.Hours != nil && len(b.args.Hours.Holidays) > 0 {
		return b.advice(first, sectionSite)
	}
	return b.message(first, sectionSite)
}

// scheduling has the checks of a site that sleeps run in its hours. Datadog's schedules know days
// of the week, from Monday as 1, and no dates.
func (a *DatadogArgs) scheduling() *datadog.SyntheticsTestOptionsListSchedulingArgs {
	if a.Hours == nil {
		return nil
	}
	var frames datadog.SyntheticsTestOptionsListSchedulingTimeframeArray
	for day := 1; day <= workdays; day++ {
		frames = append(frames, datadog.SyntheticsTestOptionsListSchedulingTimeframeArgs{
			Day: pulumi.Int(day), From: pulumi.String(a.Hours.expectedFrom()), To: pulumi.String(a.Hours.To),
		})
	}
	return &datadog.SyntheticsTestOptionsListSchedulingArgs{
		Timezone: pulumi.String(a.Hours.Timezone), Timeframes: frames,
	}
}

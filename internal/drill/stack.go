package drill

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a machine without zone files must not refuse Asia/Tokyo

	"github.com/bookmark-manager/infrastructure/internal/awscron"
	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/cloudwatch"
	"github.com/bookmark-manager/infrastructure/internal/inventory"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// Stack is what a plan says about a stack's alarms, and about what they watch.
type Stack struct {
	Name       string
	Alarms     []Alarm
	Composites []Composite
	Rules      []Rule
	Monitors   []Monitor

	region   string
	arn      string // of ECS, up to the kind of the resource
	cluster  string
	services []service
	queues   []string // services with a queue
	started  []string // whose tasks schedules start
	zones    []string // with a NAT gateway
	prober   string   // the service that answers the health check
	// sameCheck says that the health check of the site asks for what the load balancer asks the
	// prober's targets for.
	sameCheck bool
	targets   map[string]float64 // percent of requests that may not fail, by service, where Datadog watches it
	location  *time.Location
	// databases are the ARNs of the cluster ("cluster") and of one of its instances ("db").
	databases map[string]string
	// What an instance of the database has at its greatest capacity.
	connections, memory float64 // memory in bytes

	week *run // in which all is well
}

// Alarm is a metric alarm, by the end of its name.
type Alarm struct {
	cloudwatch.Alarm
	Description string
	Notifies    bool // it has actions
}

// Composite is a composite alarm, by the end of its name.
type Composite struct {
	cloudwatch.Composite
	Description string
	Notifies    bool
}

// service is an ECS service.
type service struct {
	name    string
	targets bool // the load balancer reaches it
	base    int  // tasks without a schedule
	noticed int  // minutes until the load balancer finds a target unhealthy that does not answer
	changes []change
}

// change sets the least number of a service's tasks.
type change struct {
	at    time.Time
	tasks int
}

// Of reads a stack from the resources of its plan.
func Of(name string, resources []plan.State) (*Stack, error) {
	r := &reader{
		inv:   inventory.New(resources),
		stack: &Stack{Name: name, location: time.UTC, targets: map[string]float64{}},
	}
	for _, read := range []func() error{
		r.readAccount, r.readServices, r.readQueues, r.readDatabase, r.readEdge, r.readAlarms, r.readComposites,
		r.readRules, r.readReports, r.readMonitors,
	} {
		if err := read(); err != nil {
			return nil, fmt.Errorf("read the plan of %s: %w", name, err)
		}
	}
	r.stack.week = newRun(r.stack, nil, nil, 0, days*minutesOfDay)
	return r.stack, nil
}

type reader struct {
	inv    *inventory.Inventory
	stack  *Stack
	prefix string            // of every name
	byName map[string]string // services by the names of their ECS services
}

// readAccount reads the stack's account and region from its AWS provider.
func (r *reader) readAccount() error {
	for _, one := range r.inv.Providers() {
		if one.Name() == "aws" {
			account := regexp.MustCompile(`\d{12}`).FindString(one.Input("allowedAccountIds").String())
			if account == "" {
				return fmt.Errorf("its provider aws has no allowedAccountIds, as with an emulator")
			}
			r.stack.region = one.Input("region").Text()
			r.stack.arn = "arn:aws:ecs:" + r.stack.region + ":" + account + ":"
			return nil
		}
	}
	return fmt.Errorf("it has no provider with the name aws")
}

func (r *reader) readServices() error {
	clusters := r.inv.OfType(catalog.ECSCluster)
	if len(clusters) != 1 {
		return fmt.Errorf("it has %d ECS clusters, want one", len(clusters))
	}
	r.stack.cluster = clusters[0].Input("name").Text()
	r.prefix = strings.TrimSuffix(r.stack.cluster, "cluster")
	r.byName = map[string]string{}
	for _, one := range r.inv.OfType(catalog.ECSService) {
		made := service{name: one.Name(), targets: len(one.Input("loadBalancers").List()) > 0}
		tasks, _ := one.Input("desiredCount").Number()
		made.base = int(tasks)
		r.byName[one.Input("name").Text()] = made.name
		made.noticed = r.noticed(made.name)
		if err := r.schedule(&made); err != nil {
			return err
		}
		r.stack.services = append(r.stack.services, made)
	}
	for _, one := range r.inv.OfType(catalog.NATGateway) {
		r.stack.zones = append(r.stack.zones, strings.TrimPrefix(r.inv.Name(one), "nat-"))
	}
	return nil
}

// schedule reads the least number of tasks of a service through the drill's time. A scheduled
// action is named after its service.
func (r *reader) schedule(s *service) error {
	for _, one := range r.inv.OfType(catalog.ScheduledAction) {
		if component, ok := r.inv.Component(one); !ok || component.Name() != s.name {
			continue
		}
		zone, err := time.LoadLocation(one.Input("timezone").Text())
		if err != nil {
			return fmt.Errorf("read the time zone of %s: %w", one.Name(), err)
		}
		r.stack.location = zone
		least, _ := one.Input("scalableTargetAction.minCapacity").Number()
		times, err := awscron.Matches(one.Input("schedule").Text(), begin.In(zone).AddDate(0, -1, 0),
			begin.In(zone).AddDate(0, 0, days+1))
		if err != nil {
			return fmt.Errorf("read %s: %w", one.Name(), err)
		}
		for _, at := range times {
			s.changes = append(s.changes, change{at, int(least)})
		}
	}
	slices.SortStableFunc(s.changes, func(a, b change) int { return a.at.Compare(b.at) })
	return nil
}

// least is the least number of tasks at a time.
func (s service) least(at time.Time) int {
	tasks := s.base
	for _, one := range s.changes {
		if one.at.After(at) {
			break
		}
		tasks = one.tasks
	}
	return tasks
}

// readEdge finds the service that answers the health check.
func (r *reader) readEdge() error {
	checks := r.inv.OfType(catalog.HealthCheck)
	if len(checks) != 1 {
		return fmt.Errorf("it has %d health checks, want one", len(checks))
	}
	var err error
	path := checks[0].Input("resourcePath").Text()
	r.stack.prober, err = r.serviceOf(path)
	r.stack.sameCheck = r.targetsOf(r.stack.prober).At("healthCheck.path").Text() == path
	return err
}

// targetsOf are the inputs of a service's group of targets; nothing for one that has none.
func (r *reader) targetsOf(service string) plan.Value {
	for _, one := range r.inv.OfType(catalog.TargetGroup) {
		if strings.TrimSuffix(one.Name(), "-tg") == service {
			return plan.ValueOf("", one.Inputs)
		}
	}
	return plan.Value{}
}

// noticed is the time that the load balancer takes to find a target of a service unhealthy, in
// whole minutes.
func (r *reader) noticed(service string) int {
	check := func(name string) float64 {
		number, _ := r.targetsOf(service).At("healthCheck." + name).Number()
		return number
	}
	return int(math.Ceil((check("unhealthyThreshold")*check("interval") + check("timeout")) / 60))
}

// serviceOf is the service that answers a path: that of the first rule of the load balancer that
// takes it. Empty when none does.
func (r *reader) serviceOf(path string) (string, error) {
	first, service := -1.0, ""
	for _, rule := range r.inv.OfType(catalog.ListenerRule) {
		patterns, err := r.paths(rule)
		if err != nil {
			return "", err
		}
		priority, _ := rule.Input("priority").Number()
		component, ok := r.inv.Component(rule)
		if ok && (first < 0 || priority < first) && takes(patterns, path) {
			first, service = priority, component.Name()
		}
	}
	return service, nil
}

// paths are the patterns of a rule's paths. The secret of the origin is in one of its conditions,
// and hides them all in a plan; the component has the paths as an output then.
func (r *reader) paths(rule plan.State) ([]plan.Value, error) {
	conditions := rule.Input("conditions")
	if conditions.Hidden() {
		component, _ := r.inv.Component(rule)
		patterns := plan.ValueOf("", component.Outputs).Property("paths").List()
		if len(patterns) == 0 {
			return nil, fmt.Errorf("the plan hides the paths of rule %s before the stack is deployed: take the plan "+
				"of a deployed stack",
				rule.Name())
		}
		return patterns, nil
	}
	var patterns []plan.Value
	for _, condition := range conditions.List() {
		patterns = append(patterns, condition.At("pathPattern.values").List()...)
	}
	return patterns, nil
}

func takes(patterns []plan.Value, path string) bool {
	return slices.ContainsFunc(patterns, func(pattern plan.Value) bool {
		quoted := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern.Text()))
		return regexp.MustCompile("^" + quoted + "$").MatchString(path)
	})
}

// documented are the connections that AWS allows an instance by its greatest capacity, in ACU.
// Between them the drill takes a straight line.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
var documented = []struct{ capacity, connections float64 }{
	{1, 189}, {4, 823}, {8, 1669}, {16, 3360}, {32, 5000}, {256, 5000},
}

func (r *reader) readDatabase() error {
	clusters := r.inv.OfType(catalog.RDSCluster)
	if len(clusters) == 0 {
		return fmt.Errorf("it has no database")
	}
	account := strings.TrimPrefix(r.stack.arn, "arn:aws:ecs:")
	r.stack.databases = map[string]string{
		"cluster": "arn:aws:rds:" + account + "cluster:" + clusters[0].Input("clusterIdentifier").Text(),
	}
	for _, instance := range r.inv.OfType(catalog.RDSClusterInstance) {
		of := r.inv.Feeding(instance, "clusterIdentifier")
		if len(of) == 1 && of[0].URN == clusters[0].URN { // and not of one in the recovery region
			r.stack.databases["db"] = "arn:aws:rds:" + account + "db:" + instance.Input("identifier").Text()
		}
	}
	most, known := clusters[0].Input("serverlessv2ScalingConfiguration.maxCapacity").Number()
	least, _ := clusters[0].Input("serverlessv2ScalingConfiguration.minCapacity").Number()
	if !known || most < 1 {
		return fmt.Errorf("the greatest capacity of its database is %g ACU, want 1 or more", most)
	}
	const gibibytesPerUnit, mostFromHalfAUnit = 2, 2000
	r.stack.memory = most * gibibytesPerUnit * (1 << 30)
	for i, upper := range documented[1:] {
		if lower := documented[i]; most >= lower.capacity && most <= upper.capacity {
			part := (most - lower.capacity) / (upper.capacity - lower.capacity)
			r.stack.connections = lower.connections + part*(upper.connections-lower.connections)
		}
	}
	if least <= 0.5 {
		r.stack.connections = min(r.stack.connections, mostFromHalfAUnit)
	}
	return nil
}

func (r *reader) short(name string) string { return strings.TrimPrefix(name, r.prefix) }

func (r *reader) readAlarms() error {
	for _, one := range r.inv.OfType(catalog.MetricAlarm) {
		made := Alarm{
			Description: one.Input("alarmDescription").Text(), Notifies: len(one.PropertyDependencies["alarmActions"]) > 0,
			Alarm: cloudwatch.Alarm{
				Name:             r.short(one.Input("name").Text()),
				Comparison:       cloudwatch.Comparison(one.Input("comparisonOperator").Text()),
				Missing:          cloudwatch.Missing(one.Input("treatMissingData").Text()),
				IgnoreFewSamples: one.Input("evaluateLowSampleCountPercentiles").Text() == "ignore",
			},
		}
		periods, _ := one.Input("evaluationPeriods").Number()
		datapoints, ok := one.Input("datapointsToAlarm").Number()
		if !ok {
			datapoints = periods
		}
		made.Periods, made.Datapoints = int(periods), int(datapoints)
		made.Threshold, _ = one.Input("threshold").Number()
		if one.Input("metricName").Present() {
			query := r.metric(one, plan.ValueOf("", one.Inputs), "dimensions")
			query.ID, query.Returns = "metric", true
			made.Queries = []cloudwatch.Query{query}
		}
		for _, input := range one.Input("metricQueries").List() {
			query := cloudwatch.Query{Expression: input.At("expression").Text()}
			if query.Expression == "" {
				query = r.metric(one, input.At("metric"), "metricQueries")
			}
			query.ID = input.At("id").Text()
			query.Returns, _ = input.At("returnData").Bool()
			made.Queries = append(made.Queries, query)
		}
		r.stack.Alarms = append(r.stack.Alarms, made)
	}
	return nil
}

// metric reads a metric, wherever an alarm has it.
func (r *reader) metric(alarm plan.State, at plan.Value, property string) cloudwatch.Query {
	name := func(key string) string { return at.Property(key).Text() }
	period, _ := at.Property("period").Number()
	return cloudwatch.Query{
		Metric: strings.TrimSpace(name("namespace") + " " + name("metricName") + " " +
			r.subject(alarm, at.Property("dimensions"), property)),
		Statistic: cmp.Or(name("statistic"), name("extendedStatistic"), name("stat")),
		Period:    int(period),
	}
}

// subject is what a metric is about, of what a stack has several of: a service, a zone or a
// certificate. In a plan most dimensions are not known yet, but whose outputs they are is.
func (r *reader) subject(alarm plan.State, dimensions plan.Value, property string) string {
	if service, ok := r.byName[dimensions.Property("ServiceName").Text()]; ok {
		return service
	}
	for dimension, types := range map[string][]string{
		"TargetGroup": {catalog.TargetGroup}, "NatGatewayId": {catalog.NATGateway},
		"CertificateArn": {catalog.Certificate, catalog.CertificateValidation}, "QueueName": {catalog.Queue},
	} {
		if _, ok := dimensions.Object()[dimension]; !ok {
			continue
		}
		for _, source := range r.inv.Feeding(alarm, property) {
			if slices.Contains(types, source.Type) {
				return queueOf(strings.TrimPrefix(strings.TrimSuffix(source.Name(), "-tg"), "network-nat-"))
			}
		}
	}
	return ""
}

// deadLetters is the end of the name of a queue of dead letters.
const deadLetters = "-dead"

// queueOf is a queue without the name of the component that all of them are in.
func queueOf(name string) string { return strings.TrimPrefix(name, "queues-") }

// readQueues reads which services have a queue, and whose tasks are started by schedules.
func (r *reader) readQueues() error {
	for _, one := range r.inv.OfType(catalog.Queue) {
		if name := queueOf(one.Name()); !strings.HasSuffix(name, deadLetters) {
			r.stack.queues = append(r.stack.queues, name)
		}
	}
	slices.Sort(r.stack.queues)
	for _, one := range r.inv.OfType(catalog.Schedule) {
		if component, ok := r.inv.Component(one); ok {
			r.stack.started = append(r.stack.started, component.Name())
		}
	}
	slices.Sort(r.stack.started)
	r.stack.started = slices.Compact(r.stack.started)
	return nil
}

func (r *reader) readComposites() error {
	for _, one := range r.inv.OfType(catalog.CompositeAlarm) {
		seconds := func(name string) int {
			value, _ := one.Input("actionsSuppressor." + name).Number()
			return int(value)
		}
		r.stack.Composites = append(r.stack.Composites, Composite{
			Description: one.Input("alarmDescription").Text(), Notifies: len(one.PropertyDependencies["alarmActions"]) > 0,
			Composite: cloudwatch.Composite{
				Name:       r.short(one.Input("alarmName").Text()),
				Rule:       strings.ReplaceAll(one.Input("alarmRule").Text(), r.prefix, ""),
				Suppressor: r.short(one.Input("actionsSuppressor.alarm").Text()),
				Wait:       seconds("waitPeriod"),
				Extension:  seconds("extensionPeriod"),
			},
		})
	}
	return nil
}

// promised is how many minutes a description says that its alarm takes.
func promised(description string) (int, error) {
	found := regexp.MustCompile(`[Ww]ithin (\d+) (minutes|hours)`).FindStringSubmatch(description)
	if found == nil {
		return 0, fmt.Errorf("its description does not say within how many minutes or hours: %q", description)
	}
	number, err := strconv.Atoi(found[1])
	if found[2] == "hours" {
		number *= 60
	}
	return number, err
}

package observability

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/names"
)

// dashboardBody is CloudWatch's description of a dashboard.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
type dashboardBody struct {
	Start          string   `json:"start"`
	PeriodOverride string   `json:"periodOverride"`
	Widgets        []widget `json:"widgets"`
}

type widget struct {
	Type       string `json:"type"`
	X          int    `json:"x"`
	Y          int    `json:"y"`
	Width      int    `json:"width"`
	Height     int    `json:"height"`
	Properties any    `json:"properties"`
}

type textProperties struct {
	Markdown string `json:"markdown"`
}

type alarmProperties struct {
	Title  string   `json:"title"`
	Alarms []string `json:"alarms"` // ARNs
}

type metricProperties struct {
	Title       string       `json:"title"`
	Region      string       `json:"region"`
	View        string       `json:"view"`
	Stacked     bool         `json:"stacked"`
	Period      int          `json:"period"`
	Metrics     [][]any      `json:"metrics"`
	YAxis       *yAxis       `json:"yAxis,omitempty"`
	Annotations *annotations `json:"annotations,omitempty"`
}

type yAxis struct {
	Left axis `json:"left"`
}

type axis struct {
	Label     string   `json:"label,omitempty"`
	Min       *float64 `json:"min,omitempty"`
	ShowUnits bool     `json:"showUnits"`
}

type annotations struct {
	Horizontal []horizontal `json:"horizontal"`
}

type horizontal struct {
	Label string  `json:"label"`
	Value float64 `json:"value"`
}

// line is one line of a graph.
type line struct {
	label  string
	metric metric
}

// graph is a widget of lines. A limit draws the threshold of the alarm that watches it.
type graph struct {
	title  string
	global bool
	unit   string // label of the axis
	lines  []line
	limit  float64
	period int // seconds; five minutes unless given
}

const (
	columns     = 24
	graphWidth  = 8
	graphHeight = 6
	headHeight  = 1
)

// section is a heading with graphs, three in a row.
type section struct {
	title  string
	graphs []graph
}

func lineOf(label, namespace, name, stat string, dimensions map[string]dimension) line {
	return line{label, metric{namespace, name, stat, dimensions}}
}

// sections is the table of the dashboard's graphs.
func sections(w watched, t Thresholds) []section {
	services := slices.Sorted(maps.Keys(w.services))
	all := []section{servicesSection(services, w, t), loadBalancerSection(services, w, t), databaseSection(w, t),
		edgeSection(w, t)}
	if len(w.natZones) > 0 {
		all = append(all, natSection(w.natZones))
	}
	return all
}

func servicesSection(services []string, w watched, t Thresholds) section {
	perService := func(namespace, name, stat string) []line {
		var lines []line
		for _, service := range services {
			lines = append(lines, lineOf(service, namespace, name, stat, map[string]dimension{
				"ClusterName": on(cluster), "ServiceName": on(serviceTarget(service)),
			}))
		}
		return lines
	}
	var errors []line
	for _, service := range services {
		if w.services[service].logs {
			errors = append(errors, lineOf(service, w.logMetrics, errorLines(service), "Sum", nil))
		}
	}
	return section{"Services", []graph{
		{title: "CPU", unit: "%", lines: perService("AWS/ECS", "CPUUtilization", "Average"), limit: t.CPUPercent},
		{
			title: "Memory",
			unit:  "%",
			lines: perService("AWS/ECS", "MemoryUtilization", "Average"),
			limit: t.MemoryPercent,
		},
		// ECS sends one sample for each task and minute, also without Container Insights.
		{
			title:  "Running tasks",
			unit:   "tasks",
			period: 60,
			lines:  perService("AWS/ECS", "CPUUtilization", "SampleCount"),
		},
		{title: "Error lines", unit: "lines", lines: errors, limit: t.ErrorLines},
	}}
}

func loadBalancerSection(services []string, w watched, t Thresholds) section {
	of := map[string]dimension{"LoadBalancer": on(loadBalancer)}
	const elb = "AWS/ApplicationELB"
	var targets []line
	for _, service := range services {
		if !w.services[service].targets {
			continue
		}
		targets = append(targets, lineOf(service, elb, "RequestCount", "Sum", map[string]dimension{
			"LoadBalancer": on(loadBalancer), "TargetGroup": on(targetGroup(service)),
		}))
	}
	return section{"Load balancer", []graph{
		{
			title: "Requests",
			unit:  "requests",
			lines: append([]line{lineOf("all", elb, "RequestCount", "Sum", of)}, targets...),
		},
		{
			title: "Latency",
			unit:  "s",
			lines: []line{
				lineOf("p50", elb, "TargetResponseTime", "p50", of),
				lineOf("p95", elb, "TargetResponseTime", "p95", of),
				lineOf("p99", elb, "TargetResponseTime", "p99", of),
			},
			limit: t.LatencySeconds,
		},
		{title: "Errors", unit: "requests", lines: []line{
			lineOf("5xx of targets", elb, "HTTPCode_Target_5XX_Count", "Sum", of),
			lineOf("5xx of the load balancer", elb, "HTTPCode_ELB_5XX_Count", "Sum", of),
			lineOf("4xx of targets", elb, "HTTPCode_Target_4XX_Count", "Sum", of),
		}},
	}}
}

func databaseSection(w watched, t Thresholds) section {
	of := func(label, name, stat string) line {
		return lineOf(label, "AWS/RDS", name, stat, map[string]dimension{"DBClusterIdentifier": on(database)})
	}
	waits := graph{title: "Deadlocks", unit: "1/s", lines: []line{of("deadlocks", "Deadlocks", "Average")}}
	if w.reader {
		waits = graph{title: "Replica lag and deadlocks", unit: "ms, 1/s", lines: []line{
			of("replica lag", "AuroraReplicaLagMaximum", "Maximum"), of("deadlocks", "Deadlocks", "Average"),
		}}
	}
	return section{"Aurora", []graph{
		{
			title: "Connections",
			unit:  "connections",
			limit: connectionLimit(w.minACU, w.maxACU) * t.ConnectionsPercent / 100,
			lines: []line{
				of("most of an instance", "DatabaseConnections", "Maximum"),
				of("average", "DatabaseConnections", "Average"),
			},
		},
		{title: "Query performance: latency", unit: "s", lines: []line{
			of("commit (ms)", "CommitLatency", "Average"), of("read", "ReadLatency", "Average"),
			of("write", "WriteLatency", "Average"),
		}},
		{title: "Query performance: load", unit: "sessions", lines: []line{
			of("active sessions", "DBLoad", "Average"), of("on CPU", "DBLoadCPU", "Average"),
			of("waiting", "DBLoadNonCPU", "Average"),
		}},
		{title: "Capacity", unit: "ACU", lines: []line{
			of("most", "ServerlessDatabaseCapacity", "Maximum"), of("average", "ServerlessDatabaseCapacity", "Average"),
		}},
		{
			title: "Free memory at the greatest capacity",
			unit:  "bytes",
			lines: []line{of("least", "FreeableMemory", "Minimum")},
		},
		waits,
	}}
}

func edgeSection(w watched, t Thresholds) section {
	ofDistribution := map[string]dimension{"DistributionId": on(distribution), "Region": fixed("Global")}
	ofWebACL := map[string]dimension{"WebACL": on(webACL), "Rule": fixed("ALL")}
	graphs := []graph{
		{
			title:  "CloudFront requests",
			global: true,
			unit:   "requests",
			lines: []line{
				lineOf("requests", "AWS/CloudFront", "Requests", "Sum", ofDistribution),
			},
		},
		{
			title:  "CloudFront errors",
			global: true,
			unit:   "%",
			limit:  t.EdgeErrorPercent,
			lines: []line{
				lineOf("5xx", "AWS/CloudFront", "5xxErrorRate", "Average", ofDistribution),
				lineOf("4xx", "AWS/CloudFront", "4xxErrorRate", "Average", ofDistribution),
			},
		},
		{
			title:  "Web ACL",
			global: true,
			unit:   "requests",
			limit:  t.BlockedRequests,
			lines: []line{
				lineOf("allowed", "AWS/WAFV2", "AllowedRequests", "Sum", ofWebACL),
				lineOf("blocked", "AWS/WAFV2", "BlockedRequests", "Sum", ofWebACL),
			},
		},
		{
			title:  "Site health",
			global: true,
			unit:   "healthy",
			lines: []line{
				lineOf("health check", "AWS/Route53", "HealthCheckStatus", "Minimum",
					map[string]dimension{"HealthCheckId": on(healthCheck)}),
			},
		},
	}
	if w.extraMetrics { // CloudFront's additional metrics, which are paid for
		graphs = append(graphs,
			graph{
				title:  "Cache hits",
				global: true,
				unit:   "%",
				lines: []line{
					lineOf("of cacheable requests", "AWS/CloudFront", "CacheHitRate", "Average", ofDistribution),
				},
			},
			graph{
				title:  "Origin latency",
				global: true,
				unit:   "ms",
				lines: []line{
					lineOf("p50", "AWS/CloudFront", "OriginLatency", "p50", ofDistribution),
					lineOf("p95", "AWS/CloudFront", "OriginLatency", "p95", ofDistribution),
				},
			},
		)
	}
	return section{"Edge", graphs}
}

func natSection(zones []string) section {
	var bytes, errors []line
	for _, zone := range slices.Sorted(slices.Values(zones)) {
		of := map[string]dimension{"NatGatewayId": on(natGateway(zone))}
		bytes = append(bytes, lineOf(zone, "AWS/NATGateway", "BytesOutToDestination", "Sum", of))
		errors = append(errors, lineOf(zone, "AWS/NATGateway", "ErrorPortAllocation", "Sum", of))
	}
	return section{"NAT gateways", []graph{
		{title: "Bytes out", unit: "bytes", lines: bytes}, {title: "Port errors", unit: "errors", lines: errors},
	}}
}

// metrics are a graph's lines in CloudWatch's form. Targets are resolved by now.
func (g graph) metrics(resolved map[string]string) [][]any {
	all := [][]any{}
	for _, one := range g.lines {
		entry := []any{one.metric.namespace, one.metric.name}
		for _, name := range slices.Sorted(maps.Keys(one.metric.dimensions)) {
			value := one.metric.dimensions[name]
			entry = append(entry, name, value.fixed+resolved[string(value.target)])
		}
		all = append(all, append(entry, map[string]any{"label": one.label, "stat": one.metric.stat}))
	}
	return all
}

// body lays the sections out below the alarms' states.
func body(environment, region string, all []section, resolved map[string]string, alarmArns []string) dashboardBody {
	y := 0
	place := func(kind string, x, width, height int, properties any) widget {
		return widget{
			Type:       kind,
			X:          x,
			Y:          y,
			Width:      width,
			Height:     height,
			Properties: properties,
		}
	}
	zero := 0.0
	widgets := []widget{place("alarm", 0, columns, 3,
		alarmProperties{Title: environment + " alarms", Alarms: alarmArns})}
	y += 3
	for _, one := range all {
		widgets = append(widgets, place("text", 0, columns, headHeight, textProperties{Markdown: "## " + one.title}))
		y += headHeight
		x := 0
		for _, g := range one.graphs {
			if len(g.lines) == 0 {
				continue
			}
			if x == columns {
				x, y = 0, y+graphHeight
			}
			properties := metricProperties{
				Title:   g.title,
				Region:  region,
				View:    "timeSeries",
				Period:  fiveMinutes,
				Metrics: g.metrics(resolved),
				YAxis:   &yAxis{Left: axis{Label: g.unit, Min: &zero}},
			}
			if g.period > 0 {
				properties.Period = g.period
			}
			if g.global {
				properties.Region = names.UsEast1
			}
			if g.limit > 0 {
				properties.Annotations = &annotations{Horizontal: []horizontal{{Label: "alarm", Value: g.limit}}}
			}
			widgets = append(widgets, place("metric", x, graphWidth, graphHeight, properties))
			x += graphWidth
		}
		if x > 0 {
			y += graphHeight
		}
	}
	return dashboardBody{Start: "-PT24H", PeriodOverride: "inherit", Widgets: widgets}
}

// dashboard shows the stack's alarms and what the original design names: CPU and memory, requests
// and latency, connections and query performance.
func (b *builder) dashboard() error {
	values := pulumi.StringMap{}
	for name, value := range b.args.targets() {
		values[string(name)] = value
	}
	var arns pulumi.StringArray
	for _, one := range b.table {
		if !one.global { // the widget shows alarms of the dashboard's region
			arns = append(arns, b.metricAlarms[one.key].Arn)
		}
	}
	table := sections(b.args.watched(), b.args.Config.Thresholds)
	environment, region := string(b.args.Environment), b.args.Region
	written := pulumi.All(values, arns).ApplyT(func(all []any) (string, error) {
		raw, err := json.Marshal(body(environment, region, table, all[0].(map[string]string), all[1].([]string)))
		return string(raw), err
	}).(pulumi.StringOutput)
	made, err := cloudwatch.NewDashboard(b.Ctx, b.Child("dashboard"), &cloudwatch.DashboardArgs{
		DashboardName: pulumi.String(b.args.Environment.Name()),
		DashboardBody: written,
	}, b.options(false)...)
	if err != nil {
		return b.Wrap("create", "dashboard", err)
	}
	b.component.DashboardName = made.DashboardName
	return nil
}

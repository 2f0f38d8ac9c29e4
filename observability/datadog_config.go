package observability

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// DatadogConfig is Datadog: section "datadog".
type DatadogConfig struct {
	// Enabled makes what the section describes. Without it the rest of the section is ignored but
	// checked all the same.
	Enabled bool `json:"enabled"`
	// Site is the site of the Datadog organization.
	Site DatadogSite `json:"site"`
	// Integration is the AWS account's integration, which brings CloudWatch's metrics. One per
	// account.
	Integration Mode `json:"integration"`
	// Logs sends log lines to Datadog.
	Logs bool `json:"logs"`
	// LogSources are whose lines are sent. Without it: those of the services and of the database.
	// The flow records of the VPC are many and tell Datadog little; Logs Insights has them.
	LogSources []DatadogLogSource `json:"logSources" settings:"optional,unique"`
	// LogExclusions are lines that are not sent. CloudWatch Logs keeps them, and alarms see them.
	LogExclusions []DatadogLogExclusion `json:"logExclusions" settings:"optional,unique"`
	// Notify are the handles that monitors call: otherwise a monitor reaches nobody.
	Notify []string `json:"notify" items:"1.." pattern:"^@[A-Za-z0-9._@+-]+$" want:"a handle such as @slack-alerts: @ and no blanks"`
	// Services are the traced services, by name.
	Services map[string]DatadogService `json:"services" items:"1.." want:"the traced services"`
	// Checks are addresses of the site that are requested from outside, by name. They call nobody
	// where the site sleeps on holidays, which Datadog does not know.
	Checks map[string]DatadogCheck `json:"checks" settings:"optional"`
	// CheckLocation is where they are requested from. The default is Tokyo.
	CheckLocation DatadogLocation `json:"checkLocation" default:"aws:ap-northeast-1"`
	// CheckMinutes is the time between two requests of a check.
	CheckMinutes int `json:"checkMinutes" range:"1..60" unit:"minutes" default:"5"`
}

// DatadogLogSource is who writes lines.
type DatadogLogSource string

// The sources of lines.
const (
	LogsOfServices DatadogLogSource = "services"
	LogsOfDatabase DatadogLogSource = "database"
	LogsOfVPC      DatadogLogSource = "vpc"
)

// DatadogLogExclusion leaves lines out of what is sent.
type DatadogLogExclusion struct {
	// From is whose lines they are: a service's name, database or vpc.
	From string `json:"from" pattern:"^[a-z][a-z0-9-]*$" want:"a service, database or vpc"`
	// Phrase is what such a line has in it, to the letter, as GET /api/health.
	Phrase string `json:"phrase" pattern:"^[ !#$&-\\[\\]-~]*[!#$&-\\[\\]-~]$" length:"1..200" want:"letters, digits and signs but for quotes, percent and backslash, and no blank at its end"`
}

// maxFilterPattern is what CloudWatch Logs takes.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html
const maxFilterPattern = 1024

// logPattern is the filter pattern of the lines of a source that are sent: those with none of the
// phrases that are left out. Empty, it takes all lines.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
func (c DatadogConfig) logPattern(source string) string {
	var terms []string
	for _, one := range c.LogExclusions {
		if one.From == source {
			terms = append(terms, `-"`+one.Phrase+`"`)
		}
	}
	return strings.Join(terms, " ")
}

// Rule implements settings.Ruled.
func (DatadogLogSource) Rule() settings.Rule {
	return settings.Set(LogsOfServices, LogsOfDatabase, LogsOfVPC)
}

// Sends says whether the lines of a source are sent.
func (c DatadogConfig) Sends(source DatadogLogSource) bool {
	sources := c.LogSources
	if len(sources) == 0 {
		sources = []DatadogLogSource{LogsOfServices, LogsOfDatabase}
	}
	return c.Logs && slices.Contains(sources, source)
}

// DatadogSite is one of Datadog's sites: organizations live in one of them.
type DatadogSite string

// Rule has the sites outside the government's. https://docs.datadoghq.com/getting_started/site/
func (DatadogSite) Rule() settings.Rule {
	return settings.Set[DatadogSite](
		"datadoghq.com", "us3.datadoghq.com", "us5.datadoghq.com", "datadoghq.eu", "ap1.datadoghq.com",
		"ap2.datadoghq.com")
}

// DatadogLocation is a place that checks are made from.
type DatadogLocation string

// Rule implements settings.Ruled.
func (DatadogLocation) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^(aws|azure|gcp|pl):[a-z0-9-]+$`), Want: "a location, such as aws:ap-northeast-1",
	}
}

// API is the URL of the site's API.
func (s DatadogSite) API() string { return "https://api." + string(s) + "/" }

// logIntake is where Data Firehose sends lines to.
// https://docs.datadoghq.com/logs/guide/send-aws-services-logs-with-the-datadog-kinesis-firehose-destination/
func (s DatadogSite) logIntake() string {
	return "https://aws-kinesis-http-intake.logs." + string(s) + "/v1/input"
}

// DatadogService is what is expected of a traced service.
type DatadogService struct {
	// Operation is the name of the traces' root span, which the tracer's integration gives:
	// express.request for NestJS on Express, next.request for Next.js.
	Operation SpanName `json:"operation"`
	// ErrorRate is the part of requests that may fail.
	ErrorRate ErrorRates `json:"errorRate"`
	// LatencySeconds is what 95 % of requests must meet.
	LatencySeconds Latencies `json:"latencySeconds"`
	// Availability is the objective of requests that succeed in 30 days.
	Availability float64 `json:"availability" range:"50..<100" unit:"percent"`
	// FastEnough is the objective of 5-minute slices in 30 days whose 95th percentile is under
	// latencySeconds.warning.
	FastEnough float64 `json:"fastEnough" range:"50..<100" unit:"percent"`
}

// SpanName is the name of a span.
type SpanName string

// Rule implements settings.Ruled.
func (SpanName) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`),
		Want:    "a span's name, such as express.request",
	}
}

// Levels are the two thresholds of a monitor.
type Levels struct{ Warning, Critical float64 }

// ErrorRates are the thresholds of an error rate.
type ErrorRates struct {
	// Warning is the part past which the monitor warns.
	Warning float64 `json:"warning" range:">0..<1"`
	// Critical is the part past which the monitor alerts; more than warning.
	Critical float64 `json:"critical" range:">0..1"`
}

// Latencies are the thresholds of a latency.
type Latencies struct {
	// Warning is the time past which the monitor warns.
	Warning float64 `json:"warning" range:">0..<60" unit:"seconds"`
	// Critical is the time past which the monitor alerts; more than warning.
	Critical float64 `json:"critical" range:">0..60" unit:"seconds"`
}

// DatadogCheck is an address that is requested from outside.
type DatadogCheck struct {
	// Path is below the site's domain, such as /api/health.
	Path string `json:"path" pattern:"^/[^ ]*$" want:"a path that begins with a slash"`
	// Status is the status that it must answer with.
	Status int `json:"status" range:"200..599" default:"200"`
	// Milliseconds is the longest that the answer may take.
	Milliseconds int `json:"milliseconds" range:"1..60000" unit:"milliseconds" default:"5000"`
}

// Validate reports every problem of the section.
func (c DatadogConfig) Validate() settings.Problems {
	p := settings.Check(c)
	reported := map[string]bool{}
	for i, one := range c.LogExclusions {
		if n := len(c.logPattern(one.From)); n > maxFilterPattern && !reported[one.From] {
			reported[one.From] = true
			p.Add(fmt.Sprintf("logExclusions[%d].phrase", i), one.Phrase,
				"fewer or shorter phrases from %s: together they are a pattern of %d characters, and CloudWatch takes %d",
				one.From, n, maxFilterPattern)
		}
	}
	return p
}

// Validate reports every problem of the service.
func (s DatadogService) Validate() settings.Problems {
	p := settings.Check(s)
	for path, levels := range map[string]Levels{
		"errorRate":      Levels(s.ErrorRate),
		"latencySeconds": Levels(s.LatencySeconds),
	} {
		p.WantBeside(path+".warning", levels.Critical > levels.Warning, path+".critical", levels.Critical,
			"more than warning (%g)", levels.Warning)
	}
	return p
}

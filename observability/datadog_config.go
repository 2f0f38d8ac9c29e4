package observability

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// DatadogConfig is Datadog: section "datadog".
type DatadogConfig struct {
	// Enabled makes what the section describes. Without it the rest of the section is ignored but checked all the same.
	Enabled bool `json:"enabled"`
	// Site is the site of the Datadog organization, such as ap1.datadoghq.com. Required.
	Site DatadogSite `json:"site"`
	// Integration is the AWS account's integration, which brings CloudWatch's metrics. One per account. Required.
	Integration Mode `json:"integration"`
	// Logs sends the services' and the VPC's log groups to Datadog.
	Logs bool `json:"logs"`
	// Notify are the handles that monitors call, such as @slack-alerts. Required, one at least.
	Notify []string `json:"notify"`
	// Services are the traced services, by name. Required.
	Services map[string]DatadogService `json:"services"`
	// Checks are addresses of the site that are requested from outside, by name. None without it.
	Checks map[string]DatadogCheck `json:"checks"`
	// CheckLocation is where they are requested from. The default is aws:ap-northeast-1, Tokyo.
	CheckLocation string `json:"checkLocation"`
	// CheckMinutes is the time between two requests of a check, 1 to 60. The default is 5.
	CheckMinutes int `json:"checkMinutes"`
}

// DatadogSite is one of Datadog's sites: organizations live in one of them.
type DatadogSite string

// datadogSites are those outside the government's. https://docs.datadoghq.com/getting_started/site/
var datadogSites = []DatadogSite{"datadoghq.com", "us3.datadoghq.com", "us5.datadoghq.com", "datadoghq.eu", "ap1.datadoghq.com", "ap2.datadoghq.com"}

// API is the URL of the site's API.
func (s DatadogSite) API() string { return "https://api." + string(s) + "/" }

// logIntake is where Data Firehose sends lines to. https://docs.datadoghq.com/logs/guide/send-aws-services-logs-with-the-datadog-kinesis-firehose-destination/
func (s DatadogSite) logIntake() string {
	return "https://aws-kinesis-http-intake.logs." + string(s) + "/v1/input"
}

// DatadogService is what is expected of a traced service.
type DatadogService struct {
	// Operation is the name of the traces' root span, which the tracer's integration gives: express.request for NestJS on Express,
	// next.request for Next.js. Required.
	Operation string `json:"operation"`
	// ErrorRate is the part of requests that may fail: past Critical the monitor alerts, past Warning it warns. Required.
	ErrorRate Levels `json:"errorRate"`
	// LatencySeconds is what 95 % of requests must meet. Required.
	LatencySeconds Levels `json:"latencySeconds"`
	// Availability is the objective of requests that succeed in 30 days, in percent, under 100. Required.
	Availability float64 `json:"availability"`
	// FastEnough is the objective of 5-minute slices in 30 days whose 95th percentile is under LatencySeconds.Warning, in percent, under
	// 100. Required.
	FastEnough float64 `json:"fastEnough"`
}

// Levels are the two thresholds of a monitor.
type Levels struct {
	Warning  float64 `json:"warning"`  // required, more than 0
	Critical float64 `json:"critical"` // required, more than Warning
}

// DatadogCheck is an address that is requested from outside.
type DatadogCheck struct {
	// Path below the site's domain, such as /api/health. Required.
	Path string `json:"path"`
	// Status is the status that it must answer with. The default is 200.
	Status int `json:"status"`
	// Milliseconds is the longest that the answer may take. The default is 5000.
	Milliseconds int `json:"milliseconds"`
}

func (c DatadogConfig) withDefaults() DatadogConfig {
	c.CheckLocation = cmp.Or(c.CheckLocation, "aws:ap-northeast-1")
	c.CheckMinutes = cmp.Or(c.CheckMinutes, 5)
	checks := map[string]DatadogCheck{}
	for name, check := range c.Checks {
		check.Status, check.Milliseconds = cmp.Or(check.Status, 200), cmp.Or(check.Milliseconds, 5000)
		checks[name] = check
	}
	c.Checks = checks
	return c
}

var (
	datadogHandle    = regexp.MustCompile(`^@[A-Za-z0-9._@+-]+$`)
	datadogOperation = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)
	datadogLocation  = regexp.MustCompile(`^(aws|azure|gcp|pl):[a-z0-9-]+$`)
)

// Validate reports every problem of the section.
func (c DatadogConfig) Validate() settings.Problems {
	var p settings.Problems
	p.Want(slices.Contains(datadogSites, c.Site), "site", settings.Given(string(c.Site)), "%s", settings.OneOf(datadogSites...))
	c.Integration.check(&p, "integration")
	p.Want(len(c.Notify) > 0, "notify", nil, "a handle, such as @slack-alerts: a monitor that nobody hears is none")
	for i, handle := range c.Notify {
		p.Want(datadogHandle.MatchString(handle), fmt.Sprintf("notify[%d]", i), handle, "a handle: @ and no blanks")
	}
	p.Want(len(c.Services) > 0, "services", nil, "the traced services")
	for _, name := range slices.Sorted(maps.Keys(c.Services)) {
		p.Under(settings.Key("services", name), c.Services[name].validate())
	}
	filled := c.withDefaults()
	for _, name := range slices.Sorted(maps.Keys(filled.Checks)) {
		at, check := settings.Key("checks", name), filled.Checks[name]
		p.Want(strings.HasPrefix(check.Path, "/") && !strings.Contains(check.Path, " "), at+".path", settings.Given(check.Path), "a path that begins with a slash")
		p.Want(check.Status >= 200 && check.Status <= 599, at+".status", check.Status, "200 to 599")
		p.Want(check.Milliseconds >= 1 && check.Milliseconds <= 60000, at+".milliseconds", check.Milliseconds, "1 to 60000")
	}
	p.Want(datadogLocation.MatchString(filled.CheckLocation), "checkLocation", c.CheckLocation, "a location, such as aws:ap-northeast-1")
	p.Want(filled.CheckMinutes >= 1 && filled.CheckMinutes <= 60, "checkMinutes", c.CheckMinutes, "1 to 60 minutes")
	return p
}

func (s DatadogService) validate() settings.Problems {
	var p settings.Problems
	p.Want(datadogOperation.MatchString(s.Operation), "operation", settings.Given(s.Operation), "a span's name, such as express.request")
	for _, levels := range []struct {
		path   string
		levels Levels
		most   float64
	}{{"errorRate", s.ErrorRate, 1}, {"latencySeconds", s.LatencySeconds, 60}} {
		warning, critical := levels.levels.Warning, levels.levels.Critical
		p.Want(warning > 0 && warning < levels.most, levels.path+".warning", warning, "more than 0 and less than %g", levels.most)
		p.Want(critical > 0 && critical <= levels.most, levels.path+".critical", critical, "more than warning, %g at most", levels.most)
		p.WantBeside(levels.path+".warning", critical <= 0 || critical > warning, levels.path+".critical", critical,
			"more than warning (%g), %g at most", warning, levels.most)
	}
	for _, objective := range []struct {
		path  string
		value float64
	}{{"availability", s.Availability}, {"fastEnough", s.FastEnough}} {
		p.Want(objective.value >= 50 && objective.value < 100, objective.path, objective.value, "50 to less than 100 percent")
	}
	return p
}

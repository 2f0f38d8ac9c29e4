package observability

import (
	"cmp"
	"regexp"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// Config is what is watched in CloudWatch: section "observability".
type Config struct {
	// RunbookBase is the page that alarms link to, without a fragment: docs/operations.md as the team reads it. Required.
	RunbookBase string `json:"runbookBase"`
	// Thresholds are the alarms' thresholds. What is left out has the default that its field names.
	Thresholds Thresholds `json:"thresholds"`
	// ErrorPattern is the CloudWatch Logs filter pattern of a log line that reports an error. The default finds ERROR and FATAL, which
	// NestJS's own logger writes; for JSON lines of pino it would be { $.level >= 50 }.
	ErrorPattern string `json:"errorPattern"`
	// QueryLimitGB is how much one Athena query may scan before it is cancelled, 1 to 1000. The default is 10.
	QueryLimitGB int `json:"queryLimitGb"`
}

// Thresholds are the values past which an alarm goes off. Zero means the default.
type Thresholds struct {
	// CPUPercent and MemoryPercent of a service, on average over 10 minutes. The default is 80.
	CPUPercent    float64 `json:"cpuPercent"`
	MemoryPercent float64 `json:"memoryPercent"`
	// ErrorLines are lines that match errorPattern, of one service in 5 minutes. The default is 10.
	ErrorLines float64 `json:"errorLines"`
	// ServerErrorPercent is the part of the load balancer's requests that end in a 5xx status. The default is 5.
	ServerErrorPercent float64 `json:"serverErrorPercent"`
	// ServerErrorMinRequests in 5 minutes are needed for a rate: one failure at night is no 100 %. The default is 20.
	ServerErrorMinRequests float64 `json:"serverErrorMinRequests"`
	// LatencySeconds is the response time of targets that 95 % of requests must meet. The default is 1.
	LatencySeconds float64 `json:"latencySeconds"`
	// ConnectionsPercent is the part of Aurora's connection limit, which follows from the capacity range. The default is 80.
	ConnectionsPercent float64 `json:"connectionsPercent"`
	// CapacityPercent is the part of Aurora's greatest capacity in use, on average over 15 minutes. The default is 90.
	CapacityPercent float64 `json:"capacityPercent"`
	// FreeMemoryPercent is the part of the memory at Aurora's greatest capacity that must stay free. The default is 10.
	FreeMemoryPercent float64 `json:"freeMemoryPercent"`
	// ReplicaLagMilliseconds of the Aurora reader. The default is 1000.
	ReplicaLagMilliseconds float64 `json:"replicaLagMilliseconds"`
	// DeadlocksPerMinute in Aurora. The default is 1.
	DeadlocksPerMinute float64 `json:"deadlocksPerMinute"`
	// BlockedRequests of the web ACL in 5 minutes. The default is 1000.
	BlockedRequests float64 `json:"blockedRequests"`
	// EdgeErrorPercent is the part of CloudFront's requests that end in a 5xx status. The default is 5.
	EdgeErrorPercent float64 `json:"edgeErrorPercent"`
	// CertificateDays are the days left of a certificate. ACM renews 60 days before the end; the default is 30.
	CertificateDays float64 `json:"certificateDays"`
	// LogDelaySeconds is the age of the oldest log line that has not reached Datadog. The default is 900.
	LogDelaySeconds float64 `json:"logDelaySeconds"`
}

// withDefaults fills in what the section leaves out: the one place of every default.
func (c Config) withDefaults() Config {
	c.ErrorPattern = cmp.Or(c.ErrorPattern, "?ERROR ?FATAL")
	c.QueryLimitGB = cmp.Or(c.QueryLimitGB, 10)
	t := &c.Thresholds
	for field, fallback := range map[*float64]float64{
		&t.CPUPercent: 80, &t.MemoryPercent: 80, &t.ErrorLines: 10, &t.ServerErrorPercent: 5, &t.ServerErrorMinRequests: 20,
		&t.LatencySeconds: 1, &t.ConnectionsPercent: 80, &t.CapacityPercent: 90, &t.FreeMemoryPercent: 10,
		&t.ReplicaLagMilliseconds: 1000, &t.DeadlocksPerMinute: 1, &t.BlockedRequests: 1000, &t.EdgeErrorPercent: 5,
		&t.CertificateDays: 30, &t.LogDelaySeconds: 900,
	} {
		*field = cmp.Or(*field, fallback)
	}
	return c
}

var (
	runbookURL = regexp.MustCompile(`^https://[^ #]+$`)
	// maxPattern is CloudWatch Logs' limit.
	maxPattern = 1024
)

// Validate reports every problem of the section.
func (c Config) Validate() settings.Problems {
	var p settings.Problems
	p.Want(runbookURL.MatchString(c.RunbookBase) && len(c.RunbookBase) <= 300, "runbookBase", settings.Given(c.RunbookBase),
		"an https URL without a fragment, up to 300 characters: alarms append the section")
	filled := c.withDefaults()
	p.Want(len(filled.ErrorPattern) <= maxPattern, "errorPattern", c.ErrorPattern, "%d characters at most", maxPattern)
	p.Want(filled.QueryLimitGB >= 1 && filled.QueryLimitGB <= 1000, "queryLimitGb", c.QueryLimitGB, "1 to 1000 GB")
	t := filled.Thresholds
	for _, percent := range []struct {
		path  string
		value float64
	}{
		{"cpuPercent", t.CPUPercent}, {"memoryPercent", t.MemoryPercent}, {"serverErrorPercent", t.ServerErrorPercent},
		{"connectionsPercent", t.ConnectionsPercent}, {"capacityPercent", t.CapacityPercent},
		{"freeMemoryPercent", t.FreeMemoryPercent}, {"edgeErrorPercent", t.EdgeErrorPercent},
	} {
		p.Want(percent.value > 0 && percent.value < 100, "thresholds."+percent.path, percent.value, "more than 0 and less than 100 percent")
	}
	for _, amount := range []struct {
		path  string
		value float64
	}{
		{"errorLines", t.ErrorLines}, {"serverErrorMinRequests", t.ServerErrorMinRequests}, {"latencySeconds", t.LatencySeconds},
		{"replicaLagMilliseconds", t.ReplicaLagMilliseconds}, {"deadlocksPerMinute", t.DeadlocksPerMinute},
		{"blockedRequests", t.BlockedRequests}, {"logDelaySeconds", t.LogDelaySeconds},
	} {
		p.Want(amount.value > 0, "thresholds."+amount.path, amount.value, "more than 0")
	}
	p.Want(t.CertificateDays >= 1 && t.CertificateDays <= 59, "thresholds.certificateDays", t.CertificateDays,
		"1 to 59 days: ACM renews 60 days before the end, and an alarm must come after that")
	return p
}

package observability

import (
	"regexp"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// Config is what is watched in CloudWatch: section "observability".
type Config struct {
	// RunbookBase is the page that alarms link to, without a fragment: docs/operations.md as the
	// team reads it.
	RunbookBase RunbookURL `json:"runbookBase"`
	// Thresholds are the values past which an alarm goes off.
	Thresholds Thresholds `json:"thresholds" settings:"optional"`
	// ErrorPattern is the CloudWatch Logs filter pattern of a log line that reports an error. The
	// default finds ERROR and FATAL, which NestJS's own logger writes, and the sign before an error
	// of Next.js.
	ErrorPattern string `json:"errorPattern" length:"..1024" default:"?ERROR ?FATAL ?\"⨯\""`
	// ErrorPatterns are those of services whose logger writes other lines, by the service's name:
	// for JSON lines of pino it would be { $.level >= 50 }.
	ErrorPatterns map[string]string `json:"errorPatterns" settings:"optional" length:"1..1024"`
	// QueryLimitGB is how much one Athena query may scan before it is cancelled.
	QueryLimitGB int `json:"queryLimitGb" range:"1..1000" unit:"GB" default:"10"`
}

// RunbookURL is the address of the runbook.
type RunbookURL string

// Rule implements settings.Ruled.
func (RunbookURL) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^https://[^ #]+$`), Length: settings.AtMost(300),
		Want: "an https URL without a fragment, up to 300 characters: alarms append the section",
	}
}

// Thresholds are the values past which an alarm goes off.
type Thresholds struct {
	// CPUPercent is the CPU of a service, on average over 10 minutes.
	CPUPercent float64 `json:"cpuPercent" range:">0..<100" unit:"percent" default:"80"`
	// MemoryPercent is the memory of a service, on average over 10 minutes.
	MemoryPercent float64 `json:"memoryPercent" range:">0..<100" unit:"percent" default:"80"`
	// ErrorLines are the lines that match errorPattern, of one service in 5 minutes.
	ErrorLines float64 `json:"errorLines" range:">0.." default:"10"`
	// ServerErrorPercent is the part of the load balancer's requests that end in a 5xx status.
	ServerErrorPercent float64 `json:"serverErrorPercent" range:">0..<100" unit:"percent" default:"5"`
	// ServerErrorMinRequests is how many requests in 5 minutes a rate needs: one failure at night
	// is no 100 %.
	ServerErrorMinRequests float64 `json:"serverErrorMinRequests" range:">0.." default:"20"`
	// LatencySeconds is the response time of targets that 95 % of requests must meet.
	LatencySeconds float64 `json:"latencySeconds" range:">0.." unit:"seconds" default:"1"`
	// ConnectionsPercent is the part of Aurora's connection limit, which follows from the capacity
	// range.
	ConnectionsPercent float64 `json:"connectionsPercent" range:">0..<100" unit:"percent" default:"80"`
	// CapacityPercent is the part of Aurora's greatest capacity in use, on average over 15 minutes.
	CapacityPercent float64 `json:"capacityPercent" range:">0..<100" unit:"percent" default:"90"`
	// FreeMemoryPercent is the part of the memory at Aurora's greatest capacity that must stay
	// free.
	FreeMemoryPercent float64 `json:"freeMemoryPercent" range:">0..<100" unit:"percent" default:"10"`
	// ReplicaLagMilliseconds is the lag of the Aurora reader.
	ReplicaLagMilliseconds float64 `json:"replicaLagMilliseconds" range:">0.." unit:"milliseconds" default:"1000"`
	// DeadlocksPerMinute are the deadlocks in Aurora.
	DeadlocksPerMinute float64 `json:"deadlocksPerMinute" range:">0.." default:"1"`
	// BlockedRequests are the requests that the web ACL blocks in 5 minutes.
	BlockedRequests float64 `json:"blockedRequests" range:">0.." default:"1000"`
	// EdgeErrorPercent is the part of CloudFront's requests that end in a 5xx status.
	EdgeErrorPercent float64 `json:"edgeErrorPercent" range:">0..<100" unit:"percent" default:"5"`
	// CertificateDays are the days left of a certificate. ACM renews 45 to 60 days before the end.
	CertificateDays float64 `json:"certificateDays" range:"1..44" unit:"days" hint:"ACM renews 45 to 60 days before the end, and an alarm must come after that" default:"30"`
	// BackupHours is the time without a completed backup, and without a completed copy: more than
	// the longest time between two, with what one takes.
	BackupHours int `json:"backupHours" range:"2..168" unit:"hours" default:"26"`
	// DumpHours is the time without a completed dump of the database, with compute.dump: more than
	// the longest time between two, with what one takes.
	DumpHours int `json:"dumpHours" range:"2..168" unit:"hours" default:"26"`
	// LogDeliveryPercent is the part of the requests with log lines that Datadog must take.
	LogDeliveryPercent float64 `json:"logDeliveryPercent" range:">0..<100" unit:"percent" default:"90"`
}

// Validate reports every problem of the section.
func (c Config) Validate() settings.Problems { return settings.Check(c) }

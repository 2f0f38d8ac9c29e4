package cost

import (
	"fmt"
	"slices"
	"strings"
)

// OriginalUSD is the total of the design that this architecture began with, and OriginalReducedUSD
// the total that it hoped for after its reductions.
const (
	OriginalUSD        = 373
	OriginalReducedUSD = 320
)

// Comparison is one line of the original design's estimate beside this one.
type Comparison struct {
	Service     string  `json:"service"`
	Item        string  `json:"item"` // as the original describes it; empty for what it leaves out
	OriginalUSD float64 `json:"originalUsd"`
	// SameUSD is what the original's own quantities cost by the table, free tiers taken out. Nil:
	// it names none that is billed.
	SameUSD    *float64 `json:"sameUsd,omitempty"`
	MonthlyUSD float64  `json:"monthlyUsd"`
	// UnverifiedUSD is the part of MonthlyUSD that rests on prices which no source confirmed.
	UnverifiedUSD float64 `json:"unverifiedUsd"`
	Why           string  `json:"why"` // why the two differ
}

type originalLine struct {
	item   string
	usd    float64
	system string
	same   []Quantity // the original's quantities, less what is free
	why    string
}

const inTokyo = "ap-northeast-1"

// original is the estimate of the original design, for production.
var original = []originalLine{
	{
		"0.5 vCPU × 1 GB × 2 tasks × 730 hours", 35, fargate,
		[]Quantity{{"fargate.x86.vcpuHour", inTokyo, 730}, {"fargate.x86.gbHour", inTokyo, 1460}},
		"it counts 2 tasks, but each of the two services runs 2 and more by day; one costs 22.49 in Tokyo",
	},
	{
		"0.5 ACU × 2 instances × 730 hours", 66, aurora, []Quantity{{"aurora.acuHour", inTokyo, 730}},
		"730 ACU hours at 0.09, which is below the price even of us-east-1; the load needs more than the least; " +
			"storage and I/O are left out",
	},
	{"1 × 730 hours and transfer", 25, loadBalancer, []Quantity{{"alb.hour", inTokyo, 730}},
		"a public IPv4 address in each zone has cost 3.65 since 2024"},
	{"1 × 730 hours and transfer", 40, natGateways, []Quantity{{"nat.hour", inTokyo, 730}},
		"one gateway; production has one in each zone, so that a zone may fail"},
	{
		"1 TB", 85, cloudFront, []Quantity{{"cloudfront.outGB", "cloudfront-japan", 0}},
		"all at the price of the United States, which is lower than Japan's, without the 1 TB a month that is free; " +
			"requests are left out",
	},
	{"hosted zone and queries", 1, route53, []Quantity{{"route53.zone", Everywhere, 1}},
		"the health check's HTTPS costs 1"},
	{"100 GB and requests", 3, buckets, []Quantity{{"s3.storedGB", inTokyo, 100}},
		"access logs and backups are stored too"},
	{"10 GB of logs", 5, logs, []Quantity{{"logs.ingestedGB", inTokyo, 5}},
		"the web ACL, the network and the database log more than the application does"},
	{"M10 with 10 GB", 57, atlas, []Quantity{{"atlas.M10.nodeHour", "atlas-AP_NORTHEAST_1", 2190}},
		"the price of us-east-1; PrivateLink, auditing, snapshots and their copies in another region come on top"},
	{
		"2 hosts", 30, datadog, nil,
		"Fargate is billed by the task, APM apart; indexing the log lines of the services and of Aurora is two " +
			"thirds of it",
	},
	{"Team plan", 26, sentry, []Quantity{{"sentry.teamPlan", Everywhere, 1}}, "the price when a year is paid at once"},
}

// leftOut says what the systems are that the original does not price, and what they buy.
var leftOut = map[string]string{
	waf: "the web ACL, each of its rules, and each request: injections, floods and blocked countries do " +
		"not reach the tasks",
	vpc: "public IPv4 addresses, and traffic between zones: what two zones cost, of which one may fail",
	endpoints: "each interface endpoint, in each zone, by the hour: images, logs, secrets and Atlas are reached " +
		"without the internet",
	registry:      "images: a rollback needs no build",
	parameters:    "nothing: the standard tier is free",
	watch:         "alarms, Container Insights, and what Datadog reads: the team hears of trouble before users tell it",
	keys:          "keys of the stack's own: their policies say who reads data, and each use is logged",
	backups:       "recovery points: 35 days under a lock, and copies in another region, each a full one",
	notifications: "emails: alarms reach somebody",
	logDelivery:   "log lines on their way to Datadog: one place to search",
	queries:       "queries of access logs: who asked for what",
	queues:        "requests of queues, once a service has one: work that may wait does not hold up an answer",
}

// CompareToOriginal sets the estimate beside the original's, line by line, and then lists what the
// original leaves out.
func CompareToOriginal(r *Result, prices *Prices) ([]Comparison, error) {
	var rows []Comparison
	for _, line := range original {
		found := r.system(line.system)
		row := Comparison{
			Service:       line.system,
			Item:          line.item,
			OriginalUSD:   line.usd,
			MonthlyUSD:    found.MonthlyUSD,
			UnverifiedUSD: found.UnverifiedUSD,
			Why:           line.why,
		}
		if line.same != nil {
			usd := 0.0
			for _, one := range line.same {
				price, err := prices.find(one.Price, one.Region)
				if err != nil {
					return nil, fmt.Errorf("price the original design's %s: %w", line.system, err)
				}
				usd += one.Units * price.USD
			}
			row.SameUSD = &usd
		}
		rows = append(rows, row)
	}
	for _, system := range r.Systems {
		if !slices.ContainsFunc(original, func(line originalLine) bool { return line.system == system.Name }) {
			rows = append(rows, Comparison{
				Service:       system.Name,
				MonthlyUSD:    system.MonthlyUSD,
				UnverifiedUSD: system.UnverifiedUSD,
				Why:           "left out: " + leftOut[system.Name],
			})
		}
	}
	return rows, nil
}

// ComparisonMarkdown is the comparison as a table, which reads well on a terminal too, and the
// reductions after it.
func ComparisonMarkdown(r *Result, rows []Comparison, reductions []Reduction) string {
	var out strings.Builder
	out.WriteString("| service | original | the same, by the table | here | unconfirmed | why |\n| --- | ---: | " +
		"---: | ---: | ---: | --- |\n")
	sum := 0.0
	for _, row := range rows {
		was, same := "—", "—"
		if row.Item != "" {
			was = fmt.Sprintf("%.0f", row.OriginalUSD)
		}
		if row.SameUSD != nil {
			same = fmt.Sprintf("%.2f", *row.SameUSD)
			sum += *row.SameUSD
		}
		why := row.Why
		if row.Item != "" {
			why = row.Item + ": " + row.Why
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %.2f | %s | %s |\n", row.Service, was, same, row.MonthlyUSD,
			some(row.UnverifiedUSD), why)
	}
	fmt.Fprintf(&out, "| **total** | **%d** | **%.2f** | **%.2f** | **%.2f** | |\n\n", OriginalUSD, sum, r.MonthlyUSD,
		r.UnverifiedUSD)
	out.WriteString("| reduction | original | saves here | how |\n| --- | ---: | ---: | --- |\n")
	claimed, saves := 0.0, 0.0
	for _, one := range reductions {
		fmt.Fprintf(&out, "| %s | %.0f | %s | %s: %s |\n", one.Name, one.OriginalUSD, saved(one.SavesUSD), one.state(),
			one.How)
		claimed += one.OriginalUSD
		saves += one.SavesUSD
	}
	fmt.Fprintf(&out, "| **all** | **%.0f** | **%s** | |\n\n", claimed, saved(saves))
	fmt.Fprintf(&out, "The original's reductions add up to %.0f, which leaves %.0f of its %d; it says %d.\n",
		claimed, OriginalUSD-claimed, OriginalUSD, OriginalReducedUSD)
	return out.String()
}

// some is an amount in a table, empty for nothing.
func some(usd float64) string {
	if usd < cent {
		return ""
	}
	return fmt.Sprintf("%.2f", usd)
}

// saved is an amount saved; less than nothing is a cost.
func saved(usd float64) string {
	if usd <= -cent {
		return fmt.Sprintf("%.2f (costs more)", usd)
	}
	return strings.TrimPrefix(signed(usd), "+")
}

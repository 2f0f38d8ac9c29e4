package picture

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// facts are the lines of a box. Each is read from the inputs of its resources; what a plan does not
// tell yields no line.
func (d *drawing) facts(at spot) []string {
	about := map[string]func(string) []string{
		dns:           d.dnsFacts,
		cdn:           d.cdnFacts,
		waf:           d.wafFacts,
		balancer:      d.balancerFacts,
		nat:           d.natFacts,
		service:       d.serviceFacts,
		migration:     d.taskFacts,
		endpoints:     d.endpointFacts,
		privateLink:   d.privateLinkFacts,
		aurora:        d.auroraFacts,
		buckets:       d.bucketFacts,
		registry:      d.registryFacts,
		parameters:    d.parameterFacts,
		watch:         d.watchFacts,
		notifications: d.notificationFacts,
		keys:          d.keyFacts,
		backups:       d.backupFacts,
		delivery:      d.deliveryFacts,
		atlas:         d.atlasFacts,
		datadog:       d.datadogFacts,
		sentry:        d.sentryFacts,
		vpcFrame:      d.vpcFacts,
		publicFrame:   d.subnetFacts,
		privateFrame:  d.subnetFacts,
		dataTier:      d.subnetFacts,
	}[at.kind]
	if about == nil {
		return nil
	}
	return about(at.id)
}

// fact formats a line from values, or gives none when one of them is not known.
func fact(format string, values ...plan.Value) []string {
	texts := make([]any, len(values))
	for i, one := range values {
		if !one.Present() {
			return nil
		}
		texts[i] = one
	}
	return []string{fmt.Sprintf(format, texts...)}
}

// count is "1 thing" or "2 things", or nothing for none.
func count(n int, thing string) []string {
	switch n {
	case 0:
		return nil
	case 1:
		return []string{"1 " + thing}
	default:
		if !strings.HasSuffix(thing, "ey") && !strings.HasSuffix(thing, "ay") && strings.HasSuffix(thing, "y") {
			thing = strings.TrimSuffix(thing, "y") + "ie"
		}
		return []string{fmt.Sprintf("%d %ss", n, thing)}
	}
}

// join makes one line of several.
func join(parts ...[]string) []string {
	if all := slices.Concat(parts...); len(all) > 0 {
		return []string{strings.Join(all, ", ")}
	}
	return nil
}

func (d *drawing) dnsFacts(id string) []string {
	var lines []string
	for _, zone := range d.ofType(id, catalog.Zone) {
		lines = append(lines, fact("%s", zone.Input("name"))...)
	}
	lines = append(lines, join(count(len(d.ofType(id, catalog.Record)), "record"),
		count(len(d.ofType(id, catalog.HealthCheck)), "health check"))...)
	return append(lines, count(len(d.ofType(id, catalog.Certificate)), "certificate")...)
}

func (d *drawing) cdnFacts(id string) []string {
	var lines []string
	for _, one := range d.ofType(id, catalog.Distribution) {
		for _, alias := range one.Input("aliases").List() {
			lines = append(lines, fact("%s", alias)...)
		}
		lines = append(lines, count(1+len(one.Input("orderedCacheBehaviors").List()), "cache behavior")...)
		if version := one.Input("viewerCertificate.minimumProtocolVersion").Text(); version != "" {
			number, _, _ := strings.Cut(strings.TrimPrefix(version, "TLSv"), "_")
			lines = append(lines, "TLS "+number+" or later")
		}
	}
	return lines
}

func (d *drawing) wafFacts(id string) []string {
	var lines []string
	for _, one := range d.ofType(id, catalog.WebACL) {
		managed := 0
		var limits []string
		for _, rule := range one.Input("rules").List() {
			if rule.At("statement.managedRuleGroupStatement").Present() {
				managed++
			}
			limits = append(limits, fact("%s", rule.At("statement.rateBasedStatement.limit"))...)
		}
		lines = append(lines, count(len(one.Input("rules").List()), "rule")...)
		lines = append(lines, count(managed, "managed group")...)
		if len(limits) > 0 {
			lines = append(lines, "rate limits "+strings.Join(limits, ", "))
		}
	}
	return lines
}

func (d *drawing) balancerFacts(id string) []string {
	var lines []string
	for _, one := range d.ofType(id, catalog.Listener) {
		line := fact("%s %s", one.Input("protocol"), one.Input("port"))
		if to := fact(", redirects to %s", one.Input("defaultActions[0].redirect.port")); len(line)+len(to) == 2 {
			line = []string{line[0] + to[0]}
		}
		lines = append(lines, line...)
	}
	slices.Sort(lines)
	slices.Reverse(lines)
	return lines
}

func (d *drawing) natFacts(id string) []string {
	gateways := d.ofType(id, catalog.NATGateway)
	zones := map[string]bool{}
	for _, gateway := range gateways {
		for _, subnet := range d.inv.Feeding(gateway, "subnetId") {
			zones[subnet.Input("availabilityZone").Text()] = true
		}
	}
	return join(count(len(gateways), "gateway"), count(len(zones), "zone"))
}

func (d *drawing) taskFacts(id string) []string {
	definitions := d.ofType(id, catalog.TaskDefinition)
	if len(definitions) == 0 {
		return []string{"no image yet"}
	}
	cpu, memory, err := taskSize(definitions[0])
	if err != nil { // not known yet
		return nil
	}
	return []string{fmt.Sprintf("%g vCPU, %g GiB", cpu, memory)}
}

// taskSize is a task's size in vCPU and GiB. A task definition has it in 1024ths, as text.
func taskSize(task plan.State) (cpu, memory float64, err error) {
	if cpu, err = strconv.ParseFloat(task.Input("cpu").String(), 64); err != nil {
		return 0, 0, err
	}
	memory, err = strconv.ParseFloat(task.Input("memory").String(), 64)
	return cpu / 1024, memory / 1024, err
}

func (d *drawing) serviceFacts(id string) []string {
	var lines []string
	for _, one := range d.ofType(id, catalog.ScalingTarget) {
		lines = append(lines, fact("%s to %s tasks", one.Input("minCapacity"), one.Input("maxCapacity"))...)
	}
	lines = append(lines, d.taskFacts(id)...)
	metrics := map[string]bool{}
	for _, one := range d.ofType(id, catalog.ScalingPolicy) {
		switch one.Input("targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification.predefinedMetricType").
			Text() {
		case "ECSServiceAverageCPUUtilization":
			metrics["CPU"] = true
		case "ECSServiceAverageMemoryUtilization":
			metrics["memory"] = true
		case "ALBRequestCountPerTarget":
			metrics["requests"] = true
		default:
			metrics["another metric"] = true
		}
	}
	if len(metrics) > 0 {
		lines = append(lines, "scales on "+strings.Join(slices.Sorted(maps.Keys(metrics)), ", "))
	}
	return lines
}

func (d *drawing) endpointFacts(id string) []string {
	var services []string
	for _, one := range d.ofType(id, catalog.VPCEndpoint) {
		name := one.Input("serviceName").Text()
		if name == "" {
			continue
		}
		parts := strings.SplitN(name, ".", 4) // com.amazonaws.REGION.SERVICE
		services = append(services, parts[len(parts)-1])
	}
	slices.Sort(services)
	return []string{strings.Join(services, ", ")}
}

func (d *drawing) privateLinkFacts(string) []string { return []string{"to MongoDB Atlas"} }

func (d *drawing) auroraFacts(id string) []string {
	var lines []string
	for _, one := range d.ofType(id, catalog.RDSCluster) {
		engine := one.Input("engine")
		if engine.Text() == "aurora-postgresql" {
			engine = plan.ValueOf(engine.Path, "PostgreSQL")
		}
		version := one.Input("engineVersion")
		if major, _, minor := strings.Cut(version.Text(), "."); minor { // AWS moves on from the minor version
			version = plan.ValueOf(version.Path, major)
		}
		lines = append(lines, fact("%s %s", engine, version)...)
		lines = append(lines,
			fact("Serverless v2, %s to %s ACU", one.Input("serverlessv2ScalingConfiguration.minCapacity"),
				one.Input("serverlessv2ScalingConfiguration.maxCapacity"))...)
		lines = append(lines, fact("point-in-time restore, %s days", one.Input("backupRetentionPeriod"))...)
	}
	zones := map[string]bool{}
	instances := d.ofType(id, catalog.RDSClusterInstance)
	for _, one := range instances {
		zones[one.Input("availabilityZone").Text()] = true
	}
	return append(lines, join(count(len(instances), "instance"), count(len(zones), "zone"))...)
}

func (d *drawing) bucketFacts(id string) []string {
	var names []string
	for _, one := range d.ofType(id, catalog.Bucket) {
		names = append(names, d.inv.Name(one))
	}
	return []string{strings.Join(names, ", ")}
}

func (d *drawing) registryFacts(id string) []string {
	repositories := d.ofType(id, catalog.Repository)
	mutability := map[string]bool{}
	for _, one := range repositories {
		mutability[one.Input("imageTagMutability").Text()] = true
	}
	lines := count(len(repositories), "repository")
	if len(mutability) == 1 && mutability["IMMUTABLE"] {
		lines = append(lines, "immutable tags")
	}
	return lines
}

func (d *drawing) parameterFacts(id string) []string {
	all := d.ofType(id, catalog.Parameter)
	secure := 0
	for _, one := range all {
		if one.Input("type").Text() == "SecureString" {
			secure++
		}
	}
	return append(count(len(all), "parameter"), fmt.Sprintf("%d SecureString", secure))
}

func (d *drawing) watchFacts(id string) []string {
	return slices.Concat(
		join(count(len(d.ofType(id, catalog.MetricAlarm))+len(d.ofType(id, catalog.CompositeAlarm)), "alarm"),
			count(len(d.ofType(id, catalog.Dashboard)), "dashboard")),
		count(len(d.ofType(id, catalog.LogGroup)), "log group"),
		count(len(d.ofType(id, catalog.QueryDefinition))+len(d.ofType(id, catalog.NamedQuery)), "saved query"))
}

func (d *drawing) notificationFacts(id string) []string {
	lines := slices.Concat(count(len(d.ofType(id, catalog.Topic)), "topic"),
		count(len(d.ofType(id, catalog.TopicSubscription)), "subscription"))
	for _, one := range d.ofType(id, catalog.Budget) {
		lines = append(lines, fact("budget %s %s", one.Input("limitAmount"), one.Input("limitUnit"))...)
	}
	return lines
}

func (d *drawing) keyFacts(id string) []string {
	rotated := 0
	all := d.ofType(id, catalog.Key)
	for _, one := range all {
		if one.Input("enableKeyRotation").Raw() == true {
			rotated++
		}
	}
	return append(count(len(all), "key"), fmt.Sprintf("%d rotated", rotated))
}

func (d *drawing) backupFacts(id string) []string {
	var lines []string
	for _, one := range d.ofType(id, catalog.BackupPlan) {
		for _, rule := range one.Input("rules").List() {
			lines = append(lines, fact("%s, kept %s days", rule.At("ruleName"), rule.At("lifecycle.deleteAfter"))...)
			lines = append(lines, count(len(rule.At("copyActions").List()), "copy elsewhere")...)
		}
	}
	if len(d.ofType(id, catalog.RestorePlan)) > 0 {
		lines = append(lines, "restores are tried")
	}
	return lines
}

func (d *drawing) deliveryFacts(id string) []string {
	return join(count(len(d.ofType(id, catalog.IAMRole)), "role"),
		count(len(d.ofType(id, catalog.IAMPolicy)), "policy"))
}

func (d *drawing) atlasFacts(id string) []string {
	var lines []string
	for _, one := range d.ofType(id, catalog.AtlasCluster) {
		specs := one.Input("replicationSpecs[0].regionConfigs[0].electableSpecs")
		lines = append(lines, fact("MongoDB %s", one.Input("mongoDbMajorVersion"))...)
		lines = append(lines, fact("%s, %s nodes", specs.At("instanceSize"), specs.At("nodeCount"))...)
		if one.Input("pitEnabled").Raw() == true {
			lines = append(lines, "continuous backup")
		}
	}
	return append(lines, count(len(d.ofType(id, catalog.AtlasAlert)), "alert")...)
}

func (d *drawing) datadogFacts(id string) []string {
	return slices.Concat(count(len(d.ofType(id, catalog.DatadogMonitor)), "monitor"),
		count(len(d.ofType(id, catalog.DatadogSLO)), "SLO"),
		count(len(d.ofType(id, catalog.SyntheticsTest)), "synthetic test"),
		count(len(d.ofType(id, catalog.SubscriptionFilter)), "forwarded log"))
}

func (d *drawing) sentryFacts(id string) []string {
	return count(len(d.ofType(id, catalog.SentryProject)), "project")
}

func (d *drawing) vpcFacts(string) []string {
	var lines []string
	for _, one := range d.inv.OfType(catalog.VPC) {
		lines = append(lines, fact("%s", one.Input("cidrBlock"))...)
	}
	return lines
}

func (d *drawing) subnetFacts(id string) []string {
	var blocks []string
	for _, one := range d.ofType(id, catalog.Subnet) {
		blocks = append(blocks, fact("%s", one.Input("cidrBlock"))...)
	}
	slices.Sort(blocks)
	return blocks
}

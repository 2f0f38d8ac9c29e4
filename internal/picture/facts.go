package picture

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/inventory"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// facts are the lines of a box. Each is read from the inputs of its resources; what a plan does not tell yields no line.
func (d *drawing) facts(at spot) []string {
	about := map[string]func(string) []string{
		dns: d.dnsFacts, cdn: d.cdnFacts, waf: d.wafFacts, balancer: d.balancerFacts, nat: d.natFacts, service: d.serviceFacts, migration: d.taskFacts,
		endpoints: d.endpointFacts, privateLink: d.privateLinkFacts, aurora: d.auroraFacts, buckets: d.bucketFacts, registry: d.registryFacts,
		parameters: d.parameterFacts, watch: d.watchFacts, notifications: d.notificationFacts, keys: d.keyFacts, backups: d.backupFacts,
		delivery: d.deliveryFacts, atlas: d.atlasFacts, datadog: d.datadogFacts, sentry: d.sentryFacts, vpcFrame: d.vpcFacts,
		publicFrame: d.subnetFacts, privateFrame: d.subnetFacts, dataTier: d.subnetFacts,
	}[at.kind]
	if about == nil {
		return nil
	}
	return about(at.id)
}

// value follows a path of property names and indices into a resource's inputs, and is nil where there is nothing or nothing known yet.
func value(one plan.State, path ...any) any {
	var at any = one.Inputs
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := at.(map[string]any)
			at = object[step]
		case int:
			list, _ := at.([]any)
			if step >= len(list) {
				return nil
			}
			at = list[step]
		}
	}
	if text, ok := at.(string); ok && (text == "[secret]" || plan.IsUnknown(text)) {
		return nil
	}
	return at
}

// list is an input that is a list.
func list(one plan.State, path ...any) []any {
	found, _ := value(one, path...).([]any)
	return found
}

// fact formats a line from values, or gives none when one of them is not known.
func fact(format string, values ...any) []string {
	if slices.Contains(values, nil) {
		return nil
	}
	texts := make([]any, len(values))
	for i, one := range values {
		texts[i] = inventory.Text(one)
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
	for _, zone := range d.ofType(id, "aws:route53/zone:Zone") {
		lines = append(lines, fact("%s", value(zone, "name"))...)
	}
	lines = append(lines, join(count(len(d.ofType(id, "aws:route53/record:Record")), "record"),
		count(len(d.ofType(id, "aws:route53/healthCheck:HealthCheck")), "health check"))...)
	return append(lines, count(len(d.ofType(id, "aws:acm/certificate:Certificate")), "certificate")...)
}

func (d *drawing) cdnFacts(id string) []string {
	var lines []string
	for _, one := range d.ofType(id, "aws:cloudfront/distribution:Distribution") {
		for _, alias := range list(one, "aliases") {
			lines = append(lines, fact("%s", alias)...)
		}
		lines = append(lines, count(1+len(list(one, "orderedCacheBehaviors")), "cache behavior")...)
		if version, ok := value(one, "viewerCertificate", "minimumProtocolVersion").(string); ok {
			number, _, _ := strings.Cut(strings.TrimPrefix(version, "TLSv"), "_")
			lines = append(lines, "TLS "+number+" or later")
		}
	}
	return lines
}

func (d *drawing) wafFacts(id string) []string {
	var lines []string
	for _, one := range d.ofType(id, "aws:wafv2/webAcl:WebAcl") {
		managed := 0
		var limits []string
		for i := range list(one, "rules") {
			if value(one, "rules", i, "statement", "managedRuleGroupStatement") != nil {
				managed++
			}
			limits = append(limits, fact("%s", value(one, "rules", i, "statement", "rateBasedStatement", "limit"))...)
		}
		lines = append(lines, count(len(list(one, "rules")), "rule")...)
		lines = append(lines, count(managed, "managed group")...)
		if len(limits) > 0 {
			lines = append(lines, "rate limits "+strings.Join(limits, ", "))
		}
	}
	return lines
}

func (d *drawing) balancerFacts(id string) []string {
	var lines []string
	for _, one := range d.ofType(id, "aws:lb/listener:Listener") {
		line := fact("%s %s", value(one, "protocol"), value(one, "port"))
		if to := fact(", redirects to %s", value(one, "defaultActions", 0, "redirect", "port")); len(line)+len(to) == 2 {
			line = []string{line[0] + to[0]}
		}
		lines = append(lines, line...)
	}
	slices.Sort(lines)
	slices.Reverse(lines)
	return lines
}

func (d *drawing) natFacts(id string) []string {
	gateways := d.ofType(id, natType)
	zones := map[any]bool{}
	for _, gateway := range gateways {
		for _, subnet := range d.inv.Feeding(gateway, "subnetId") {
			zones[value(subnet, "availabilityZone")] = true
		}
	}
	return join(count(len(gateways), "gateway"), count(len(zones), "zone"))
}

func (d *drawing) taskFacts(id string) []string {
	definitions := d.ofType(id, taskType)
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
	if cpu, err = strconv.ParseFloat(fmt.Sprint(value(task, "cpu")), 64); err != nil {
		return 0, 0, err
	}
	memory, err = strconv.ParseFloat(fmt.Sprint(value(task, "memory")), 64)
	return cpu / 1024, memory / 1024, err
}

func (d *drawing) serviceFacts(id string) []string {
	var lines []string
	for _, one := range d.ofType(id, "aws:appautoscaling/target:Target") {
		lines = append(lines, fact("%s to %s tasks", value(one, "minCapacity"), value(one, "maxCapacity"))...)
	}
	lines = append(lines, d.taskFacts(id)...)
	metrics := map[string]bool{}
	for _, one := range d.ofType(id, "aws:appautoscaling/policy:Policy") {
		metric, _ := value(one, "targetTrackingScalingPolicyConfiguration", "predefinedMetricSpecification", "predefinedMetricType").(string)
		switch metric {
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
	for _, one := range d.ofType(id, endpointType) {
		name, ok := value(one, "serviceName").(string)
		if !ok {
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
	for _, one := range d.ofType(id, "aws:rds/cluster:Cluster") {
		engine := value(one, "engine")
		if engine == "aurora-postgresql" {
			engine = "PostgreSQL"
		}
		version, _ := value(one, "engineVersion").(string)
		major, _, _ := strings.Cut(version, ".") // AWS moves on from the minor version
		lines = append(lines, fact("%s %s", engine, major)...)
		lines = append(lines, fact("Serverless v2, %s to %s ACU", value(one, "serverlessv2ScalingConfiguration", "minCapacity"),
			value(one, "serverlessv2ScalingConfiguration", "maxCapacity"))...)
		lines = append(lines, fact("point-in-time restore, %s days", value(one, "backupRetentionPeriod"))...)
	}
	zones := map[any]bool{}
	instances := d.ofType(id, "aws:rds/clusterInstance:ClusterInstance")
	for _, one := range instances {
		zones[value(one, "availabilityZone")] = true
	}
	return append(lines, join(count(len(instances), "instance"), count(len(zones), "zone"))...)
}

func (d *drawing) bucketFacts(id string) []string {
	var names []string
	for _, one := range d.ofType(id, "aws:s3/bucketV2:BucketV2") {
		names = append(names, d.inv.Name(one))
	}
	return []string{strings.Join(names, ", ")}
}

func (d *drawing) registryFacts(id string) []string {
	repositories := d.ofType(id, "aws:ecr/repository:Repository")
	mutability := map[any]bool{}
	for _, one := range repositories {
		mutability[value(one, "imageTagMutability")] = true
	}
	lines := count(len(repositories), "repository")
	if len(mutability) == 1 && mutability["IMMUTABLE"] {
		lines = append(lines, "immutable tags")
	}
	return lines
}

func (d *drawing) parameterFacts(id string) []string {
	all := d.ofType(id, "aws:ssm/parameter:Parameter")
	secure := 0
	for _, one := range all {
		if value(one, "type") == "SecureString" {
			secure++
		}
	}
	return append(count(len(all), "parameter"), fmt.Sprintf("%d SecureString", secure))
}

func (d *drawing) watchFacts(id string) []string {
	return slices.Concat(
		join(count(len(d.ofType(id, "aws:cloudwatch/metricAlarm:MetricAlarm"))+len(d.ofType(id, "aws:cloudwatch/compositeAlarm:CompositeAlarm")), "alarm"),
			count(len(d.ofType(id, "aws:cloudwatch/dashboard:Dashboard")), "dashboard")),
		count(len(d.ofType(id, "aws:cloudwatch/logGroup:LogGroup")), "log group"),
		count(len(d.ofType(id, "aws:cloudwatch/queryDefinition:QueryDefinition"))+len(d.ofType(id, "aws:athena/namedQuery:NamedQuery")), "saved query"))
}

func (d *drawing) notificationFacts(id string) []string {
	lines := slices.Concat(count(len(d.ofType(id, "aws:sns/topic:Topic")), "topic"),
		count(len(d.ofType(id, "aws:sns/topicSubscription:TopicSubscription")), "subscription"))
	for _, one := range d.ofType(id, "aws:budgets/budget:Budget") {
		lines = append(lines, fact("budget %s %s", value(one, "limitAmount"), value(one, "limitUnit"))...)
	}
	return lines
}

func (d *drawing) keyFacts(id string) []string {
	rotated := 0
	all := d.ofType(id, "aws:kms/key:Key")
	for _, one := range all {
		if value(one, "enableKeyRotation") == true {
			rotated++
		}
	}
	return append(count(len(all), "key"), fmt.Sprintf("%d rotated", rotated))
}

func (d *drawing) backupFacts(id string) []string {
	var lines []string
	for _, one := range d.ofType(id, "aws:backup/plan:Plan") {
		for i := range list(one, "rules") {
			lines = append(lines, fact("%s, kept %s days", value(one, "rules", i, "ruleName"), value(one, "rules", i, "lifecycle", "deleteAfter"))...)
			lines = append(lines, count(len(list(one, "rules", i, "copyActions")), "copy elsewhere")...)
		}
	}
	return lines
}

func (d *drawing) deliveryFacts(id string) []string {
	return join(count(len(d.ofType(id, "aws:iam/role:Role")), "role"), count(len(d.ofType(id, "aws:iam/policy:Policy")), "policy"))
}

func (d *drawing) atlasFacts(id string) []string {
	var lines []string
	for _, one := range d.ofType(id, "mongodbatlas:index/advancedCluster:AdvancedCluster") {
		region := []any{"replicationSpecs", 0, "regionConfigs", 0}
		lines = append(lines, fact("MongoDB %s", value(one, "mongoDbMajorVersion"))...)
		lines = append(lines, fact("%s, %s nodes", value(one, append(region, "electableSpecs", "instanceSize")...),
			value(one, append(region, "electableSpecs", "nodeCount")...))...)
		if value(one, "pitEnabled") == true {
			lines = append(lines, "continuous backup")
		}
	}
	return append(lines, count(len(d.ofType(id, "mongodbatlas:index/alertConfiguration:AlertConfiguration")), "alert")...)
}

func (d *drawing) datadogFacts(id string) []string {
	return slices.Concat(count(len(d.ofType(id, "datadog:index/monitor:Monitor")), "monitor"),
		count(len(d.ofType(id, "datadog:index/serviceLevelObjective:ServiceLevelObjective")), "SLO"),
		count(len(d.ofType(id, "datadog:index/syntheticsTest:SyntheticsTest")), "synthetic test"),
		count(len(d.ofType(id, "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter")), "forwarded log"))
}

func (d *drawing) sentryFacts(id string) []string {
	return count(len(d.ofType(id, "sentry:index/sentryProject:SentryProject")), "project")
}

func (d *drawing) vpcFacts(string) []string {
	var lines []string
	for _, one := range d.inv.OfType("aws:ec2/vpc:Vpc") {
		lines = append(lines, fact("%s", value(one, "cidrBlock"))...)
	}
	return lines
}

func (d *drawing) subnetFacts(id string) []string {
	var blocks []string
	for _, one := range d.ofType(id, subnetType) {
		blocks = append(blocks, fact("%s", value(one, "cidrBlock"))...)
	}
	slices.Sort(blocks)
	return blocks
}

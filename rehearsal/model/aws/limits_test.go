package aws

import (
	"fmt"
	"strings"
)

// limitValues are values at each limit: what AWS refuses, in which words, and what it takes.
var limitValues = map[string]struct{ bad, want, good string }{
	"name aws:lb/loadBalancer:LoadBalancer": {"internal-web",
		"invalid value for name (cannot begin with internal-): internal-web", "bookmark-manager-production-alb"},
	"name aws:lb/targetGroup:TargetGroup": {
		"bookmark-manager-production-web-tg",
		"expected length of name to be in the range (1 - 32), got 34: bookmark-manager-production-web-tg",
		"bookmark-web",
	},
	"bucket " + bucketType: {
		"bookmark-manager-production-alb-logs-123456789012-ap-northeast-1",
		"expected length of bucket to be in the range (3 - 63), got 64: " +
			"bookmark-manager-production-alb-logs-123456789012-ap-northeast-1",
		"bookmark-manager-production-alb-logs-123456789012",
	},
	"name " + roleType: {strings.Repeat("r", 65),
		"expected length of name to be in the range (1 - 64), got 65: " + strings.Repeat("r", 65),
		strings.Repeat("r", 64)},
	"name " + policyType: {"deploy policy",
		"invalid value for name (only letters, digits and +=,.@_-): deploy policy", "deploy+policy"},
	"name " + rolePolicyType: {"logs/put",
		"invalid value for name (only letters, digits and +=,.@_-): logs/put", "logs.put"},
	"name aws:iam/instanceProfile:InstanceProfile": {"a:b",
		"invalid value for name (only letters, digits and +=,.@_-): a:b", "a-b"},
	"name " + securityGroupType: {"sg-web",
		"invalid value for name (cannot begin with sg-): sg-web", "web"},
	"description " + securityGroupType: {"web → api",
		"invalid value for description (only letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*): web → api",
		"web to api"},
	"description " + ingressRuleType: {"a<b",
		"invalid value for description (only letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*): a<b", "from web"},
	"description " + egressRuleType: {"a>b",
		"invalid value for description (only letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*): a>b",
		"to the internet"},
	"name " + logGroupType: {"/ecs/web api",
		"invalid value for name (only letters, digits and _-./#): /ecs/web api", "/ecs/web#api"},
	"name aws:ecs/cluster:Cluster": {"a.b",
		"invalid value for name (only letters, digits, hyphens and underscores): a.b",
		"bookmark-manager-production-cluster"},
	"name aws:ecs/service:Service": {"a b",
		"invalid value for name (only letters, digits, hyphens and underscores): a b",
		"bookmark-manager-production-web"},
	"family aws:ecs/taskDefinition:TaskDefinition": {"a/b",
		"invalid value for family (only letters, digits, hyphens and underscores): a/b",
		"bookmark-manager-production-web"},
	"ecrRepositoryPrefix aws:ecr/pullThroughCacheRule:PullThroughCacheRule": {
		"bookmark-manager/production-public",
		"expected length of ecrRepositoryPrefix to be in the range (2 - 30), got 34: " +
			"bookmark-manager/production-public",
		"bookmark-manager/production",
	},
	"name aws:ecr/repository:Repository": {"Bookmark",
		"invalid value for name (lower-case letters, digits and single ._-/ between them): Bookmark", "bookmark/web"},
	"clusterIdentifier aws:rds/cluster:Cluster": {"aurora--main",
		"invalid value for clusterIdentifier (lower-case letters, digits and single hyphens, a letter first, no " +
			"hyphen last): aurora--main", "aurora-main"},
	"identifier aws:rds/clusterInstance:ClusterInstance": {"1st",
		"invalid value for identifier (lower-case letters, digits and single hyphens, a letter first, no hyphen " +
			"last): 1st", "first-1"},
	"finalSnapshotIdentifier aws:rds/cluster:Cluster": {"final-",
		"invalid value for finalSnapshotIdentifier (letters, digits and single hyphens, a letter first, no hyphen " +
			"last): final-", "final-1"},
	"preferredBackupWindow aws:rds/cluster:Cluster": {"18-19",
		"invalid value for preferredBackupWindow (hh24:mi-hh24:mi): 18-19", "18:00-19:00"},
	"preferredMaintenanceWindow aws:rds/cluster:Cluster": {"19:30-20:30",
		"invalid value for preferredMaintenanceWindow (ddd:hh24:mi-ddd:hh24:mi): 19:30-20:30", "sun:19:30-sun:20:30"},
	"databaseName aws:rds/cluster:Cluster": {"book-mark",
		"invalid value for databaseName (letters, digits and underscores, a letter first): book-mark",
		"bookmark_manager"},
	"masterUsername aws:rds/cluster:Cluster": {"db-admin",
		"invalid value for masterUsername (letters, digits and underscores, a letter first): db-admin", "dbadmin"},
	"name aws:rds/subnetGroup:SubnetGroup": {"Main",
		"invalid value for name (only lower-case letters, digits, spaces and ._-): Main", "main"},
	"name aws:rds/clusterParameterGroup:ClusterParameterGroup": {"pg_17",
		"invalid value for name (lower-case letters, digits and single hyphens, a letter first, no hyphen " +
			"last): pg_17", "pg-17"},
	"name aws:rds/parameterGroup:ParameterGroup": {"pg_17",
		"invalid value for name (lower-case letters, digits and single hyphens, a letter first, no hyphen " +
			"last): pg_17", "pg-17"},
	"name aws:ssm/parameter:Parameter": {"/aws/x",
		"invalid value for name (cannot begin with /aws): /aws/x", "/bookmark-manager/production/DATABASE_URL"},
	"name aws:secretsmanager/secret:Secret": {"a b",
		"invalid value for name (only letters, digits and /_+=.@-): a b", "app/key"},
	"name " + aliasType: {"alias/aws/rds",
		"invalid value for name (cannot begin with alias/aws/): alias/aws/rds", "alias/app"},
	"name aws:cloudwatch/metricAlarm:MetricAlarm": {strings.Repeat("a", 256),
		"expected length of name to be in the range (1 - 255), got 256: " + strings.Repeat("a", 256),
		"web 5xx: more than 5%"},
	"alarmName aws:cloudwatch/compositeAlarm:CompositeAlarm": {strings.Repeat("a", 256),
		"expected length of alarmName to be in the range (1 - 255), got 256: " + strings.Repeat("a", 256),
		"web is down"},
	"dashboardName aws:cloudwatch/dashboard:Dashboard": {"web.api",
		"invalid value for dashboardName (only letters, digits, hyphens and underscores): web.api", "web-api"},
	"name aws:sns/topic:Topic": {"a.b",
		"invalid value for name (only letters, digits, hyphens and underscores): a.b", "alarms.fifo"},
	"name aws:sqs/queue:Queue": {"a.b",
		"invalid value for name (only letters, digits, hyphens and underscores): a.b", "jobs"},
	"name aws:wafv2/webAcl:WebAcl": {"a.b",
		"invalid value for name (only letters, digits, hyphens and underscores): a.b", "site"},
	"name aws:wafv2/ipSet:IpSet": {"a.b",
		"invalid value for name (only letters, digits, hyphens and underscores): a.b", "allow"},
	"name aws:wafv2/regexPatternSet:RegexPatternSet": {"a.b",
		"invalid value for name (only letters, digits, hyphens and underscores): a.b", "paths"},
	"name aws:cloudfront/originAccessControl:OriginAccessControl": {strings.Repeat("a", 65),
		"expected length of name to be in the range (1 - 64), got 65: " + strings.Repeat("a", 65), "assets"},
	"name aws:cloudfront/function:Function": {"a.b",
		"invalid value for name (only letters, digits, hyphens and underscores): a.b", "redirect"},
	"name aws:cloudfront/cachePolicy:CachePolicy": {"a b",
		"invalid value for name (only letters, digits, hyphens and underscores): a b", "static"},
	"name aws:cloudfront/originRequestPolicy:OriginRequestPolicy": {"a b",
		"invalid value for name (only letters, digits, hyphens and underscores): a b", "viewer"},
	"name aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": {"a b",
		"invalid value for name (only letters, digits, hyphens and underscores): a b", "security"},
	"comment aws:cloudfront/distribution:Distribution": {strings.Repeat("a", 129),
		"expected length of comment to be in the range (0 - 128), got 129: " + strings.Repeat("a", 129), "the site"},
	"name aws:appautoscaling/policy:Policy": {strings.Repeat("a", 257),
		"expected length of name to be in the range (1 - 256), got 257: " + strings.Repeat("a", 257), "cpu"},
	"name aws:appautoscaling/scheduledAction:ScheduledAction": {"night:min",
		"invalid value for name (cannot contain :): night:min", "night"},
	"name aws:backup/vault:Vault": {"a",
		"expected length of name to be in the range (2 - 50), got 1: a", "main"},
	"name aws:backup/plan:Plan": {strings.Repeat("a", 51),
		"expected length of name to be in the range (1 - 50), got 51: " + strings.Repeat("a", 51), "daily"},
	"domainName aws:acm/certificate:Certificate": {strings.Repeat("a", 61) + ".com",
		"expected length of domainName to be in the range (1 - 64), got 65: " + strings.Repeat("a", 61) + ".com",
		"example.com"},
	"name aws:route53/record:Record": {strings.Repeat("a", 256),
		"expected length of name to be in the range (0 - 255), got 256: " + strings.Repeat("a", 256), "www"},
}

// limitPairs makes a pair of each limit's values, and one of the tags.
func limitPairs() map[string]pair {
	all := map[string]pair{"tags": {
		want:    "InvalidParameterValue: Tag keys starting with 'aws:' are reserved for internal use: aws:stack",
		refuses: func(w *world) error { return failed(w.try(eipType, "eip", in{"tags": in{"aws:stack": "prod"}})) },
		passes:  func(w *world) error { return failed(w.try(eipType, "eip", in{"tags": in{"Stack": "prod"}})) },
	}}
	for key, values := range limitValues {
		property, typ, _ := strings.Cut(key, " ")
		ask := func(value string) func(*world) error {
			return func(w *world) error {
				_, err := w.check(typ, "thing", w.required(typ, property, value))
				return err
			}
		}
		all[fmt.Sprintf("limits of %s of %s", property, typ)] = pair{
			want:    values.want,
			refuses: ask(values.bad),
			passes:  ask(values.good),
		}
	}
	return all
}

// required are inputs that give every required property of a type a value that is not known yet,
// and one its own.
func (w *world) required(typ, property, value string) in {
	inputs := in{}
	for name, p := range w.Schema(typ).Inputs {
		if p.Required {
			inputs[name] = unknown
		}
	}
	for name, value := range peerOf[typ] {
		inputs[name] = value
	}
	inputs[property] = value
	return inputs
}

// peerOf are inputs without which another rule would refuse a type.
var peerOf = map[string]in{
	securityGroupType: {"vpcId": unknown},
	ingressRuleType:   {"cidrIpv4": unknown},
	egressRuleType:    {"cidrIpv4": unknown},
	recordType:        {"aliases": unknown},
	alarmType:         {"metricQueries": unknown},
}

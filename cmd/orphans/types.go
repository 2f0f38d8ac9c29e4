package main

import (
	"regexp"
	"strings"
)

// kind is what an ARN stands for.
type kind struct {
	token string // Pulumi's type; empty when it is not known
	byARN bool   // pulumi import takes the ARN and not its last part
	data  bool   // it may hold data: nobody can tell from its ARN that it is new and empty
}

// arnKind says which ARNs a kind has.
type arnKind struct {
	pattern *regexp.Regexp
	kind    kind
}

func of(pattern, token string) arnKind {
	return arnKind{regexp.MustCompile(`^arn:aws:` + pattern + `$`), kind{token: token}}
}

func (a arnKind) importedByARN() arnKind { a.kind.byARN = true; return a }
func (a arnKind) holdingData() arnKind   { a.kind.data = true; return a }

// arnKinds are the types of this project that have tags. "[^:]*:[^:]*" are the region and the account.
var arnKinds = []arnKind{
	of(`acm:[^:]*:[^:]*:certificate/.+`, "aws:acm/certificate:Certificate").importedByARN(),
	of(`athena:[^:]*:[^:]*:workgroup/.+`, "aws:athena/workgroup:Workgroup"),
	of(`backup:[^:]*:[^:]*:backup-plan:.+`, "aws:backup/plan:Plan"),
	of(`backup:[^:]*:[^:]*:backup-vault:.+`, "aws:backup/vault:Vault").holdingData(),
	of(`cloudfront::[^:]*:distribution/.+`, "aws:cloudfront/distribution:Distribution"),
	of(`cloudwatch:[^:]*:[^:]*:alarm:.+`, "aws:cloudwatch/metricAlarm:MetricAlarm"),
	of(`ec2:[^:]*:[^:]*:elastic-ip/.+`, "aws:ec2/eip:Eip"),
	of(`ec2:[^:]*:[^:]*:internet-gateway/.+`, "aws:ec2/internetGateway:InternetGateway"),
	of(`ec2:[^:]*:[^:]*:natgateway/.+`, "aws:ec2/natGateway:NatGateway"),
	of(`ec2:[^:]*:[^:]*:route-table/.+`, "aws:ec2/routeTable:RouteTable"),
	of(`ec2:[^:]*:[^:]*:security-group/.+`, "aws:ec2/securityGroup:SecurityGroup"),
	of(`ec2:[^:]*:[^:]*:subnet/.+`, "aws:ec2/subnet:Subnet"),
	of(`ec2:[^:]*:[^:]*:vpc/.+`, "aws:ec2/vpc:Vpc"),
	of(`ec2:[^:]*:[^:]*:vpc-endpoint/.+`, "aws:ec2/vpcEndpoint:VpcEndpoint"),
	of(`ec2:[^:]*:[^:]*:vpc-flow-log/.+`, "aws:ec2/flowLog:FlowLog"),
	of(`ecr:[^:]*:[^:]*:repository/.+`, "aws:ecr/repository:Repository").holdingData(),
	of(`ecs:[^:]*:[^:]*:cluster/.+`, "aws:ecs/cluster:Cluster"),
	of(`ecs:[^:]*:[^:]*:service/.+`, "aws:ecs/service:Service"),
	of(`elasticloadbalancing:[^:]*:[^:]*:listener/.+`, "aws:lb/listener:Listener").importedByARN(),
	of(`elasticloadbalancing:[^:]*:[^:]*:listener-rule/.+`, "aws:lb/listenerRule:ListenerRule").importedByARN(),
	of(`elasticloadbalancing:[^:]*:[^:]*:loadbalancer/.+`, "aws:lb/loadBalancer:LoadBalancer").importedByARN(),
	of(`elasticloadbalancing:[^:]*:[^:]*:targetgroup/.+`, "aws:lb/targetGroup:TargetGroup").importedByARN(),
	of(`firehose:[^:]*:[^:]*:deliverystream/.+`, "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream").importedByARN(),
	of(`glue:[^:]*:[^:]*:database/.+`, "aws:glue/catalogDatabase:CatalogDatabase"),
	of(`kms:[^:]*:[^:]*:key/.+`, "aws:kms/key:Key").holdingData(),
	of(`logs:[^:]*:[^:]*:log-group:.+`, "aws:cloudwatch/logGroup:LogGroup").holdingData(),
	of(`rds:[^:]*:[^:]*:cluster:.+`, "aws:rds/cluster:Cluster").holdingData(),
	of(`rds:[^:]*:[^:]*:cluster-pg:.+`, "aws:rds/clusterParameterGroup:ClusterParameterGroup"),
	of(`rds:[^:]*:[^:]*:db:.+`, "aws:rds/clusterInstance:ClusterInstance"),
	of(`rds::[^:]*:global-cluster:.+`, "aws:rds/globalCluster:GlobalCluster").holdingData(),
	of(`rds:[^:]*:[^:]*:subgrp:.+`, "aws:rds/subnetGroup:SubnetGroup"),
	of(`route53:::healthcheck/.+`, "aws:route53/healthCheck:HealthCheck"),
	of(`route53:::hostedzone/.+`, "aws:route53/zone:Zone").holdingData(),
	of(`s3:::[^/]+`, "aws:s3/bucketV2:BucketV2").holdingData(),
	of(`servicediscovery:[^:]*:[^:]*:namespace/.+`, "aws:servicediscovery/httpNamespace:HttpNamespace"),
	of(`sns:[^:]*:[^:]*:[^:]+`, "aws:sns/topic:Topic").importedByARN(),
	of(`ssm:[^:]*:[^:]*:parameter/.+`, "aws:ssm/parameter:Parameter"),
	of(`wafv2:[^:]*:[^:]*:(global|regional)/ipset/.+`, "aws:wafv2/ipSet:IpSet"),
	of(`wafv2:[^:]*:[^:]*:(global|regional)/webacl/.+`, "aws:wafv2/webAcl:WebAcl"),
}

// followers are what AWS makes of a stack's resources and gives their tags.
var followers = []struct {
	pattern *regexp.Regexp
	what    string
}{
	{regexp.MustCompile(`^arn:aws:ecs:[^:]*:[^:]*:task/`), "ECS tasks"},
	{regexp.MustCompile(`^arn:aws:ecs:[^:]*:[^:]*:task-definition/`), "revisions of task definitions, which stay for a way back"},
	{regexp.MustCompile(`^arn:aws:rds:[^:]*:[^:]*:(cluster-)?snapshot:`), "database snapshots"},
	{regexp.MustCompile(`^arn:aws:backup:[^:]*:[^:]*:recovery-point:`), "recovery points"},
	{regexp.MustCompile(`^arn:aws:ec2:[^:]*:[^:]*:network-interface/`), "network interfaces"},
}

func kindOf(arn string) kind {
	for _, one := range arnKinds {
		if one.pattern.MatchString(arn) {
			return one.kind
		}
	}
	return kind{}
}

func followerOf(arn string) string {
	for _, one := range followers {
		if one.pattern.MatchString(arn) {
			return one.what
		}
	}
	return ""
}

// lastPart is what follows the last slash or colon.
func lastPart(arn string) string { return arn[strings.LastIndexAny(arn, "/:")+1:] }

// advice is what to do about an orphan of the kind.
func (k kind) advice(arn string) string {
	switch {
	case k.token == "":
		return "look at it: import it with its id, or delete it"
	case k.data:
		return "may hold data: import it with the id " + k.importID(arn)
	default:
		return "delete it, or import it with the id " + k.importID(arn)
	}
}

// importID is what `pulumi import` takes.
func (k kind) importID(arn string) string {
	resource := strings.SplitN(arn, ":", 6)[5]
	switch k.token {
	case "aws:ssm/parameter:Parameter":
		return strings.TrimPrefix(resource, "parameter")
	case "aws:cloudwatch/logGroup:LogGroup":
		return strings.TrimSuffix(strings.TrimPrefix(resource, "log-group:"), ":*")
	case "aws:ecr/repository:Repository":
		return strings.TrimPrefix(resource, "repository/")
	case "aws:ecs/service:Service":
		return strings.TrimPrefix(resource, "service/")
	case "aws:glue/catalogDatabase:CatalogDatabase":
		return strings.SplitN(arn, ":", 6)[4] + ":" + lastPart(arn)
	case "aws:wafv2/ipSet:IpSet", "aws:wafv2/webAcl:WebAcl":
		return wafID(resource)
	}
	if k.byARN {
		return arn
	}
	return lastPart(arn)
}

// wafID turns SCOPE/KIND/NAME/ID into the ID/NAME/SCOPE that an import takes.
func wafID(resource string) string {
	parts := strings.Split(resource, "/")
	if len(parts) != 4 {
		return resource
	}
	scope := "REGIONAL"
	if parts[0] == "global" {
		scope = "CLOUDFRONT"
	}
	return parts[3] + "/" + parts[2] + "/" + scope
}

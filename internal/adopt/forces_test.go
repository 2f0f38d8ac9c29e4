package adopt

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

// change puts a value in the place of an attribute of one object.
func change(t *testing.T, states []State, address, path string, value any) []State {
	t.Helper()
	for _, state := range states {
		for _, one := range state.Instances {
			if one.Address != address {
				continue
			}
			var in any = one.Values
			keys := strings.Split(path, ".")
			for _, key := range keys[:len(keys)-1] {
				if list, ok := in.([]any); ok {
					require.Equal(t, "0", key)
					in = list[0]
					continue
				}
				in = in.(map[string]any)[key]
			}
			in.(map[string]any)[keys[len(keys)-1]] = value
			return states
		}
	}
	t.Fatalf("no object %s", address)
	return nil
}

// Each property that has an object replaced, changed one at a time in the state, is refused by
// name, or is a setting of the stack file.
var forced = []struct {
	property string // "<type> <property>" of this program's resource
	address  string
	path     string
	value    any
	refused  string // what is refused; or
	setting  string // what is to be set
}{
	{catalog.VPC + " cidrBlock", "aws_vpc.main", "cidr_block", "10.1.0.0/16", "", "bookmark-manager:network.cidr"},
	{catalog.Subnet + " cidrBlock", `aws_subnet.public["a"]`, "cidr_block", "10.0.99.0/24", "",
		"bookmark-manager:network.zones"},
	{catalog.Subnet + " availabilityZone", `aws_subnet.public["a"]`, "availability_zone", "ap-northeast-1c",
		`aws_subnet.public["c"]`, ""},
	{catalog.NATGateway + " connectivityType", "aws_nat_gateway.main", "connectivity_type", "private",
		"aws_nat_gateway.main.connectivity_type", ""},
	{catalog.NATGateway + " subnetId", "aws_nat_gateway.main", "subnet_id", "subnet-other",
		"aws_nat_gateway.main.subnet_id", ""},
	{catalog.EIP + " domain", "aws_eip.nat", "domain", "standard", "aws_eip.nat.domain", ""},
	{catalog.VPCEndpoint + " vpcEndpointType", "aws_vpc_endpoint.s3", "vpc_endpoint_type", "Interface",
		"aws_vpc_endpoint.s3.vpc_endpoint_type", ""},
	{catalog.VPCEndpoint + " serviceName", "aws_vpc_endpoint.s3", "service_name",
		"com.amazonaws.ap-northeast-1.dynamodb", "", "bookmark-manager:network.endpoints"},
	{catalog.LoadBalancer + " internal", "aws_lb.main", "internal", true, "aws_lb.main.internal", ""},
	{catalog.LoadBalancer + " loadBalancerType", "aws_lb.main", "load_balancer_type", "network",
		"aws_lb.main.load_balancer_type", ""},
	{catalog.TargetGroup + " port", `aws_lb_target_group.svc["api"]`, "port", json.Number("8080"),
		`aws_lb_target_group.svc["api"].port`, ""},
	{catalog.TargetGroup + " protocol", `aws_lb_target_group.svc["api"]`, "protocol", "HTTPS",
		`aws_lb_target_group.svc["api"].protocol`, ""},
	{catalog.TargetGroup + " protocolVersion", `aws_lb_target_group.svc["api"]`, "protocol_version", "GRPC",
		`aws_lb_target_group.svc["api"].protocol_version`, ""},
	{catalog.TargetGroup + " targetType", `aws_lb_target_group.svc["api"]`, "target_type", "instance",
		`aws_lb_target_group.svc["api"].target_type`, ""},
	{catalog.ECSCluster + " name", "aws_ecs_cluster.main", "name", "other", "aws_ecs_cluster.main.name", ""},
	{catalog.ECSService + " cluster", `aws_ecs_service.svc["api"]`, "cluster",
		"arn:aws:ecs:ap-northeast-1:111122223333:cluster/other", `aws_ecs_service.svc["api"].cluster`, ""},
	{catalog.ECSService + " schedulingStrategy", `aws_ecs_service.svc["api"]`, "scheduling_strategy", "DAEMON",
		`aws_ecs_service.svc["api"].scheduling_strategy`, ""},
	{catalog.Repository + " name", `aws_ecr_repository.svc["api"]`, "name", "other", `aws_ecr_repository.svc["api"]`,
		""},
	{catalog.RDSCluster + " clusterIdentifier", "aws_rds_cluster.main", "cluster_identifier", "other",
		"aws_rds_cluster.main.cluster_identifier", ""},
	{catalog.RDSCluster + " databaseName", "aws_rds_cluster.main", "database_name", "other",
		"aws_rds_cluster.main.database_name", ""},
	{catalog.RDSCluster + " masterUsername", "aws_rds_cluster.main", "master_username", "postgres",
		"aws_rds_cluster.main.master_username", ""},
	{catalog.RDSCluster + " engine", "aws_rds_cluster.main", "engine", "aurora-mysql", "aws_rds_cluster.main.engine",
		""},
	{catalog.RDSCluster + " engineMode", "aws_rds_cluster.main", "engine_mode", "serverless",
		"aws_rds_cluster.main.engine_mode", ""},
	{catalog.RDSCluster + " storageEncrypted", "aws_rds_cluster.main", "storage_encrypted", false,
		"aws_rds_cluster.main.storage_encrypted", ""},
	{catalog.RDSClusterInstance + " availabilityZone", "aws_rds_cluster_instance.main[0]", "availability_zone",
		"ap-northeast-1d", "aws_rds_cluster_instance.main[0].availability_zone", ""},
	{catalog.RDSClusterInstance + " identifier", "aws_rds_cluster_instance.main[0]", "identifier", "writer",
		"aws_rds_cluster_instance.main[0].identifier", ""},
	{catalog.RDSClusterInstance + " engine", "aws_rds_cluster_instance.main[0]", "engine", "aurora-mysql",
		"aws_rds_cluster_instance.main[0].engine", ""},
	{catalog.RDSClusterInstance + " dbSubnetGroupName", "aws_rds_cluster_instance.main[0]", "db_subnet_group_name",
		"other", "aws_rds_cluster_instance.main[0].db_subnet_group_name", ""},
	{catalog.Parameter + " dataType", "aws_ssm_parameter.jwt", "data_type", "aws:ec2:image",
		"aws_ssm_parameter.jwt.data_type", ""},
	{catalog.Parameter + " name", "aws_ssm_parameter.jwt", "name", "/elsewhere/JWT_SECRET", "aws_ssm_parameter.jwt",
		""},
	{catalog.Bucket + " bucket", `aws_s3_bucket.b["assets"]`, "bucket", "bookmark-manager-production-assets-9", "",
		"bookmark-manager:buckets.assets.name"},
	{catalog.Bucket + " objectLockEnabled", `aws_s3_bucket.b["assets"]`, "object_lock_enabled", true,
		`aws_s3_bucket.b["assets"].object_lock_enabled`, ""},
	{catalog.Zone + " name", "aws_route53_zone.main", "name", "example.org", "aws_route53_zone.main", ""},
	{catalog.Record + " type", "aws_route53_record.www", "type", "CNAME", "aws_route53_record.www", ""},
	{catalog.Record + " name", "aws_route53_record.www", "fqdn", "blog.example.com", "aws_route53_record.www", ""},
	{catalog.Distribution + " staging", "aws_cloudfront_distribution.main", "staging", true,
		"aws_cloudfront_distribution.main.staging", ""},
	{catalog.Topic + " fifoTopic", "aws_sns_topic.alerts", "fifo_topic", true, "aws_sns_topic.alerts.fifo_topic", ""},
	{catalog.TopicSubscription + " endpoint", "aws_sns_topic_subscription.mail", "endpoint", "boss@example.com", "",
		"bookmark-manager:notifications.emails"},
	{catalog.AtlasCluster + " projectId", "mongodbatlas_cluster.main", "project_id", "ffffffffffffffffffffffff",
		"mongodbatlas_cluster.main.project_id", ""},
	{catalog.AtlasCluster + " name", "mongodbatlas_cluster.main", "name", "other", "",
		"bookmark-manager:atlas.clusterName"},
}

func TestWhatForcesAReplacementIsRefusedByNameOrSet(t *testing.T) {
	for _, c := range forced {
		t.Run(c.property, func(t *testing.T) {
			a := Match(production(t), change(t, original(t), c.address, c.path, c.value), Accepted{})
			if c.refused != "" {
				require.True(t, slices.ContainsFunc(a.Refusals, func(r Refusal) bool { return r.What == c.refused }),
					"%v", a.Refusals)
				return
			}
			require.Empty(t, a.Refusals)
			require.True(t, slices.ContainsFunc(a.Settings, func(s Setting) bool { return s.Key() == c.setting }),
				"%v", a.Settings)
		})
	}
}

// sound are properties that have an object replaced and cannot go wrong: what the program sends is
// what the object was told by, or another object of the adoption, or nothing.
var sound = map[string]string{
	"identity": `aws:ec2/route:Route destinationCidrBlock, aws:ec2/route:Route routeTableId, aws:ec2/routeTableAssociation:RouteTableAssociation subnetId,
		aws:ecs/service:Service name, aws:ecr/repository:Repository name, aws:cloudwatch/logGroup:LogGroup name,
			aws:rds/clusterInstance:ClusterInstance clusterIdentifier,
		aws:appautoscaling/target:Target resourceId, aws:appautoscaling/target:Target scalableDimension,
			aws:appautoscaling/target:Target serviceNamespace,
		aws:appautoscaling/policy:Policy resourceId, aws:appautoscaling/policy:Policy scalableDimension,
			aws:appautoscaling/policy:Policy serviceNamespace,
		aws:wafv2/webAcl:WebAcl scope, aws:cloudwatch/metricAlarm:MetricAlarm name,
			aws:sns/topicSubscription:TopicSubscription protocol`,
	"another object of the adoption": `aws:ec2/subnet:Subnet vpcId, aws:ec2/natGateway:NatGateway allocationId, aws:ec2/natGateway:NatGateway vpcId,
		aws:ec2/routeTable:RouteTable vpcId, aws:ec2/vpcEndpoint:VpcEndpoint vpcId,
			aws:lb/targetGroup:TargetGroup vpcId, aws:lb/listener:Listener loadBalancerArn,
		aws:lb/listenerRule:ListenerRule listenerArn, aws:rds/cluster:Cluster dbSubnetGroupName,
			aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock bucket,
		aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2 bucket,
			aws:route53/record:Record zoneId,
		aws:sns/topicSubscription:TopicSubscription topic`,
	"kept": `aws:lb/loadBalancer:LoadBalancer name, aws:lb/targetGroup:TargetGroup name, aws:ecs/service:Service launchType,
		aws:appautoscaling/policy:Policy name, aws:ecr/repository:Repository encryptionConfigurations,
			aws:rds/subnetGroup:SubnetGroup name,
		aws:rds/cluster:Cluster kmsKeyId, aws:wafv2/webAcl:WebAcl name, aws:sns/topic:Topic name,
			aws:ec2/vpcEndpoint:VpcEndpoint privateDnsEnabled`,
	"not sent": `aws:ec2/vpc:Vpc ipv4IpamPoolId, aws:ec2/vpc:Vpc ipv4NetmaskLength, aws:ec2/subnet:Subnet availabilityZoneId, aws:ec2/subnet:Subnet ipv4IpamPoolId,
		aws:ec2/subnet:Subnet ipv4NetmaskLength, aws:ec2/subnet:Subnet ipv6IpamPoolId,
			aws:ec2/subnet:Subnet ipv6Native, aws:ec2/subnet:Subnet ipv6NetmaskLength,
		aws:ec2/subnet:Subnet outpostArn, aws:ec2/eip:Eip address, aws:ec2/eip:Eip ipamPoolId,
			aws:ec2/eip:Eip networkBorderGroup, aws:ec2/eip:Eip publicIpv4Pool,
		aws:ec2/natGateway:NatGateway availabilityMode, aws:ec2/natGateway:NatGateway privateIp,
			aws:ec2/route:Route destinationIpv6CidrBlock,
		aws:ec2/route:Route destinationPrefixListId, aws:ec2/routeTableAssociation:RouteTableAssociation gatewayId,
		aws:ec2/vpcEndpoint:VpcEndpoint resourceConfigurationArn, aws:ec2/vpcEndpoint:VpcEndpoint serviceNetworkArn,
			aws:ec2/vpcEndpoint:VpcEndpoint serviceRegion,
		aws:lb/loadBalancer:LoadBalancer customerOwnedIpv4Pool, aws:lb/loadBalancer:LoadBalancer namePrefix,
			aws:lb/targetGroup:TargetGroup ipAddressType,
		aws:lb/targetGroup:TargetGroup namePrefix, aws:lb/targetGroup:TargetGroup targetControlPort,
			aws:ecs/service:Service iamRole,
		aws:cloudwatch/logGroup:LogGroup logGroupClass, aws:cloudwatch/logGroup:LogGroup namePrefix,
			aws:rds/subnetGroup:SubnetGroup namePrefix,
		aws:rds/cluster:Cluster availabilityZones, aws:rds/cluster:Cluster clusterIdentifierPrefix,
			aws:rds/cluster:Cluster clusterScalabilityType,
		aws:rds/cluster:Cluster dbSystemId, aws:rds/cluster:Cluster restoreToPointInTime,
			aws:rds/cluster:Cluster snapshotIdentifier,
		aws:rds/cluster:Cluster sourceRegion, aws:rds/clusterInstance:ClusterInstance customIamInstanceProfile,
		aws:rds/clusterInstance:ClusterInstance identifierPrefix, aws:s3/bucketV2:BucketV2 bucketPrefix,
			aws:route53/zone:Zone delegationSetId,
		aws:wafv2/webAcl:WebAcl namePrefix, aws:sns/topic:Topic namePrefix`,
}

// The provider's schema says what has an object replaced. A property that nobody thought of would
// be found in the account.
func TestEveryPropertyThatForcesAReplacementIsThoughtOf(t *testing.T) {
	raw, err := os.ReadFile("../../rehearsal/model/schema/aws-schema.json")
	require.NoError(t, err)
	var schema struct {
		Resources map[string]map[string]json.RawMessage `json:"resources"`
	}
	require.NoError(t, json.Unmarshal(raw, &schema))
	known := map[string]bool{}
	for _, c := range forced {
		known[c.property] = true
	}
	for _, list := range sound {
		for _, one := range strings.Split(list, ",") {
			known[strings.TrimSpace(one)] = true
		}
	}
	a := Match(production(t), original(t), Accepted{})
	seen := 0
	for key, one := range a.Config.Resources {
		typ, _, _ := strings.Cut(key, " ")
		var inputs map[string]string
		resource := schema.Resources[typ]
		if strings.HasPrefix(typ, "aws:") {
			require.NotEmpty(t, resource, typ)
			require.NoError(t, json.Unmarshal(resource["inputs"], &inputs), typ)
		}
		for property, description := range inputs {
			if slices.Contains(strings.Fields(description), "replace") {
				seen++
				assert.True(t, known[typ+" "+property],
					"%s %s replaces the object: compare it, ignore its changes or say why it is sound", typ, property)
			}
		}
		for property := range one.IgnoreChanges {
			_, exists := inputs[property]
			assert.True(t, exists || !strings.HasPrefix(typ, "aws:"), "%s has no %s whose changes could be ignored",
				typ, property)
		}
	}
	assert.Greater(t, seen, 100)
}

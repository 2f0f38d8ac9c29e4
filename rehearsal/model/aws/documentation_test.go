package aws

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/sdkdoc"
)

// project is the repository's folder.
const project = "../../.."

var knownBetter = sdkdoc.Exceptions{
	Open: map[string]string{
		"timezone of aws:appautoscaling/scheduledAction:ScheduledAction":                       "every time zone of the IANA database; a rule checks it",
		"logType of aws:cloudwatch/logDeliverySource:LogDeliverySource":                        "each service has its own",
		"protocol of ec2.DefaultSecurityGroupEgress":                                           "a name or a number of a protocol",
		"protocol of ec2.DefaultSecurityGroupIngress":                                          "a name or a number of a protocol",
		"protocol of ec2.SecurityGroupEgress":                                                  "a name or a number of a protocol",
		"protocol of ec2.SecurityGroupIngress":                                                 "a name or a number of a protocol",
		"capacityProviders of aws:ecs/clusterCapacityProviders:ClusterCapacityProviders":       "the account's own as well",
		"field of cloudwatch.EventTargetEcsTargetOrderedPlacementStrategy":                     "any attribute of an instance",
		"key of cloudwatch.EventTargetRunCommandTarget":                                        "any tag as well",
		"values of cloudwatch.EventTargetRunCommandTarget":                                     "the values are those of a tag, or ids",
		"field of ecs.ServiceOrderedPlacementStrategy":                                         "any attribute of an instance",
		"customTimeZone of kinesis.FirehoseDeliveryStreamExtendedS3Configuration":              "every time zone of the IANA database",
		"routingHttpResponseAccessControlAllowHeadersHeaderValue of aws:lb/listener:Listener":  "a list in one string",
		"routingHttpResponseAccessControlAllowMethodsHeaderValue of aws:lb/listener:Listener":  "a list in one string",
		"routingHttpResponseAccessControlExposeHeadersHeaderValue of aws:lb/listener:Listener": "a list in one string",
		"routingHttpResponseXFrameOptionsHeaderValue of aws:lb/listener:Listener":              "one of them ends in an address",
		"matcher of lb.TargetGroupHealthCheck":                                                 "the values are those of other properties",
		"securityGroups of aws:lb/loadBalancer:LoadBalancer":                                   "the values are those of other properties",
		"searchString of aws:route53/healthCheck:HealthCheck":                                  "the values are those of other properties",
		"objectLockEnabled of s3.BucketV2ObjectLockConfiguration":                              "the values are those of the property that took its place",
	},
	NotMeant: map[string][]string{
		// "is not supported"
		"type of s3.BucketV2Grant": {
			"AmazonCustomerByEmail",
		},
		"objectOwnership of s3.BucketOwnershipControlsRule": {
			"bucket-owner-full-control",
		},
		"checksumAlgorithm of aws:s3/bucketObjectv2:BucketObjectv2": {"kms:Decrypt"},
		"ipAddressType of aws:lb/loadBalancer:LoadBalancer":         {"application"},
		"xffHeaderProcessingMode of aws:lb/loadBalancer:LoadBalancer": {"application",
			"subnetMapping"},
		"dnsRecordClientRoutingPolicy of aws:lb/loadBalancer:LoadBalancer":                         {"network"},
		"enforceSecurityGroupInboundRulesOnPrivateLinkTraffic of aws:lb/loadBalancer:LoadBalancer": {"network"},
		"ipAddressType of aws:lb/targetGroup:TargetGroup":                                          {"ip"},
		"loadBalancingAnomalyMitigation of aws:lb/targetGroup:TargetGroup":                         {"weightedRandom"},
		"operatingSystemFamily of ecs.TaskDefinitionRuntimePlatform": {"FARGATE",
			"requiresCompatibilities"},
	},
}

var token = regexp.MustCompile(`aws:[A-Za-z0-9]+/[A-Za-z0-9]+:[A-Za-z0-9]+`)

// TestDocumentedValuesAreChecked is about the resource types that a stack uses.
func TestDocumentedValuesAreChecked(t *testing.T) {
	s, err := schema.AWS()
	require.NoError(t, err)
	goldens, err := filepath.Glob(filepath.Join(project, "testdata", "*.resources.golden"))
	require.NoError(t, err)
	require.NotEmpty(t, goldens)
	used := &schema.Schema{Resources: map[string]*schema.Resource{}}
	for _, golden := range goldens {
		raw, err := os.ReadFile(golden)
		require.NoError(t, err)
		for _, found := range token.FindAllString(string(raw), -1) {
			require.Contains(t, s.Resources, found)
			used.Resources[found] = s.Resources[found]
		}
	}
	require.Greater(t, len(used.Owners()), 400)
	sdkdoc.Check(t, used,
		sdkdoc.SDK{Project: project, Module: "github.com/pulumi/pulumi-aws/sdk/v6", Folder: "go/aws"}, knownBetter)
}

package aws

import (
	"fmt"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// logRules are about log groups.
var logRules = []provider.Rule{
	{
		Name:  "one log group a name",
		Types: []string{logGroupType},
		When:  provider.OnCreate,
		Why:   "CloudWatch Logs CreateLogGroup: ResourceAlreadyExistsException",
		Check: func(r *provider.Request) error {
			if group := r.Find(logGroupType, r.Inputs.Text("name")); group != nil && !r.Itself(group) {
				return fmt.Errorf("ResourceAlreadyExistsException: The specified log group already exists: %s",
					group.ID)
			}
			return nil
		},
	},
	{
		Name:  "a log group with a known key",
		Types: []string{logGroupType},
		When:  provider.OnWrite,
		Why:   "CloudWatch Logs AssociateKmsKey: the key must exist, in the same region",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("kmsKeyId")
			if key := r.ByARN(arn); arn != "" &&
				(r.Missing(key) || key != nil && (key.Type != keyType || key.Region != r.Region)) {
				return fmt.Errorf("AccessDeniedException: The specified KMS key does not exist or is not allowed to "+
					"be used with Arn 'arn:aws:logs:%s:%s:log-group:%s': %s",
					r.Region, r.Account, r.Inputs.Text("name"), arn)
			}
			return nil
		},
	},
	{
		Name:  "a log group's key lets CloudWatch Logs encrypt",
		Types: []string{logGroupType},
		When:  provider.OnWrite,
		Why: "CloudWatch Logs AssociateKmsKey: AccessDeniedException; " +
			"docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("kmsKeyId")
			key := r.ByARN(arn)
			if key == nil || r.Preview || key.Region != r.Region {
				return nil // another rule's
			}
			group := "arn:aws:logs:" + r.Region + ":" + r.Account + ":log-group:" + r.Inputs.Text("name")
			if err := logsEncrypt(r, group, arn); err != nil {
				return fmt.Errorf("AccessDeniedException: The specified KMS key does not exist or is not allowed to "+
					"be used with Arn '%s'\n%w", group, err)
			}
			return nil
		},
	},
}

// flowLogRules are about VPC flow logs.
var flowLogRules = []provider.Rule{
	{
		Name:  "a flow log of one thing",
		Types: []string{flowLogType},
		When:  provider.OnCheck,
		Why:   "the provider: ExactlyOneOf",
		Check: exactlyOne("eniId", "regionalNatGatewayId", "subnetId", "transitGatewayAttachmentId",
			"transitGatewayId", "vpcId"),
	},
	{
		Name:  "a flow log says which traffic",
		Types: []string{flowLogType},
		When:  provider.OnCheck,
		Why:   "EC2 CreateFlowLogs: TrafficType is required unless the source is a transit gateway",
		Check: func(r *provider.Request) error {
			if r.Inputs.Has("trafficType") || r.Inputs.Has("transitGatewayId") ||
				r.Inputs.Has("transitGatewayAttachmentId") {
				return nil
			}
			return fmt.Errorf("MissingParameter: The request must contain the parameter TrafficType")
		},
	},
	{
		Name:  "a flow log to a log group has a role",
		Types: []string{flowLogType},
		When:  provider.OnCheck,
		Why:   "EC2 CreateFlowLogs: InvalidParameter",
		Check: func(r *provider.Request) error {
			if !toLogGroup(r.Inputs) || r.Inputs.Has("iamRoleArn") {
				return nil
			}
			return fmt.Errorf("InvalidParameter: DeliverLogsPermissionArn can't be empty if LogDestinationType is " +
				"cloud-watch-logs.")
		},
	},
	{
		Name:  "a flow log of a known VPC",
		Types: []string{flowLogType},
		When:  provider.OnWrite,
		Why:   "EC2 error codes: InvalidVpcId.NotFound",
		Check: references("vpcId", vpcType, "InvalidVpcId.NotFound: The vpc ID '%s' does not exist"),
	},
	{
		Name:  "a flow log of a known subnet",
		Types: []string{flowLogType},
		When:  provider.OnWrite,
		Why:   "EC2 error codes: InvalidSubnetId.NotFound",
		Check: references("subnetId", subnetType, "InvalidSubnetId.NotFound: The subnet ID '%s' does not exist"),
	},
	{
		Name:  "a flow log with a known role",
		Types: []string{flowLogType},
		When:  provider.OnWrite,
		Why:   "EC2 CreateFlowLogs: InvalidParameter",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("iamRoleArn")
			return trusted(r, arn, "vpc-flow-logs.amazonaws.com",
				"InvalidParameter: Unable to assume given IAM role %s: it must exist and trust %s")
		},
	},
	{
		Name:  "a flow log to a known destination",
		Types: []string{flowLogType},
		When:  provider.OnWrite,
		Why:   "EC2 CreateFlowLogs: LogDestinationNotFoundException",
		Check: func(r *provider.Request) error {
			destination := r.Inputs.Text("logDestination")
			if destination == "" {
				return nil
			}
			arn, _, _ := strings.Cut(strings.TrimPrefix(destination, "arn:aws:s3:::"), "/")
			typ := bucketType
			if toLogGroup(r.Inputs) {
				arn, typ = strings.TrimSuffix(destination, ":*"), logGroupType
			} else if r.Inputs.Text("logDestinationType") != "s3" {
				return nil
			} else {
				arn = "arn:aws:s3:::" + arn
			}
			if o := r.ByARN(arn); r.Missing(o) || o != nil && o.Type != typ {
				return fmt.Errorf("LogDestinationNotFoundException: LogDestination: %s does not exist", destination)
			}
			return nil
		},
	},
	{
		Name:  "one flow log a source and destination",
		Types: []string{flowLogType},
		When:  provider.OnCreate,
		Why:   "EC2 error codes: FlowLogAlreadyExists",
		Check: func(r *provider.Request) error {
			if r.Inputs.Unknown("logDestination", "vpcId", "subnetId") {
				return nil
			}
			for _, other := range r.Others(flowLogType) {
				in := provider.Values(other.Inputs)
				if in.Text("logDestination") == r.Inputs.Text("logDestination") &&
					in.Text("vpcId") == r.Inputs.Text("vpcId") && in.Text("subnetId") == r.Inputs.Text("subnetId") {
					return fmt.Errorf("FlowLogAlreadyExists: Error. There is a flow log with the same configuration "+
						"and log destination: %s", other.ID)
				}
			}
			return nil
		},
	},
}

func toLogGroup(inputs provider.Values) bool {
	kind := inputs.Text("logDestinationType")
	return !inputs.Unknown("logDestinationType") && (kind == "" || kind == "cloud-watch-logs")
}

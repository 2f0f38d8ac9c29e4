package aws

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// Quotas of load balancers.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
const (
	groupsPerInterface = 5
	rulesPerBalancer   = 100 // until AWS raises it
	targetsPerBalancer = 1000
	valuesPerRule      = 5
	wildcardsPerRule   = 6
	lastPriority       = 50000
)

// loadBalancerRules are about load balancers and target groups.
var loadBalancerRules = []provider.Rule{
	{
		Name:  "one load balancer a name",
		Types: []string{loadBalancerType},
		When:  provider.OnCreate,
		Why:   "ELB error codes: DuplicateLoadBalancerName",
		Check: unique(loadBalancerType,
			"DuplicateLoadBalancerName: A load balancer with the same name '%s' exists, but with different settings"),
	},
	{
		Name:  "a load balancer in known subnets",
		Types: []string{loadBalancerType},
		When:  provider.OnWrite,
		Why:   "ELB error codes: SubnetNotFound",
		Check: listReferences("subnets", subnetType, "SubnetNotFound: The subnet ID '%s' does not exist"),
	},
	{
		Name:  "a load balancer in two zones",
		Types: []string{loadBalancerType},
		When:  provider.OnWrite,
		Why:   "ELB CreateLoadBalancer: at least two Availability Zone subnets",
		Check: func(r *provider.Request) error {
			if r.Inputs.Unknown("subnets") || !r.Inputs.Has("subnets") {
				return nil
			}
			zones := map[string]bool{}
			for _, id := range r.Inputs.Texts("subnets") {
				subnet := r.Find(subnetType, id)
				if subnet == nil {
					return nil
				}
				zone := subnet.Text("availabilityZone")
				if zones[zone] {
					return fmt.Errorf("InvalidConfigurationRequest: A load balancer cannot be attached to multiple " +
						"subnets in the same Availability Zone")
				}
				zones[zone] = true
			}
			if len(zones) < 2 {
				return fmt.Errorf("ValidationError: At least two subnets in two different Availability Zones must " +
					"be specified")
			}
			return nil
		},
	},
	{
		Name:  "a load balancer in public subnets",
		Types: []string{loadBalancerType},
		When:  provider.OnCreate,
		Why: "ELB CreateLoadBalancer: InvalidSubnet, for a VPC whose internet gateway is not attached yet; an " +
			"internet-facing " +
			"load balancer needs subnets that lead to it (whether a missing route alone is refused is not verified: " +
			"without " +
			"one nobody reaches the load balancer)",
		Check: publicSubnets,
	},
	{
		Name:  "a load balancer with known security groups",
		Types: []string{loadBalancerType},
		When:  provider.OnWrite,
		Why:   "ELB error codes: InvalidSecurityGroup",
		Check: listReferences("securityGroups", securityGroupType,
			"InvalidSecurityGroup: The security group '%s' does not exist"),
	},
	{
		Name:  "security groups of a load balancer",
		Types: []string{loadBalancerType},
		When:  provider.OnCheck,
		Why:   "VPC quotas: security groups per network interface",
		Check: func(r *provider.Request) error {
			return groupsOfInterface(r.Inputs.Texts("securityGroups"))
		},
	},
	{
		Name:  "a load balancer may write its logs",
		Types: []string{loadBalancerType},
		When:  provider.OnWrite,
		Why: "ELB enable-access-logging: a test object is written at once; the bucket's policy must let the " +
			"region's account or the log delivery service do so",
		Check: func(r *provider.Request) error {
			for _, property := range []string{"accessLogs", "connectionLogs"} {
				logs := r.Inputs.Object(property)
				bucket := logs.Text("bucket")
				if bucket == "" || r.Preview || !logs.Is("enabled", false) {
					continue
				}
				object := "arn:aws:s3:::" + path.Join(bucket, logs.Text("prefix"), "AWSLogs", r.Account, "log")
				if err := balancerWrites(r, object); err != nil {
					return fmt.Errorf("InvalidConfigurationRequest: Access Denied for bucket: %s. Please check "+
						"S3bucket permission\n%w", bucket, err)
				}
			}
			return nil
		},
	},
	{
		Name:  "load balancers' logs with Amazon S3's key",
		Types: []string{loadBalancerType},
		When:  provider.OnWrite,
		Why:   "ELB enable-access-logging: the only server-side encryption option is Amazon S3-managed keys",
		Check: func(r *provider.Request) error {
			bucket := r.Inputs.Object("accessLogs").Text("bucket")
			for _, encryption := range r.Everywhere(bucketEncryptionType) {
				for _, rule := range provider.Values(encryption.Inputs).Objects("rules") {
					algorithm := rule.Object("applyServerSideEncryptionByDefault").Text("sseAlgorithm")
					if bucket != "" && encryption.Text("bucket") == bucket && algorithm != "AES256" {
						return fmt.Errorf("InvalidConfigurationRequest: The bucket %s is encrypted with a KMS key, "+
							"which load balancers cannot write with", bucket)
					}
				}
			}
			return nil
		},
	},
	{
		Name:  "a protected load balancer stays",
		Types: []string{loadBalancerType},
		When:  provider.OnDelete,
		Why:   "ELB error codes: OperationNotPermitted",
		Check: func(r *provider.Request) error {
			if provider.Values(r.Old.Outputs).Is("enableDeletionProtection", false) {
				return fmt.Errorf("OperationNotPermitted: Load balancer '%s' cannot be deleted because deletion "+
					"protection is enabled", r.Old.ID)
			}
			return nil
		},
	},
	{
		Name:  "one target group a name",
		Types: []string{targetGroupType},
		When:  provider.OnCreate,
		Why:   "ELB error codes: DuplicateTargetGroupName",
		Check: unique(targetGroupType,
			"DuplicateTargetGroupName: A target group with the same name '%s' exists, but with different settings"),
	},
	{
		Name:  "a target group of a known VPC",
		Types: []string{targetGroupType},
		When:  provider.OnWrite,
		Why:   "ELB CreateTargetGroup: ValidationError",
		Check: references("vpcId", vpcType, "ValidationError: The VPC ID '%s' is not found"),
	},
	{
		Name:  "a target group says where its targets are",
		Types: []string{targetGroupType},
		When:  provider.OnWrite,
		Why:   "the provider: port, protocol and vpc_id are required unless the targets are functions",
		Check: func(r *provider.Request) error {
			kind := r.Inputs.Text("targetType")
			if kind == "" {
				kind = "instance"
			}
			for _, property := range []string{"port", "protocol", "vpcId"} {
				if kind != "lambda" && !r.Inputs.Has(property) {
					return fmt.Errorf("Attribute \"%s\" must be specified when \"target_type\" is \"%s\".", property,
						kind)
				}
			}
			return nil
		},
	},
	{
		Name:  "health check of a target group",
		Types: []string{targetGroupType},
		When:  provider.OnCheck,
		Why:   "ELB CreateTargetGroup: HealthCheckIntervalSeconds, HealthCheckTimeoutSeconds",
		Check: func(r *provider.Request) error {
			check := r.Inputs.Object("healthCheck")
			interval, hasInterval := check.Number("interval")
			timeout, hasTimeout := check.Number("timeout")
			if hasInterval && hasTimeout && timeout >= interval {
				return fmt.Errorf("ValidationError: Health check interval must be greater than the timeout: %g "+
					"s, %g s", interval, timeout)
			}
			return nil
		},
	},
	{
		Name:  "a matcher of a target group",
		Types: []string{targetGroupType},
		When:  provider.OnCheck,
		Why: "ELB CreateTargetGroup: Matcher: a range of values; the words of the refusal are the model's, " +
			"AWS's were " +
			"not seen",
		Check: func(r *provider.Request) error {
			for part := range strings.SplitSeq(r.Inputs.Object("healthCheck").Text("matcher"), ",") {
				if first, last, ranged := strings.Cut(part, "-"); ranged && first >= last {
					return fmt.Errorf("ValidationError: Health check matcher HTTP code '%s' must be a range from the "+
						"lower code to the higher", part)
				}
			}
			return nil
		},
	},
	{
		Name:  "slow start shares requests out in turn",
		Types: []string{targetGroupType},
		When:  provider.OnCheck,
		Why: "ELB edit-target-group-attributes: slow start mode is not available with least outstanding requests; " +
			"the words of the refusal are the model's, AWS's were not seen",
		Check: func(r *provider.Request) error {
			algorithm := r.Inputs.Text("loadBalancingAlgorithmType")
			if slow, ok := r.Inputs.Number("slowStart"); ok && slow > 0 && algorithm != "" &&
				algorithm != "round_robin" {
				return fmt.Errorf("InvalidConfigurationRequest: slow_start.duration_seconds is not supported with "+
					"load_balancing.algorithm.type %s", algorithm)
			}
			return nil
		},
	},
	{
		Name:  "a target group in use stays",
		Types: []string{targetGroupType},
		When:  provider.OnDelete,
		Why:   "ELB error codes: ResourceInUse",
		Check: func(r *provider.Request) error {
			for _, typ := range []string{listenerType, listenerRuleType} {
				for _, user := range r.List(typ) {
					if slices.Contains(forwardsTo(provider.Values(user.Inputs)), r.Old.ID) {
						return fmt.Errorf("ResourceInUse: Target group '%s' is currently in use by a listener "+
							"or a rule", r.Old.ID)
					}
				}
			}
			return nil
		},
	},
}

// unique makes the rule that no other object of a type has the request's name. message has one %s,
// for the name.
func unique(typ, message string) func(*provider.Request) error {
	return func(r *provider.Request) error {
		for _, other := range r.Others(typ) {
			if name := r.Inputs.Text("name"); name != "" && other.Name == name {
				return fmt.Errorf(message, name)
			}
		}
		return nil
	}
}

func groupsOfInterface(groups []string) error {
	if len(groups) > groupsPerInterface {
		return fmt.Errorf("SecurityGroupsPerInterfaceLimitExceeded: The maximum number of security groups per "+
			"interface has been reached: %d, of %d", len(groups), groupsPerInterface)
	}
	return nil
}

func publicSubnets(r *provider.Request) error {
	if r.Preview || r.Inputs.Is("internal", false) {
		return nil
	}
	for _, id := range r.Inputs.Texts("subnets") {
		subnet := r.Find(subnetType, id)
		switch {
		case subnet == nil: // another rule's
		case len(r.Where(internetGatewayType, "vpcId", subnet.Text("vpcId"))) == 0:
			return fmt.Errorf("InvalidSubnet: VPC %s has no internet gateway", subnet.Text("vpcId"))
		case !leadsToInternet(r, id):
			return fmt.Errorf("InvalidSubnet: Subnet %s has no route to the internet gateway of VPC %s", id,
				subnet.Text("vpcId"))
		}
	}
	return nil
}

// leadsToInternet reports whether the table that a subnet is associated with has a route to an
// internet gateway.
func leadsToInternet(r *provider.Request, subnet string) bool {
	for _, association := range r.Where(routeAssociationType, "subnetId", subnet) {
		for _, route := range r.Where(routeType, "routeTableId", association.Text("routeTableId")) {
			if r.Find(internetGatewayType, route.Text("gatewayId")) != nil {
				return true
			}
		}
	}
	return false
}

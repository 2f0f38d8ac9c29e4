package aws

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// withoutVPCOrigins are the zones in which CloudFront reaches nothing by a VPC origin.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
var withoutVPCOrigins = []string{"apne1-az3", "cac1-az3", "use1-az3", "usw1-az2"}

// vpcOriginName is the longest name of a VPC origin.
const vpcOriginName = 64

// vpcOriginRules are about CloudFront's VPC origins and the distributions that use them. Where AWS
// documents a condition and not its message, the message here is the model's own.
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateVpcOrigin.html
var vpcOriginRules = []provider.Rule{
	{
		Name:  "name and protocols of a VPC origin",
		Types: []string{vpcOriginType},
		When:  provider.OnCheck,
		Why:   "CloudFront VpcOriginEndpointConfig: InvalidArgument, InconsistentQuantities; ports of 1 to 65,535",
		Check: func(r *provider.Request) error {
			config := r.Inputs.Object("vpcOriginEndpointConfig")
			if name := config.Text("name"); len(name) > vpcOriginName {
				return fmt.Errorf("InvalidArgument: The parameter Name has %d characters, of %d", len(name),
					vpcOriginName)
			}
			for _, property := range []string{"httpPort", "httpsPort"} {
				if port, ok := config.Number(property); ok && (port < 1 || port > 65535) {
					return fmt.Errorf("Attribute vpc_origin_endpoint_config.%s value must be between 1 and 65535, "+
						"got: %g", property, port)
				}
			}
			protocols := config.Object("originSslProtocols")
			if n, ok := protocols.Number("quantity"); ok && int(n) != len(protocols.Texts("items")) {
				return fmt.Errorf("InconsistentQuantities: The value of Quantity and the size of Items don't match: "+
					"%g, %d", n, len(protocols.Texts("items")))
			}
			return nil
		},
	},
	{
		Name:  "one VPC origin a name",
		Types: []string{vpcOriginType},
		When:  provider.OnCreate,
		Why:   "CloudFront CreateVpcOrigin: EntityAlreadyExists; that the name is what makes one is not verified",
		Check: func(r *provider.Request) error {
			name := r.Inputs.Object("vpcOriginEndpointConfig").Text("name")
			for _, other := range r.Others(vpcOriginType) {
				if provider.Values(other.Inputs).Object("vpcOriginEndpointConfig").Text("name") == name && name != "" {
					return fmt.Errorf("EntityAlreadyExists: The entity already exists. You must provide a unique "+
						"entity: %s", name)
				}
			}
			return nil
		},
	},
	{
		Name:  "a VPC origin of a load balancer that CloudFront can reach",
		Types: []string{vpcOriginType},
		When:  provider.OnWrite,
		Why: "CloudFront private-content-vpc-origins: a load balancer of the account, in a VPC with " +
			"an internet gateway and in zones that have VPC origins",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Object("vpcOriginEndpointConfig").Text("arn")
			balancer := r.ByARN(arn)
			if arn == "" || balancer == nil && r.Preview {
				return nil
			}
			if balancer == nil || balancer.Type != loadBalancerType || balancer.Account != r.Account {
				return fmt.Errorf("InvalidArgument: The VPC origin's ARN is of no load balancer of the account: %s",
					arn)
			}
			return vpcOfOrigin(r, balancer)
		},
	},
	{
		Name:  "a VPC origin in use is not changed",
		Types: []string{vpcOriginType},
		When:  provider.OnUpdate,
		Why: "CloudFront UpdateVpcOrigin: CannotUpdateEntityWhileInUse, as seen in " +
			"https://github.com/hashicorp/terraform-provider-aws/issues/40905. That the plugin leaves tags out of it " +
			"is not verified",
		Check: func(r *provider.Request) error {
			before := provider.Values(r.Old.Inputs).Object("vpcOriginEndpointConfig")
			if r.Preview || !usedByDistribution(r, r.Old.ID) ||
				reflect.DeepEqual(before, r.Inputs.Object("vpcOriginEndpointConfig")) {
				return nil
			}
			return fmt.Errorf("CannotUpdateEntityWhileInUse: %s", associated)
		},
	},
	{
		Name:  "a VPC origin in use stays",
		Types: []string{vpcOriginType},
		When:  provider.OnDelete,
		Why:   "CloudFront DeleteVpcOrigin: CannotDeleteEntityWhileInUse",
		Check: func(r *provider.Request) error {
			if usedByDistribution(r, r.Old.ID) {
				return fmt.Errorf("CannotDeleteEntityWhileInUse: %s", associated)
			}
			return nil
		},
	},
	{
		Name:  "an origin is of one kind",
		Types: []string{distributionType},
		When:  provider.OnCheck,
		Why:   "CloudFront Origin: one of CustomOriginConfig, S3OriginConfig and VpcOriginConfig",
		Check: func(r *provider.Request) error {
			for _, origin := range r.Inputs.Objects("origins") {
				var kinds []string
				for _, kind := range []string{"customOriginConfig", "s3OriginConfig", "vpcOriginConfig"} {
					if origin.Has(kind) {
						kinds = append(kinds, kind)
					}
				}
				if len(kinds) > 1 {
					return fmt.Errorf("InvalidArgument: The origin %s is of more than one kind: %s",
						origin.Text("originId"), strings.Join(kinds, ", "))
				}
			}
			return nil
		},
	},
	{
		Name:  "a distribution uses VPC origins that are there",
		Types: []string{distributionType},
		When:  provider.OnWrite,
		Why:   "CloudFront CreateDistribution, UpdateDistribution: EntityNotFound",
		Check: func(r *provider.Request) error {
			for _, origin := range r.Inputs.Objects("origins") {
				id := origin.Object("vpcOriginConfig").Text("vpcOriginId")
				if id != "" && r.Missing(r.Find(vpcOriginType, id)) {
					return fmt.Errorf("EntityNotFound: The specified VPC origin does not exist: %s", id)
				}
			}
			return nil
		},
	},
	{
		Name:  "CloudFront comes in to a load balancer by its VPC origin",
		Types: []string{distributionType},
		When:  provider.OnWrite,
		Why: "CloudFront private-content-vpc-origins: the load balancer's security group admits CloudFront's prefix " +
			"list, or the group of CloudFront's interfaces, which the model does not know. AWS takes a distribution " +
			"without; every request would get 504",
		Check: func(r *provider.Request) error {
			for _, origin := range r.Inputs.Objects("origins") {
				used := r.Find(vpcOriginType, origin.Object("vpcOriginConfig").Text("vpcOriginId"))
				if r.Preview || used == nil {
					continue
				}
				arn := provider.Values(used.Inputs).Object("vpcOriginEndpointConfig").Text("arn")
				balancer := r.ByARN(arn)
				if balancer == nil {
					return fmt.Errorf("GatewayTimeout: the load balancer of VPC origin %s is gone: %s", used.ID, arn)
				}
				groups := provider.Values(balancer.Outputs).Texts("securityGroups")
				if !lets(r, ingressRuleType, groups, func(rule provider.Values) bool {
					return rule.Text("prefixListId") == originFacing[balancer.Region]
				}) {
					return fmt.Errorf("GatewayTimeout: no security group of %s lets CloudFront in on port 443", arn)
				}
			}
			return nil
		},
	},
}

const associated = "The specified VPC origin is currently associated with one or more distributions. Please " +
	"disassociate the VPC origin from all distributions before updating or deleting"

// vpcOfOrigin is nil where CloudFront takes the VPC and the zones of a load balancer.
func vpcOfOrigin(r *provider.Request, balancer *cloud.Object) error {
	vpc := balancer.Text("vpcId")
	if len(r.Where(internetGatewayType, "vpcId", vpc)) == 0 {
		return fmt.Errorf("InvalidArgument: VPC %s has no internet gateway", vpc)
	}
	for _, id := range provider.Values(balancer.Outputs).Texts("subnets") {
		subnet := r.Find(subnetType, id)
		if subnet != nil && slices.Contains(withoutVPCOrigins, subnet.Text("availabilityZoneId")) {
			return fmt.Errorf("InvalidArgument: VPC origins are not supported in Availability Zone %s of subnet %s",
				subnet.Text("availabilityZoneId"), id)
		}
	}
	return nil
}

func usedByDistribution(r *provider.Request, id string) bool {
	return slices.ContainsFunc(r.Everywhere(distributionType), func(d *cloud.Object) bool {
		return slices.ContainsFunc(provider.Values(d.Inputs).Objects("origins"), func(origin provider.Values) bool {
			return origin.Object("vpcOriginConfig").Text("vpcOriginId") == id
		})
	})
}

// vpcOriginInterfaces are by which CloudFront reaches a load balancer's subnets: no subnet goes
// before them.
func vpcOriginInterfaces(r *provider.Request, o *provider.Outputs) []provider.Part {
	balancer := r.ByARN(o.Object("vpcOriginEndpointConfig").Text("arn"))
	if balancer == nil {
		return nil // a rule refuses the VPC origin
	}
	var parts []provider.Part
	for _, id := range provider.Values(balancer.Outputs).Texts("subnets") {
		subnet := r.Find(subnetType, id)
		if subnet == nil {
			continue
		}
		eni := provider.StableID("eni-", 17, o.Text("id"), id)
		parts = append(parts, provider.Part{
			Type: networkInterfaceType,
			ID:   eni,
			Name: eni,
			Outputs: map[string]any{
				"id": eni, "vpcId": subnet.Text("vpcId"), "subnetId": id, "groupIds": []any{},
				"privateIp": keptAddress(r, eni, subnet), "publicIp": "", "description": "CloudFront " + o.Text("id"),
			},
		})
	}
	return parts
}

package edge

import (
	"fmt"
	"path"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// VPCOrigin is by what CloudFront reaches a load balancer that has no public addresses. CloudFront
// makes network interfaces in its subnets, and a security group for them in the VPC.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
type VPCOrigin struct {
	// LoadBalancerArn and LoadBalancerArnSuffix are of a load balancer in a VPC with an internet
	// gateway. Required.
	LoadBalancerArn, LoadBalancerArnSuffix pulumi.StringInput
	// Reached says that the distribution sends its requests there. Default false: the VPC origin is
	// made and waits, while the distribution goes on with the origin's name.
	Reached bool
}

func (o *VPCOrigin) reached() bool { return o != nil && o.Reached }

func (o *VPCOrigin) complete() bool {
	return o == nil || o.LoadBalancerArn != nil && o.LoadBalancerArnSuffix != nil
}

// deployTime is how long the plugin waits for a VPC origin. AWS speaks of up to 15 minutes, which
// is the plugin's own patience.
const deployTime = "30m"

// originTLS is the oldest protocol that CloudFront speaks with the load balancer.
var originTLS = pulumi.StringArray{pulumi.String("TLSv1.2")}

// newVPCOrigin is nil without a VPC origin in the arguments.
//
// CloudFront changes no VPC origin that a distribution uses (CannotUpdateEntityWhileInUse), so that
// another load balancer gets another one, which the distribution goes over to before the old one is
// deleted. Its name has the load balancer's id: two must not have one name.
func (a *EdgeDistributionArgs) newVPCOrigin(
	ctx *pulumi.Context, name string, parent pulumi.ResourceOption,
) (*cloudfront.VpcOrigin, error) {
	if a.VPCOrigin == nil {
		return nil, nil
	}
	environment := a.Environment
	named := a.VPCOrigin.LoadBalancerArnSuffix.ToStringOutput().ApplyT(func(suffix string) string {
		return environment.Name(path.Base(suffix))
	}).(pulumi.StringOutput)
	origin, err := cloudfront.NewVpcOrigin(ctx, name+"-vpc-origin", &cloudfront.VpcOriginArgs{
		VpcOriginEndpointConfig: cloudfront.VpcOriginVpcOriginEndpointConfigArgs{
			Name:                 named,
			Arn:                  a.VPCOrigin.LoadBalancerArn,
			HttpPort:             pulumi.Int(80), // required, and never used
			HttpsPort:            pulumi.Int(443),
			OriginProtocolPolicy: pulumi.String("https-only"),
			OriginSslProtocols: cloudfront.VpcOriginVpcOriginEndpointConfigOriginSslProtocolsArgs{
				Items: originTLS, Quantity: pulumi.Int(len(originTLS)),
			},
		},
		Timeouts: cloudfront.VpcOriginTimeoutsArgs{
			Create: pulumi.String(deployTime), Delete: pulumi.String(deployTime),
		},
	}, parent, pulumi.ReplaceOnChanges([]string{"vpcOriginEndpointConfig"}))
	if err != nil {
		return nil, fmt.Errorf("create VPC origin of distribution %q: %w", name, err)
	}
	return origin, nil
}

// origins are where the distribution gets its answers: the load balancer, and the assets bucket.
func (a *EdgeDistributionArgs) origins(
	access *cloudfront.OriginAccessControl, vpcOrigin *cloudfront.VpcOrigin,
) cloudfront.DistributionOriginArray {
	loadBalancer := cloudfront.DistributionOriginArgs{
		OriginId: pulumi.String(originLoadBalancer),
		// With a VPC origin it is no address any more, and still the name that the load balancer's
		// certificate must have.
		DomainName: pulumi.String(a.Domain.Origin()),
		CustomHeaders: cloudfront.DistributionOriginCustomHeaderArray{cloudfront.DistributionOriginCustomHeaderArgs{
			Name: pulumi.String(OriginHeaderName), Value: pulumi.ToSecret(a.OriginSecret).(pulumi.StringOutput),
		}},
	}
	if a.VPCOrigin.reached() {
		loadBalancer.VpcOriginConfig = cloudfront.DistributionOriginVpcOriginConfigArgs{
			VpcOriginId:            vpcOrigin.ID(),
			OriginReadTimeout:      pulumi.Int(a.Config.OriginReadTimeoutSeconds),
			OriginKeepaliveTimeout: pulumi.Int(a.Config.OriginKeepaliveSeconds),
		}
	} else {
		loadBalancer.CustomOriginConfig = cloudfront.DistributionOriginCustomOriginConfigArgs{
			HttpPort:               pulumi.Int(80),
			HttpsPort:              pulumi.Int(443), // both are required; the first is never used
			OriginProtocolPolicy:   pulumi.String("https-only"),
			OriginSslProtocols:     originTLS,
			OriginReadTimeout:      pulumi.Int(a.Config.OriginReadTimeoutSeconds),
			OriginKeepaliveTimeout: pulumi.Int(a.Config.OriginKeepaliveSeconds),
		}
	}
	return cloudfront.DistributionOriginArray{
		loadBalancer,
		cloudfront.DistributionOriginArgs{
			OriginId:              pulumi.String(originAssets),
			DomainName:            a.AssetsBucketDomainName,
			OriginAccessControlId: access.ID(),
		},
	}
}

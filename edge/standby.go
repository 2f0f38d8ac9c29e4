package edge

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// StandbyType is part of every child's URN; changing it replaces what a standby has.
const StandbyType = "bookmark-manager:edge:Standby"

// StandbyConfig puts the stack behind the distribution of another stack of the same account, which
// has another region. CloudFront takes a name for one distribution alone, so the standby has none
// of its own: it takes over by the origin's name.
type StandbyConfig struct {
	// DistributionID is the distribution that the public names point at. Required.
	DistributionID DistributionID `json:"distributionId"`
	// Environment is that of the stack that has made it, such as production; not this stack's own.
	// Its web ACL's metrics and logs are found by it. Required.
	Environment names.Environment `json:"environment" pattern:"^[a-z][a-z0-9]{1,9}$" want:"the environment of the distribution's stack, such as production"`
	// ZoneID is the hosted zone with the site's names, which that stack has made. Required.
	ZoneID ZoneID `json:"zoneId"`
	// TakesOver points the origin's name at this stack's load balancer, whatever it pointed at. To
	// take it out again, or the stack, leaves the record as it is: the other stack's next up with
	// --refresh takes it back. Default false: nobody is sent here.
	TakesOver bool `json:"takesOver" settings:"optional"`
}

// DistributionID is the id of a CloudFront distribution.
type DistributionID string

// Rule implements settings.Ruled.
func (DistributionID) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^E[A-Z0-9]{12,13}$`),
		Want:    "a distribution's id, such as E2ABCDEFGHIJKL",
	}
}

// Validate reports every problem, with paths relative to the standby.
func (c StandbyConfig) Validate() settings.Problems { return settings.Check(c) }

// StandbyArgs are a standby's configuration and wiring.
type StandbyArgs struct {
	Config StandbyConfig
	Domain Domain // required
	identity.Stack
	// HealthCheck watches the site, through the other stack's distribution.
	HealthCheck HealthCheckConfig
	// The load balancer's own name and its hosted zone. Required.
	LoadBalancerDNSName pulumi.StringInput
	LoadBalancerZoneID  pulumi.StringInput
	// The assets bucket, whose policy this component writes: the distribution may read it, so that
	// it can be pointed here too. Required.
	AssetsBucketName pulumi.StringInput
	AssetsBucketArn  pulumi.StringInput
}

// Standby is what a stack behind another stack's distribution has in the place of one of its own,
// and where that one's metrics and logs are.
type Standby struct {
	pulumi.ResourceState

	DistributionID     pulumi.StringOutput
	HealthCheckID      pulumi.StringOutput // its metrics are in us-east-1 alone
	WebACLMetricName   string
	WebACLLogGroupName pulumi.StringOutput // in us-east-1
}

// NewStandby registers nothing when args are invalid.
func NewStandby(ctx *pulumi.Context, name string, args *StandbyArgs, opts ...pulumi.ResourceOption) (*Standby, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("standby %q: %w", name, err)
	}
	s := &Standby{
		DistributionID:     pulumi.String(args.Config.DistributionID).ToStringOutput(),
		WebACLMetricName:   webACLMetric(args.Config.Environment),
		WebACLLogGroupName: pulumi.String(webACLLogGroup(args.Config.Environment)).ToStringOutput(),
	}
	base, err := component.Register(ctx, "standby", StandbyType, name, s, opts...)
	if err != nil {
		return nil, err
	}
	if args.Config.TakesOver {
		record := failoverRecord(pulumi.String(args.Config.ZoneID), args.Domain, primaryRole, args.LoadBalancerDNSName,
			args.LoadBalancerZoneID)
		record.AllowOverwrite = pulumi.Bool(true)
		// It is the other stack's record: a destroy of this stack must not delete it, or the site
		// would have no origin.
		if _, err := route53.NewRecord(ctx, base.Child("origin"), record, base.Parent(),
			pulumi.RetainOnDelete(true)); err != nil {
			return nil, base.Wrap("create", "record of the origin", err)
		}
	}
	distribution := pulumi.String("arn:aws:cloudfront::" + args.AccountID + ":distribution/" +
		string(args.Config.DistributionID))
	if _, err := s3.NewBucketPolicy(ctx, base.Child("assets"), &s3.BucketPolicyArgs{
		Bucket: args.AssetsBucketName, Policy: assetsPolicy(args.AssetsBucketArn, distribution).JSON(),
	}, base.Parent()); err != nil {
		return nil, base.Wrap("create", "assets bucket policy", err)
	}
	check, err := newHealthCheck(ctx, name, siteCheck{args.HealthCheck, args.Domain, args.Environment}, base.Parent())
	if err != nil {
		return nil, err
	}
	s.HealthCheckID = check.ID().ToStringOutput()
	return s, base.Outputs(pulumi.Map{"healthCheckId": s.HealthCheckID})
}

func (a *StandbyArgs) check() error {
	if a == nil || !a.Domain.valid() || a.LoadBalancerDNSName == nil || a.LoadBalancerZoneID == nil ||
		a.AssetsBucketName == nil || a.AssetsBucketArn == nil {
		return errors.New("Domain (a domain name), LoadBalancerDNSName, LoadBalancerZoneID, AssetsBucketName and " +
			"AssetsBucketArn are required")
	}
	return errors.Join(a.Check(), a.Config.Validate().Err())
}

// GivenOriginSecret is the secret of another stack's distribution. value is the one that it sends.
func GivenOriginSecret(value pulumi.StringOutput) *OriginSecret {
	secret := pulumi.ToSecret(value).(pulumi.StringOutput)
	return &OriginSecret{Current: secret, Accepted: pulumi.StringArray{secret}.ToStringArrayOutput()}
}

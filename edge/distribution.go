package edge

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/policy"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// EdgeDistributionType is part of every child's URN; changing it replaces the distribution.
const EdgeDistributionType = "bookmark-manager:edge:EdgeDistribution"

// EdgeDistributionArgs are the distribution's configuration and wiring.
type EdgeDistributionArgs struct {
	Config DistributionConfig
	Domain Domain // required
	// Hosts are further names of the site, which CertificateArn covers too. Default none.
	Hosts []Domain
	identity.Stack
	UsEast1 pulumi.ProviderResource // required: its access logs are ordered there
	// CertificateArn is of an issued certificate in us-east-1 for Domain and its www. Required.
	CertificateArn pulumi.StringInput
	// WebACLArn is of a web ACL of scope CLOUDFRONT. Required.
	WebACLArn pulumi.StringInput
	// OriginSecret is the value of the header by which the load balancer knows this distribution.
	// Required, secret.
	OriginSecret pulumi.StringInput
	// VPCOrigin is of a load balancer without public addresses. Default nil: CloudFront reaches the
	// load balancer by the origin's name.
	VPCOrigin *VPCOrigin
	// The assets bucket, whose public access block must exist before the policy that this component
	// writes. Required.
	AssetsBucketName pulumi.StringInput
	AssetsBucketArn  pulumi.StringInput
	// the regional one: the global one redirects for hours after the bucket is made
	AssetsBucketDomainName pulumi.StringInput
	// LogBucketArn is of the bucket that takes the access logs under AccessLogPrefix, and whose
	// policy lets it. Required.
	LogBucketArn pulumi.StringInput
	// HealthPath is the path of the site's health check, which goes on while the site is closed.
	// Required.
	HealthPath string
	// ReportAddress is where the Sentry project of headers.reportUri takes reports. Required when
	// that names a service, not used otherwise.
	ReportAddress pulumi.StringInput
	// After must be in place before the distribution changes: the buckets with their policies, and
	// the listener rules that accept a new OriginSecret before CloudFront sends it. Default
	// nothing.
	After []pulumi.Resource
}

// EdgeDistribution is the site's CloudFront distribution, with what belongs to it alone: cache and
// header policies, the redirect to www., access to the assets bucket, access logs and metrics. Its
// origin is a name, so that it is made before the records of that name.
type EdgeDistribution struct {
	pulumi.ResourceState

	ID           pulumi.StringOutput // to invalidate paths with
	Arn          pulumi.StringOutput
	DomainName   pulumi.StringOutput // what the records point at
	HostedZoneID pulumi.StringOutput // of DomainName, for alias records
}

// NewEdgeDistribution registers nothing when args are invalid.
func NewEdgeDistribution(
	ctx *pulumi.Context, name string, args *EdgeDistributionArgs, opts ...pulumi.ResourceOption,
) (*EdgeDistribution, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("distribution %q: %w", name, err)
	}
	d := &EdgeDistribution{}
	base, err := component.Register(ctx, "distribution", EdgeDistributionType, name, d, opts...)
	if err != nil {
		return nil, err
	}
	distribution, err := d.distribution(ctx, name, args)
	if err != nil {
		return nil, err
	}
	if _, err := s3.NewBucketPolicy(ctx, base.Child("assets"), &s3.BucketPolicyArgs{
		Bucket: args.AssetsBucketName,
		Policy: assetsPolicy(args.AssetsBucketArn, distribution.Arn).JSON(),
	}, base.Parent()); err != nil {
		return nil, base.Wrap("create", "assets bucket policy", err)
	}
	if err := d.logAccess(ctx, name, args, distribution); err != nil {
		return nil, err
	}
	if args.Config.ExtraMetrics {
		if _, err := cloudfront.NewMonitoringSubscription(ctx, base.Child("metrics"),
			&cloudfront.MonitoringSubscriptionArgs{
				DistributionId: distribution.ID(),
				MonitoringSubscription: cloudfront.MonitoringSubscriptionMonitoringSubscriptionArgs{
					RealtimeMetricsSubscriptionConfig: cloudfront.MonitoringSubscriptionMonitoringSubscriptionRealtimeMetricsSubscriptionConfigArgs{
						RealtimeMetricsSubscriptionStatus: pulumi.String("Enabled"),
					},
				},
			}, base.Parent()); err != nil {
			return nil, base.Wrap("switch", "on metrics", err)
		}
	}
	d.ID, d.Arn = distribution.ID().ToStringOutput(), distribution.Arn
	d.DomainName, d.HostedZoneID = distribution.DomainName, distribution.HostedZoneId
	outputs := pulumi.Map{
		"id": d.ID, "arn": d.Arn, "domainName": d.DomainName, "hostedZoneId": d.HostedZoneID,
		// A plan hides the origins with the secret header that is in one of them.
		"originDomains": pulumi.StringMap{
			originLoadBalancer: pulumi.String(args.Domain.Origin()), originAssets: args.AssetsBucketDomainName,
		},
	}
	if args.VPCOrigin.reached() {
		outputs["vpcOrigin"] = pulumi.String(originLoadBalancer)
	}
	return d, base.Outputs(outputs)
}

func (a *EdgeDistributionArgs) check() error {
	if a == nil {
		return errors.New("args are required")
	}
	if err := a.Check(); err != nil {
		return err
	}
	for _, required := range []struct {
		field string
		given bool
	}{
		{"Domain", a.Domain.valid()},
		{"UsEast1", a.UsEast1 != nil},
		{"HealthPath", a.HealthPath != ""},
		{"ReportAddress", a.ReportAddress != nil || a.Config.Headers.ReportService() == ""},
		{"CertificateArn", a.CertificateArn != nil},
		{"WebACLArn", a.WebACLArn != nil},
		{"OriginSecret", a.OriginSecret != nil},
		{"VPCOrigin.LoadBalancerArn and LoadBalancerArnSuffix", a.VPCOrigin.complete()},
		{"AssetsBucketName", a.AssetsBucketName != nil},
		{"AssetsBucketArn", a.AssetsBucketArn != nil},
		{"AssetsBucketDomainName", a.AssetsBucketDomainName != nil},
		{"LogBucketArn", a.LogBucketArn != nil},
	} {
		if !required.given {
			return fmt.Errorf("%s is required", required.field)
		}
	}
	return a.Config.Validate().Err()
}

// aliases are the names that the distribution answers to.
func (a *EdgeDistributionArgs) aliases() []string {
	all := []string{a.Domain.WWW()}
	if a.Config.Apex == ApexRedirect {
		all = append(all, string(a.Domain))
	}
	return append(all, settings.Strings(a.Hosts)...)
}

func (d *EdgeDistribution) distribution(
	ctx *pulumi.Context, name string, args *EdgeDistributionArgs,
) (*cloudfront.Distribution, error) {
	immutable, err := newImmutablePolicy(ctx, name, pulumi.Parent(d))
	if err != nil {
		return nil, err
	}
	keys := cacheKeys{immutable: immutable.ID()}
	if args.Config.Images != nil {
		images, err := newImagesPolicy(ctx, name, *args.Config.Images, pulumi.Parent(d))
		if err != nil {
			return nil, err
		}
		keys.images = images.ID()
	}
	headers, err := newHeadersPolicy(ctx, name, args.Config.Headers, args.reportAddress(), pulumi.Parent(d))
	if err != nil {
		return nil, err
	}
	viewer, err := newViewerFunction(ctx, name, args, pulumi.Parent(d))
	if err != nil {
		return nil, err
	}
	access, err := cloudfront.NewOriginAccessControl(ctx, name+"-assets", &cloudfront.OriginAccessControlArgs{
		OriginAccessControlOriginType: pulumi.String("s3"),
		SigningBehavior:               pulumi.String("always"),
		SigningProtocol:               pulumi.String("sigv4"),
	}, pulumi.Parent(d))
	if err != nil {
		return nil, fmt.Errorf("create access to the assets of distribution %q: %w", name, err)
	}

	vpcOrigin, err := args.newVPCOrigin(ctx, name, pulumi.Parent(d))
	if err != nil {
		return nil, err
	}

	inCommon := shared{headersPolicy: headers.ID(), viewer: viewer.Arn}
	byPath, other := behaviors(args.Config, keys)
	var ordered cloudfront.DistributionOrderedCacheBehaviorArray
	for _, one := range byPath {
		ordered = append(ordered, one.ordered(inCommon))
	}
	distribution, err := cloudfront.NewDistribution(ctx, name+"-distribution", &cloudfront.DistributionArgs{
		Comment:       pulumi.String(args.Environment.Name()),
		Enabled:       pulumi.Bool(true),
		Aliases:       pulumi.ToStringArray(args.aliases()),
		HttpVersion:   pulumi.String("http2and3"),
		IsIpv6Enabled: pulumi.Bool(true),
		PriceClass:    pulumi.String(args.Config.PriceClass),
		WebAclId:      args.WebACLArn.ToStringOutput(), // of web ACLs of the current kind CloudFront takes the ARN here
		ViewerCertificate: cloudfront.DistributionViewerCertificateArgs{
			AcmCertificateArn:      args.CertificateArn.ToStringOutput(),
			SslSupportMethod:       pulumi.String("sni-only"),
			MinimumProtocolVersion: pulumi.String(args.Config.MinimumTLS),
		},
		Origins:               args.origins(access, vpcOrigin),
		DefaultCacheBehavior:  other.byDefault(inCommon),
		OrderedCacheBehaviors: ordered,
		CustomErrorResponses:  errorResponses(args.Config.Maintenance),
		// Countries are blocked by the web ACL, which logs it.
		Restrictions: cloudfront.DistributionRestrictionsArgs{
			GeoRestriction: cloudfront.DistributionRestrictionsGeoRestrictionArgs{
				RestrictionType: pulumi.String("none"),
			},
		},
	}, pulumi.Parent(d), pulumi.DependsOn(args.After),
		// CloudFront answers with the secret header in plain; a refresh would bring it into the
		// state.
		pulumi.AdditionalSecretOutputs([]string{"origins"}))
	if err != nil {
		return nil, fmt.Errorf("create distribution %q: %w", name, err)
	}
	return distribution, nil
}

// assetsPolicy lets this distribution alone read the bucket's objects, and nobody use it without
// TLS.
func assetsPolicy(bucketArn, distributionArn pulumi.StringInput) policy.Document {
	objects := pulumi.Sprintf("%s/*", bucketArn)
	return policy.Document{
		{
			Sid:        "CloudFrontReads",
			Effect:     policy.Allow,
			Principals: map[string][]string{policy.Service: {"cloudfront.amazonaws.com"}},
			Actions:    []string{"s3:GetObject"},
			Resources:  pulumi.StringArray{objects},
			Conditions: []policy.Condition{policy.Equals("aws:SourceArn", distributionArn)},
		},
		onlyTLS(bucketArn),
	}
}

// onlyTLS lets nobody use a bucket without TLS.
func onlyTLS(bucketArn pulumi.StringInput) policy.Statement {
	return policy.Statement{
		Sid:        "OnlyTLS",
		Effect:     policy.Deny,
		Principals: map[string][]string{policy.AWS: {"*"}},
		Actions:    []string{"s3:*"},
		Resources:  pulumi.StringArray{bucketArn, pulumi.Sprintf("%s/*", bucketArn)},
		Conditions: []policy.Condition{
			{Operator: "Bool", Key: "aws:SecureTransport", Values: pulumi.StringArray{pulumi.String("false")}},
		},
	}
}

package compute

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// LoadBalancerType is part of every child's URN; changing it replaces the load balancer.
const LoadBalancerType = "bookmark-manager:compute:LoadBalancer"

// LoadBalancerArgs are the load balancer's configuration and wiring.
type LoadBalancerArgs struct {
	Config LoadBalancerConfig
	identity.Stack
	// Scheme is this load balancer's own, one of Config.Schemes. Required.
	Scheme Scheme
	// Beside says that CloudFront sends no requests here: a move has not begun yet, or has ended.
	// Such a load balancer has no deletion protection.
	Beside bool
	// SubnetIDs are subnets in two zones or more, public or private as Scheme says. Required.
	SubnetIDs pulumi.StringArrayInput
	// PublicRoutes lead from the public subnets to the VPC's internet gateway. Elastic Load
	// Balancing refuses public addresses in a VPC that has none yet, CloudFront a VPC origin; and
	// both must be gone before the gateway can be detached. Default none, for a VPC that has one.
	PublicRoutes []pulumi.Resource
	// SecurityGroupIDs say who reaches ports 80 and 443. Required.
	SecurityGroupIDs pulumi.StringArrayInput
	// CertificateArn is an issued certificate in the load balancer's region. Required.
	CertificateArn pulumi.StringInput
	// OriginHeaderName and OriginHeaderValues are the header that CloudFront sends and its secret
	// values, the current one and, during a rotation, the one before; two at most. Required.
	// Requests without it get 403.
	OriginHeaderName   string
	OriginHeaderValues pulumi.StringArrayInput
	// LogBucket takes the logs, under AccessLogPrefix and ConnectionLogPrefix. Required. Elastic
	// Load Balancing writes a test object at once: the name must not be known before the bucket's
	// policy is in place.
	LogBucket                            pulumi.StringInput
	AccessLogPrefix, ConnectionLogPrefix string
}

// LoadBalancer is an application load balancer: port 80 redirects, port 443 answers 403 unless a
// service's rule takes the request.
type LoadBalancer struct {
	pulumi.ResourceState

	// Scheme says from where it is reached. Known before it exists.
	Scheme Scheme
	Arn    pulumi.StringOutput
	// ArnSuffix names the load balancer in CloudWatch's metrics.
	ArnSuffix pulumi.StringOutput
	// DNSName and ZoneID are for alias records.
	DNSName pulumi.StringOutput
	ZoneID  pulumi.StringOutput
	// ListenerArn is the HTTPS listener.
	ListenerArn pulumi.StringOutput

	idleTimeout  int
	headerName   string
	headerValues pulumi.StringArrayInput
}

// NewLoadBalancer registers nothing when args are invalid.
func NewLoadBalancer(
	ctx *pulumi.Context, name string, args *LoadBalancerArgs, opts ...pulumi.ResourceOption,
) (*LoadBalancer, error) {
	if args == nil || args.SubnetIDs == nil || args.SecurityGroupIDs == nil || args.CertificateArn == nil ||
		args.LogBucket == nil {
		return nil, fmt.Errorf("load balancer %q: SubnetIDs, SecurityGroupIDs, CertificateArn and LogBucket are "+
			"required", name)
	}
	if err := args.Check(); err != nil {
		return nil, fmt.Errorf("load balancer %q: %w", name, err)
	}
	if args.OriginHeaderName == "" || args.OriginHeaderValues == nil {
		return nil, fmt.Errorf("load balancer %q: OriginHeaderName and OriginHeaderValues are required: without "+
			"them anybody's CloudFront gets in", name)
	}
	if !slices.Contains(args.Config.Schemes(), args.Scheme) {
		return nil, fmt.Errorf("load balancer %q: Scheme is %q, want one of %q, as the configuration has them", name,
			args.Scheme, args.Config.Schemes())
	}
	if args.AccessLogPrefix == "" || args.ConnectionLogPrefix == "" {
		return nil, fmt.Errorf("load balancer %q: AccessLogPrefix and ConnectionLogPrefix are required", name)
	}
	if err := settings.Check(args.Config).Err(); err != nil {
		return nil, fmt.Errorf("load balancer %q: %w", name, err)
	}
	if err := names.Check(names.LoadBalancer, name+autoNaming); err != nil {
		return nil, fmt.Errorf("load balancer %q: %w", name, err)
	}
	l := &LoadBalancer{
		Scheme:       args.Scheme,
		idleTimeout:  args.Config.IdleTimeoutSeconds,
		headerName:   args.OriginHeaderName,
		headerValues: args.OriginHeaderValues,
	}
	base, err := component.Register(ctx, "load balancer", LoadBalancerType, name, l, opts...)
	if err != nil {
		return nil, err
	}
	parent := base.Parent()

	balancer, err := lb.NewLoadBalancer(ctx, name, &lb.LoadBalancerArgs{
		LoadBalancerType:         pulumi.String("application"),
		Internal:                 pulumi.Bool(args.Scheme == Internal),
		Subnets:                  args.SubnetIDs,
		SecurityGroups:           args.SecurityGroupIDs,
		EnableHttp2:              pulumi.Bool(true),
		EnableDeletionProtection: pulumi.Bool(args.Protect() && !args.Beside),
		IdleTimeout:              pulumi.Int(args.Config.IdleTimeoutSeconds),
		DropInvalidHeaderFields:  pulumi.Bool(true),
		// Passes on what is merely odd and refuses what could smuggle a request.
		DesyncMitigationMode: pulumi.String("defensive"),
		// Lets an operator move traffic out of a zone that AWS has trouble with.
		EnableZonalShift: pulumi.Bool(true),
		AccessLogs: lb.LoadBalancerAccessLogsArgs{
			Enabled: pulumi.Bool(true), Bucket: args.LogBucket, Prefix: pulumi.String(args.AccessLogPrefix),
		},
		ConnectionLogs: lb.LoadBalancerConnectionLogsArgs{
			Enabled: pulumi.Bool(true), Bucket: args.LogBucket, Prefix: pulumi.String(args.ConnectionLogPrefix),
		},
	}, parent, pulumi.DependsOn(args.PublicRoutes))
	if err != nil {
		return nil, fmt.Errorf("create load balancer of %q: %w", name, err)
	}
	if _, err := lb.NewListener(ctx, base.Child("http"), &lb.ListenerArgs{
		LoadBalancerArn: balancer.Arn,
		Port:            pulumi.Int(80),
		Protocol:        pulumi.String("HTTP"),
		DefaultActions: lb.ListenerDefaultActionArray{lb.ListenerDefaultActionArgs{
			Type: pulumi.String("redirect"),
			Redirect: lb.ListenerDefaultActionRedirectArgs{
				Protocol: pulumi.String("HTTPS"), Port: pulumi.String("443"), StatusCode: pulumi.String("HTTP_301"),
			},
		}},
	}, parent); err != nil {
		return nil, base.Wrap("create", "HTTP listener", err)
	}
	https, err := lb.NewListener(ctx, base.Child("https"), &lb.ListenerArgs{
		LoadBalancerArn: balancer.Arn,
		Port:            pulumi.Int(443),
		Protocol:        pulumi.String("HTTPS"),
		SslPolicy:       pulumi.String(args.Config.TLSPolicy),
		CertificateArn:  args.CertificateArn.ToStringOutput(),
		// Every customer of CloudFront uses its addresses: only requests with the secret header are
		// the stack's own.
		DefaultActions: lb.ListenerDefaultActionArray{lb.ListenerDefaultActionArgs{
			Type: pulumi.String("fixed-response"),
			FixedResponse: lb.ListenerDefaultActionFixedResponseArgs{
				StatusCode:  pulumi.String("403"),
				ContentType: pulumi.String("text/plain"),
				MessageBody: pulumi.String("Forbidden"),
			},
		}},
	}, parent)
	if err != nil {
		return nil, base.Wrap("create", "HTTPS listener", err)
	}

	l.Arn, l.ArnSuffix, l.DNSName, l.ZoneID, l.ListenerArn = balancer.Arn, balancer.ArnSuffix, balancer.DnsName,
		balancer.ZoneId, https.Arn
	return l, base.Outputs(pulumi.Map{
		"arn": l.Arn, "arnSuffix": l.ArnSuffix, "dnsName": l.DNSName, "zoneId": l.ZoneID, "listenerArn": l.ListenerArn,
	})
}

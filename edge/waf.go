package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/policy"
	"github.com/bookmark-manager/infrastructure/internal/sdk/wafv2"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// WebACLType is part of every child's URN; changing it replaces the web ACL.
const WebACLType = "bookmark-manager:edge:WebACL"

// wafLogPrefix is what WAF asks of the name of a log group that takes its logs.
// https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
const wafLogPrefix = "aws-waf-logs-"

const scopeCloudFront = "CLOUDFRONT"

// WebACLArgs are the web ACL's configuration and wiring.
type WebACLArgs struct {
	Config WebACLConfig
	identity.Stack
	UsEast1 pulumi.ProviderResource // required: web ACLs of CloudFront, their address lists and logs live there alone
}

// WebACL is the firewall of the distribution, with its address lists and its logs.
type WebACL struct {
	pulumi.ResourceState

	Arn pulumi.StringOutput
	// MetricName is the dimension WebACL of its metrics, in us-east-1.
	MetricName string
	// LogGroupName is in us-east-1.
	LogGroupName pulumi.StringOutput
}

// NewWebACL registers nothing when args are invalid.
func NewWebACL(ctx *pulumi.Context, name string, args *WebACLArgs, opts ...pulumi.ResourceOption) (*WebACL, error) {
	if args == nil || args.UsEast1 == nil {
		return nil, fmt.Errorf("web ACL %q: UsEast1 is required", name)
	}
	if err := args.Check(); err != nil {
		return nil, fmt.Errorf("web ACL %q: %w", name, err)
	}
	if err := args.Config.Validate().Err(); err != nil {
		return nil, fmt.Errorf("web ACL %q: %w", name, err)
	}
	w := &WebACL{MetricName: webACLMetric(args.Environment)}
	base, err := component.Register(ctx, "web ACL", WebACLType, name, w, opts...)
	if err != nil {
		return nil, err
	}
	inUsEast1 := []pulumi.ResourceOption{base.Parent(), pulumi.Provider(args.UsEast1)}
	sets, err := newIPSets(ctx, name, args.Config, inUsEast1)
	if err != nil {
		return nil, err
	}
	var all wafv2.RuleArray
	for _, one := range rules(args.Config, sets) {
		all = append(all, one.args())
	}
	acl, err := wafv2.NewWebAcl(ctx, base.Child("acl"), &wafv2.WebAclArgs{
		Scope:         pulumi.String(scopeCloudFront),
		Description:   pulumi.String(args.Environment.Name()),
		DefaultAction: wafv2.DefaultAction{Allow: &wafv2.Nothing{}},
		Rules:         all,
		VisibilityConfig: wafv2.VisibilityConfig{
			MetricName:               pulumi.String(w.MetricName),
			CloudwatchMetricsEnabled: pulumi.Bool(true),
			SampledRequestsEnabled:   pulumi.Bool(true),
		},
	}, inUsEast1...)
	if err != nil {
		return nil, fmt.Errorf("create web ACL %q: %w", name, err)
	}
	w.Arn = acl.Arn
	if err := w.log(ctx, name, args, inUsEast1); err != nil {
		return nil, err
	}
	return w, base.Outputs(pulumi.Map{
		"arn": w.Arn, "metricName": pulumi.String(w.MetricName), "logGroupName": w.LogGroupName,
	})
}

// webACLMetric and webACLLogGroup are what the web ACL of an environment's stack has.
func webACLMetric(environment names.Environment) string { return environment.Name("waf") }

func webACLLogGroup(environment names.Environment) string { return wafLogPrefix + environment.Name() }

// newIPSets makes a set for each list and family, also for an empty list: in an attack an address
// is added to what is there.
func newIPSets(ctx *pulumi.Context, name string, c WebACLConfig, opts []pulumi.ResourceOption) (ipSets, error) {
	var sets ipSets
	for _, one := range []struct {
		suffix, family string
		addresses      []string
		arn            *pulumi.StringInput
	}{
		{"allow-ipv4", "IPV4", settings.Strings(c.Allow.IPv4), &sets.allow4},
		{"allow-ipv6", "IPV6", settings.Strings(c.Allow.IPv6), &sets.allow6},
		{"deny-ipv4", "IPV4", settings.Strings(c.Deny.IPv4), &sets.deny4},
		{"deny-ipv6", "IPV6", settings.Strings(c.Deny.IPv6), &sets.deny6},
	} {
		set, err := wafv2.NewIpSet(ctx, name+"-"+one.suffix, &wafv2.IpSetArgs{
			Scope:            pulumi.String(scopeCloudFront),
			IpAddressVersion: pulumi.String(one.family),
			Addresses:        pulumi.ToStringArray(one.addresses),
		}, opts...)
		if err != nil {
			return ipSets{}, fmt.Errorf("create address list %s of web ACL %q: %w", one.suffix, name, err)
		}
		*one.arn = set.Arn
	}
	return sets, nil
}

// log keeps every request that the web ACL has seen, without what would let a reader take over a
// session. The group is encrypted with CloudWatch Logs' own key: the stack's log key is in the
// stack's region.
func (w *WebACL) log(ctx *pulumi.Context, name string, args *WebACLArgs, inUsEast1 []pulumi.ResourceOption) error {
	group, err := cloudwatch.NewLogGroup(ctx, name+"-logs", &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(webACLLogGroup(args.Environment)),
		RetentionInDays: pulumi.Int(args.Config.LogRetentionDays),
	}, inUsEast1...)
	if err != nil {
		return fmt.Errorf("create log group of web ACL %q: %w", name, err)
	}
	access, err := cloudwatch.NewLogResourcePolicy(ctx, name+"-logs", &cloudwatch.LogResourcePolicyArgs{
		PolicyName: pulumi.String(args.Environment.Name("waf-logs")),
		PolicyDocument: policy.Document{{
			Effect:     policy.Allow,
			Principals: map[string][]string{policy.Service: {"delivery.logs.amazonaws.com"}},
			Actions:    []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			Resources:  pulumi.StringArray{pulumi.Sprintf("%s:*", group.Arn)},
			Conditions: []policy.Condition{
				policy.Equals("aws:SourceAccount", pulumi.String(args.AccountID)),
				policy.ArnLike("aws:SourceArn", pulumi.String("arn:aws:logs:us-east-1:"+args.AccountID+":*")),
			},
		}}.JSON(),
	}, inUsEast1...)
	if err != nil {
		return fmt.Errorf("create log policy of web ACL %q: %w", name, err)
	}
	var redacted wafv2.RedactedFieldArray
	for _, header := range []string{"authorization", "cookie", passHeader} {
		redacted = append(redacted, wafv2.RedactedField{
			SingleHeader: &wafv2.SingleHeader{Name: pulumi.String(header)},
		})
	}
	// A web ACL has one setting of its logs. A new one that is made first would be deleted with the
	// old one.
	if _, err := wafv2.NewWebAclLoggingConfiguration(ctx, name+"-logs", &wafv2.WebAclLoggingConfigurationArgs{
		ResourceArn:           w.Arn,
		LogDestinationConfigs: pulumi.StringArray{group.Arn},
		RedactedFields:        redacted,
		LoggingFilter:         args.Config.loggingFilter(),
	}, append(inUsEast1, pulumi.DependsOn([]pulumi.Resource{access}),
		pulumi.DeleteBeforeReplace(true))...); err != nil {
		return fmt.Errorf("switch on logs of web ACL %q: %w", name, err)
	}
	w.LogGroupName = group.Name
	return nil
}

package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/policy"
)

// logQueries sends the zone's queries to a log group, which Route53 wants in us-east-1. It is
// encrypted with CloudWatch Logs' own key: the stack's log key is in the stack's region.
func (z *Zone) logQueries(ctx *pulumi.Context, name string, args *ZoneArgs, zone *route53.Zone) error {
	inUsEast1 := []pulumi.ResourceOption{pulumi.Parent(z), pulumi.Provider(args.UsEast1)}
	group, err := cloudwatch.NewLogGroup(ctx, name+"-queries", &cloudwatch.LogGroupArgs{
		Name:            pulumi.Sprintf("/aws/route53/%s", args.Config.Name),
		RetentionInDays: pulumi.Int(args.Config.QueryLogs.RetentionDays),
	}, inUsEast1...)
	if err != nil {
		return fmt.Errorf("create query log group of zone %q: %w", name, err)
	}
	access, err := cloudwatch.NewLogResourcePolicy(ctx, name+"-queries", &cloudwatch.LogResourcePolicyArgs{
		PolicyName: pulumi.String(args.Environment.Name("route53-query-logs")),
		PolicyDocument: policy.Document{{
			Effect:     policy.Allow,
			Principals: map[string][]string{policy.Service: {"route53.amazonaws.com"}},
			Actions:    []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			Resources:  pulumi.StringArray{pulumi.Sprintf("%s:*", group.Arn)},
			Conditions: []policy.Condition{
				policy.Equals("aws:SourceAccount", pulumi.String(args.AccountID)),
				policy.ArnLike("aws:SourceArn", zone.Arn),
			},
		}}.JSON(),
	}, inUsEast1...)
	if err != nil {
		return fmt.Errorf("create query log policy of zone %q: %w", name, err)
	}
	if _, err := route53.NewQueryLog(ctx, name+"-queries", &route53.QueryLogArgs{
		ZoneId: zone.ZoneId, CloudwatchLogGroupArn: group.Arn,
	}, pulumi.Parent(z), pulumi.DependsOn([]pulumi.Resource{access})); err != nil {
		return fmt.Errorf("switch on query log of zone %q: %w", name, err)
	}
	z.QueryLogGroupName = group.Name
	return nil
}

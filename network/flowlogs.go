package network

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/policy"
)

// flowLogs sends the VPC's flow logs to a log group of their own, with a role that can write there
// and nowhere else.
func (b *builder) flowLogs() error {
	groupName := b.args.Environment.Path("vpc-flow-logs")
	if err := names.Check(names.LogGroup, groupName); err != nil {
		return b.Wrap("name", "flow log group", err)
	}
	group, err := cloudwatch.NewLogGroup(b.Ctx, b.Child("flow-logs"), &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(groupName),
		RetentionInDays: pulumi.Int(b.args.Config.FlowLogs.RetentionDays),
		KmsKeyId:        b.args.LogKeyArn,
	}, b.Parent())
	if err != nil {
		return b.Wrap("create", "flow log group", err)
	}
	account, region := b.args.AccountID, b.args.Region
	role, err := iam.NewRole(b.Ctx, b.Child("flow-logs"), &iam.RoleArgs{
		AssumeRolePolicy: policy.AssumedBy("vpc-flow-logs.amazonaws.com", pulumi.String(account),
			pulumi.String("arn:aws:ec2:"+region+":"+account+":vpc-flow-log/*")).JSON(),
	}, b.Parent())
	if err != nil {
		return b.Wrap("create", "flow log role", err)
	}
	writing, err := iam.NewRolePolicy(b.Ctx, b.Child("flow-logs"), &iam.RolePolicyArgs{
		Role: role.Name,
		Policy: policy.Document{
			{
				Sid:     "WriteFlowLogs",
				Effect:  policy.Allow,
				Actions: []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
				Resources: pulumi.StringArray{
					group.Arn, pulumi.Sprintf("%s:*", group.Arn),
				},
			},
			{
				Sid:     "FindTheGroup",
				Effect:  policy.Allow,
				Actions: []string{"logs:DescribeLogGroups"},
				// The service lists groups before it writes; AWS takes no narrower resource for
				// that.
				Resources: pulumi.StringArray{pulumi.String("arn:aws:logs:" + region + ":" + account + ":log-group:*")},
			},
		}.JSON(),
	}, b.Parent())
	if err != nil {
		return b.Wrap("create", "policy of flow log role", err)
	}
	if _, err := ec2.NewFlowLog(b.Ctx, b.Child("flow-logs"), &ec2.FlowLogArgs{
		VpcId:              b.vpcResource.ID(),
		LogDestinationType: pulumi.String("cloud-watch-logs"),
		LogDestination:     group.Arn,
		IamRoleArn:         role.Arn,
		TrafficType:        pulumi.String(b.args.Config.FlowLogs.Traffic),
		Tags:               b.tags("flow-logs"),
	}, b.Parent(), pulumi.DependsOn([]pulumi.Resource{writing}),
		// Nothing of a flow log can be changed, and EC2 refuses a second one from the same VPC to
		// the same group.
		pulumi.DeleteBeforeReplace(true)); err != nil {
		return b.Wrap("create", "flow log", err)
	}
	b.network.FlowLogGroupName = group.Name
	return nil
}

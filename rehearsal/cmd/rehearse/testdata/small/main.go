// Command small is a Pulumi program for the rehearsal's own tests of faults: it has what differs
// when a deploy fails. There are fixed names and names that Pulumi makes, objects that hold data,
// tags and none, types that cannot be changed in place, and a chain of dependencies.
package main

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

func main() { pulumi.Run(deploy) }

// made is a resource of any type.
type made struct {
	pulumi.CustomResourceState
	ARN    pulumi.StringOutput `pulumi:"arn"`
	Result pulumi.StringOutput `pulumi:"result"`
}

func deploy(ctx *pulumi.Context) error {
	var random, aws pulumi.ProviderResourceState
	if err := ctx.RegisterResource("pulumi:providers:random", "random", nil, &random); err != nil {
		return err
	}
	if err := ctx.RegisterResource("pulumi:providers:aws", "aws", pulumi.Map{
		"region": pulumi.String("ap-northeast-1"),
		"defaultTags": pulumi.Map{"tags": pulumi.StringMap{
			"Project": pulumi.String("small"), "ManagedBy": pulumi.String("pulumi"),
		}},
	}, &aws); err != nil {
		return err
	}
	var group pulumi.ResourceState
	if err := ctx.RegisterComponentResource("small:all:Group", "group", &group); err != nil {
		return err
	}
	teardown, _ := ctx.GetConfig("small:teardown")
	var problem error
	register := func(typ, name string, inputs pulumi.Map, opts ...pulumi.ResourceOption) *made {
		out := &made{}
		opts = append(opts, pulumi.Parent(&group), pulumi.Providers(&random, &aws), pulumi.Protect(teardown == ""))
		if err := ctx.RegisterResource(typ, name, inputs, out, opts...); err != nil && problem == nil {
			problem = err
		}
		return out
	}

	password := register("random:index/randomPassword:RandomPassword", "password", pulumi.Map{"length": pulumi.Int(16)})
	register("aws:ssm/parameter:Parameter", "parameter", pulumi.Map{
		"name": pulumi.String("/small/password"), "type": pulumi.String("SecureString"), "value": password.Result,
	})
	vpc := register("aws:ec2/vpc:Vpc", "vpc", pulumi.Map{"cidrBlock": pulumi.String("10.0.0.0/16")})
	register("aws:ec2/subnet:Subnet", "subnet",
		pulumi.Map{"vpcId": vpc.ID(), "cidrBlock": pulumi.String("10.0.1.0/24")})
	register("aws:ec2/securityGroup:SecurityGroup", "tasks",
		pulumi.Map{"vpcId": vpc.ID(), "description": pulumi.String("tasks")})
	register("aws:kms/key:Key", "key", pulumi.Map{"description": pulumi.String("of the logs")})
	bucket := register("aws:s3/bucketV2:BucketV2", "assets", pulumi.Map{})
	register("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "assets", pulumi.Map{
		"bucket": bucket.ID(), "blockPublicAcls": pulumi.Bool(true),
	})
	register("aws:cloudwatch/logGroup:LogGroup", "logs",
		pulumi.Map{"name": pulumi.String("/small/logs"), "retentionInDays": pulumi.Int(7)})
	role := register("aws:iam/role:Role", "tasks", pulumi.Map{
		"name": pulumi.String("small-tasks"),
		"assumeRolePolicy": pulumi.String(`{"Version": "2012-10-17", "Statement": [
			{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`),
	})
	register("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "tasks", pulumi.Map{
		"role":      role.ID(),
		"policyArn": pulumi.String("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"),
	})
	return problem
}

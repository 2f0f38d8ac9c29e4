package main

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/names"
)

// providers are the explicit providers of the stack. Default ones are switched off in the stack files, so that nothing depends on
// the region or account that a shell happens to have.
type providers struct {
	region *aws.Provider
}

func newProviders(ctx *pulumi.Context, s *stackConfig) (*providers, error) {
	region, err := aws.NewProvider(ctx, "aws", awsProviderArgs(ctx, s, s.AWS.Region))
	if err != nil {
		return nil, fmt.Errorf("configure the AWS provider of %s: %w", s.AWS.Region, err)
	}
	return &providers{region: region}, nil
}

func (p *providers) inRegion() pulumi.ResourceOption { return pulumi.Providers(p.region) }

func awsProviderArgs(ctx *pulumi.Context, s *stackConfig, region string) *aws.ProviderArgs {
	args := &aws.ProviderArgs{
		Region: pulumi.String(region),
		DefaultTags: aws.ProviderDefaultTagsArgs{Tags: pulumi.StringMap{
			"Project":     pulumi.String(names.Project),
			"Environment": pulumi.String(s.Environment),
			"ManagedBy":   pulumi.String("pulumi"),
			"Stack":       pulumi.String(ctx.Stack()),
		}},
	}
	if s.AWSEndpoint == "" {
		args.AllowedAccountIds = pulumi.StringArray{pulumi.String(s.AWS.AccountID)}
		return args
	}
	// An emulator has no accounts to check and takes any key; no real one must reach it.
	args.AccessKey, args.SecretKey = pulumi.String("emulator"), pulumi.String("emulator")
	args.SkipCredentialsValidation, args.SkipMetadataApiCheck = pulumi.Bool(true), pulumi.Bool(true)
	args.SkipRequestingAccountId, args.S3UsePathStyle = pulumi.Bool(true), pulumi.Bool(true)
	args.Endpoints = aws.ProviderEndpointArray{emulated(pulumi.String(s.AWSEndpoint))}
	return args
}

// emulated points every service that the program uses at one URL.
func emulated(url pulumi.String) aws.ProviderEndpointArgs {
	return aws.ProviderEndpointArgs{
		Acm: url, Appautoscaling: url, Athena: url, Backup: url, Budgets: url, Ce: url, Cloudfront: url, Cloudtrail: url,
		Cloudwatch: url, Cloudwatchlogs: url, Codedeploy: url, Ec2: url, Ecr: url, Ecs: url, Elbv2: url, Firehose: url, Glue: url,
		Guardduty: url, Iam: url, Kms: url, Logs: url, Rds: url, Route53: url, S3: url, Servicediscovery: url, Sns: url, Ssm: url,
		Sts: url, Wafv2: url,
	}
}

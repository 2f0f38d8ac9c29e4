package main

import (
	"cmp"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-mongodbatlas/sdk/v3/go/mongodbatlas"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumiverse/pulumi-sentry/sdk/go/sentry"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/sdk/datadog"
	"github.com/bookmark-manager/infrastructure/internal/stackconfig"
)

// providers are the explicit providers of the stack. Default ones are switched off in the stack files, so that nothing depends on
// the region or account that a shell happens to have.
type providers struct {
	region   *aws.Provider
	usEast1  *aws.Provider // what CloudFront wants lives there
	recovery *aws.Provider // of the region that backups are copied to; nil without copies
	random   *random.Provider
	atlas    *mongodbatlas.Provider
	datadog  *datadog.Provider // nil when it is off, as the next
	sentry   *sentry.Provider
}

func newProviders(ctx *pulumi.Context, c *stackconfig.Config) (*providers, error) {
	p := &providers{}
	for name, one := range map[string]struct {
		provider **aws.Provider
		region   string
	}{
		"aws":           {&p.region, c.Identity.Region},
		"aws-us-east-1": {&p.usEast1, names.UsEast1},
		"aws-recovery":  {&p.recovery, c.RecoveryRegion()},
	} {
		if one.region == "" {
			continue
		}
		provider, err := aws.NewProvider(ctx, name, awsProviderArgs(ctx, c, one.region))
		if err != nil {
			return nil, fmt.Errorf("configure the AWS provider of %s: %w", one.region, err)
		}
		*one.provider = provider
	}
	var err error
	if p.random, err = random.NewProvider(ctx, "random", nil); err != nil {
		return nil, fmt.Errorf("configure the random provider: %w", err)
	}
	if p.atlas, err = mongodbatlas.NewProvider(ctx, "mongodbatlas", &mongodbatlas.ProviderArgs{
		PublicKey: c.Secrets.AtlasPublicKey, PrivateKey: c.Secrets.AtlasPrivateKey,
	}); err != nil {
		return nil, fmt.Errorf("configure the MongoDB Atlas provider: %w", err)
	}
	if c.Datadog.Enabled {
		if p.datadog, err = datadog.NewProvider(ctx, "datadog", &datadog.ProviderArgs{
			ApiKey: c.Secrets.DatadogAPIKey, AppKey: c.Secrets.DatadogAppKey, ApiUrl: pulumi.String(c.Datadog.Site.API()),
		}); err != nil {
			return nil, fmt.Errorf("configure the Datadog provider: %w", err)
		}
	}
	if c.Sentry.Enabled {
		// Without an address the SDK takes the shell's.
		if p.sentry, err = sentry.NewProvider(ctx, "sentry", &sentry.ProviderArgs{
			Token: c.Secrets.SentryToken, BaseUrl: pulumi.String(cmp.Or(c.Sentry.BaseURL, "https://sentry.io/api/")),
		}); err != nil {
			return nil, fmt.Errorf("configure the Sentry provider: %w", err)
		}
	}
	return p, nil
}

// all gives a component the provider of each package, AWS in the stack's region. Those of other regions are handed over one by one.
func (p *providers) all() pulumi.ResourceOption {
	all := []pulumi.ProviderResource{p.region, p.random, p.atlas}
	if p.datadog != nil {
		all = append(all, p.datadog)
	}
	if p.sentry != nil {
		all = append(all, p.sentry)
	}
	return pulumi.Providers(all...)
}

// recoveryResource is nil, and not a typed nil, without a recovery region.
func (p *providers) recoveryResource() pulumi.ProviderResource {
	if p.recovery == nil {
		return nil
	}
	return p.recovery
}

func awsProviderArgs(ctx *pulumi.Context, c *stackconfig.Config, region string) *aws.ProviderArgs {
	args := &aws.ProviderArgs{
		Region: pulumi.String(region),
		DefaultTags: aws.ProviderDefaultTagsArgs{Tags: pulumi.StringMap{
			"Project":     pulumi.String(names.Project),
			"Environment": pulumi.String(c.Identity.Environment),
			"ManagedBy":   pulumi.String("pulumi"),
			"Stack":       pulumi.String(ctx.Stack()),
		}},
	}
	if c.AWSEndpoint == "" {
		args.AllowedAccountIds = pulumi.StringArray{pulumi.String(c.Identity.AccountID)}
		return args
	}
	// An emulator takes any key; no real one must reach it. The provider asks the emulator's STS
	// for the account, whichever that is: without one the ids of budgets and the ARNs of Athena's
	// workgroups, among others, are malformed.
	args.AccessKey, args.SecretKey = pulumi.String("emulator"), pulumi.String("emulator")
	args.SkipMetadataApiCheck, args.S3UsePathStyle = pulumi.Bool(true), pulumi.Bool(true)
	args.Endpoints = aws.ProviderEndpointArray{emulated(pulumi.String(c.AWSEndpoint))}
	return args
}

// emulated points every service that the program uses at one URL.
func emulated(url pulumi.String) aws.ProviderEndpointArgs {
	return aws.ProviderEndpointArgs{
		Acm: url, Appautoscaling: url, Athena: url, Backup: url, Budgets: url, Ce: url, Chatbot: url, Cloudfront: url, Cloudtrail: url,
		Cloudwatch: url, Cloudwatchlogs: url, Codedeploy: url, Ec2: url, Ecr: url, Ecs: url, Elbv2: url, Events: url, Firehose: url, Glue: url,
		Guardduty: url, Iam: url, Kms: url, Logs: url, Rds: url, Route53: url, S3: url, Scheduler: url, Servicediscovery: url, Sns: url, Sqs: url, Ssm: url,
		Sts: url, Wafv2: url,
	}
}

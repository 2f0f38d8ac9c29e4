package main

import (
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

// providers are the explicit providers of the stack. Default ones are switched off in the stack
// files, so that nothing depends on the region or account that a shell happens to have.
//
// Each is a process of its own, which asks its cloud who it is before anything else: those that the
// stack needs not are nil.
type providers struct {
	region  *aws.Provider
	usEast1 *aws.Provider // for CloudFront's certificate, web ACL and logs, and the zone's key and logs

	// Those of the site are nil while there is the zone alone.
	recovery *aws.Provider // of the region that backups are copied to; nil without copies
	random   *random.Provider
	atlas    *mongodbatlas.Provider
	datadog  *datadog.Provider // nil when it is off, as the next
	sentry   *sentry.Provider
}

func newProviders(ctx *pulumi.Context, c *stackconfig.Config) (*providers, error) {
	p := &providers{}
	var err error
	if p.region, err = newAWSProvider(ctx, c, "aws", c.Identity.Region); err != nil {
		return nil, err
	}
	if p.usEast1, err = newAWSProvider(ctx, c, "aws-us-east-1", names.UsEast1); err != nil {
		return nil, err
	}
	if c.Edge.Delegated() {
		return p, p.addSite(ctx, c)
	}
	return p, nil
}

// addSite makes what the site needs beside the zone.
func (p *providers) addSite(ctx *pulumi.Context, c *stackconfig.Config) (err error) {
	if region := c.RecoveryRegion(); region != "" {
		if p.recovery, err = newAWSProvider(ctx, c, "aws-recovery", region); err != nil {
			return err
		}
	}
	if p.random, err = random.NewProvider(ctx, "random", nil); err != nil {
		return fmt.Errorf("configure the random provider: %w", err)
	}
	if p.atlas, err = mongodbatlas.NewProvider(ctx, "mongodbatlas", &mongodbatlas.ProviderArgs{
		PublicKey: c.Secrets.AtlasPublicKey, PrivateKey: c.Secrets.AtlasPrivateKey,
	}); err != nil {
		return fmt.Errorf("configure the MongoDB Atlas provider: %w", err)
	}
	// These two are named after their addresses: with another address there are two of them for one
	// deploy, and the old one deletes what stands at the old address. See observability/address.go.
	if c.Datadog.Enabled {
		if p.datadog, err = datadog.NewProvider(ctx, "datadog-"+string(c.Datadog.Site), &datadog.ProviderArgs{
			ApiKey: c.Secrets.DatadogAPIKey,
			AppKey: c.Secrets.DatadogAppKey,
			ApiUrl: pulumi.String(c.Datadog.Site.API()),
		}); err != nil {
			return fmt.Errorf("configure the Datadog provider: %w", err)
		}
	}
	if c.Sentry.Enabled {
		// Without an address the SDK takes the shell's.
		if p.sentry, err = sentry.NewProvider(ctx, "sentry-"+c.Sentry.Place(), &sentry.ProviderArgs{
			Token: c.Secrets.SentryToken, BaseUrl: pulumi.String(c.Sentry.API()),
		}); err != nil {
			return fmt.Errorf("configure the Sentry provider: %w", err)
		}
	}
	return nil
}

func newAWSProvider(ctx *pulumi.Context, c *stackconfig.Config, name, region string) (*aws.Provider, error) {
	provider, err := aws.NewProvider(ctx, name, awsProviderArgs(ctx, c, region))
	if err != nil {
		return nil, fmt.Errorf("configure the AWS provider of %s: %w", region, err)
	}
	return provider, nil
}

// all gives a component the provider of each package, AWS in the stack's region. Those of other
// regions are handed over one by one.
func (p *providers) all() pulumi.ResourceOption {
	all := []pulumi.ProviderResource{p.region}
	if p.random != nil { // and with it Atlas: there is a site
		all = append(all, p.random, p.atlas)
	}
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
	// The provider asks 25 times for what fails, each time later: an emulator that has no such
	// operation would be waited for by the hour.
	args.MaxRetries = pulumi.Int(2)
	args.Endpoints = aws.ProviderEndpointArray{emulated(pulumi.String(c.AWSEndpoint))}
	return args
}

// emulated points every service that the program uses at one URL.
func emulated(url pulumi.String) aws.ProviderEndpointArgs {
	return aws.ProviderEndpointArgs{
		Acm:              url,
		Appautoscaling:   url,
		Athena:           url,
		Backup:           url,
		Budgets:          url,
		Ce:               url,
		Chatbot:          url,
		Cloudfront:       url,
		Cloudtrail:       url,
		Cloudwatch:       url,
		Cloudwatchlogs:   url,
		Codedeploy:       url,
		Ec2:              url,
		Ecr:              url,
		Ecs:              url,
		Elbv2:            url,
		Events:           url,
		Firehose:         url,
		Glue:             url,
		Guardduty:        url,
		Iam:              url,
		Kms:              url,
		Logs:             url,
		Rds:              url,
		Route53:          url,
		S3:               url,
		S3control:        url,
		Scheduler:        url,
		Servicediscovery: url,
		Sns:              url,
		Sqs:              url,
		Ssm:              url,
		Sts:              url,
		Wafv2:            url,
	}
}

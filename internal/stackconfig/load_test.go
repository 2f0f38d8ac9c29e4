package stackconfig

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

func TestRefusesABadConfiguration(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*testing.T, stacktest.File)
		want   string
	}{
		"an unknown section": {
			func(_ *testing.T, f stacktest.File) { f["bookmark-manager:netwrok"] = "{}" },
			`bookmark-manager:netwrok: unknown key "netwrok"; did you mean "network"?; secrets of your own are ` +
				`named in parameters.secrets`},
		"an unknown key": {
			func(t *testing.T, f stacktest.File) { f.Set(t, "network", "flowLogs.retention", 3) },
			`bookmark-manager:network.flowLogs.retention: unknown key "retention"; did you mean "retentionDays"?`},
		"a wrong type": {
			func(t *testing.T, f stacktest.File) { f.Set(t, "network", "zones.1.index", "2") },
			`bookmark-manager:network.zones[1].index: found "2", want a whole number`},
		"a missing section": {
			func(_ *testing.T, f stacktest.File) { delete(f, "bookmark-manager:network") },
			`bookmark-manager:network: found nothing, want the section`},
		"an empty account": {
			func(t *testing.T, f stacktest.File) { f.Set(t, "aws", "accountId", "") },
			`bookmark-manager:aws.accountId: found "", want the account's 12 digits, in quotes`},
		"an account that YAML took for a number": {
			func(t *testing.T, f stacktest.File) { f.Set(t, "aws", "accountId", 111122223333) },
			`bookmark-manager:aws.accountId: found 111122223333, want a string (quote it)`},
		"a region that is none": {
			func(t *testing.T, f stacktest.File) { f.Set(t, "aws", "region", "tokyo") },
			`bookmark-manager:aws.region: found "tokyo", want one of "af-south-1", `},
		"one zone only": {
			func(t *testing.T, f stacktest.File) {
				f.Set(t, "network", "zones", []any{map[string]any{"name": "ap-northeast-1a", "index": 1}})
			},
			`bookmark-manager:network.zones: found 1, want two zones or more`},
		"an environment that names no one can read": {
			func(_ *testing.T, f stacktest.File) { f["bookmark-manager:environment"] = "Production!" },
			`bookmark-manager:environment: found "Production!", want 2 to 10 lower-case letters`},
		"a secret in plain text": {
			func(t *testing.T, f stacktest.File) {
				f["bookmark-manager:OPENAI_API_KEY"] = "sk-plain"
				f.Set(t, "parameters", "secrets", []any{"OPENAI_API_KEY"})
			},
			`bookmark-manager:OPENAI_API_KEY: found "a value in plain text", want a secret: pulumi config set ` +
				`--secret bookmark-manager:OPENAI_API_KEY`},
		"a missing secret": {
			func(_ *testing.T, f stacktest.File) { delete(f, "bookmark-manager:atlasPublicKey") },
			`bookmark-manager:atlasPublicKey: found nothing, want a secret: pulumi config set --secret ` +
				`bookmark-manager:atlasPublicKey`},
		"a service that reads an unknown parameter": {
			func(t *testing.T, f stacktest.File) { f.Set(t, "services", "web.secrets", []any{"NO_SUCH_KEY"}) },
			`bookmark-manager:services.web.secrets[0]: found "NO_SUCH_KEY", want a parameter that services may read`},
		"a service that reads the database's master": {
			func(t *testing.T, f stacktest.File) {
				f.Set(t, "services", "api.secrets", []any{"MASTER_DATABASE_URL"})
			},
			`bookmark-manager:services.api.secrets[0]: found "MASTER_DATABASE_URL", want a parameter that services ` +
				`may read`},
		"no way out but Datadog": {
			func(t *testing.T, f stacktest.File) {
				f.Set(t, "network", "nat", "none")
				f.Set(t, "network", "endpoints", []any{"s3", "ecr.api", "ecr.dkr", "kms", "logs", "ssm", "ssmmessages"})
			},
			`bookmark-manager:datadog.enabled: found true, want false: without a NAT gateway`},
		"connections that CloudFront keeps longer than the load balancer": {
			func(t *testing.T, f stacktest.File) { f.Set(t, "compute", "loadBalancer.idleTimeoutSeconds", 30) },
			`bookmark-manager:edge.distribution.originKeepaliveSeconds: found 50, want ` +
				`compute.loadBalancer.idleTimeoutSeconds (30) or less`},
		"a boolean that is none": {
			func(_ *testing.T, f stacktest.File) { f["bookmark-manager:disposable"] = "yes" },
			`bookmark-manager:disposable: found "yes", want true or false`},
		"a stack that does not say whether it is production": {
			func(_ *testing.T, f stacktest.File) { delete(f, "bookmark-manager:production") },
			`bookmark-manager:production: found nothing, want true or false: does the stack hold customers' data? ` +
				`Add the line 'bookmark-manager:production: true' (or false)`},
		"production by another name that pauses": {
			func(t *testing.T, f stacktest.File) {
				f["bookmark-manager:environment"] = "prod"
				f.Set(t, "aurora", "minAcu", 0)
				f.Set(t, "aurora", "pauseAfterSeconds", 300)
			},
			`bookmark-manager:aurora.minAcu: found 0, want 0.5 or more in production`},
		"disposable production": {
			func(_ *testing.T, f stacktest.File) { f["bookmark-manager:disposable"] = "true" },
			`bookmark-manager:disposable: found true, want false: production holds customers' data`},
		"a teardown of another environment": {
			func(_ *testing.T, f stacktest.File) { f["bookmark-manager:teardown"] = "staging" },
			`bookmark-manager:teardown: found "staging", want the environment's name, "production", or nothing`},
		"an emulator that is AWS": {
			func(_ *testing.T, f stacktest.File) {
				f["bookmark-manager:awsEndpoint"] = "https://ec2.ap-northeast-1.amazonaws.com"
			},
			`bookmark-manager:awsEndpoint: found "https://ec2.ap-northeast-1.amazonaws.com", want a host that is ` +
				`not AWS`},
		"an emulator without a scheme": {
			func(_ *testing.T, f stacktest.File) { f["bookmark-manager:awsEndpoint"] = "localhost:4566" },
			`bookmark-manager:awsEndpoint: found "localhost:4566", want an emulator's URL`},
	} {
		t.Run(name, func(t *testing.T) {
			f := stacktest.Read(t, "prod")
			c.change(t, f)
			_, err := read(t, f)
			require.ErrorContains(t, err, c.want)
			assert.ErrorContains(t, err, `the configuration of stack "test" is not usable, and nothing was deployed`)
		})
	}
}

// read loads the configuration as the program does.
func read(t testing.TB, f stacktest.File) (*Config, error) {
	t.Helper()
	encoded, err := json.Marshal(f)
	require.NoError(t, err)
	t.Setenv(pulumi.EnvConfig, string(encoded))
	return load(f, f.SecretKeys()...)
}

func load(f stacktest.File, secret ...string) (config *Config, err error) {
	err = recorder.New().Run(func(ctx *pulumi.Context) (err error) {
		config, err = Load(ctx)
		return err
	}, f, secret...)
	return config, err
}

func TestEveryProblemIsInOneReport(t *testing.T) {
	f := stacktest.Read(t, "prod")
	f.Set(t, "aws", "region", "tokyo")
	f.Set(t, "network", "nat", "two")
	f.Set(t, "network", "cidr", 10)
	f.Set(t, "network", "flowLogs.colour", "red")
	f["bookmark-manager:disposable"] = "true"
	_, err := read(t, f)
	require.Error(t, err)
	for _, path := range []string{"aws.region", "network.nat", "network.cidr", "network.flowLogs.colour",
		"disposable"} {
		assert.ErrorContains(t, err, "\n  bookmark-manager:"+path+": ")
	}
	assert.Equal(t, 1, strings.Count(err.Error(), "network.cidr:"), "a value of the wrong type is one line")
}

// AWS would refuse the 61st rule in the middle of a deploy.
func TestTheRulesOfASecurityGroupAreCounted(t *testing.T) {
	many := stacktest.Read(t, "prod").WithServices(t, 60)
	many.Set(t, "compute", "loadBalancer.targetQuota", 1200)
	_, err := read(t, many)
	require.ErrorContains(t, err, `services: found "61 inbound rules of security group endpoints", want 60 at most`,
		"the services and the migration")
	more := stacktest.Read(t, "prod").WithServices(t, 61)
	more.Set(t, "compute", "loadBalancer.targetQuota", 1220)
	_, err = read(t, more)
	require.Error(t, err)
	for _, line := range []string{
		`services: found "62 inbound rules of security group endpoints", want 60 at most: fewer services, or ` +
			`network.endpoints with s3 alone`,
		`services: found "61 outbound rules of security group alb-https", want 60 at most: fewer services with paths`,
		`services.api: found "61 inbound rules of security group task-api", want 60 at most: fewer services that it ` +
			`calls, or that call it`,
	} {
		assert.ErrorContains(t, err, "\n  bookmark-manager:"+line+"\n")
	}
}

// SNS would refuse it while the stack is deployed.
func TestPagerDutyNeedsAnAddress(t *testing.T) {
	const key = "bookmark-manager:pagerDutyUrl"
	f := stacktest.Read(t, "prod")
	f.Set(t, "notifications", "pagerDuty", true)
	f[key] = "0123456789abcdef" // the integration's key alone
	_, err := load(f, append(f.SecretKeys(), key)...)
	require.ErrorContains(t, err, key+`: found "a value that does not begin with https://", want the integration's URL`)
}

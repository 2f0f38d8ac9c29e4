// Package stackconfig reads the configuration of a stack: every section decoded strictly and
// checked, alone and beside the others, with all that is wrong in one report. Nothing else reads
// the configuration.
package stackconfig

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"github.com/bookmark-manager/infrastructure/compute"
	"github.com/bookmark-manager/infrastructure/data"
	"github.com/bookmark-manager/infrastructure/delivery"
	"github.com/bookmark-manager/infrastructure/edge"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
	"github.com/bookmark-manager/infrastructure/network"
	"github.com/bookmark-manager/infrastructure/observability"
)

// loader reads a stack's configuration and gathers what is wrong with it.
type loader struct {
	ctx      *pulumi.Context
	config   *config.Config
	read     []string
	problems settings.Problems
}

// Load reads and checks every section. Its error lists all problems at once.
func Load(ctx *pulumi.Context) (*Config, error) {
	l := &loader{ctx: ctx, config: config.New(ctx, names.Project)}
	plain := plainKeys{
		l.plain("environment"), l.plain("production"), l.plain("disposable"), l.plain("teardown"),
		l.plain("awsEndpoint"),
	}
	l.problems = append(l.problems, settings.Check(plain)...)
	l.problems = append(l.problems, checkEndpoint(plain.AWSEndpoint)...)
	s := &Config{AWSEndpoint: plain.AWSEndpoint, AWS: section(l, "aws", AWSConfig.Validate)}
	s.Identity = identity.Stack{
		Environment: names.Environment(plain.Environment),
		Region:      s.AWS.Region,
		AccountID:   s.AWS.AccountID,
		Production:  plain.Production == "true",
		Disposable:  plain.Disposable == "true",
		Teardown:    plain.Teardown != "" && plain.Teardown == plain.Environment,
	}
	l.problems.Want(plain.Teardown == "" || s.Identity.Teardown, "teardown", plain.Teardown,
		"the environment's name, %q, or nothing", plain.Environment)
	l.problems.Want(!s.Identity.Disposable || !s.Identity.Production, "disposable", true,
		"false: production holds customers' data")

	s.Edge = section(l, "edge", edge.Config.Validate)
	s.Keys = section(l, "keys", data.KeysConfig.Validate)
	s.Network = section(l, "network", func(c network.Config) settings.Problems { return c.Validate(s.AWS.Region) })
	s.Buckets = section(l, "buckets", func(c data.BucketsConfig) settings.Problems {
		return c.Validate(s.Identity.Disposable)
	})
	s.Aurora = section(l, "aurora", func(c data.AuroraConfig) settings.Problems {
		return c.Validate(s.Identity.Production, zoneIndexes(s.Network))
	})
	s.Atlas = section(l, "atlas", func(c data.AtlasConfig) settings.Problems {
		return c.Validate(s.Identity.Environment)
	})
	s.Parameters = section(l, "parameters", data.ParametersConfig.Validate)
	s.Backups = section(l, "backups", func(c data.BackupsConfig) settings.Problems { return c.Validate(s.AWS.Region) })
	s.Compute = section(l, "compute", compute.Config.Validate)
	s.Services = section(l, "services", func(c compute.Services) settings.Problems { return c.Validate(s.Compute) })
	s.Notifications = section(l, "notifications", observability.NotificationsConfig.Validate)
	s.Sentry = section(l, "sentry", observability.SentryConfig.Validate)
	s.Datadog = section(l, "datadog", observability.DatadogConfig.Validate)
	s.Observability = section(l, "observability", observability.Config.Validate)
	s.Budget = section(l, "budget", observability.BudgetConfig.Validate)
	s.Guards = section(l, "guards", observability.GuardsConfig.Validate)
	s.Delivery = section(l, "delivery", delivery.Config.Validate)
	s.Adopted = optional(l, "adopted", checkAdopted)
	s.Secrets = Secrets{
		AtlasPublicKey:        l.secret("atlasPublicKey", true),
		AtlasPrivateKey:       l.secret("atlasPrivateKey", true),
		DatadogAPIKey:         l.secret("datadogApiKey", s.Datadog.Enabled),
		DatadogAppKey:         l.secret("datadogAppKey", s.Datadog.Enabled),
		SentryToken:           l.secret("sentryToken", s.Sentry.Enabled),
		PagerDutyURL:          l.secretURL("pagerDutyUrl", s.Notifications.PagerDuty),
		OriginSecret:          l.secret("originSecret", s.Edge.Standby != nil),
		AdoptedMasterPassword: l.secret("adoptedMasterPassword", s.AdoptsDatabase()),
		AdoptedJWTSecret:      l.secret("adoptedJwtSecret", s.AdoptsJWTSecret()),
		Parameters:            map[string]pulumi.StringInput{},
	}
	for i, name := range s.Parameters.Secrets {
		if !l.problems.Covers(fmt.Sprintf("parameters.secrets[%d]", i)) {
			s.Secrets.Parameters[name] = l.secret(name, true)
		}
	}
	l.problems = append(l.problems, s.acrossSections().Except(l.problems)...)

	if err := l.unknownKeys(); err != nil {
		return nil, err
	}
	if err := l.problems.Err(); err != nil {
		return nil, report(ctx.Stack(), l.problems)
	}
	return s, nil
}

// secret reads a key that must have been set with --secret. Needed says whether the stack cannot do
// without.
func (l *loader) secret(key string, needed bool) pulumi.StringOutput {
	value := l.plain(key)
	full := names.Project + ":" + key
	if value == "" {
		l.problems.Want(!needed, key, nil, "a secret: pulumi config set --secret %s", full)
		return pulumi.String("").ToStringOutput()
	}
	l.problems.Want(l.ctx.IsConfigSecret(full), key, "a value in plain text",
		"a secret: pulumi config set --secret %s (and revoke the old value, which is in the file's history)", full)
	return pulumi.ToSecret(pulumi.String(value)).(pulumi.StringOutput)
}

// secretURL is a secret that must be an https URL. SNS would refuse another one in the middle of a
// deploy.
func (l *loader) secretURL(key string, needed bool) pulumi.StringOutput {
	value := l.secret(key, needed)
	if needed && !l.problems.Covers(key) {
		l.problems.Want(strings.HasPrefix(l.plain(key), "https://"), key, "a value that does not begin with https://",
			"the integration's URL: pulumi config set --secret %s:%s", names.Project, key)
	}
	return value
}

// section decodes and checks one structured key, which every stack must have.
func section[T any](l *loader, key string, validate func(T) settings.Problems) T {
	raw := l.plain(key)
	if raw == "" {
		var none T
		l.problems.Add(key, nil, "the section; config.schema.json describes it")
		return none
	}
	value, problems := settings.Section(raw, validate)
	l.problems.Under(key, problems)
	return value
}

// optional is section for a key that a stack may leave out.
func optional[T any](l *loader, key string, validate func(T) settings.Problems) T {
	if l.plain(key) == "" {
		var none T
		return none
	}
	return section(l, key, validate)
}

// plain is a key's value; empty when it is missing. Pulumi.yaml gives every key an empty default.
func (l *loader) plain(key string) string {
	l.read = append(l.read, key)
	value, err := l.config.Try(key)
	if err != nil {
		return ""
	}
	return value
}

// unknownKeys adds a problem for each key of the project that nothing has read. The SDK answers for
// a key but does not list them, so the list comes from where the SDK itself takes it.
func (l *loader) unknownKeys() error {
	raw := os.Getenv(pulumi.EnvConfig)
	if raw == "" {
		return nil
	}
	var all map[string]string
	if err := json.Unmarshal([]byte(raw), &all); err != nil {
		return fmt.Errorf("read %s: %w", pulumi.EnvConfig, err)
	}
	known := slices.Compact(slices.Sorted(slices.Values(l.read)))
	for key := range all {
		name, ours := strings.CutPrefix(key, names.Project+":")
		if ours && !slices.Contains(known, name) {
			l.problems.SayBeside("parameters.secrets", name, "%s; secrets of your own are named in parameters.secrets",
				settings.UnknownKey(name, known))
		}
	}
	return nil
}

func checkEndpoint(endpoint string) settings.Problems {
	var p settings.Problems
	if endpoint == "" {
		return p
	}
	parsed, err := url.Parse(endpoint)
	ok := err == nil && slices.Contains([]string{"http", "https"}, parsed.Scheme) && parsed.Hostname() != ""
	p.Want(ok, "awsEndpoint", endpoint, "%s", settings.WantOf(plainKeys{}, "awsEndpoint"))
	if ok {
		host := strings.ToLower(strings.TrimSuffix(parsed.Hostname(), "."))
		p.Want(host != "amazonaws.com" && !strings.HasSuffix(host, ".amazonaws.com"), "awsEndpoint", endpoint,
			"a host that is not AWS: with it the program sends dummy keys and skips the check of the account")
	}
	return p
}

// report is the one message that a user sees for a configuration that is wrong.
func report(stack string, problems settings.Problems) error {
	var lines strings.Builder
	fmt.Fprintf(&lines, "the configuration of stack %q is not usable, and nothing was deployed:\n", stack)
	for _, line := range strings.Split(problems.Err().Error(), "\n") {
		fmt.Fprintf(&lines, "  %s:%s\n", names.Project, line)
	}
	fmt.Fprintf(&lines, "Edit Pulumi.%s.yaml, or set a value with: pulumi config set --path '%s:KEY' VALUE", stack,
		names.Project)
	return errors.New(lines.String())
}

func zoneIndexes(c network.Config) []int {
	indexes := make([]int, len(c.Zones))
	for i, zone := range c.Zones {
		indexes[i] = zone.Index
	}
	return indexes
}

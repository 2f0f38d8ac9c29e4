package stackconfig

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/compute"
	"github.com/bookmark-manager/infrastructure/data"
	"github.com/bookmark-manager/infrastructure/delivery"
	"github.com/bookmark-manager/infrastructure/edge"
	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
	"github.com/bookmark-manager/infrastructure/network"
	"github.com/bookmark-manager/infrastructure/observability"
)

// AWSConfig is where the stack lives: section "aws".
type AWSConfig struct {
	// AccountID is the account. The providers refuse every other.
	AccountID string `json:"accountId" pattern:"^[0-9]{12}$" want:"the account's 12 digits, in quotes"`
	// Region holds everything but what CloudFront wants in us-east-1.
	Region string `json:"region"`
}

// Validate reports every problem of the section.
func (c AWSConfig) Validate() settings.Problems {
	p := settings.Check(c)
	p.Want(names.IsRegion(c.Region), "region", c.Region, "%s", settings.OneOf(names.Regions()...))
	return p
}

//go:generate go test . -run TestTheSchemaIsGenerated -update

// Config is the whole configuration of a stack, every section checked. Nothing changes it once it
// is loaded. config.schema.json is generated from it.
type Config struct {
	// Identity is what every component is given of the stack, the account and region of AWS
	// included.
	Identity identity.Stack
	// AWSEndpoint is an emulator's URL; empty for AWS itself.
	AWSEndpoint string

	AWS        AWSConfig             `json:"aws"`
	Edge       edge.Config           `json:"edge"`
	Keys       data.KeysConfig       `json:"keys"`
	Network    network.Config        `json:"network"`
	Buckets    data.BucketsConfig    `json:"buckets"`
	Aurora     data.AuroraConfig     `json:"aurora"`
	Atlas      data.AtlasConfig      `json:"atlas"`
	Parameters data.ParametersConfig `json:"parameters"`
	Backups    data.BackupsConfig    `json:"backups"`
	Compute    compute.Config        `json:"compute"`
	Services   compute.Services      `json:"services"`

	Notifications observability.NotificationsConfig `json:"notifications"`
	Sentry        observability.SentryConfig        `json:"sentry"`
	Datadog       observability.DatadogConfig       `json:"datadog"`
	Observability observability.Config              `json:"observability"`
	Budget        observability.BudgetConfig        `json:"budget"`
	Guards        observability.GuardsConfig        `json:"guards"`

	Delivery delivery.Config `json:"delivery"`

	// Adopted has no resources for a stack that made everything itself.
	Adopted adopted.Config `json:"adopted" settings:"optional"`

	Secrets Secrets
}

// SiteURL is where the public finds the site.
func (c *Config) SiteURL() string { return "https://" + c.Edge.Domain.WWW() }

// Secrets are the values of keys that `pulumi config set --secret` sets, each a key of its own.
type Secrets struct {
	// AtlasPublicKey is MongoDB Atlas's public key of an API key of the project.
	AtlasPublicKey pulumi.StringOutput `json:"atlasPublicKey"`
	// AtlasPrivateKey is MongoDB Atlas's private key of that API key.
	AtlasPrivateKey pulumi.StringOutput `json:"atlasPrivateKey"`
	// DatadogAPIKey is Datadog's API key of the organization, for the provider. Needed with
	// datadog.enabled.
	DatadogAPIKey pulumi.StringOutput `json:"datadogApiKey"`
	// DatadogAppKey is Datadog's application key that goes with it.
	DatadogAppKey pulumi.StringOutput `json:"datadogAppKey"`
	// SentryToken is an internal integration's token that may administer Sentry's projects and
	// teams. Needed with sentry.enabled.
	SentryToken pulumi.StringOutput `json:"sentryToken"`
	// PagerDutyURL is the URL of PagerDuty's CloudWatch integration. Needed with
	// notifications.pagerDuty.
	PagerDutyURL pulumi.StringOutput `json:"pagerDutyUrl"`
	// OriginSecret is the header's value that the distribution of another stack sends. Needed with
	// edge.standby.
	OriginSecret pulumi.StringOutput `json:"originSecret"`
	// AdoptedMasterPassword is the password of the adopted database's owner. Needed while
	// aurora.masterPasswordRotation is 1 and section adopted has the cluster.
	AdoptedMasterPassword pulumi.StringOutput `json:"adoptedMasterPassword"`
	// AdoptedJWTSecret is the key that the adopted production's tasks sign with. Needed while
	// parameters.jwtRotation is 2 or less and section adopted has the parameter JWT_SECRET.
	AdoptedJWTSecret pulumi.StringOutput `json:"adoptedJwtSecret"`
	// Parameters are those that parameters.secrets names.
	Parameters map[string]pulumi.StringInput
}

// plainKeys are the keys beside the sections, as the engine hands them on: texts.
type plainKeys struct {
	// Environment is what the stack is called in names: production or staging.
	Environment string `json:"environment" pattern:"^[a-z][a-z0-9]{1,9}$" want:"2 to 10 lower-case letters and digits, such as production or staging"`
	// Production is true for the stack that holds customers' data: it is never disposable, has two
	// database instances or more, and does not pause.
	Production string `json:"production" enum:"true,false" want:"true or false: does the stack hold customers' data? Add the line 'bookmark-manager:production: true' (or false)"`
	// Disposable takes every protection from what holds data and leaves no final snapshot. Refused
	// in production.
	Disposable string `json:"disposable" settings:"optional" enum:"true,false" want:"true or false"`
	// Teardown is the environment's name: it lifts the protections, so that destroy can follow an
	// up.
	Teardown string `json:"teardown" settings:"optional"`
	// AWSEndpoint is the URL of an emulator (LocalStack, MiniStack, moto) to use instead of AWS.
	AWSEndpoint string `json:"awsEndpoint" settings:"optional" pattern:"^https?://" want:"an emulator's URL, such as http://localhost:4566"`
}

// ParameterNames are the names of the stack's parameters below /bookmark-manager/<environment>/.
func (c *Config) ParameterNames() []string {
	var withProject []string
	if c.Sentry.Enabled {
		withProject = c.Services.Names()
	}
	return c.Parameters.Names(c.Datadog.Enabled, withProject)
}

// AdoptsDatabase says whether the owner's password is that of a cluster that something else made.
func (c *Config) AdoptsDatabase() bool {
	return c.Adopted.Has(catalog.RDSCluster, "aurora-cluster") && c.Aurora.MasterPasswordRotation <= 1
}

// AdoptsJWTSecret says whether tasks sign, or signed until the last rotation, with a key that
// something else made.
func (c *Config) AdoptsJWTSecret() bool {
	return c.Adopted.Has(catalog.Parameter, "parameters-"+data.JWTSecret) && c.Parameters.JWTRotation <= 2
}

// RecoveryRegion is where backups are copied to; empty without copies.
func (c *Config) RecoveryRegion() string {
	if c.Backups.Copy == nil {
		return ""
	}
	return c.Backups.Copy.Region
}

// Regions are all regions that the stack has anything in.
func (c *Config) Regions() []string {
	regions := map[string]bool{c.Identity.Region: true, names.UsEast1: true}
	if recovery := c.RecoveryRegion(); recovery != "" {
		regions[recovery] = true
	}
	return slices.Sorted(maps.Keys(regions))
}

// egress are the destinations of a service. What is no block is reported with the service.
func egress(service compute.ServiceConfig) []network.Egress {
	var all []network.Egress
	for _, one := range service.Egress {
		if block, err := one.Block(); err == nil {
			all = append(all, network.Egress{To: block, Port: one.Port})
		}
	}
	return all
}

// Hosts are the names beside the site's own under which services answer.
func (c *Config) Hosts() []edge.Domain {
	var all []edge.Domain
	for _, host := range c.Services.Hosts() {
		all = append(all, edge.Domain(host))
	}
	return all
}

// Repositories are what images are pushed to: one for each service, and one for the dump's task.
func (c *Config) Repositories() []string {
	all := c.Services.Names()
	if c.Compute.Dump != nil {
		all = append(all, compute.DumpName)
	}
	return all
}

// Workloads are what runs in the private subnets: the services and the tasks of the database. What
// a service reads says what it must reach.
func (c *Config) Workloads() []network.Workload {
	var all []network.Workload
	for _, name := range c.Services.Names() {
		service := c.Services[name]
		all = append(all, network.Workload{
			Name:         name,
			Port:         service.Port,
			LoadBalanced: len(service.Paths) > 0,
			Calls:        service.Calls,
			Database: slices.Contains(service.Parameters(), data.DatabaseURL) ||
				slices.Contains(service.Parameters(), data.ReaderDatabaseURL),
			Atlas:  slices.Contains(service.Parameters(), data.MongoDBURI),
			Egress: egress(service),
		})
	}
	if _, ok := c.Services.Migration(); ok {
		all = append(all, network.Workload{Name: compute.MigrationName, Database: true})
	}
	if c.Compute.Dump != nil {
		all = append(all, network.Workload{Name: compute.DumpName, Database: true})
	}
	return all
}

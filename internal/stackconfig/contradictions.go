package stackconfig

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/compute"
	"github.com/bookmark-manager/infrastructure/data"
	"github.com/bookmark-manager/infrastructure/delivery"
	"github.com/bookmark-manager/infrastructure/edge"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
	"github.com/bookmark-manager/infrastructure/network"
)

// acrossSections reports what no section can see alone.
func (c *Config) acrossSections() settings.Problems {
	var p settings.Problems
	p.Under("services", c.Network.CheckSecurityGroups(c.Workloads(), c.Atlas.Access == data.AtlasByPrivateLink))
	p = append(p, c.unknownParameters()...)
	p = append(p, c.adoption()...)
	if c.Network.Nat == network.NatNone {
		p.Want(c.Atlas.Access == data.AtlasByPrivateLink, "atlas.access", c.Atlas.Access,
			"privateLink: without a NAT gateway (network.nat) nothing reaches Atlas by its public addresses")
		p.Want(!c.Datadog.Enabled, "datadog.enabled", true,
			"false: without a NAT gateway (network.nat) the agents reach neither their image nor Datadog")
		p.Want(!c.Sentry.Enabled, "sentry.enabled", true,
			"false: without a NAT gateway (network.nat) no service reaches Sentry")
		p.Want(!c.Services.Queued() || slices.Contains(c.Network.Endpoints, network.QueueEndpoint),
			"network.endpoints", c.Network.Endpoints,
			"%q too: without a NAT gateway (network.nat) no service reaches its queue", network.QueueEndpoint)
		p.Want(len(c.Services.ManagedSecrets()) == 0 || slices.Contains(c.Network.Endpoints, network.SecretsEndpoint),
			"network.endpoints", c.Network.Endpoints,
			"%q too: without a NAT gateway (network.nat) no task reads its secrets of Secrets Manager",
			network.SecretsEndpoint)
	}
	for _, name := range c.Services.Names() {
		p.Want(!c.Services[name].Datadog || c.Datadog.Enabled, settings.Key("services", name)+".datadog", true,
			"false, or datadog.enabled true")
	}
	for section, named := range map[string][]string{
		"sentry.platforms": slices.Collect(maps.Keys(c.Sentry.Platforms)),
		"datadog.services": slices.Collect(maps.Keys(c.Datadog.Services)),

		"observability.errorPatterns": slices.Collect(maps.Keys(c.Observability.ErrorPatterns)),
	} {
		for _, name := range named {
			_, ok := c.Services[name]
			p.WantBeside("services", ok, settings.Key(section, name), name, "a service, one of %v", c.Services.Names())
		}
	}
	p.WantBeside("backups.copy", c.Aurora.Global == nil || c.Backups.Copy != nil, "aurora.global", "a global database",
		"a recovery region in backups.copy.region too, which is where its copy is made")
	for i, email := range c.Notifications.Emails {
		_, domain, _ := strings.Cut(email, "@")
		p.WantBeside("edge.records.mail",
			c.Edge.Records.Mail != edge.MailNone || !strings.EqualFold(domain, string(c.Edge.Domain)),
			fmt.Sprintf("notifications.emails[%d]", i), email,
			"an address of another domain: edge.records.mail says that %s has no mail", c.Edge.Domain)
	}
	if service := c.Edge.Distribution.Headers.ReportService(); service != "" {
		const path = "edge.distribution.headers.reportUri"
		_, ok := c.Services[service]
		p.WantBeside("services", ok, path, "sentry:"+service, "sentry: and a service, one of %v",
			c.Services.Names())
		p.WantBeside("sentry.enabled", c.Sentry.Enabled, path, "sentry:"+service,
			"an address, or nothing: sentry.enabled is false")
	}
	p = append(p, c.elsewhere()...)
	p = append(p, c.takenOver()...)
	p = append(p, c.timesOfARequest()...)
	p = append(p, c.watched()...)
	p = append(p, c.excluded()...)
	p = append(p, c.cutPermissions()...)
	p = append(p, c.secretsElsewhere()...)
	p = append(p, c.dumps()...)
	p = append(p, c.imagesOutOfReach()...)
	p = append(p, c.misplacedHosts()...)
	p = append(p, c.noPublicAddresses()...)
	return p
}

// certificateNames is how many names ACM puts into a certificate unless it is asked for more.
// https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html
const certificateNames = 10

// misplacedHosts reports names of services that the zone has no place for, or the site has already,
// and more of them than a certificate or the viewer function takes.
func (c *Config) misplacedHosts() settings.Problems {
	var p settings.Problems
	zone, own := string(c.Edge.Zone.Name), c.Edge.Domain.Names()
	for _, name := range c.Services.Names() {
		for i, host := range c.Services[name].Hosts {
			at := fmt.Sprintf("%s.hosts[%d]", settings.Key("services", name), i)
			p.WantBeside("edge.zone.name", strings.HasSuffix(string(host), "."+zone), at, host,
				"a name below edge.zone.name (%s), where its records are made", zone)
			p.WantBeside("edge.domain", !slices.Contains(own, string(host)), at, host,
				"another name than the site's own, %v", own)
		}
	}
	all := c.Hosts()
	if len(all) > 0 && len(c.Edge.CheckFunction(nil)) == 0 {
		p.Under("edge", c.Edge.CheckFunction(all))
	}
	p.Want(len(all)+len(own) <= certificateNames, "services", all,
		"%d hosts at most in all: a certificate has %d names, and %d are the site's own", certificateNames-len(own),
		certificateNames, len(own))
	return p
}

// imagesOutOfReach reports images of sidecars that no task can pull: without a NAT gateway the
// endpoints of ECR lead to the account's own registry in the stack's region alone.
func (c *Config) imagesOutOfReach() settings.Problems {
	var p settings.Problems
	own := fmt.Sprintf("%s.dkr.ecr.%s.amazonaws.com", c.AWS.AccountID, c.AWS.Region)
	for _, service := range c.Services.Names() {
		sidecars := c.Services[service].Sidecars
		for _, name := range sidecars.Names() {
			p.WantBeside("network.nat", c.Network.Nat != network.NatNone || sidecars[name].Registry() == own,
				settings.Key(settings.Key("services", service)+".sidecars", name)+".image", sidecars[name].Image,
				"an image of %s: without a NAT gateway (network.nat) no task reaches another registry", own)
		}
	}
	return p
}

// dumps reports a dump whose role nobody makes, and one that the bucket keeps for another time than
// it says.
func (c *Config) dumps() settings.Problems {
	var p settings.Problems
	dump := c.Compute.Dump
	if dump == nil {
		return p
	}
	_, migrates := c.Services.Migration()
	p.WantBeside("services", migrates, "compute.dump", "dumps",
		"nothing, or a migration in one of the services %v: its task makes the role that dumps are made with",
		c.Services.Names())
	bucket := c.Buckets.Backups
	p.WantBeside("buckets.backups.expireDays", bucket.ExpireDays == 0 || dump.RetentionDays <= bucket.ExpireDays,
		"compute.dump.retentionDays", dump.RetentionDays,
		"buckets.backups.expireDays (%d) or less: no object of the bucket gets older", bucket.ExpireDays)
	if bucket.ObjectLock != nil {
		p.WantBeside("buckets.backups.objectLock.days", dump.RetentionDays >= bucket.ObjectLock.Days,
			"compute.dump.retentionDays", dump.RetentionDays,
			"buckets.backups.objectLock.days (%d) or more: no dump is deleted before its lock ends",
			bucket.ObjectLock.Days)
	}
	return p
}

// elsewhere reports what names another region than the stack's where it must not, or the stack's
// own where it must: what is left over when a stack file is copied for another region.
func (c *Config) elsewhere() settings.Problems {
	var p settings.Problems
	region := c.Identity.Region
	for _, name := range slices.Sorted(maps.Keys(c.Aurora.Clusters)) {
		restore := c.Aurora.Clusters[name].Restore
		if restore == nil {
			continue
		}
		parts := strings.Split(restore.Snapshot, ":")
		p.WantBeside("aws.region", len(parts) < 4 || parts[3] == region,
			settings.Key("aurora.clusters", name)+".restore.snapshot",
			restore.Snapshot,
			"a snapshot in %s, the stack's region: RDS restores from no other; copy it there, or take the copy's ARN",
			region)
	}
	p.WantBeside("aws.region", c.Atlas.Backup.CopyRegion != names.AtlasRegion(region), "atlas.backup.copyRegion",
		c.Atlas.Backup.CopyRegion,
		"another region than the cluster's own, or nothing")
	if standby := c.Edge.Standby; standby != nil {
		p.WantBeside("environment", standby.Environment != c.Identity.Environment, "edge.standby.environment",
			standby.Environment,
			"the environment of the stack that has made the distribution, not this stack's own")
	}
	return p
}

// takenOver reports what would send visitors to a standby every evening.
func (c *Config) takenOver() settings.Problems {
	var p settings.Problems
	if c.Edge.Records.Secondary == nil {
		return p
	}
	for _, name := range c.Services.Names() {
		service := c.Services[name]
		if _, sleeps := service.Scaling.LeastAwake(); sleeps && len(service.Paths) > 0 {
			p.WantBeside("edge.records.secondary", false, settings.Key("services", name)+".scaling.quiet",
				*service.Scaling.Quiet,
				"a task at least at night, or no secondary: without a healthy target the service is taken for lost, "+
					"and visitors are sent to the standby")
		}
	}
	return p
}

// timesOfARequest checks the times along the way of a request as one chain. Of two that share a
// connection, the one that sends requests on it must close it first; CloudFront does before the
// load balancer. The load balancer and the Service Connect proxy before the application is no
// choice: the service sets a longer time for the application than theirs. No hop may wait for an
// answer longer than the next hop towards the application does, and an answer that is being waited
// for must not be cut off when its task stops.
func (c *Config) timesOfARequest() settings.Problems {
	var p settings.Problems
	const idlePath, waitPath = "compute.loadBalancer.idleTimeoutSeconds", "edge.distribution.originReadTimeoutSeconds"
	idle, keepAlive := c.Compute.LoadBalancer.IdleTimeoutSeconds, c.Edge.Distribution.OriginKeepaliveSeconds
	p.WantBeside(idlePath, keepAlive <= idle, "edge.distribution.originKeepaliveSeconds", keepAlive,
		"%s (%d) or less: CloudFront would send requests on connections that are closed", idlePath, idle)
	wait := c.Edge.Distribution.OriginReadTimeoutSeconds
	p.WantBeside(idlePath, wait <= idle, waitPath, wait,
		"%s (%d) or less: the load balancer gives a request up after that time", idlePath, idle)
	for _, name := range c.Services.Names() {
		if service := c.Services[name]; len(service.Paths) > 0 {
			p.WantBeside(waitPath, service.DeregistrationSeconds >= wait,
				settings.Key("services", name)+".deregistrationSeconds",
				service.DeregistrationSeconds,
				"%s (%d) or more: requests that take so long would be cut off when their task stops", waitPath, wait)
		}
	}
	return p
}

// noPublicAddresses reports what does not go with a load balancer that CloudFront reaches by a VPC
// origin, from the deploy on that makes it.
func (c *Config) noPublicAddresses() settings.Problems {
	var p settings.Problems
	balancer := c.Compute.LoadBalancer
	if !balancer.Has(compute.Internal) {
		return p
	}
	path, value := "compute.loadBalancer.scheme", any(compute.Internal)
	if balancer.Scheme != compute.Internal {
		path, value = "compute.loadBalancer.moving", true
	}
	region := c.Identity.Region
	p.WantBeside("aws.region", network.HasVPCOrigins(region), path, value,
		"a load balancer that faces the internet: CloudFront has no VPC origins in %s", region)
	p.WantBeside(path, c.Network.Ingress.Source == network.FromCloudFront, "network.ingress.source",
		c.Network.Ingress.Source, "%s: nobody else may reach an internal load balancer", network.FromCloudFront)
	p.WantBeside(path, c.Edge.Standby == nil, "edge.standby", "a standby",
		"nothing, or a load balancer that faces the internet: a standby takes over by the origin's name, which leads "+
			"to public addresses alone")
	p.WantBeside(path, c.Edge.Records.Secondary == nil, "edge.records.secondary", "a secondary",
		"nothing: CloudFront reaches an internal load balancer by its VPC origin, wherever the origin's name leads")
	for i, zone := range c.Network.Zones {
		p.WantBeside(path, network.TakesVPCOrigins(zone.ID), fmt.Sprintf("network.zones[%d].id", i), zone.ID,
			"a zone in which CloudFront reaches an internal load balancer")
	}
	return p
}

// cutPermissions reports what a service is granted and the stack's boundary cuts.
func (c *Config) cutPermissions() settings.Problems {
	var p settings.Problems
	for _, name := range c.Services.Names() {
		for i, one := range c.Services[name].Permissions {
			for j, action := range one.Actions {
				why := delivery.Cut(action)
				p.Want(why == "", fmt.Sprintf("%s.permissions[%d].actions[%d]", settings.Key("services", name), i, j),
					action, "%s", why)
			}
		}
	}
	return p
}

// secretsElsewhere reports secrets, and keys of secrets, of another account or region: there the
// owner must let the stack in too, and ECS asks the stack's own region.
func (c *Config) secretsElsewhere() settings.Problems {
	var p settings.Problems
	for _, name := range c.Services.Names() {
		managed := c.Services[name].SecretsManager
		for _, variable := range slices.Sorted(maps.Keys(managed)) {
			at := settings.Key(settings.Key("services", name)+".secretsManager", variable)
			for _, one := range []struct{ key, arn string }{
				{".arn", managed[variable].ARN}, {".keyArn", managed[variable].KeyARN},
			} {
				parts := strings.Split(one.arn, ":")
				if len(parts) < 6 {
					continue // no ARN: reported with the service, or not given
				}
				p.WantBeside("aws.region", parts[3] == c.AWS.Region, at+one.key, one.arn,
					"one of the stack's region (aws.region), %s", c.AWS.Region)
				p.WantBeside("aws.accountId", parts[4] == c.AWS.AccountID, at+one.key, one.arn,
					"one of the stack's account (aws.accountId), %s", c.AWS.AccountID)
			}
		}
	}
	return p
}

// madeBy says which setting makes a parameter that not every stack has.
var madeBy = map[string]string{
	data.ReaderDatabaseURL: ", and this one is made with parameters.reader true",
	data.SentryDSN:         ", and this one is made with sentry.enabled true",
	data.DatadogAPIKey:     ", and this one is made with datadog.enabled true",
}

// unknownParameters reports variables that no parameter of the stack fills.
func (c *Config) unknownParameters() settings.Problems {
	var p settings.Problems
	known := c.ParameterNames()
	for _, name := range c.Services.Names() {
		at := settings.Key("services", name)
		check := func(at string, variables []string) {
			for i, variable := range variables {
				_, ok := data.Resolve(known, name, variable)
				p.WantBeside(parameterSource(variable), ok, fmt.Sprintf("%s.secrets[%d]", at, i), variable,
					"a parameter that services may read, one of %v without %s and %s; more are named in "+
						"parameters.secrets%s",
					known, data.MasterDatabaseURL, data.MigrationDatabaseURL, madeBy[variable])
			}
		}
		check(at, c.Services[name].Secrets)
		for _, sidecar := range c.Services[name].Sidecars.Names() {
			check(settings.Key(at+".sidecars", sidecar), c.Services[name].Sidecars[sidecar].Secrets)
		}
	}
	return p
}

// parameterSource is the value that decides whether the stack has a parameter.
func parameterSource(name string) string {
	switch name {
	case data.ReaderDatabaseURL:
		return "parameters.reader"
	case data.SentryDSN:
		return "sentry.enabled"
	case data.DatadogAPIKey:
		return "datadog.enabled"
	default:
		return "parameters.secrets"
	}
}

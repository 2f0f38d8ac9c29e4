// Package edge makes what stands between the internet and the load balancer: the hosted zone, the
// certificates, the CloudFront distribution with its web ACL, the DNS records, the site's health
// check and the maintenance page.
//
// What CloudFront reads (certificate, web ACL, log delivery) lives in us-east-1 whatever the
// stack's region is; components take that provider as an explicit argument. The hosted zone and the
// key that signs it are protected unless the stack is disposable or being torn down. The package
// refuses a domain outside its zone, a web ACL over its capacity, an exception from the rules
// against cross-site scripting, and a cached path that would cover the API.
package edge

import (
	"fmt"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// Config is DNS, certificates, CloudFront, the web ACL and the maintenance page: section "edge".
type Config struct {
	// Domain is the site's apex, such as example.com; the site itself is at www. below it.
	Domain Domain `json:"domain"`
	// Zone is the hosted zone that Domain lies in.
	Zone ZoneConfig `json:"zone"`
	// OriginSecret is the header by which the load balancer knows this distribution.
	OriginSecret OriginSecretConfig `json:"originSecret"`
	// Distribution is CloudFront.
	Distribution DistributionConfig `json:"distribution"`
	// WebACL is the firewall before the distribution. Rules are evaluated in the order: allow,
	// deny, blockedCountries, signIn, rate, groups, exceptions.
	WebACL WebACLConfig `json:"webAcl"`
	// Records are the DNS records and the health check.
	Records RecordsConfig `json:"records"`
	// Standby puts the stack behind the distribution of another stack, in the place of one of its
	// own. Zone, Distribution, WebACL and Records then stay as in that stack's file: what they make
	// is there already, and only their health check is this stack's too.
	Standby *StandbyConfig `json:"standby"`
}

// HostedZone is the zone as this stack has it: a standby's is another stack's.
func (c Config) HostedZone() ZoneConfig {
	if c.Standby == nil {
		return c.Zone
	}
	return ZoneConfig{Name: c.Zone.Name, ID: c.Standby.ZoneID, Delegated: c.Zone.Delegated}
}

// Delegated says whether the registrar, or the parent zone, points at the zone's name servers.
// Until it does no certificate can be issued, and only the zone is to be made.
func (c Config) Delegated() bool { return c.Zone.Delegated }

// Validate reports every problem of the section.
func (c Config) Validate() settings.Problems {
	p := settings.Check(c)
	if c.Domain.valid() && c.Zone.Name.valid() {
		p.Want(c.Domain.in(c.Zone.Name), "domain", c.Domain, "edge.zone.name (%s) or a name below it", c.Zone.Name)
	}
	p = append(p, c.validateFirewallPaths()...)
	p = append(p, c.CheckFunction(nil)...)
	// The managed reputation lists leave Route53's addresses alone, a geographic block does not.
	// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-router-firewall-rules.html
	for i, country := range c.WebACL.BlockedCountries {
		regions := c.Records.HealthCheck.checkersIn(country)
		p.Want(len(regions) == 0, settings.Join("webAcl", at("blockedCountries", i)), country,
			"a country without health checkers, or records.healthCheck.regions without %s", strings.Join(regions, ", "))
	}
	return p
}

// CheckFunction refuses settings that make the viewer function longer than CloudFront takes, with
// further names of the site. It is longest while the site is closed, so that length is checked
// before somebody has to close the site.
func (c Config) CheckFunction(hosts []Domain) settings.Problems {
	var p settings.Problems
	closed := c.Distribution
	closed.Maintenance.Closed = true
	closed.Maintenance.PassHash = strings.Repeat("0", 64)
	code, err := viewerCode(closed, c.Domain, hosts, c.Records.HealthCheck.Path)
	p.Want(err == nil && len(code) <= maxFunctionBytes, "distribution.apiPaths",
		fmt.Sprintf("a viewer function of %d bytes while the site is closed", len(code)),
		"%d at most, which is what CloudFront takes: fewer or shorter paths", maxFunctionBytes)
	return p
}

// validateFirewallPaths refuses paths of the web ACL's exceptions that cover all of the API, and
// those that no request can be meant by: CloudFront takes no body where it serves files.
func (c Config) validateFirewallPaths() settings.Problems {
	var p settings.Problems
	var files []PathPattern
	files = append(files, maintenancePattern)
	files = append(files, sortedKeys(c.Distribution.Static)...)
	if c.Distribution.Images != nil {
		files = append(files, c.Distribution.Images.Path)
	}
	for _, name := range sortedKeys(c.WebACL.Content) {
		for i, path := range c.WebACL.Content[name].Paths {
			for _, file := range files {
				p.WantBeside("distribution", !file.covers(PathPattern(path)),
					settings.Join(settings.Key("webAcl.content", string(name)), at("paths", i)), path,
					"a path apart from %s, where CloudFront takes GET and HEAD alone: no request could be meant", file)
			}
		}
	}
	for _, name := range sortedKeys(c.WebACL.Exceptions) {
		for i, path := range c.WebACL.Exceptions[name].Paths {
			for _, api := range c.Distribution.APIPaths {
				p.WantBeside("distribution.apiPaths", !path.covers(api),
					settings.Join(settings.Key("webAcl.exceptions", string(name)), at("paths", i)), path,
					"a path within %s: this would lift the rules for all of the API", api)
			}
		}
	}
	return p
}

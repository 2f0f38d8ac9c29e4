package edge

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// RecordsType is part of every child's URN; changing it replaces the records.
const RecordsType = "bookmark-manager:edge:Records"

// RecordsConfig is what a stack may choose of its DNS records.
type RecordsConfig struct {
	// Secondary is the load balancer of a second region, which takes over when a service of this
	// one has no healthy target. It needs a certificate for the origin's name and must accept the
	// same origin secret.
	Secondary *SecondaryConfig `json:"secondary"`
	// HealthCheck watches the site from outside.
	HealthCheck HealthCheckConfig `json:"healthCheck"`
	// Mail is whether the domain has mail: none, and records say so to everybody, or elsewhere, and
	// its records are somebody else's.
	Mail MailMode `json:"mail"`
	// CertificateAuthorities are those that may issue certificates for the domain and the names
	// below it, as CAA records say; an Amazon's must be among them. Without any everybody may. In
	// an adopted zone the domain must have no such record yet.
	CertificateAuthorities []CertificateAuthority `json:"certificateAuthorities" settings:"optional,unique"`
}

// MailMode is whether the domain has mail.
type MailMode string

// Without records that say that the domain has no mail, anybody can send mail in its name.
const (
	MailNone      MailMode = "none"
	MailElsewhere MailMode = "elsewhere"
)

// Rule implements settings.Ruled.
func (MailMode) Rule() settings.Rule { return settings.Set(MailNone, MailElsewhere) }

// CertificateAuthority is the domain by which an authority knows itself in CAA records.
type CertificateAuthority string

// Rule implements settings.Ruled.
func (CertificateAuthority) Rule() settings.Rule {
	rule := Domain("").Rule()
	rule.Want = "the domain of an authority, such as amazon.com"
	return rule
}

// amazonAuthorities are the domains of which ACM asks for one.
// https://docs.aws.amazon.com/acm/latest/userguide/setup-caa.html
var amazonAuthorities = []CertificateAuthority{"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"}

// SecondaryConfig is a load balancer that another stack has made.
type SecondaryConfig struct {
	// DNSName is its own name.
	DNSName LoadBalancerName `json:"dnsName"`
	// ZoneID is the hosted zone of DNSName, which is the same for all load balancers of a region.
	ZoneID ZoneID `json:"zoneId" want:"the hosted zone of the region's load balancers, such as Z5LXEXXYW11ES"`
}

// LoadBalancerName is a load balancer's own DNS name.
type LoadBalancerName string

// Rule implements settings.Ruled.
func (LoadBalancerName) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^[a-z0-9-]+\.[a-z0-9-]+\.elb\.amazonaws\.com$`),
		Want: "a load balancer's own name in lower case, such as " +
			"standby-1234567890.ap-northeast-3.elb.amazonaws.com",
	}
}

// Validate reports every problem, with paths relative to the records.
func (c RecordsConfig) Validate() settings.Problems {
	p := settings.Check(c)
	amazon := slices.ContainsFunc(c.CertificateAuthorities, func(one CertificateAuthority) bool {
		return slices.Contains(amazonAuthorities, one)
	})
	p.Want(len(c.CertificateAuthorities) == 0 || amazon, "certificateAuthorities", c.CertificateAuthorities,
		"one of %v among them: ACM could issue no certificate", amazonAuthorities)
	return p
}

// RecordsArgs are the records' configuration and wiring.
type RecordsArgs struct {
	Config RecordsConfig
	Domain Domain   // required
	Hosts  []Domain // further names of the site; none by default
	Apex   ApexMode // required: as the distribution's
	identity.Stack
	ZoneID pulumi.StringInput // required
	// The distribution's own name and its hosted zone. Required.
	DistributionDomainName pulumi.StringInput
	DistributionZoneID     pulumi.StringInput
	// The load balancer's own name and its hosted zone. Required.
	LoadBalancerDNSName pulumi.StringInput
	LoadBalancerZoneID  pulumi.StringInput
	// Targets are the running services, by name. The secondary takes over when one of them has no
	// healthy target; without any it does not.
	Targets map[string]OriginTarget
}

// Records are the site's DNS records and its health check.
//
// The origin's name has failover records. Without a secondary there is the primary record alone,
// and Route53 goes on answering with it whatever its health: viewers then get the maintenance page
// from the distribution. With one, the primary's health is that of the services: see originHealth.
// Adding a secondary later changes no name and replaces nothing.
type Records struct {
	pulumi.ResourceState

	HealthCheckID pulumi.StringOutput // its metrics are in us-east-1 alone
}

// NewRecords registers nothing when args are invalid.
func NewRecords(ctx *pulumi.Context, name string, args *RecordsArgs, opts ...pulumi.ResourceOption) (*Records, error) {
	if args == nil || !args.Domain.valid() || args.ZoneID == nil || args.DistributionDomainName == nil ||
		args.DistributionZoneID == nil || args.LoadBalancerDNSName == nil || args.LoadBalancerZoneID == nil ||
		(args.Apex != ApexRedirect && args.Apex != ApexNone) {
		return nil, fmt.Errorf("records %q: Domain (a domain name), Apex (redirect or none), ZoneID, "+
			"DistributionDomainName, "+
			"DistributionZoneID, LoadBalancerDNSName and LoadBalancerZoneID are required", name)
	}
	if err := args.Check(); err != nil {
		return nil, fmt.Errorf("records %q: %w", name, err)
	}
	if err := args.Config.Validate().Err(); err != nil {
		return nil, fmt.Errorf("records %q: %w", name, err)
	}
	r := &Records{}
	base, err := component.Register(ctx, "records", RecordsType, name, r, opts...)
	if err != nil {
		return nil, err
	}
	var origin *route53.HealthCheck
	if args.Config.Secondary != nil && len(args.Targets) > 0 {
		if origin, err = args.originHealth(ctx, base); err != nil {
			return nil, err
		}
	}
	for _, one := range args.records(origin) {
		if _, err := route53.NewRecord(ctx, base.Child(one.key), one.args, base.Parent()); err != nil {
			return nil, base.Wrap("create", "record "+one.key, err)
		}
	}
	check, err := newHealthCheck(ctx, name, siteCheck{args.Config.HealthCheck, args.Domain, args.Environment},
		base.Parent())
	if err != nil {
		return nil, err
	}
	r.HealthCheckID = check.ID().ToStringOutput()
	return r, base.Outputs(pulumi.Map{"healthCheckId": r.HealthCheckID})
}

// record is a record and the end of its logical name.
type record struct {
	key  string
	args *route53.RecordArgs
}

// records are all of them. health is that of the origin; nil without a secondary.
func (a *RecordsArgs) records(health *route53.HealthCheck) []record {
	viewers := map[string]string{"www": a.Domain.WWW()}
	if a.Apex == ApexRedirect {
		viewers["apex"] = string(a.Domain)
	}
	for _, host := range a.Hosts {
		viewers[string(host)] = string(host)
	}
	var all []record
	for _, key := range sortedKeys(viewers) {
		// The HTTPS record tells browsers before they connect that CloudFront speaks HTTP/3.
		// https://aws.amazon.com/about-aws/whats-new/2025/07/amazon-cloudfront-https-dns-records/
		for _, kind := range []string{"A", "AAAA", "HTTPS"} {
			all = append(all, record{key + "-" + strings.ToLower(kind), &route53.RecordArgs{
				ZoneId: a.ZoneID,
				Name:   pulumi.String(viewers[key]),
				Type:   pulumi.String(kind),
				// A distribution has no health to evaluate.
				Aliases: alias(a.DistributionDomainName, a.DistributionZoneID, false),
			}})
		}
	}
	primary := failoverRecord(a.ZoneID, a.Domain, primaryRole, a.LoadBalancerDNSName, a.LoadBalancerZoneID)
	if s := a.Config.Secondary; s != nil {
		// Where nothing says that it is ill, it leads nobody away; the secondary is there for
		// whoever comes.
		primary.Aliases = alias(a.LoadBalancerDNSName, a.LoadBalancerZoneID, false)
		secondary := failoverRecord(a.ZoneID, a.Domain, "secondary", pulumi.String(s.DNSName), pulumi.String(s.ZoneID))
		secondary.Aliases = alias(pulumi.String(s.DNSName), pulumi.String(s.ZoneID), false)
		all = append(all, record{"origin-secondary", secondary})
	}
	if health != nil {
		primary.HealthCheckId = health.ID()
	}
	all = append(all, record{"origin-primary", primary})
	return append(all, a.statements()...)
}

// primaryRole is the failover record that Route 53 answers with while its load balancer is healthy.
const primaryRole = "primary"

// failoverRecord is one of the failover records of the origin's name. CloudFront reaches origins
// over IPv4, so that there is no AAAA record.
func failoverRecord(
	inZone pulumi.StringInput, domain Domain, role string, dnsName, zone pulumi.StringInput,
) *route53.RecordArgs {
	return &route53.RecordArgs{
		ZoneId:        inZone,
		Name:          pulumi.String(domain.Origin()),
		Type:          pulumi.String("A"),
		SetIdentifier: pulumi.String(role),
		FailoverRoutingPolicies: route53.RecordFailoverRoutingPolicyArray{
			route53.RecordFailoverRoutingPolicyArgs{Type: pulumi.String(strings.ToUpper(role))},
		},
		Aliases: alias(dnsName, zone, true),
	}
}

func alias(name, zone pulumi.StringInput, health bool) route53.RecordAliasArray {
	return route53.RecordAliasArray{route53.RecordAliasArgs{
		Name:                 name,
		ZoneId:               zone,
		EvaluateTargetHealth: pulumi.Bool(health),
	}}
}

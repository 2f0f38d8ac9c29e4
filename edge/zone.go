package edge

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/retention"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// ZoneType is part of every child's URN; changing it replaces the zone.
const ZoneType = "bookmark-manager:edge:Zone"

// ZoneConfig is the hosted zone that the site's names live in.
type ZoneConfig struct {
	// Name is the zone's domain, such as example.com.
	Name Domain `json:"name"`
	// ID adopts a zone that exists already, such as Z0123456789ABCDEFGHIJ. Without it the zone is
	// made.
	ID ZoneID `json:"id" settings:"optional"`
	// Delegated says that the registrar, or the parent zone, points at the zone's name servers.
	// Until then the zone is made and nothing else that needs it: no certificate could be issued.
	Delegated bool `json:"delegated"`
	// DNSSEC signs the zone. The DS record (an output) must then be given to the registrar, and
	// taken from there again a day or two before this is switched off, or the domain stops
	// resolving.
	DNSSEC bool `json:"dnssec"`
	// QueryLogs keeps a log of the DNS queries for the zone, in us-east-1.
	QueryLogs *QueryLogsConfig `json:"queryLogs"`
}

// QueryLogsConfig is the log of the zone's queries, in us-east-1.
type QueryLogsConfig struct {
	// RetentionDays is how long the log is kept.
	RetentionDays retention.Days `json:"retentionDays"`
}

// ZoneID is the id of a hosted zone.
type ZoneID string

// Rule implements settings.Ruled.
func (ZoneID) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^Z[A-Z0-9]{1,31}$`),
		Want:    "a hosted zone's id, such as Z0123456789ABCDEFGHIJ",
	}
}

// Validate reports every problem, with paths relative to the zone.
func (c ZoneConfig) Validate() settings.Problems {
	p := settings.Check(c)
	p.WantBeside("id", c.ID == "" || !c.DNSSEC, "dnssec", c.DNSSEC,
		"false for an adopted zone: whoever made it signs it")
	p.WantBeside("id", c.ID == "" || c.QueryLogs == nil, "queryLogs", c.QueryLogs,
		"nothing for an adopted zone: whoever made it logs its queries")
	return p
}

// ZoneArgs are the zone's configuration and wiring.
type ZoneArgs struct {
	Config ZoneConfig
	identity.Stack
	UsEast1 pulumi.ProviderResource // required: Route53 logs to, and signs with keys of, that region alone
}

// Zone is a public hosted zone, made or adopted.
type Zone struct {
	pulumi.ResourceState

	ZoneID pulumi.StringOutput
	// NameServers are what the registrar, or the parent zone, must point at.
	NameServers pulumi.StringArrayOutput
	// DSRecord is what the registrar needs when the zone is signed; unset without DNSSEC.
	DSRecord pulumi.StringOutput
	// QueryLogGroupName is in us-east-1; unset without query logs.
	QueryLogGroupName pulumi.StringOutput
}

// NewZone registers nothing when args are invalid.
func NewZone(ctx *pulumi.Context, name string, args *ZoneArgs, opts ...pulumi.ResourceOption) (*Zone, error) {
	if args == nil || args.UsEast1 == nil {
		return nil, fmt.Errorf("zone %q: UsEast1 is required", name)
	}
	if err := args.Check(); err != nil {
		return nil, fmt.Errorf("zone %q: %w", name, err)
	}
	if err := args.Config.Validate().Err(); err != nil {
		return nil, fmt.Errorf("zone %q: %w", name, err)
	}
	z := &Zone{}
	base, err := component.Register(ctx, "zone", ZoneType, name, z, opts...)
	if err != nil {
		return nil, err
	}
	if args.Config.ID != "" {
		if err := z.adopt(ctx, name, args); err != nil {
			return nil, err
		}
	} else if err := z.create(ctx, name, args); err != nil {
		return nil, err
	}
	outputs := pulumi.Map{"zoneId": z.ZoneID, "nameServers": z.NameServers}
	if args.Config.DNSSEC {
		outputs["dsRecord"] = z.DSRecord
	}
	if args.Config.QueryLogs != nil {
		outputs["queryLogGroupName"] = z.QueryLogGroupName
	}
	return z, base.Outputs(outputs)
}

func (z *Zone) create(ctx *pulumi.Context, name string, args *ZoneArgs) error {
	zone, err := route53.NewZone(ctx, name+"-zone", &route53.ZoneArgs{
		Name:    pulumi.String(args.Config.Name),
		Comment: pulumi.String(args.Environment.Name()),
		// Route53 refuses to delete a zone that holds more than its own NS and SOA records.
		ForceDestroy: pulumi.Bool(!args.Protect()),
	}, pulumi.Parent(z), pulumi.Protect(args.Protect()))
	if err != nil {
		return fmt.Errorf("create hosted zone of zone %q: %w", name, err)
	}
	z.ZoneID, z.NameServers = zone.ZoneId, zone.NameServers
	if args.Config.DNSSEC {
		if err := z.sign(ctx, name, args, zone); err != nil {
			return err
		}
	}
	if args.Config.QueryLogs != nil {
		return z.logQueries(ctx, name, args, zone)
	}
	return nil
}

// adopt reads a zone that somebody else made, and stops the deploy when it is another domain's.
func (z *Zone) adopt(ctx *pulumi.Context, name string, args *ZoneArgs) error {
	zone, err := route53.GetZone(ctx, name+"-zone", pulumi.ID(args.Config.ID), nil, pulumi.Parent(z))
	if err != nil {
		return fmt.Errorf("read hosted zone %s of zone %q: %w", args.Config.ID, name, err)
	}
	z.ZoneID = pulumi.All(zone.ZoneId, zone.Name).ApplyT(func(all []any) (string, error) {
		id, found := all[0].(string), strings.TrimSuffix(all[1].(string), ".")
		if found != string(args.Config.Name) {
			return "", fmt.Errorf("adopt hosted zone %s of zone %q: it is of %s, but zone.name is %s", id, name, found,
				args.Config.Name)
		}
		return id, nil
	}).(pulumi.StringOutput)
	z.NameServers = zone.NameServers
	return nil
}

package main

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/compute"
	"github.com/bookmark-manager/infrastructure/data"
	"github.com/bookmark-manager/infrastructure/edge"
	"github.com/bookmark-manager/infrastructure/network"
)

func (s *system) makeZone() (err error) {
	c := s.config
	s.zone, err = edge.NewZone(s.ctx, "zone", &edge.ZoneArgs{
		Config: c.Edge.Zone, Environment: c.Environment, AccountID: c.AWS.AccountID,
		Disposable: c.Disposable, Teardown: c.Teardown, UsEast1: s.providers.usEast1,
	}, s.providers.all())
	return err
}

func (s *system) makeKeys() (err error) {
	c := s.config
	s.keys, err = data.NewKeys(s.ctx, "keys", &data.KeysArgs{
		Config: c.Keys, Environment: c.Environment, Region: c.AWS.Region, AccountID: c.AWS.AccountID,
		Disposable: c.Disposable, Teardown: c.Teardown,
	}, s.providers.all())
	return err
}

func (s *system) makeNetwork() error {
	c := s.config
	zones, err := s.namedZones(c.Network.Zones)
	if err != nil {
		return err
	}
	c.Network.Zones = zones
	args := c.networkArgs()
	args.LogKeyArn = s.keys.LogsArn.ToStringPtrOutput()
	if args.CloudFrontPrefixListID, err = s.cloudFrontPrefixList(); err != nil {
		return err
	}
	s.network, err = network.NewNetwork(s.ctx, "network", args, s.providers.all())
	return err
}

// networkArgs is the network as far as the configuration knows it: enough to check it.
func (c *stackConfig) networkArgs() *network.Args {
	return &network.Args{
		Config: c.Network, Environment: c.Environment, Region: c.AWS.Region, AccountID: c.AWS.AccountID,
		Workloads: c.workloads(), AtlasPrivateLink: c.Atlas.Access == data.AtlasByPrivateLink,
	}
}

// workloads are what runs in the private subnets: the services and the migration task. What a service reads says what it must reach.
func (c *stackConfig) workloads() []network.Workload {
	var all []network.Workload
	for _, name := range c.Services.Names() {
		service := c.Services[name]
		all = append(all, network.Workload{
			Name: name, Port: service.Port, LoadBalanced: len(service.Paths) > 0, Calls: service.Calls,
			Database: slices.Contains(service.Secrets, data.DatabaseURL),
			Atlas:    slices.Contains(service.Secrets, data.MongoDBURI),
		})
	}
	if _, ok := c.Services.Migration(); ok {
		all = append(all, network.Workload{Name: compute.MigrationName, Database: true})
	}
	return all
}

// namedZones fills in the names that the configuration leaves out. Without any left out nothing is looked up.
func (s *system) namedZones(zones []network.Zone) ([]network.Zone, error) {
	unnamed := func(z network.Zone) bool { return z.Name == "" }
	if !slices.ContainsFunc(zones, unnamed) {
		return zones, nil
	}
	available, err := aws.GetAvailabilityZones(s.ctx, &aws.GetAvailabilityZonesArgs{
		State: pulumi.StringRef("available"),
		// Local zones have no load balancers and no Aurora.
		Filters: []aws.GetAvailabilityZonesFilter{{Name: "opt-in-status", Values: []string{"opt-in-not-required"}}},
	}, pulumi.Provider(s.providers.region))
	if err != nil {
		return nil, fmt.Errorf("look up the availability zones: %w", err)
	}
	found := slices.Sorted(slices.Values(available.Names))
	named := slices.Clone(zones)
	for i, zone := range named {
		if !unnamed(zone) {
			continue
		}
		if zone.Index > len(found) {
			return nil, fmt.Errorf("zone index %d: the account has %d zones in this region (%v); name the zone in network.zones[%d].name",
				zone.Index, len(found), found, i)
		}
		named[i].Name = found[zone.Index-1]
	}
	return named, nil
}

// cloudFrontPrefixList is nil when the load balancer takes requests from everywhere.
func (s *system) cloudFrontPrefixList() (pulumi.StringInput, error) {
	ingress := s.config.Network.Ingress
	switch {
	case ingress.Source != network.FromCloudFront:
		return nil, nil
	case ingress.PrefixListID != "":
		return pulumi.String(ingress.PrefixListID), nil
	}
	list, err := ec2.LookupManagedPrefixList(s.ctx, &ec2.LookupManagedPrefixListArgs{
		Name: pulumi.StringRef("com.amazonaws.global.cloudfront.origin-facing"),
	}, pulumi.Provider(s.providers.region))
	if err != nil {
		return nil, fmt.Errorf("look up CloudFront's prefix list (network.ingress.prefixListId saves the look-up): %w", err)
	}
	return pulumi.String(list.Id), nil
}

func (s *system) makeBuckets() (err error) {
	c := s.config
	s.buckets, err = data.NewBuckets(s.ctx, "buckets", &data.BucketsArgs{
		Config: c.Buckets, Environment: c.Environment, Region: c.AWS.Region, AccountID: c.AWS.AccountID,
		ElbAccountID: pulumi.String(elbAccounts[c.AWS.Region]), DataKeyArn: s.keys.DataArn,
		Disposable: c.Disposable, Teardown: c.Teardown,
	}, s.providers.all())
	return err
}

// elbAccounts are AWS's own accounts that deliver load balancers' logs, by region.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
var elbAccounts = map[string]string{
	"af-south-1": "098369216593", "ap-east-1": "754344448648", "ap-northeast-1": "582318560864", "ap-northeast-2": "600734575887",
	"ap-northeast-3": "383597477331", "ap-south-1": "718504428378", "ap-southeast-1": "114774131450", "ap-southeast-2": "783225319266",
	"ap-southeast-3": "589379963580", "ca-central-1": "985666609251", "eu-central-1": "054676820928", "eu-north-1": "897822967062",
	"eu-south-1": "635631232127", "eu-west-1": "156460612806", "eu-west-2": "652711504416", "eu-west-3": "009996457667",
	"me-south-1": "076674570225", "sa-east-1": "507241528517", "us-east-1": "127311923021", "us-east-2": "033677994240",
	"us-west-1": "027434742980", "us-west-2": "797873946194",
}

func (s *system) makeCertificates() (err error) {
	c := s.config
	if s.certificates, err = edge.NewCertificates(s.ctx, "certificates", &edge.CertificatesArgs{
		Domain: c.Edge.Domain, ZoneID: s.zone.ZoneID, UsEast1: s.providers.usEast1, SharedZone: c.Edge.Zone.ID != "",
	}, s.providers.all()); err != nil {
		return err
	}
	s.originSecret, err = edge.NewOriginSecret(s.ctx, "origin-secret", c.Edge.OriginSecret, s.providers.all())
	return err
}

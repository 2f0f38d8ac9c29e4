package main

import (
	"github.com/bookmark-manager/infrastructure/edge"
)

// makeDistribution makes what the public meets: the firewall, the page for bad times, and the distribution itself.
func (s *system) makeDistribution() error {
	c := s.config
	firewall, err := edge.NewWebACL(s.ctx, "web-acl", &edge.WebACLArgs{
		Config: c.Edge.WebACL, Environment: c.Environment, AccountID: c.AWS.AccountID, UsEast1: s.providers.usEast1,
	}, s.providers.all())
	if err != nil {
		return err
	}
	page, err := edge.NewMaintenancePage(s.ctx, "maintenance", &edge.MaintenancePageArgs{
		AssetsBucketName: s.buckets.AssetsName,
	}, s.providers.all())
	if err != nil {
		return err
	}
	s.firewall = firewall
	// The load balancer must accept a new secret before CloudFront sends it.
	after := page.Ready
	for _, name := range c.Services.Names() {
		after = append(after, s.services[name].Rules...)
	}
	s.distribution, err = edge.NewEdgeDistribution(s.ctx, "distribution", &edge.DistributionArgs{
		Config: c.Edge.Distribution, Domain: c.Edge.Domain, Environment: c.Environment, UsEast1: s.providers.usEast1,
		CertificateArn: s.certificates.CloudFrontArn, WebACLArn: firewall.Arn, OriginSecret: s.originSecret.Current,
		AssetsBucketName: s.buckets.AssetsName, AssetsBucketArn: s.buckets.AssetsArn, AssetsBucketDomainName: s.buckets.AssetsDomainName,
		LogBucketArn: s.buckets.LogsArn, After: after,
	}, s.providers.all())
	return err
}

func (s *system) makeRecords() (err error) {
	c := s.config
	s.records, err = edge.NewRecords(s.ctx, "records", &edge.RecordsArgs{
		Config: c.Edge.Records, Domain: c.Edge.Domain, Apex: c.Edge.Distribution.Apex, Environment: c.Environment, ZoneID: s.zone.ZoneID,
		DistributionDomainName: s.distribution.DomainName, DistributionZoneID: s.distribution.HostedZoneID,
		LoadBalancerDNSName: s.loadBalancer.DNSName, LoadBalancerZoneID: s.loadBalancer.ZoneID,
	}, s.providers.all())
	return err
}

package main

import (
	"github.com/bookmark-manager/infrastructure/compute"
	"github.com/bookmark-manager/infrastructure/data"
	"github.com/bookmark-manager/infrastructure/edge"
)

// makeDistribution makes what the public meets: the firewall, the maintenance page, and the
// distribution itself.
func makeDistribution(
	st *stack, buckets *data.Buckets, certificates *edge.Certificates, originSecret *edge.OriginSecret,
	services map[string]*compute.Service,
) (*edge.EdgeDistribution, *edge.WebACL, error) {
	c := st.config
	firewall, err := edge.NewWebACL(st.ctx, "web-acl", &edge.WebACLArgs{
		Stack: c.Identity, Config: c.Edge.WebACL, UsEast1: st.providers.usEast1,
	}, st.providers.all())
	if err != nil {
		return nil, nil, err
	}
	page, err := edge.NewMaintenancePage(st.ctx, "maintenance", &edge.MaintenancePageArgs{
		AssetsBucketName: buckets.AssetsName,
	}, st.providers.all())
	if err != nil {
		return nil, nil, err
	}
	// The load balancer must accept a new secret before CloudFront sends it.
	after := page.Ready
	for _, name := range c.Services.Names() {
		after = append(after, services[name].Rules...)
	}
	distribution, err := edge.NewEdgeDistribution(st.ctx, "distribution", &edge.EdgeDistributionArgs{
		Stack: c.Identity, Config: c.Edge.Distribution, Domain: c.Edge.Domain, UsEast1: st.providers.usEast1,
		CertificateArn: certificates.CloudFrontArn, WebACLArn: firewall.Arn, OriginSecret: originSecret.Current,
		AssetsBucketName: buckets.AssetsName, AssetsBucketArn: buckets.AssetsArn,
		AssetsBucketDomainName: buckets.AssetsDomainName, LogBucketArn: buckets.LogsArn,
		HealthPath: c.Edge.Records.HealthCheck.Path, After: after,
	}, st.providers.all())
	return distribution, firewall, err
}

func makeRecords(
	st *stack, zone *edge.Zone, loadBalancer *compute.LoadBalancer, distribution *edge.EdgeDistribution,
) (*edge.Records, error) {
	c := st.config
	return edge.NewRecords(st.ctx, "records", &edge.RecordsArgs{
		Stack: c.Identity, Config: c.Edge.Records, Domain: c.Edge.Domain, Apex: c.Edge.Distribution.Apex, ZoneID: zone.ZoneID,
		DistributionDomainName: distribution.DomainName, DistributionZoneID: distribution.HostedZoneID,
		LoadBalancerDNSName: loadBalancer.DNSName, LoadBalancerZoneID: loadBalancer.ZoneID,
	}, st.providers.all())
}

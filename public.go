package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/compute"
	"github.com/bookmark-manager/infrastructure/data"
	"github.com/bookmark-manager/infrastructure/edge"
	"github.com/bookmark-manager/infrastructure/internal/stackconfig"
	"github.com/bookmark-manager/infrastructure/observability"
)

// public is what makeFront needs: the distribution's origins, certificates and origin secret, and
// the services.
type public struct {
	buckets      *data.Buckets
	certificates *edge.Certificates
	originSecret *edge.OriginSecret
	balancers    balancers
	services     map[string]*compute.Service
	sentry       *observability.Sentry // nil when it is off
}

// reports is where a service's Sentry project takes what browsers report; nil without a service.
func (p public) reports(service string) pulumi.StringInput {
	if service == "" {
		return nil
	}
	return p.sentry.ReportAddresses[service]
}

// front is the distribution that visitors reach, its health check, and the metrics and logs of its
// web ACL.
type front struct {
	distributionID     pulumi.StringOutput
	healthCheckID      pulumi.StringOutput
	webACLMetricName   string
	webACLLogGroupName pulumi.StringOutput
}

// makeFront makes the distribution with its firewall and the records, or stands the stack behind
// those of another one.
func makeFront(st *stack, zone *edge.Zone, behind public) (*front, error) {
	if st.config.Edge.Standby != nil {
		return makeStandby(st, behind)
	}
	distribution, firewall, err := makeDistribution(st, behind)
	if err != nil {
		return nil, err
	}
	records, err := makeRecords(st, zone, behind, distribution)
	if err != nil {
		return nil, err
	}
	return &front{distribution.ID, records.HealthCheckID, firewall.MetricName, firewall.LogGroupName}, nil
}

func makeStandby(st *stack, behind public) (*front, error) {
	c := st.config
	standby, err := edge.NewStandby(st.ctx, "standby", &edge.StandbyArgs{
		Stack:               c.Identity,
		Config:              *c.Edge.Standby,
		Domain:              c.Edge.Domain,
		HealthCheck:         c.Edge.Records.HealthCheck,
		LoadBalancerDNSName: behind.balancers.reached.DNSName,
		LoadBalancerZoneID:  behind.balancers.reached.ZoneID,
		AssetsBucketName:    behind.buckets.AssetsName,
		AssetsBucketArn:     behind.buckets.AssetsArn,
	}, st.providers.all())
	if err != nil {
		return nil, err
	}
	return &front{
		standby.DistributionID, standby.HealthCheckID, standby.WebACLMetricName, standby.WebACLLogGroupName,
	}, nil
}

// makeDistribution makes the firewall, the maintenance page, and the distribution itself.
func makeDistribution(st *stack, behind public) (*edge.EdgeDistribution, *edge.WebACL, error) {
	c := st.config
	firewall, err := edge.NewWebACL(st.ctx, "web-acl", &edge.WebACLArgs{
		Stack: c.Identity, Config: c.Edge.WebACL, UsEast1: st.providers.usEast1,
	}, st.providers.all())
	if err != nil {
		return nil, nil, err
	}
	page, err := edge.NewMaintenancePage(st.ctx, "maintenance", &edge.MaintenancePageArgs{
		AssetsBucketName: behind.buckets.AssetsName,
	}, st.providers.all())
	if err != nil {
		return nil, nil, err
	}
	// The load balancer must accept a new secret before CloudFront sends it.
	after := page.Ready
	for _, name := range c.Services.Names() {
		after = append(after, behind.services[name].Rules...)
	}
	distribution, err := edge.NewEdgeDistribution(st.ctx, "distribution", &edge.EdgeDistributionArgs{
		Stack:                  c.Identity,
		Config:                 c.Edge.Distribution,
		Domain:                 c.Edge.Domain,
		Hosts:                  c.Hosts(),
		UsEast1:                st.providers.usEast1,
		CertificateArn:         behind.certificates.CloudFrontArn,
		WebACLArn:              firewall.Arn,
		OriginSecret:           behind.originSecret.Current,
		VPCOrigin:              vpcOrigin(behind.balancers),
		AssetsBucketName:       behind.buckets.AssetsName,
		AssetsBucketArn:        behind.buckets.AssetsArn,
		AssetsBucketDomainName: behind.buckets.AssetsDomainName,
		LogBucketArn:           behind.buckets.LogsArn,
		HealthPath:             c.Edge.Records.HealthCheck.Path,
		ReportAddress:          behind.reports(c.Edge.Distribution.Headers.ReportService()),
		After:                  after,
	}, st.providers.all())
	return distribution, firewall, err
}

// vpcOrigin is by what CloudFront reaches an internal load balancer; nil when there is none.
func vpcOrigin(all balancers) *edge.VPCOrigin {
	internal := all.internal()
	if internal == nil {
		return nil
	}
	return &edge.VPCOrigin{
		LoadBalancerArn:       internal.Arn,
		LoadBalancerArnSuffix: internal.ArnSuffix,
		Reached:               internal == all.reached,
	}
}

func makeRecords(
	st *stack, zone *edge.Zone, behind public, distribution *edge.EdgeDistribution,
) (*edge.Records, error) {
	c, loadBalancer := st.config, behind.balancers.reached
	return edge.NewRecords(st.ctx, "records", &edge.RecordsArgs{
		Stack:                  c.Identity,
		Config:                 c.Edge.Records,
		Domain:                 c.Edge.Domain,
		Hosts:                  c.Hosts(),
		Apex:                   c.Edge.Distribution.Apex,
		ZoneID:                 zone.ZoneID,
		DistributionDomainName: distribution.DomainName,
		DistributionZoneID:     distribution.HostedZoneID,
		LoadBalancerDNSName:    loadBalancer.DNSName,
		LoadBalancerZoneID:     loadBalancer.ZoneID,
		Targets:                originTargets(c, behind),
	}, st.providers.all())
}

// originTargets are the services that the load balancer sends requests to, and that run.
func originTargets(c *stackconfig.Config, behind public) map[string]edge.OriginTarget {
	targets := map[string]edge.OriginTarget{}
	for name, service := range behind.services {
		if running := service.Running(); running != nil && len(c.Services[name].Paths) > 0 {
			targets[name] = edge.OriginTarget{
				LoadBalancerArnSuffix: behind.balancers.reached.ArnSuffix,
				TargetGroupArnSuffix:  service.TargetGroupArnSuffix,
				After:                 []pulumi.Resource{running},
			}
		}
	}
	return targets
}

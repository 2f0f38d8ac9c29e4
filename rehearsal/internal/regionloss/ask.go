package regionloss

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/traffic"
)

// The types that a request passes.
const (
	recordType       = "aws:route53/record:Record"
	balancerType     = "aws:lb/loadBalancer:LoadBalancer"
	listenerType     = "aws:lb/listener:Listener"
	distributionType = "aws:cloudfront/distribution:Distribution"
	certificateType  = "aws:acm/certificate:Certificate"
)

// site is the clouds, as a request meets them.
type site struct{ objects []*cloud.Object }

func (s site) of(typ string) (found []*cloud.Object) {
	for _, o := range s.objects {
		if o.Type == typ {
			found = append(found, o)
		}
	}
	return found
}

func (s site) in(typ, region string) []*cloud.Object {
	return slices.DeleteFunc(s.of(typ), func(o *cloud.Object) bool { return o.Region != region })
}

// Ask follows a GET through the clouds, and returns the region that answers it with 200: from the
// record of the public name to the distribution that has it, by the origin's name to a load
// balancer, which must have a certificate for that name and a rule that accepts the origin secret
// that CloudFront sends, and on to a healthy task. Files come from the distribution's bucket.
func Ask(objects []*cloud.Object, url string) (region string, err error) {
	host, path, err := splitURL(url)
	if err != nil {
		return "", err
	}
	s := site{objects}
	distribution, err := s.distribution(host)
	if err != nil {
		return "", fmt.Errorf("ask %s: %w", url, err)
	}
	origin, header, err := loadBalancerOrigin(distribution)
	if err != nil {
		return "", fmt.Errorf("ask %s: %w", url, err)
	}
	balancer, err := s.balancer(origin)
	if err != nil {
		return "", fmt.Errorf("ask %s: %w", url, err)
	}
	region = balancer.Region
	if aws.LostAmong(objects, region) {
		return "", fmt.Errorf("ask %s: 504, the load balancer of %s does not answer", url, region)
	}
	if !s.admits(balancer) {
		return "", fmt.Errorf("ask %s: 504, no security group of the load balancer of %s lets CloudFront in", url,
			region)
	}
	if !s.covered(region, origin) {
		return "", fmt.Errorf("ask %s: 502, no HTTPS listener of %s has a certificate for %s", url, region, origin)
	}
	answer, _ := traffic.New(s.region(region), 0).Send(traffic.Request{
		Path: path, Headers: map[string]string{names.OriginHeader: header, "Host": host},
	})
	if answer.Status != http.StatusOK {
		return "", fmt.Errorf("ask %s: %d from %s: %s", url, answer.Status, region, answer.Why)
	}
	return region, nil
}

// region are the objects of a region.
func (s site) region(region string) []*cloud.Object {
	return slices.DeleteFunc(slices.Clone(s.objects), func(o *cloud.Object) bool { return o.Region != region })
}

// distribution is the one that the record of a name leads to, and that has the name.
func (s site) distribution(host string) (*cloud.Object, error) {
	for _, record := range s.of(recordType) {
		if record.Text("fqdn") != host || record.Text("type") != "A" {
			continue
		}
		for _, alias := range provider.Values(record.Inputs).Objects("aliases") {
			for _, one := range s.of(distributionType) {
				has := slices.Contains(provider.Values(one.Inputs).Texts("aliases"), host)
				if one.Text("domainName") == alias.Text("name") && has {
					return one, nil
				}
			}
		}
	}
	return nil, fmt.Errorf("could not resolve host: no record of %s leads to a distribution that has the name", host)
}

// loadBalancerOrigin is the name that the distribution reaches the load balancer by, and the secret
// that it sends.
func loadBalancerOrigin(distribution *cloud.Object) (name, secret string, err error) {
	for _, origin := range provider.Values(distribution.Inputs).Objects("origins") {
		for _, header := range origin.Objects("customHeaders") {
			if header.Text("name") == names.OriginHeader {
				return origin.Text("domainName"), header.Text("value"), nil
			}
		}
	}
	return "", "", fmt.Errorf("no origin of distribution %s has the header %s", distribution.ID, names.OriginHeader)
}

// balancer is the load balancer that Route 53 answers with for the origin's name: the primary
// record's while it is healthy, else the secondary's; without any healthy one the primary's.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-problems.html
func (s site) balancer(origin string) (*cloud.Object, error) {
	roles := map[string]*cloud.Object{}
	for _, record := range s.of(recordType) {
		inputs := provider.Values(record.Inputs)
		if record.Text("fqdn") != origin || record.Text("type") != "A" {
			continue
		}
		role := "primary"
		for _, policy := range inputs.Objects("failoverRoutingPolicies") {
			role = strings.ToLower(policy.Text("type"))
		}
		for _, alias := range inputs.Objects("aliases") {
			for _, one := range s.of(balancerType) {
				if one.Text("dnsName") == alias.Text("name") {
					roles[role] = one
				}
			}
		}
	}
	primary, secondary := roles["primary"], roles["secondary"]
	switch {
	case primary == nil:
		return nil, fmt.Errorf("502: no record of %s leads to a load balancer", origin)
	case secondary != nil && !s.healthy(primary) && s.healthy(secondary):
		return secondary, nil
	default:
		return primary, nil
	}
}

// healthy says whether Route 53 takes a load balancer for healthy: each of its target groups that
// has targets has a healthy one. One without any target in any group is not.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-failover-alias.html
func (s site) healthy(balancer *cloud.Object) bool {
	if aws.LostAmong(s.objects, balancer.Region) {
		return false
	}
	return traffic.New(s.region(balancer.Region), 0).Healthy()
}

// admits says whether a load balancer lets in those who answer for CloudFront, whose prefix list is
// another one in each region.
func (s site) admits(balancer *cloud.Object) bool {
	groups := provider.Values(balancer.Outputs).Texts("securityGroups")
	return slices.ContainsFunc(s.in(traffic.IngressType, balancer.Region), func(rule *cloud.Object) bool {
		return slices.Contains(groups, rule.Text("securityGroupId")) &&
			rule.Text("prefixListId") == aws.OriginFacing(balancer.Region)
	})
}

// covered says whether an HTTPS listener of a region has a certificate for a name.
func (s site) covered(region, name string) bool {
	for _, listener := range s.in(listenerType, region) {
		if listener.Text("protocol") != "HTTPS" {
			continue
		}
		for _, certificate := range s.in(certificateType, region) {
			covers := append(provider.Values(certificate.Inputs).Texts("subjectAlternativeNames"),
				certificate.Text("domainName"))
			if listener.Text("certificateArn") == certificate.ARN && slices.Contains(covers, name) {
				return true
			}
		}
	}
	return false
}

// Transport answers the requests of a client of HTTP out of the model.
type Transport struct {
	Cloud *cloud.Cloud
}

// RoundTrip implements http.RoundTripper.
func (t Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	all, err := t.Cloud.List()
	if err != nil {
		return nil, err
	}
	answer := &http.Response{StatusCode: http.StatusOK, Request: r, ProtoMajor: 1, ProtoMinor: 1}
	region, err := Ask(all, r.URL.String())
	if err != nil {
		answer.StatusCode, region = http.StatusBadGateway, err.Error()
	}
	answer.Body = io.NopCloser(strings.NewReader(region))
	return answer, nil
}

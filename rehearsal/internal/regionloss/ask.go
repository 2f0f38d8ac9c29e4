package regionloss

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/traffic"
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
// record of the public name to the distribution that has it, by the origin's name, or a VPC origin,
// to a load balancer, which must have a certificate for that name and a rule that accepts the
// origin secret that CloudFront sends, and on to a healthy task. Files come from the distribution's
// bucket.
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
	if s.closed(distribution, path) {
		return "", fmt.Errorf("ask %s: 503, the site is closed", url)
	}
	origin, vpcOrigin, header, err := loadBalancerOrigin(distribution)
	if err != nil {
		return "", fmt.Errorf("ask %s: %w", url, err)
	}
	balancer, err := s.balancer(origin, vpcOrigin)
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
	answer, _ := s.traffic(region).Send(traffic.Request{
		Balancer: balancer.ARN, Path: path, Headers: map[string]string{names.OriginHeader: header, "Host": host},
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

// traffic is what a region's load balancer and tasks do.
func (s site) traffic(region string) *traffic.World {
	w := traffic.New(s.region(region), 0)
	if aws.SickAmong(s.objects, region) {
		w.Break()
	}
	return w
}

// distribution is the one that the record of a name leads to, and that has the name.
func (s site) distribution(host string) (*cloud.Object, error) {
	for _, record := range s.of(catalog.Record) {
		if record.Text("fqdn") != host || record.Text("type") != "A" {
			continue
		}
		for _, alias := range provider.Values(record.Inputs).Objects("aliases") {
			for _, one := range s.of(catalog.Distribution) {
				has := slices.Contains(provider.Values(one.Inputs).Texts("aliases"), host)
				if one.Text("domainName") == alias.Text("name") && has {
					return one, nil
				}
			}
		}
	}
	return nil, fmt.Errorf("could not resolve host: no record of %s leads to a distribution that has the name", host)
}

// closed says whether the function that every visitor meets first keeps them out. The health check
// goes on.
func (s site) closed(distribution *cloud.Object, path string) bool {
	behaviour := provider.Values(distribution.Inputs).Object("defaultCacheBehavior")
	for _, association := range behaviour.Objects("functionAssociations") {
		for _, function := range s.of(catalog.EdgeFunction) {
			if function.ARN != association.Text("functionArn") {
				continue
			}
			var settings struct{ Closed *struct{ Health string } }
			_, code, _ := strings.Cut(function.Text("code"), "const settings = ")
			if err := json.NewDecoder(strings.NewReader(code)).Decode(&settings); err != nil {
				return true // a function that cannot be read lets nobody through
			}
			return settings.Closed != nil && settings.Closed.Health != path
		}
	}
	return false
}

// loadBalancerOrigin is the name that the distribution reaches the load balancer by, or the id of
// the VPC origin beside it, and the secret that it sends.
func loadBalancerOrigin(distribution *cloud.Object) (name, vpcOrigin, secret string, err error) {
	for _, origin := range provider.Values(distribution.Inputs).Objects("origins") {
		for _, header := range origin.Objects("customHeaders") {
			if header.Text("name") == names.OriginHeader {
				return origin.Text("domainName"), origin.Object("vpcOriginConfig").Text("vpcOriginId"),
					header.Text("value"), nil
			}
		}
	}
	return "", "", "", fmt.Errorf("no origin of distribution %s has the header %s", distribution.ID, names.OriginHeader)
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
	for _, listener := range s.in(catalog.Listener, region) {
		if listener.Text("protocol") != "HTTPS" {
			continue
		}
		for _, certificate := range s.in(catalog.Certificate, region) {
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
	answer := &http.Response{
		StatusCode: http.StatusOK,
		Request:    r,
		ProtoMajor: 1,
		ProtoMinor: 1,
	}
	region, err := Ask(all, r.URL.String())
	if err != nil {
		answer.StatusCode, region = http.StatusBadGateway, err.Error()
	}
	answer.Body = io.NopCloser(strings.NewReader(region))
	return answer, nil
}

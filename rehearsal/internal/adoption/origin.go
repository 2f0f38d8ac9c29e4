package adoption

import (
	"fmt"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// allViewer is AWS's own origin request policy that hands the viewer's Host on.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
const allViewer = "216adef6-5c7f-47e2-b989-5492eafa07d3"

// trusted says whether CloudFront trusts the load balancer. The listener's certificate must cover
// the origin's own name, or, where a behaviour hands Host on, every name that viewers ask for;
// otherwise every request there is answered 502.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-custom-origin.html
func (m *moment) trusted() error {
	for _, o := range m.OfType(catalog.Distribution) {
		v := provider.Values(o.Outputs)
		behaviors := append(v.Objects("orderedCacheBehaviors"), v.Object("defaultCacheBehavior"))
		for _, origin := range v.Objects("origins") {
			if origin.Object("customOriginConfig").Text("originProtocolPolicy") != "https-only" {
				continue
			}
			names := m.certified()
			if slices.Contains(names, origin.Text("domainName")) {
				continue
			}
			for _, b := range behaviors {
				if b.Text("targetOriginId") != origin.Text("originId") {
					continue
				}
				asked := []string{origin.Text("domainName")}
				if b.Text("originRequestPolicyId") == allViewer {
					asked = v.Texts("aliases")
				}
				for _, name := range asked {
					if !slices.Contains(names, name) {
						return fmt.Errorf("CloudFront asks for %s, and the load balancer's certificate is for %v",
							name, names)
					}
				}
			}
		}
	}
	return nil
}

// certified are the names of the certificate of the HTTPS listener.
func (m *moment) certified() []string {
	for _, listener := range m.OfType(catalog.Listener) {
		arn := listener.Text("certificateArn")
		if arn == "" {
			continue
		}
		for _, o := range m.OfType(catalog.Certificate) {
			if o.ARN == arn {
				return append(provider.Values(o.Outputs).Texts("subjectAlternativeNames"), o.Text("domainName"))
			}
		}
	}
	return nil
}

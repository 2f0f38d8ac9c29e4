package edge

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// HealthCheckConfig is the check of the site, through CloudFront, as its visitors see it.
type HealthCheckConfig struct {
	// Path answers with 2xx or 3xx when the site is well.
	Path string `json:"path" pattern:"^(/|(/[A-Za-z0-9._~-]+)+)$" length:"..255" want:"a path such as /api/health"`
	// IntervalSeconds is 30, or 10 for a higher price. Each checker counts from its own clock: the
	// site sees a request every second or two. A change makes a new check.
	IntervalSeconds int `json:"intervalSeconds" enum:"30,10" want:"30 or 10 (seconds)"`
	// FailureThreshold is the number of checks in a row that change the verdict.
	FailureThreshold int `json:"failureThreshold" range:"1..10"`
	// Regions are where the checkers are. Without any: all eight, by name, since Route53 fills in
	// what is left out, and an update that leaves them out again is refused.
	// https://github.com/hashicorp/terraform-provider-aws/issues/45824
	Regions []CheckerRegion `json:"regions" settings:"optional,unique" items:"3.."`
}

// CheckerRegion is a region with health checkers.
type CheckerRegion string

// Rule implements settings.Ruled.
func (CheckerRegion) Rule() settings.Rule { return settings.Set(sortedKeys(checkerCountries)...) }

// checkerCountries are the regions with health checkers and the countries that a geographic block
// would see them in.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
var checkerCountries = map[CheckerRegion]Country{
	"us-east-1":      "US",
	"us-west-1":      "US",
	"us-west-2":      "US",
	"eu-west-1":      "IE",
	"ap-southeast-1": "SG",
	"ap-southeast-2": "AU",
	"ap-northeast-1": "JP",
	"sa-east-1":      "BR",
}

// checkers are the regions in order.
func (c HealthCheckConfig) checkers() []CheckerRegion {
	if len(c.Regions) == 0 {
		return sortedKeys(checkerCountries)
	}
	return slices.Sorted(slices.Values(c.Regions))
}

// checkersIn lists the regions in a country that the site is checked from.
func (c HealthCheckConfig) checkersIn(country Country) []string {
	var all []string
	for _, region := range c.checkers() {
		if checkerCountries[region] == country {
			all = append(all, string(region))
		}
	}
	return all
}

// siteCheck is a check of the site as a stack has it.
type siteCheck struct {
	config      HealthCheckConfig
	domain      Domain
	environment names.Environment
}

func newHealthCheck(
	ctx *pulumi.Context, name string, of siteCheck, opts ...pulumi.ResourceOption,
) (*route53.HealthCheck, error) {
	c := of.config
	check := &route53.HealthCheckArgs{
		Type:             pulumi.String("HTTPS"),
		Fqdn:             pulumi.String(of.domain.WWW()),
		Port:             pulumi.Int(443),
		ResourcePath:     pulumi.String(c.Path),
		EnableSni:        pulumi.Bool(true),
		Regions:          pulumi.ToStringArray(settings.Strings(c.checkers())),
		RequestInterval:  pulumi.Int(c.IntervalSeconds),
		FailureThreshold: pulumi.Int(c.FailureThreshold),
		// the console's list shows nothing else
		Tags: pulumi.StringMap{"Name": pulumi.String(of.environment.Name("site"))},
	}
	resource, err := route53.NewHealthCheck(ctx, name+"-site", check, opts...)
	if err != nil {
		return nil, fmt.Errorf("create health check of %q: %w", name, err)
	}
	return resource, nil
}

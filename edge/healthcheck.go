package edge

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// HealthCheckConfig is the check of the site, through CloudFront, as its visitors see it.
type HealthCheckConfig struct {
	// Path answers with 2xx or 3xx when the site is well, such as /api/health. Required.
	Path string `json:"path"`
	// IntervalSeconds is 30, or 10 for a higher price. Each checker counts from its own clock: the site sees a request every
	// second or two. It cannot be changed without a new check. Required.
	IntervalSeconds int `json:"intervalSeconds"`
	// FailureThreshold is the number of checks in a row that change the verdict: 1 to 10. Required.
	FailureThreshold int `json:"failureThreshold"`
	// Regions are where the checkers are, three or more. Default all eight.
	Regions []string `json:"regions"`
}

// checkerCountries are the regions with health checkers and the countries that a geographic block would see them in.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
var checkerCountries = map[string]string{
	"us-east-1": "US", "us-west-1": "US", "us-west-2": "US", "eu-west-1": "IE", "ap-southeast-1": "SG", "ap-southeast-2": "AU",
	"ap-northeast-1": "JP", "sa-east-1": "BR",
}

const minCheckerRegions, maxFailures = 3, 10

// Validate reports every problem, with paths relative to the health check.
func (c HealthCheckConfig) Validate() settings.Problems {
	var p settings.Problems
	p.Want(c.Path == "/" || (validPath(c.Path) && pathPattern.FindStringSubmatch(c.Path)[2] == ""), "path", settings.Given(c.Path), "a path such as /api/health")
	p.Want(c.IntervalSeconds == 30 || c.IntervalSeconds == 10, "intervalSeconds", c.IntervalSeconds, "30 or 10 (seconds)")
	p.Want(c.FailureThreshold >= 1 && c.FailureThreshold <= maxFailures, "failureThreshold", c.FailureThreshold, "1 to %d", maxFailures)
	p.Want(len(c.Regions) == 0 || len(c.Regions) >= minCheckerRegions, "regions", c.Regions, "none for all, or %d regions or more", minCheckerRegions)
	for i, region := range c.Regions {
		_, known := checkerCountries[region]
		p.Want(known, at("regions", i), region, "%s", settings.OneOf(sortedKeys(checkerCountries)...))
	}
	checkUnique(&p, "regions", c.Regions)
	return p
}

// checkersIn lists the regions in a country that the site is checked from.
func (c HealthCheckConfig) checkersIn(country string) []string {
	regions := c.Regions
	if len(regions) == 0 {
		regions = sortedKeys(checkerCountries)
	}
	var all []string
	for _, region := range regions {
		if checkerCountries[region] == country {
			all = append(all, region)
		}
	}
	return all
}

func newHealthCheck(ctx *pulumi.Context, name string, args *RecordsArgs, opts ...pulumi.ResourceOption) (*route53.HealthCheck, error) {
	c := args.Config.HealthCheck
	check := &route53.HealthCheckArgs{
		Type: pulumi.String("HTTPS"), Fqdn: pulumi.String(args.Domain.WWW()), Port: pulumi.Int(443), ResourcePath: pulumi.String(c.Path),
		EnableSni:       pulumi.Bool(true),
		RequestInterval: pulumi.Int(c.IntervalSeconds), FailureThreshold: pulumi.Int(c.FailureThreshold),
		Tags: pulumi.StringMap{"Name": pulumi.String(args.Environment.Name("site"))}, // the console's list shows nothing else
	}
	if len(c.Regions) > 0 {
		check.Regions = pulumi.ToStringArray(slices.Sorted(slices.Values(c.Regions)))
	}
	resource, err := route53.NewHealthCheck(ctx, name+"-site", check, opts...)
	if err != nil {
		return nil, fmt.Errorf("create health check of records %q: %w", name, err)
	}
	return resource, nil
}

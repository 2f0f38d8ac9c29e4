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
	// Path answers with 2xx or 3xx when the site is well.
	Path string `json:"path" pattern:"^(/|(/[A-Za-z0-9._~-]+)+)$" length:"..255" want:"a path such as /api/health"`
	// IntervalSeconds is 30, or 10 for a higher price. Each checker counts from its own clock: the site sees a request every
	// second or two. A change makes a new check.
	IntervalSeconds int `json:"intervalSeconds" enum:"30,10" want:"30 or 10 (seconds)"`
	// FailureThreshold is the number of checks in a row that change the verdict.
	FailureThreshold int `json:"failureThreshold" range:"1..10"`
	// Regions are where the checkers are. Without any: all eight.
	Regions []CheckerRegion `json:"regions" settings:"optional,unique" items:"3.."`
}

// CheckerRegion is a region with health checkers.
type CheckerRegion string

// Rule implements settings.Ruled.
func (CheckerRegion) Rule() settings.Rule { return settings.Set(sortedKeys(checkerCountries)...) }

// checkerCountries are the regions with health checkers and the countries that a geographic block would see them in.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
var checkerCountries = map[CheckerRegion]Country{
	"us-east-1": "US", "us-west-1": "US", "us-west-2": "US", "eu-west-1": "IE", "ap-southeast-1": "SG", "ap-southeast-2": "AU",
	"ap-northeast-1": "JP", "sa-east-1": "BR",
}

// checkersIn lists the regions in a country that the site is checked from.
func (c HealthCheckConfig) checkersIn(country Country) []string {
	regions := c.Regions
	if len(regions) == 0 {
		regions = sortedKeys(checkerCountries)
	}
	var all []string
	for _, region := range regions {
		if checkerCountries[region] == country {
			all = append(all, string(region))
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
		var regions pulumi.StringArray
		for _, region := range slices.Sorted(slices.Values(c.Regions)) {
			regions = append(regions, pulumi.String(region))
		}
		check.Regions = regions
	}
	resource, err := route53.NewHealthCheck(ctx, name+"-site", check, opts...)
	if err != nil {
		return nil, fmt.Errorf("create health check of records %q: %w", name, err)
	}
	return resource, nil
}

package names

import (
	"slices"
	"strings"
)

// regions are those of AWS's commercial partition, where an account may keep copies.
// https://docs.aws.amazon.com/general/latest/gr/rande.html
var regions = []string{
	"af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1",
	"ap-south-2", "ap-southeast-1",
	"ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
	"ca-central-1", "ca-west-1",
	"eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3",
	"il-central-1",
	"me-central-1", "me-south-1", "mx-central-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

// UsEast1 is where CloudFront, IAM, Route 53 and billing are.
const UsEast1 = "us-east-1"

// Regions are the names of AWS's regions, sorted.
func Regions() []string { return slices.Clone(regions) }

// IsRegion says whether AWS has a region of that name, such as ap-northeast-3.
func IsRegion(name string) bool { return slices.Contains(regions, name) }

// AtlasRegion turns "ap-northeast-1" into Atlas's "AP_NORTHEAST_1".
func AtlasRegion(region string) string {
	return strings.ToUpper(strings.ReplaceAll(region, "-", "_"))
}

// IsAtlasRegion says whether AWS has the region that Atlas calls so, such as AP_NORTHEAST_3.
func IsAtlasRegion(name string) bool {
	return slices.ContainsFunc(regions, func(region string) bool { return AtlasRegion(region) == name })
}

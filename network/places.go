package network

import (
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// fargateZones are the only zones in which Fargate runs Linux tasks, for the regions where that is
// not all of them.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate-Regions.html
var fargateZones = map[string][]string{
	"ap-northeast-1": {"apne1-az1", "apne1-az2", "apne1-az4"},
	"us-west-1":      {"usw1-az1", "usw1-az3"},
}

// RunsTasks says whether Fargate runs tasks in a zone of a region, by its id.
func RunsTasks(region, id string) bool {
	some, limited := fargateZones[region]
	return !limited || slices.Contains(some, id)
}

// vpcOriginRegions are the regions with CloudFront's VPC origins, and withoutVPCOrigins the zones
// in them that have none.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
var (
	vpcOriginRegions = []string{
		"af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1",
		"ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5",
		"ap-southeast-7", "ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1",
		"eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1",
		"mx-central-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
	}
	withoutVPCOrigins = []string{"apne1-az3", "cac1-az3", "use1-az3", "usw1-az2"}
)

// HasVPCOrigins says whether CloudFront has VPC origins in a region.
func HasVPCOrigins(region string) bool { return slices.Contains(vpcOriginRegions, region) }

// TakesVPCOrigins says whether CloudFront reaches a load balancer by a VPC origin in a zone of such
// a region, by the zone's id.
func TakesVPCOrigins(id string) bool { return !slices.Contains(withoutVPCOrigins, id) }

// zonePrefix begins the ids of a region's zones: "apne1-az" of ap-northeast-1.
// https://docs.aws.amazon.com/global-infrastructure/latest/regions/az-ids.html
func zonePrefix(region string) string {
	directions := strings.NewReplacer(
		"northeast", "ne", "southeast", "se", "northwest", "nw", "southwest", "sw",
		"central", "c", "north", "n", "south", "s", "east", "e", "west", "w",
	)
	return strings.ReplaceAll(directions.Replace(region), "-", "") + "-az"
}

// originFacing are the ids of CloudFront's list of the addresses that face origins, which AWS has
// in each region. Of a region that is not here the id is taken as it is.
var originFacing = map[string]string{
	"ap-northeast-1": "pl-58a04531", "ap-northeast-2": "pl-22a6434b", "ap-northeast-3": "pl-31a14458",
	"ap-south-1": "pl-9aa247f3", "ap-southeast-1": "pl-31a34658", "ap-southeast-2": "pl-b8a742d1",
	"ca-central-1": "pl-38a64351", "eu-central-1": "pl-a3a144ca", "eu-north-1": "pl-fab65393",
	"eu-west-1": "pl-4fa04526", "eu-west-2": "pl-93a247fa", "eu-west-3": "pl-75b1541c",
	"sa-east-1": "pl-5da64334", "us-east-1": "pl-3b927c52", "us-east-2": "pl-b6a144df",
	"us-west-1": "pl-4ea04527", "us-west-2": "pl-82a045eb",
}

// validate refuses a list that is known to be another region's: AWS would not find it, in the
// middle of a deploy.
func (c Ingress) validate(region string) settings.Problems {
	var p settings.Problems
	p.Want(c.PrefixListID == "" || c.Source == FromCloudFront, "ingress.prefixListId", c.PrefixListID, "%s",
		settings.WantOf(c, "prefixListId"))
	want, known := originFacing[region]
	p.Want(c.PrefixListID == "" || !known || c.PrefixListID == want, "ingress.prefixListId", c.PrefixListID,
		"%s, CloudFront's list in region %s, or nothing: then it is looked up", want, region)
	return p
}

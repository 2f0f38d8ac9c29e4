package aws

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// zone is an availability zone. Letters belong to an account, ids to AWS; these are a common
// account's.
type zone struct{ Name, ID string }

// zones are the availability zones of the regions that the model knows. Tokyo has no 1b for newer
// accounts.
var zones = map[string][]zone{
	"ap-northeast-1": {
		{"ap-northeast-1a", "apne1-az4"},
		{"ap-northeast-1c", "apne1-az1"},
		{"ap-northeast-1d", "apne1-az2"},
	},
	"ap-northeast-3": {
		{"ap-northeast-3a", "apne3-az3"},
		{"ap-northeast-3b", "apne3-az1"},
		{"ap-northeast-3c", "apne3-az2"},
	},
	"ap-southeast-1": {
		{"ap-southeast-1a", "apse1-az1"},
		{"ap-southeast-1b", "apse1-az2"},
		{"ap-southeast-1c", "apse1-az3"},
	},
	"eu-west-1": {{"eu-west-1a", "euw1-az1"}, {"eu-west-1b", "euw1-az2"}, {"eu-west-1c", "euw1-az3"}},
	"us-east-1": {
		{"us-east-1a", "use1-az1"}, {"us-east-1b", "use1-az2"}, {"us-east-1c", "use1-az4"},
		{"us-east-1d", "use1-az6"}, {"us-east-1e", "use1-az3"}, {"us-east-1f", "use1-az5"},
	},
	// The third is one that old accounts have; Fargate lacks it.
	"us-west-1": {{"us-west-1a", "usw1-az1"}, {"us-west-1b", "usw1-az3"}, {"us-west-1c", "usw1-az2"}},
	"us-west-2": {
		{"us-west-2a", "usw2-az1"},
		{"us-west-2b", "usw2-az2"},
		{"us-west-2c", "usw2-az3"},
		{"us-west-2d", "usw2-az4"},
	},
}

// withoutFargate are the zones in which Fargate runs no Linux tasks.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate-Regions.html
var withoutFargate = []string{"apne1-az3", "usw1-az2"}

func zonesOf(region string) ([]zone, error) {
	if z := zones[region]; z != nil {
		return z, nil
	}
	return nil, fmt.Errorf("the model does not know the zones of region %q, only of %s: add it to the table in "+
		"regions.go",
		region, strings.Join(slices.Sorted(maps.Keys(zones)), ", "))
}

func zoneNames(region string) []string {
	var names []string
	for _, z := range zones[region] {
		names = append(names, z.Name)
	}
	return names
}

// originFacing is the prefix list com.amazonaws.global.cloudfront.origin-facing, by region. A rule
// that uses it counts as 55 rules of a security group.
var originFacing = map[string]string{
	"ap-northeast-1": "pl-58a04531",
	"ap-northeast-3": "pl-31a14458",
	"us-east-1":      "pl-3b927c52",
	"us-west-2":      "pl-82a045eb",
	"eu-west-1":      "pl-4fa04526",
}

// OriginFacing is the prefix list of those who answer for CloudFront, as a region has it.
func OriginFacing(region string) string { return originFacing[region] }

const originFacingWeight = 55

// s3ZoneIDs are the hosted zones of S3's endpoints.
var s3ZoneIDs = map[string]string{
	"ap-northeast-1": "Z2M4EHUR26P7ZW",
	"ap-northeast-3": "Z2YQB5RD63NC85",
	"ap-southeast-1": "Z3O0J2DXBE1FTB",
	"eu-west-1":      "Z1BKCTXD74EZPE",
	"us-east-1":      "Z3AQBSTGFYJSTF",
	"us-west-2":      "Z3BJ6K6RIION7M",
}

// elbAccounts are the accounts that load balancers of older regions write their logs with.
var elbAccounts = map[string]string{
	"ap-northeast-1": "582318560864",
	"ap-northeast-3": "383597477331",
	"ap-southeast-1": "114774131450",
	"eu-west-1":      "156460612806",
	"us-east-1":      "127311923021",
	"us-west-2":      "797873946194",
}

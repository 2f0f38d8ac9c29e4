package edge

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// cachedErrors are the errors that CloudFront keeps for ten seconds unless told otherwise, whatever
// the cache policy and the origin's Cache-Control say. It keeps them by the path alone, so that one
// user's 404 would be another's.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
var cachedErrors = []int{404, 414, 500, 501, 502, 503, 504}

// errorResponses shows the maintenance page for the configured errors, with their status, and keeps
// no other error. They hold for the whole distribution: CloudFront cannot tell an API path from a
// page here. The page is an error response and not the second member of an origin group because
// such a group serves reads alone, and pages and the API take POST.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html
func errorResponses(c MaintenanceConfig) cloudfront.DistributionCustomErrorResponseArray {
	var all cloudfront.DistributionCustomErrorResponseArray
	for _, code := range cachedErrors {
		response := cloudfront.DistributionCustomErrorResponseArgs{
			ErrorCode:          pulumi.Int(code),
			ErrorCachingMinTtl: pulumi.Int(0),
		}
		if slices.Contains(c.StatusCodes, code) {
			response.ErrorCachingMinTtl = pulumi.Int(c.CacheSeconds)
			response.ResponseCode = pulumi.Int(code)
			response.ResponsePagePath = pulumi.String(MaintenancePath)
		}
		all = append(all, response)
	}
	return all
}

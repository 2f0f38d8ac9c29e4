package edge

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The policies that AWS manages have the same ids in every account.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
const (
	cachingDisabled  = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	cachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"
	allViewer        = "216adef6-5c7f-47e2-b989-5492eafa07d3"
)

// The ids of the origins.
const (
	originLoadBalancer = "load-balancer"
	originAssets       = "assets"
)

// maintenancePattern are the paths of the maintenance page, in the assets bucket.
const maintenancePattern = "/maintenance/*"

const (
	immutableSeconds    = 31536000 // a year: the name of a static file changes with its content
	defaultImageSeconds = 60       // of a picture without Cache-Control
)

var (
	readMethods = []string{"GET", "HEAD"}
	allMethods  = []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
)

// behavior is how requests for a path are handled.
type behavior struct {
	path          string // empty for the default behaviour
	origin        string
	methods       []string
	cachePolicy   pulumi.StringInput
	requestPolicy pulumi.StringPtrInput // what the origin gets beside the cache key
	compress      bool                  // works only where the cache key has Accept-Encoding
}

// behaviors lists the behaviours in CloudFront's order, the first that matches wins, and the
// default one. No two paths overlap, so that the order of those with a path does not matter.
func behaviors(c DistributionConfig, keys cacheKeys) (byPath []behavior, other behavior) {
	byPath = append(byPath, behavior{
		path:        maintenancePattern,
		origin:      originAssets,
		methods:     readMethods,
		cachePolicy: pulumi.String(cachingOptimized),
		compress:    true,
	})
	for _, path := range sortedKeys(c.Static) {
		origin := originLoadBalancer
		if c.Static[path] == FromAssets {
			origin = originAssets
		}
		byPath = append(byPath, behavior{
			path:        string(path),
			origin:      origin,
			methods:     readMethods,
			cachePolicy: keys.immutable,
			compress:    true,
		})
	}
	// Pages vary on cookies and on the headers of Next.js's router, which CloudFront does not put
	// into its key by itself: a cached one would reach the wrong person. The application needs Host
	// to check where a form comes from, so everything is forwarded.
	other = behavior{
		origin:        originLoadBalancer,
		methods:       allMethods,
		cachePolicy:   pulumi.String(cachingDisabled),
		requestPolicy: pulumi.String(allViewer),
	}
	for _, path := range c.APIPaths {
		api := other
		api.path = string(path)
		byPath = append(byPath, api)
	}
	if c.Images != nil {
		// A picture is compressed already.
		byPath = append(byPath, behavior{
			path:        string(c.Images.Path),
			origin:      originLoadBalancer,
			methods:     readMethods,
			cachePolicy: keys.images,
		})
	}
	return byPath, other
}

// cacheKeys are the ids of the distribution's own cache policies.
type cacheKeys struct {
	immutable pulumi.StringInput
	images    pulumi.StringInput // nil without the image optimizer
}

// shared is what all behaviours have in common.
type shared struct {
	headersPolicy pulumi.StringInput
	viewer        pulumi.StringInput // the function's ARN
}

const redirectToHTTPS = "redirect-to-https"

func (b behavior) ordered(s shared) cloudfront.DistributionOrderedCacheBehaviorArgs {
	return cloudfront.DistributionOrderedCacheBehaviorArgs{
		PathPattern:             pulumi.String(b.path),
		TargetOriginId:          pulumi.String(b.origin),
		ViewerProtocolPolicy:    pulumi.String(redirectToHTTPS),
		AllowedMethods:          pulumi.ToStringArray(b.methods),
		CachedMethods:           pulumi.ToStringArray(readMethods),
		CachePolicyId:           b.cachePolicy.ToStringOutput(),
		OriginRequestPolicyId:   b.requestPolicy,
		Compress:                pulumi.Bool(b.compress),
		ResponseHeadersPolicyId: s.headersPolicy.ToStringOutput(),
		FunctionAssociations: cloudfront.DistributionOrderedCacheBehaviorFunctionAssociationArray{
			cloudfront.DistributionOrderedCacheBehaviorFunctionAssociationArgs{
				EventType:   pulumi.String("viewer-request"),
				FunctionArn: s.viewer,
			},
		},
	}
}

func (b behavior) byDefault(s shared) cloudfront.DistributionDefaultCacheBehaviorArgs {
	return cloudfront.DistributionDefaultCacheBehaviorArgs{
		TargetOriginId:          pulumi.String(b.origin),
		ViewerProtocolPolicy:    pulumi.String(redirectToHTTPS),
		AllowedMethods:          pulumi.ToStringArray(b.methods),
		CachedMethods:           pulumi.ToStringArray(readMethods),
		CachePolicyId:           b.cachePolicy.ToStringOutput(),
		OriginRequestPolicyId:   b.requestPolicy,
		Compress:                pulumi.Bool(b.compress),
		ResponseHeadersPolicyId: s.headersPolicy.ToStringOutput(),
		FunctionAssociations: cloudfront.DistributionDefaultCacheBehaviorFunctionAssociationArray{
			cloudfront.DistributionDefaultCacheBehaviorFunctionAssociationArgs{
				EventType:   pulumi.String("viewer-request"),
				FunctionArn: s.viewer,
			},
		},
	}
}

// newImmutablePolicy keeps files at the edge by their path alone. An origin's own Cache-Control
// wins, up to a year.
func newImmutablePolicy(
	ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption,
) (*cloudfront.CachePolicy, error) {
	key := cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginArgs{
		CookiesConfig: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginCookiesConfigArgs{
			CookieBehavior: pulumi.String("none"),
		},
		HeadersConfig: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigArgs{
			HeaderBehavior: pulumi.String("none"),
		},
		QueryStringsConfig: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfigArgs{
			QueryStringBehavior: pulumi.String("none"),
		},
		EnableAcceptEncodingBrotli: pulumi.Bool(true),
		EnableAcceptEncodingGzip:   pulumi.Bool(true),
	}
	cachePolicy, err := cloudfront.NewCachePolicy(ctx, name+"-immutable", &cloudfront.CachePolicyArgs{
		Comment:                                  pulumi.String("Files whose names change with their content"),
		MinTtl:                                   pulumi.Int(0),
		DefaultTtl:                               pulumi.Int(immutableSeconds),
		MaxTtl:                                   pulumi.Int(immutableSeconds),
		ParametersInCacheKeyAndForwardedToOrigin: key,
	}, opts...)
	if err != nil {
		return nil, fmt.Errorf("create cache policy of distribution %q: %w", name, err)
	}
	return cachePolicy, nil
}

// newImagesPolicy keeps the image optimizer's pictures by what Next.js makes them of, and by the
// formats that the viewer function has left of Accept. Without Accept in the key the origin would
// not get it.
func newImagesPolicy(
	ctx *pulumi.Context, name string, c ImagesConfig, opts ...pulumi.ResourceOption,
) (*cloudfront.CachePolicy, error) {
	key := cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginArgs{
		CookiesConfig: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginCookiesConfigArgs{
			CookieBehavior: pulumi.String("none"),
		},
		HeadersConfig: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigArgs{
			HeaderBehavior: pulumi.String("whitelist"),
			Headers: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigHeadersArgs{
				Items: pulumi.ToStringArray([]string{"Accept"}),
			},
		},
		QueryStringsConfig: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfigArgs{
			QueryStringBehavior: pulumi.String("whitelist"),
			QueryStrings: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfigQueryStringsArgs{
				Items: pulumi.ToStringArray([]string{"q", "url", "w"}),
			},
		},
	}
	cachePolicy, err := cloudfront.NewCachePolicy(ctx, name+"-images", &cloudfront.CachePolicyArgs{
		Comment:                                  pulumi.String("Pictures by address, width, quality and format"),
		MinTtl:                                   pulumi.Int(0),
		DefaultTtl:                               pulumi.Int(defaultImageSeconds),
		MaxTtl:                                   pulumi.Int(c.MaxSeconds),
		ParametersInCacheKeyAndForwardedToOrigin: key,
	}, opts...)
	if err != nil {
		return nil, fmt.Errorf("create cache policy for images of distribution %q: %w", name, err)
	}
	return cachePolicy, nil
}

func sortedKeys[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

package edge

import (
	_ "embed" // the function's source
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

//go:embed redirect.js
var redirectSource string

// redirectCode is the function that sends every other name of the distribution, the apex and CloudFront's own, to the site's.
func redirectCode(domain Domain) string {
	return fmt.Sprintf("const site = %q;\n\n%s", domain.WWW(), redirectSource)
}

func newRedirect(ctx *pulumi.Context, name string, domain Domain, opts ...pulumi.ResourceOption) (*cloudfront.Function, error) {
	function, err := cloudfront.NewFunction(ctx, name+"-redirect", &cloudfront.FunctionArgs{
		Runtime: pulumi.String("cloudfront-js-2.0"),
		Comment: pulumi.Sprintf("Redirects to %s", domain.WWW()),
		Code:    pulumi.String(redirectCode(domain)),
		Publish: pulumi.Bool(true), // a distribution runs what is published
	}, opts...)
	if err != nil {
		return nil, fmt.Errorf("create redirect of distribution %q: %w", name, err)
	}
	return function, nil
}

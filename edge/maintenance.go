package edge

import (
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
)

// MaintenancePageType is part of every child's URN; changing it replaces the page.
const MaintenancePageType = "bookmark-manager:edge:MaintenancePage"

// MaintenancePath is where the distribution finds the page.
const MaintenancePath = "/maintenance/index.html"

//go:embed maintenance.html
var maintenanceHTML string

// maintenanceStyle is the page's inline style as a content security policy names it.
var maintenanceStyle = styleHash(maintenanceHTML)

func styleHash(html string) string {
	_, rest, _ := strings.Cut(html, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// MaintenancePageArgs are the page's wiring.
type MaintenancePageArgs struct {
	AssetsBucketName pulumi.StringInput // required
}

// MaintenancePage is the page that CloudFront shows while the load balancer does not answer: one
// file without scripts, pictures or fonts of its own, in Japanese and English.
type MaintenancePage struct {
	pulumi.ResourceState

	// Ready is the uploaded page.
	Ready []pulumi.Resource
}

// NewMaintenancePage registers nothing when args are invalid.
func NewMaintenancePage(
	ctx *pulumi.Context, name string, args *MaintenancePageArgs, opts ...pulumi.ResourceOption,
) (*MaintenancePage, error) {
	if args == nil || args.AssetsBucketName == nil {
		return nil, fmt.Errorf("maintenance page %q: AssetsBucketName is required", name)
	}
	m := &MaintenancePage{}
	base, err := component.Register(ctx, "maintenance page", MaintenancePageType, name, m, opts...)
	if err != nil {
		return nil, err
	}
	page, err := s3.NewBucketObjectv2(ctx, base.Child("page"), &s3.BucketObjectv2Args{
		Bucket:      args.AssetsBucketName,
		Key:         pulumi.String(strings.TrimPrefix(MaintenancePath, "/")),
		Content:     pulumi.String(maintenanceHTML),
		ContentType: pulumi.String("text/html; charset=utf-8"),
		// Edges keep it for a minute. A browser must not: it would hold it for the page that
		// failed.
		CacheControl: pulumi.String("max-age=0, s-maxage=60"),
	}, base.Parent())
	if err != nil {
		return nil, base.Wrap("create", "page", err)
	}
	m.Ready = []pulumi.Resource{page}
	return m, base.Outputs(pulumi.Map{})
}

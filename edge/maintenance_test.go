package edge

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMaintenancePageIsUploadedWhereTheDistributionLooks(t *testing.T) {
	r, err := recorded(t, func(ctx *pulumi.Context, _ pulumi.ProviderResource, opts ...pulumi.ResourceOption) error {
		_, err := NewMaintenancePage(ctx, "maintenance",
			&MaintenancePageArgs{AssetsBucketName: pulumi.String("assets")}, opts...)
		return err
	})
	require.NoError(t, err)
	assert.Equal(t,
		[]string{"aws:s3/bucketObjectv2:BucketObjectv2 maintenance-page", MaintenancePageType + " maintenance"},
		r.Keys())
	page := one(t, r, "aws:s3/bucketObjectv2:BucketObjectv2", "maintenance-page")
	for property, want := range map[string]any{
		"bucket": "assets", "key": "maintenance/index.html", "contentType": "text/html; charset=utf-8",
		"cacheControl": "max-age=0, s-maxage=60", "content": maintenanceHTML,
	} {
		assert.Equal(t, want, page.Input(property), property)
	}
	assert.True(t, strings.HasPrefix(MaintenancePath, strings.TrimSuffix(maintenancePattern, "*")))
}

func TestMaintenancePageRefusesNoBucket(t *testing.T) {
	r, err := recorded(t, func(ctx *pulumi.Context, _ pulumi.ProviderResource, opts ...pulumi.ResourceOption) error {
		_, err := NewMaintenancePage(ctx, "maintenance", &MaintenancePageArgs{}, opts...)
		return err
	})
	require.ErrorContains(t, err, "AssetsBucketName is required")
	assert.Empty(t, r.Keys())
}

// While the origin is down nothing that the page asks for would arrive, and a policy without
// 'unsafe-inline' would stop scripts and style attributes.
func TestMaintenancePageNeedsNothingElse(t *testing.T) {
	assert.NotRegexp(t,
		regexp.MustCompile(`(?i)<script|<link|<img|<iframe|\bsrc=|@import|url\(|\son[a-z]+=|\sstyle=|https?://`),
		maintenanceHTML)
	assert.Equal(t, 1, strings.Count(maintenanceHTML, "<style>"))
	assert.Contains(t, maintenanceHTML, `<html lang="ja">`)
	assert.Contains(t, maintenanceHTML, `<section lang="en">`)
	assert.Less(t, len(maintenanceHTML), 8*1024)
}

func TestStyleHashIsWhatBrowsersCompute(t *testing.T) {
	sum := sha256.Sum256([]byte(" a{} "))
	assert.Equal(t, "sha256-"+base64.StdEncoding.EncodeToString(sum[:]),
		styleHash("<head><style> a{} </style></head><style>b{}</style>"))
}

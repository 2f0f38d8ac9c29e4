package datadog

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/sdk"
)

// DashboardJson is a dashboard, written as Datadog's API takes it.
type DashboardJson struct {
	pulumi.CustomResourceState

	Url pulumi.StringOutput `pulumi:"url"`
}

// DashboardJsonArgs hold the dashboard's JSON.
type DashboardJsonArgs struct {
	Dashboard pulumi.StringInput `pulumi:"dashboard"`
}

func (DashboardJsonArgs) ElementType() reflect.Type { return sdk.Plain[DashboardJsonArgs]() }

// NewDashboardJson registers one.
func NewDashboardJson(
	ctx *pulumi.Context, name string, args *DashboardJsonArgs, opts ...pulumi.ResourceOption,
) (*DashboardJson, error) {
	made := &DashboardJson{}
	return made, ctx.RegisterResource(catalog.DatadogDashboard, name, args, made, sdk.Versioned(version, opts)...)
}

package datadog

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/sdk"
)

// Monitor is a query with a threshold, and whom it notifies.
type Monitor struct {
	pulumi.CustomResourceState
}

// MonitorArgs require Message, Name, Query and Type.
type MonitorArgs struct {
	IncludeTags       pulumi.BoolPtrInput           `pulumi:"includeTags"`
	Message           pulumi.StringInput            `pulumi:"message"`
	MonitorThresholds *MonitorMonitorThresholdsArgs `pulumi:"monitorThresholds"`
	Name              pulumi.StringInput            `pulumi:"name"`
	OnMissingData     pulumi.StringPtrInput         `pulumi:"onMissingData"`
	Priority          pulumi.StringPtrInput         `pulumi:"priority"`
	Query             pulumi.StringInput            `pulumi:"query"`
	RequireFullWindow pulumi.BoolPtrInput           `pulumi:"requireFullWindow"`
	Tags              pulumi.StringArrayInput       `pulumi:"tags"`
	Type              pulumi.StringInput            `pulumi:"type"`
}

func (MonitorArgs) ElementType() reflect.Type { return sdk.Plain[MonitorArgs]() }

// NewMonitor registers one.
func NewMonitor(ctx *pulumi.Context, name string, args *MonitorArgs, opts ...pulumi.ResourceOption) (*Monitor, error) {
	made := &Monitor{}
	return made, ctx.RegisterResource(catalog.DatadogMonitor, name, args, made, sdk.Versioned(version, opts)...)
}

// MonitorMonitorThresholdsArgs are numbers, written as text.
type MonitorMonitorThresholdsArgs struct {
	Critical pulumi.StringPtrInput `pulumi:"critical"`
	Warning  pulumi.StringPtrInput `pulumi:"warning"`
}

func (MonitorMonitorThresholdsArgs) ElementType() reflect.Type {
	return sdk.Plain[MonitorMonitorThresholdsArgs]()
}

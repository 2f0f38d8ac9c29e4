package datadog

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/sdk"
)

// SyntheticsTest requests the site from outside.
type SyntheticsTest struct {
	pulumi.CustomResourceState
}

// SyntheticsTestArgs require Locations, Name, Status and Type.
type SyntheticsTestArgs struct {
	Assertions        SyntheticsTestAssertionArray         `pulumi:"assertions"`
	Locations         pulumi.StringArrayInput              `pulumi:"locations"`
	Message           pulumi.StringPtrInput                `pulumi:"message"`
	Name              pulumi.StringInput                   `pulumi:"name"`
	OptionsList       *SyntheticsTestOptionsListArgs       `pulumi:"optionsList"`
	RequestDefinition *SyntheticsTestRequestDefinitionArgs `pulumi:"requestDefinition"`
	Status            pulumi.StringInput                   `pulumi:"status"`
	Subtype           pulumi.StringPtrInput                `pulumi:"subtype"`
	Tags              pulumi.StringArrayInput              `pulumi:"tags"`
	Type              pulumi.StringInput                   `pulumi:"type"`
}

func (SyntheticsTestArgs) ElementType() reflect.Type { return sdk.Plain[SyntheticsTestArgs]() }

// NewSyntheticsTest registers one.
func NewSyntheticsTest(
	ctx *pulumi.Context, name string, args *SyntheticsTestArgs, opts ...pulumi.ResourceOption,
) (*SyntheticsTest, error) {
	made := &SyntheticsTest{}
	return made, ctx.RegisterResource(catalog.SyntheticsTest, name, args, made, sdk.Versioned(version, opts)...)
}

// SyntheticsTestAssertionArgs compare a part of the answer with a target.
type SyntheticsTestAssertionArgs struct {
	Operator pulumi.StringPtrInput `pulumi:"operator"`
	Target   pulumi.StringPtrInput `pulumi:"target"`
	Type     pulumi.StringInput    `pulumi:"type"`
}

func (SyntheticsTestAssertionArgs) ElementType() reflect.Type {
	return sdk.Plain[SyntheticsTestAssertionArgs]()
}

// SyntheticsTestAssertionArray lists them.
type SyntheticsTestAssertionArray []SyntheticsTestAssertionArgs

func (SyntheticsTestAssertionArray) ElementType() reflect.Type { return sdk.PlainList() }

// SyntheticsTestRequestDefinitionArgs are the request; Timeout is in seconds.
type SyntheticsTestRequestDefinitionArgs struct {
	Method  pulumi.StringPtrInput `pulumi:"method"`
	Timeout pulumi.IntPtrInput    `pulumi:"timeout"`
	Url     pulumi.StringPtrInput `pulumi:"url"`
}

func (SyntheticsTestRequestDefinitionArgs) ElementType() reflect.Type {
	return sdk.Plain[SyntheticsTestRequestDefinitionArgs]()
}

// SyntheticsTestOptionsListArgs say how often, in seconds, and what counts as a failure.
type SyntheticsTestOptionsListArgs struct {
	MinFailureDuration pulumi.IntPtrInput                       `pulumi:"minFailureDuration"`
	MinLocationFailed  pulumi.IntPtrInput                       `pulumi:"minLocationFailed"`
	MonitorPriority    pulumi.IntPtrInput                       `pulumi:"monitorPriority"`
	Retry              *SyntheticsTestOptionsListRetryArgs      `pulumi:"retry"`
	Scheduling         *SyntheticsTestOptionsListSchedulingArgs `pulumi:"scheduling"`
	TickEvery          pulumi.IntInput                          `pulumi:"tickEvery"`
}

func (SyntheticsTestOptionsListArgs) ElementType() reflect.Type {
	return sdk.Plain[SyntheticsTestOptionsListArgs]()
}

// SyntheticsTestOptionsListRetryArgs repeat a failed request; Interval is in milliseconds.
type SyntheticsTestOptionsListRetryArgs struct {
	Count    pulumi.IntPtrInput `pulumi:"count"`
	Interval pulumi.IntPtrInput `pulumi:"interval"`
}

func (SyntheticsTestOptionsListRetryArgs) ElementType() reflect.Type {
	return sdk.Plain[SyntheticsTestOptionsListRetryArgs]()
}

// SyntheticsTestOptionsListSchedulingArgs are when the test runs.
type SyntheticsTestOptionsListSchedulingArgs struct {
	Timeframes SyntheticsTestOptionsListSchedulingTimeframeArray `pulumi:"timeframes"`
	Timezone   pulumi.StringInput                                `pulumi:"timezone"`
}

func (SyntheticsTestOptionsListSchedulingArgs) ElementType() reflect.Type {
	return sdk.Plain[SyntheticsTestOptionsListSchedulingArgs]()
}

// SyntheticsTestOptionsListSchedulingTimeframeArgs is a part of a day of the week, 1 for Monday.
type SyntheticsTestOptionsListSchedulingTimeframeArgs struct {
	Day  pulumi.IntInput    `pulumi:"day"`
	From pulumi.StringInput `pulumi:"from"`
	To   pulumi.StringInput `pulumi:"to"`
}

func (SyntheticsTestOptionsListSchedulingTimeframeArgs) ElementType() reflect.Type {
	return sdk.Plain[SyntheticsTestOptionsListSchedulingTimeframeArgs]()
}

// SyntheticsTestOptionsListSchedulingTimeframeArray lists them.
type SyntheticsTestOptionsListSchedulingTimeframeArray []SyntheticsTestOptionsListSchedulingTimeframeArgs

func (SyntheticsTestOptionsListSchedulingTimeframeArray) ElementType() reflect.Type {
	return sdk.PlainList()
}

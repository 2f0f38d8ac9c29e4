package datadog

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/sdk"
)

// ServiceLevelObjective is how often something must go well.
type ServiceLevelObjective struct {
	pulumi.CustomResourceState
}

// ServiceLevelObjectiveArgs require Name, Thresholds and Type. Query is of the type metric,
// SliSpecification of time_slice.
type ServiceLevelObjectiveArgs struct {
	Description      pulumi.StringPtrInput                      `pulumi:"description"`
	Name             pulumi.StringInput                         `pulumi:"name"`
	Query            *ServiceLevelObjectiveQueryArgs            `pulumi:"query"`
	SliSpecification *ServiceLevelObjectiveSliSpecificationArgs `pulumi:"sliSpecification"`
	Tags             pulumi.StringArrayInput                    `pulumi:"tags"`
	Thresholds       ServiceLevelObjectiveThresholdArray        `pulumi:"thresholds"`
	Type             pulumi.StringInput                         `pulumi:"type"`
}

func (ServiceLevelObjectiveArgs) ElementType() reflect.Type {
	return sdk.Plain[ServiceLevelObjectiveArgs]()
}

// NewServiceLevelObjective registers one.
func NewServiceLevelObjective(
	ctx *pulumi.Context, name string, args *ServiceLevelObjectiveArgs, opts ...pulumi.ResourceOption,
) (*ServiceLevelObjective, error) {
	made := &ServiceLevelObjective{}
	return made, ctx.RegisterResource(catalog.DatadogSLO, name, args, made, sdk.Versioned(version, opts)...)
}

// ServiceLevelObjectiveThresholdArgs say how many percent of a time frame, such as 30d.
type ServiceLevelObjectiveThresholdArgs struct {
	Target    pulumi.Float64Input `pulumi:"target"`
	Timeframe pulumi.StringInput  `pulumi:"timeframe"`
}

func (ServiceLevelObjectiveThresholdArgs) ElementType() reflect.Type {
	return sdk.Plain[ServiceLevelObjectiveThresholdArgs]()
}

// ServiceLevelObjectiveThresholdArray lists them.
type ServiceLevelObjectiveThresholdArray []ServiceLevelObjectiveThresholdArgs

func (ServiceLevelObjectiveThresholdArray) ElementType() reflect.Type { return sdk.PlainList() }

// ServiceLevelObjectiveQueryArgs count what went well, and all.
type ServiceLevelObjectiveQueryArgs struct {
	Denominator pulumi.StringInput `pulumi:"denominator"`
	Numerator   pulumi.StringInput `pulumi:"numerator"`
}

func (ServiceLevelObjectiveQueryArgs) ElementType() reflect.Type {
	return sdk.Plain[ServiceLevelObjectiveQueryArgs]()
}

// ServiceLevelObjectiveSliSpecificationArgs hold the one form that is in use.
type ServiceLevelObjectiveSliSpecificationArgs struct {
	TimeSlice ServiceLevelObjectiveSliSpecificationTimeSliceArgs `pulumi:"timeSlice"`
}

func (ServiceLevelObjectiveSliSpecificationArgs) ElementType() reflect.Type {
	return sdk.Plain[ServiceLevelObjectiveSliSpecificationArgs]()
}

// ServiceLevelObjectiveSliSpecificationTimeSliceArgs say when a slice of time is good: Query
// compared with Threshold.
type ServiceLevelObjectiveSliSpecificationTimeSliceArgs struct {
	Comparator           pulumi.StringInput                                      `pulumi:"comparator"`
	Query                ServiceLevelObjectiveSliSpecificationTimeSliceQueryArgs `pulumi:"query"`
	QueryIntervalSeconds pulumi.IntPtrInput                                      `pulumi:"queryIntervalSeconds"`
	Threshold            pulumi.Float64Input                                     `pulumi:"threshold"`
}

func (ServiceLevelObjectiveSliSpecificationTimeSliceArgs) ElementType() reflect.Type {
	return sdk.Plain[ServiceLevelObjectiveSliSpecificationTimeSliceArgs]()
}

// ServiceLevelObjectiveSliSpecificationTimeSliceQueryArgs compute one number of queries.
type ServiceLevelObjectiveSliSpecificationTimeSliceQueryArgs struct {
	Formula ServiceLevelObjectiveSliSpecificationTimeSliceQueryFormulaArgs `pulumi:"formula"`
	Queries ServiceLevelObjectiveSliSpecificationTimeSliceQueryQueryArray  `pulumi:"queries"`
}

func (ServiceLevelObjectiveSliSpecificationTimeSliceQueryArgs) ElementType() reflect.Type {
	return sdk.Plain[ServiceLevelObjectiveSliSpecificationTimeSliceQueryArgs]()
}

// ServiceLevelObjectiveSliSpecificationTimeSliceQueryFormulaArgs is an expression over the queries'
// names.
type ServiceLevelObjectiveSliSpecificationTimeSliceQueryFormulaArgs struct {
	FormulaExpression pulumi.StringInput `pulumi:"formulaExpression"`
}

func (ServiceLevelObjectiveSliSpecificationTimeSliceQueryFormulaArgs) ElementType() reflect.Type {
	return sdk.Plain[ServiceLevelObjectiveSliSpecificationTimeSliceQueryFormulaArgs]()
}

// ServiceLevelObjectiveSliSpecificationTimeSliceQueryQueryArgs hold the one kind of query that is
// in use.
type ServiceLevelObjectiveSliSpecificationTimeSliceQueryQueryArgs struct {
	MetricQuery *ServiceLevelObjectiveSliSpecificationTimeSliceQueryQueryMetricQueryArgs `pulumi:"metricQuery"`
}

func (ServiceLevelObjectiveSliSpecificationTimeSliceQueryQueryArgs) ElementType() reflect.Type {
	return sdk.Plain[ServiceLevelObjectiveSliSpecificationTimeSliceQueryQueryArgs]()
}

// ServiceLevelObjectiveSliSpecificationTimeSliceQueryQueryArray lists them.
type ServiceLevelObjectiveSliSpecificationTimeSliceQueryQueryArray []ServiceLevelObjectiveSliSpecificationTimeSliceQueryQueryArgs

func (ServiceLevelObjectiveSliSpecificationTimeSliceQueryQueryArray) ElementType() reflect.Type {
	return sdk.PlainList()
}

// ServiceLevelObjectiveSliSpecificationTimeSliceQueryQueryMetricQueryArgs is a query of metrics.
type ServiceLevelObjectiveSliSpecificationTimeSliceQueryQueryMetricQueryArgs struct {
	DataSource pulumi.StringPtrInput `pulumi:"dataSource"`
	Name       pulumi.StringInput    `pulumi:"name"`
	Query      pulumi.StringInput    `pulumi:"query"`
}

func (ServiceLevelObjectiveSliSpecificationTimeSliceQueryQueryMetricQueryArgs) ElementType() reflect.Type {
	return sdk.Plain[ServiceLevelObjectiveSliSpecificationTimeSliceQueryQueryMetricQueryArgs]()
}

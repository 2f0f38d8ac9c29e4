package observability

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/budgets"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// BudgetType is part of every child's URN; changing it replaces the budget.
const BudgetType = "bookmark-manager:observability:Budget"

// BudgetConfig is what a month may cost: section "budget".
type BudgetConfig struct {
	// MonthlyUSD is the amount.
	MonthlyUSD float64 `json:"monthlyUsd" range:">0.." unit:"US dollars"`
	// ActualPercents are the parts of the amount that are worth a message when they are spent. AWS
	// sends five messages of one budget at most, and the forecast is one of them.
	ActualPercents []float64 `json:"actualPercents" settings:"unique" items:"..4" range:">0..1000" unit:"percent" default:"80,100"`
	// ForecastPercent is the part that is worth a message when AWS expects the month to reach it.
	ForecastPercent float64 `json:"forecastPercent" range:">0..1000" unit:"percent" default:"100"`
	// ByTag counts what carries the stack's Environment tag alone, for an account that holds
	// several stacks. The tag must be active as a cost allocation tag, or the budget sees no cost
	// at all. Without it: the whole account.
	ByTag bool `json:"byTag"`
}

// Validate reports every problem of the section.
func (c BudgetConfig) Validate() settings.Problems { return settings.Check(c) }

// BudgetArgs adds the wiring.
type BudgetArgs struct {
	Config BudgetConfig
	identity.Stack
	// UsEast1TopicArn is the topic for the budget's notifications; its policy must let AWS Budgets
	// publish. Required.
	UsEast1TopicArn pulumi.StringInput
}

// Budget is a monthly budget of the account's costs.
type Budget struct {
	pulumi.ResourceState

	Name pulumi.StringOutput
}

// NewBudget registers nothing when args are invalid.
func NewBudget(ctx *pulumi.Context, name string, args *BudgetArgs, opts ...pulumi.ResourceOption) (*Budget, error) {
	if args == nil || args.UsEast1TopicArn == nil {
		return nil, fmt.Errorf("budget %q: UsEast1TopicArn is required", name)
	}
	if err := args.Check(); err != nil {
		return nil, fmt.Errorf("budget %q: %w", name, err)
	}
	if err := args.Config.Validate().Err(); err != nil {
		return nil, fmt.Errorf("budget %q: %w", name, err)
	}
	b := &Budget{}
	base, err := component.Register(ctx, "budget", BudgetType, name, b, opts...)
	if err != nil {
		return nil, err
	}
	config := settings.WithDefaults(args.Config)
	notify := func(kind string, percent float64) budgets.BudgetNotificationInput {
		return budgets.BudgetNotificationArgs{
			NotificationType:       pulumi.String(kind),
			ComparisonOperator:     pulumi.String("GREATER_THAN"),
			Threshold:              pulumi.Float64(percent),
			ThresholdType:          pulumi.String("PERCENTAGE"),
			SubscriberSnsTopicArns: pulumi.StringArray{args.UsEast1TopicArn},
		}
	}
	var notifications budgets.BudgetNotificationArray
	for _, percent := range config.ActualPercents {
		notifications = append(notifications, notify("ACTUAL", percent))
	}
	notifications = append(notifications, notify("FORECASTED", config.ForecastPercent))
	budget := &budgets.BudgetArgs{
		BudgetType:    pulumi.String("COST"),
		TimeUnit:      pulumi.String("MONTHLY"),
		LimitAmount:   pulumi.String(strconv.FormatFloat(config.MonthlyUSD, 'f', -1, 64)),
		LimitUnit:     pulumi.String("USD"),
		Notifications: notifications,
	}
	if config.ByTag {
		budget.CostFilters = budgets.BudgetCostFilterArray{budgets.BudgetCostFilterArgs{
			Name:   pulumi.String("TagKeyValue"),
			Values: pulumi.StringArray{pulumi.String("user:Environment$" + string(args.Environment))},
		}}
	}
	made, err := budgets.NewBudget(ctx, base.Child("monthly"), budget, base.Parent())
	if err != nil {
		return nil, fmt.Errorf("create budget %q: %w", name, err)
	}
	b.Name = made.Name
	return b, base.Outputs(pulumi.Map{"name": b.Name})
}

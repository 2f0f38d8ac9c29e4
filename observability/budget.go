package observability

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/budgets"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// BudgetType is part of every child's URN; changing it replaces the budget.
const BudgetType = "bookmark-manager:observability:Budget"

// BudgetConfig is what a month may cost: section "budget".
type BudgetConfig struct {
	// MonthlyUSD is the amount, in US dollars. Required.
	MonthlyUSD float64 `json:"monthlyUsd"`
	// ActualPercents are the parts of the amount that are worth a message when they are spent. The default is 80 and 100.
	ActualPercents []float64 `json:"actualPercents"`
	// ForecastPercent is the part that is worth a message when AWS expects the month to reach it. The default is 100.
	ForecastPercent float64 `json:"forecastPercent"`
	// ByTag counts what carries the stack's Environment tag alone, for an account that holds several stacks. The tag must be active
	// as a cost allocation tag, or the budget sees no cost at all. The default is false: the whole account.
	ByTag bool `json:"byTag"`
}

func (c BudgetConfig) withDefaults() BudgetConfig {
	if len(c.ActualPercents) == 0 {
		c.ActualPercents = []float64{80, 100}
	}
	c.ForecastPercent = cmp.Or(c.ForecastPercent, 100)
	return c
}

// maxNotifications is AWS's limit for one budget; the forecast is one of them.
const maxNotifications = 5

// Validate reports every problem of the section.
func (c BudgetConfig) Validate() settings.Problems {
	var p settings.Problems
	p.Want(c.MonthlyUSD > 0, "monthlyUsd", c.MonthlyUSD, "more than 0 US dollars")
	p.Want(len(c.ActualPercents) < maxNotifications, "actualPercents", c.ActualPercents, "%d at most", maxNotifications-1)
	for i, percent := range c.ActualPercents {
		at := fmt.Sprintf("actualPercents[%d]", i)
		p.Want(percent > 0 && percent <= 1000, at, percent, "more than 0 and up to 1000 percent")
		p.Want(!slices.Contains(c.ActualPercents[:i], percent), at, percent, "each once")
	}
	filled := c.withDefaults()
	p.Want(filled.ForecastPercent > 0 && filled.ForecastPercent <= 1000, "forecastPercent", c.ForecastPercent, "more than 0 and up to 1000 percent")
	return p
}

// BudgetArgs adds the wiring.
type BudgetArgs struct {
	Config      BudgetConfig
	Environment names.Environment // required; also the value of the Environment tag
	// GlobalTopicArn hears of the budget; its policy must let AWS Budgets publish. Required.
	GlobalTopicArn pulumi.StringInput
}

// Budget is a monthly budget of the account's costs.
type Budget struct {
	pulumi.ResourceState

	Name pulumi.StringOutput
}

// NewBudget registers nothing when args are invalid.
func NewBudget(ctx *pulumi.Context, name string, args *BudgetArgs, opts ...pulumi.ResourceOption) (*Budget, error) {
	if args == nil || args.Environment == "" || args.GlobalTopicArn == nil {
		return nil, fmt.Errorf("budget %q: Environment and GlobalTopicArn are required", name)
	}
	if err := args.Config.Validate().Err(); err != nil {
		return nil, fmt.Errorf("budget %q: %w", name, err)
	}
	b := &Budget{}
	if err := ctx.RegisterComponentResource(BudgetType, name, b, opts...); err != nil {
		return nil, fmt.Errorf("register budget %q: %w", name, err)
	}
	config := args.Config.withDefaults()
	notify := func(kind string, percent float64) budgets.BudgetNotificationInput {
		return budgets.BudgetNotificationArgs{
			NotificationType:       pulumi.String(kind),
			ComparisonOperator:     pulumi.String("GREATER_THAN"),
			Threshold:              pulumi.Float64(percent),
			ThresholdType:          pulumi.String("PERCENTAGE"),
			SubscriberSnsTopicArns: pulumi.StringArray{args.GlobalTopicArn},
		}
	}
	var notifications budgets.BudgetNotificationArray
	for _, percent := range config.ActualPercents {
		notifications = append(notifications, notify("ACTUAL", percent))
	}
	notifications = append(notifications, notify("FORECASTED", config.ForecastPercent))
	budget := &budgets.BudgetArgs{
		BudgetType: pulumi.String("COST"), TimeUnit: pulumi.String("MONTHLY"),
		LimitAmount: pulumi.String(strconv.FormatFloat(config.MonthlyUSD, 'f', -1, 64)), LimitUnit: pulumi.String("USD"),
		Notifications: notifications,
	}
	if config.ByTag {
		budget.CostFilters = budgets.BudgetCostFilterArray{budgets.BudgetCostFilterArgs{
			Name: pulumi.String("TagKeyValue"), Values: pulumi.StringArray{pulumi.String("user:Environment$" + string(args.Environment))},
		}}
	}
	made, err := budgets.NewBudget(ctx, name+"-monthly", budget, pulumi.Parent(b))
	if err != nil {
		return nil, fmt.Errorf("create budget %q: %w", name, err)
	}
	b.Name = made.Name
	if err := ctx.RegisterResourceOutputs(b, pulumi.Map{"name": b.Name}); err != nil {
		return nil, fmt.Errorf("register outputs of budget %q: %w", name, err)
	}
	return b, nil
}

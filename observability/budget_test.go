package observability

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const budgetType = "aws:budgets/budget:Budget"

func buildBudget(change func(*BudgetArgs)) (*recorder.Recorder, error) {
	args := &BudgetArgs{
		Config:          BudgetConfig{MonthlyUSD: 373.5},
		Stack:           recorder.Production,
		UsEast1TopicArn: pulumi.String(globalTopicArn),
	}
	return inComponent(func(ctx *pulumi.Context, _ pulumi.ProviderResource, opts ...pulumi.ResourceOption) error {
		if change != nil {
			change(args)
		}
		_, err := NewBudget(ctx, "budget", args, opts...)
		return err
	}, "aws")
}

func notification(kind string, percent float64) map[string]any {
	return map[string]any{
		"notificationType":       kind,
		"comparisonOperator":     "GREATER_THAN",
		"threshold":              percent,
		"thresholdType":          "PERCENTAGE",
		"subscriberSnsTopicArns": []any{globalTopicArn},
	}
}

func TestBudget(t *testing.T) {
	r, err := buildBudget(nil)
	require.NoError(t, err)
	assert.Equal(t, map[string][]string{BudgetType: {"budget"}, budgetType: {"monthly"}},
		listed(t, r, BudgetType, "budget-"))
	budget := get(t, r, budgetType, "budget-monthly")
	assert.Equal(t, "373.5", budget.Input("limitAmount"))
	assert.Equal(t, "USD", budget.Input("limitUnit"))
	assert.Equal(t, "MONTHLY", budget.Input("timeUnit"))
	assert.Equal(t, "COST", budget.Input("budgetType"))
	assert.Equal(t, []any{notification("ACTUAL", 80), notification("ACTUAL", 100), notification("FORECASTED", 100)},
		budget.Input("notifications"))
	assert.Nil(t, budget.Input("costFilters"))
}

func TestBudgetOfATag(t *testing.T) {
	r, err := buildBudget(func(a *BudgetArgs) {
		a.Config = BudgetConfig{MonthlyUSD: 100, ActualPercents: []float64{50}, ForecastPercent: 120, ByTag: true}
	})
	require.NoError(t, err)
	budget := get(t, r, budgetType, "budget-monthly")
	assert.Equal(t, []any{map[string]any{"name": "TagKeyValue", "values": []any{"user:Environment$production"}}},
		budget.Input("costFilters"))
	assert.Equal(t, []any{notification("ACTUAL", 50), notification("FORECASTED", 120)}, budget.Input("notifications"))
}

func TestBudgetRefuses(t *testing.T) {
	for want, change := range map[string]func(*BudgetArgs){
		"UsEast1TopicArn is required": func(a *BudgetArgs) {
			a.UsEast1TopicArn = nil
		},
		"monthlyUsd: found 0, want more than 0 (US dollars)": func(a *BudgetArgs) {
			a.Config.MonthlyUSD = 0
		},
		"actualPercents: found 5, want 4 at most, each more than 0 and 1000 at most (percent)": func(a *BudgetArgs) {
			a.Config.ActualPercents = []float64{1, 2, 3, 4, 5}
		},
		"actualPercents[0]: found 0, want more than 0": func(a *BudgetArgs) {
			a.Config.ActualPercents = []float64{0}
		},
		"actualPercents[1]: found 80, want each value once; actualPercents[0] is the same": func(a *BudgetArgs) {
			a.Config.ActualPercents = []float64{80, 80}
		},
		"forecastPercent: found -5, want more than 0 and 1000 at most (percent)": func(a *BudgetArgs) {
			a.Config.ForecastPercent = -5
		},
	} {
		t.Run(want, func(t *testing.T) {
			r, err := buildBudget(change)
			require.ErrorContains(t, err, want)
			assert.Empty(t, r.All())
		})
	}
}

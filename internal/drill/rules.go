package drill

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// Rule tells people of what AWS reports by itself: a rule of EventBridge, a subscription to the
// events of RDS, a budget, or a subscription to cost anomalies. Its name is that of its resource,
// without the component's for those of Observability.
type Rule struct {
	Name   string
	region string
	takes  func(event map[string]any) bool
}

// readRules reads the rules of EventBridge.
func (r *reader) readRules() error {
	for _, one := range r.inv.OfType(catalog.EventRule) {
		name := strings.TrimPrefix(one.Name(), "observability-")
		var pattern map[string]any
		if err := json.Unmarshal([]byte(one.Input("eventPattern").Text()), &pattern); err != nil {
			return fmt.Errorf("read the pattern of rule %s: %w", name, err)
		}
		region, err := r.regionOf(one)
		if err != nil {
			return err
		}
		r.rule(name, region, func(event map[string]any) bool { return matches(pattern, event) })
	}
	return nil
}

func (r *reader) rule(name, region string, takes func(map[string]any) bool) {
	r.stack.Rules = append(r.stack.Rules, Rule{name, region, takes})
}

// regionOf is the region of a resource's provider.
func (r *reader) regionOf(one plan.State) (string, error) {
	for _, provider := range r.inv.Providers() {
		if region := provider.Input("region").Text(); strings.HasPrefix(one.Provider, provider.URN+"::") &&
			region != "" {
			return region, nil
		}
	}
	return "", fmt.Errorf("the provider %q of %s is not in the plan with a region", one.Provider, one.Name())
}

// The sources of what EventBridge does not send.
const (
	byBudget    = "drill.budget"
	byAnomalies = "drill.anomalies"
)

// readReports reads what is told without EventBridge.
func (r *reader) readReports() error {
	for _, one := range r.inv.OfType(catalog.RDSEventSubscription) {
		wanted := map[string]any{
			"source": []any{"aws.rds"},
			"detail": map[string]any{
				"SourceType":      []any{sourceTypes[one.Input("sourceType").Text()]},
				"EventCategories": texts(one.Input("eventCategories")),
			},
		}
		r.rule(one.Name(), r.stack.region, func(event map[string]any) bool { return matches(wanted, event) })
	}
	for _, one := range r.inv.OfType(catalog.Budget) {
		notifications := one.Input("notifications").List()
		r.rule(one.Name(), r.stack.region, func(event map[string]any) bool {
			return event["source"] == byBudget &&
				slices.ContainsFunc(notifications, func(n plan.Value) bool { return passed(n, event) })
		})
	}
	for _, one := range r.inv.OfType(catalog.AnomalySubscription) {
		least, err := strconv.ParseFloat(one.Input("thresholdExpression.dimension.values[0]").Text(), 64)
		if err != nil {
			return fmt.Errorf("read the threshold of %s: %w", one.Name(), err)
		}
		r.rule(one.Name(), r.stack.region, func(event map[string]any) bool {
			impact, _ := event["impact"].(float64)
			return event["source"] == byAnomalies && impact >= least
		})
	}
	return nil
}

// sourceTypes are the types of RDS's sources, as its events name those of its subscriptions.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-cloud-watch-events.html
var sourceTypes = map[string]string{"db-cluster": "CLUSTER", "db-instance": "DB_INSTANCE"}

func texts(list plan.Value) []any {
	var all []any
	for _, one := range list.List() {
		all = append(all, one.Text())
	}
	return all
}

// passed says whether the costs pass a budget's notification: from at most its part of the amount
// to more.
func passed(notification plan.Value, event map[string]any) bool {
	percent, _ := notification.At("threshold").Number()
	from, _ := event["from"].(float64)
	to, _ := event["to"].(float64)
	return notification.At("notificationType").Text() == event["type"] && from <= percent && percent < to
}

// taken are the rules that take an event of an incident, in its region.
func (s *Stack) taken(event map[string]any) []string {
	var all []string
	for _, one := range s.Rules {
		if event != nil && one.region == event["region"] && one.takes(event) {
			all = append(all, one.Name)
		}
	}
	return all
}

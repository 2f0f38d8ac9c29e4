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

// Rule tells people of what AWS reports by itself: a rule of EventBridge, a budget, or a
// subscription to cost anomalies. Its name is that of its resource, without the component's for
// those of Observability.
type Rule struct {
	Name   string
	region string
	takes  func(event map[string]any) bool
	// message is what a rule of EventBridge sends. The others have a form of their own, which Slack
	// shows.
	message *message
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
		sent, err := r.messageOf(one)
		if err != nil {
			return err
		}
		r.stack.Rules = append(r.stack.Rules, Rule{
			Name:    name,
			region:  region,
			message: sent,
			takes:   func(event map[string]any) bool { return matches(pattern, event) },
		})
	}
	return nil
}

// messageOf is what a rule sends to its target. Without a transformer that is the event itself.
func (r *reader) messageOf(rule plan.State) (*message, error) {
	for _, target := range r.inv.OfType(catalog.EventTarget) {
		sources := r.inv.Feeding(target, "rule")
		if len(sources) != 1 || sources[0].URN != rule.URN {
			continue
		}
		transformer := target.Input("inputTransformer")
		if !transformer.Present() {
			return &message{`<event>`, map[string]string{"event": "$"}}, nil
		}
		made := &message{transformer.At("inputTemplate").Text(), map[string]string{}}
		for name := range transformer.At("inputPaths").Object() {
			made.paths[name] = transformer.At("inputPaths").Property(name).Text()
		}
		return made, nil
	}
	return nil, fmt.Errorf("rule %s has no target", rule.Name())
}

func (r *reader) rule(name, region string, takes func(map[string]any) bool) {
	r.stack.Rules = append(r.stack.Rules, Rule{Name: name, region: region, takes: takes})
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

// passed says whether the costs pass a budget's notification: from at most its part of the amount
// to more.
func passed(notification plan.Value, event map[string]any) bool {
	percent, _ := notification.At("threshold").Number()
	from, _ := event["from"].(float64)
	to, _ := event["to"].(float64)
	return notification.At("notificationType").Text() == event["type"] && from <= percent && percent < to
}

// taken are the rules that take an event of an incident, in its region. lost are their messages
// that nobody sees, as sentences.
func (s *Stack) taken(event map[string]any) (rules, lost []string) {
	for _, one := range s.Rules {
		if one.region != event["region"] || !one.takes(event) {
			continue
		}
		rules = append(rules, one.Name)
		if one.message == nil {
			continue
		}
		text, err := one.message.write(event)
		if err == nil {
			err = posted(text)
		}
		if err != nil {
			lost = append(lost, fmt.Sprintf("the message of rule %s is lost: %v", one.Name, err))
		}
	}
	return rules, lost
}

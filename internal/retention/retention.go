// Package retention knows the periods for which CloudWatch Logs keeps events.
package retention

import "github.com/bookmark-manager/infrastructure/internal/settings"

// Days is a period for which CloudWatch Logs keeps events.
type Days int

// Rule is that of PutRetentionPolicy.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
func (Days) Rule() settings.Rule {
	rule := settings.Set[Days](
		1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
	rule.Unit = "days"
	return rule
}

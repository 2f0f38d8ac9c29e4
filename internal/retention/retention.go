// Package retention knows the periods for which CloudWatch Logs keeps events.
package retention

import (
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// days are the periods that PutRetentionPolicy takes.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
var days = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

// Check adds a problem unless found is a number of days that CloudWatch Logs takes.
func Check(p *settings.Problems, path string, found int) {
	p.Want(slices.Contains(days, found), path, found, "one of %v (days)", days)
}

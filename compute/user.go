package compute

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// UserAndGroup are a numeric user and a numeric group, with a colon between them.
type UserAndGroup string

// Rule implements settings.Ruled. A number that Linux has no room for is refused by the runtime
// when the container starts.
func (UserAndGroup) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^[1-9][0-9]{0,9}:[1-9][0-9]{0,9}$`),
		Valid: func(text string) bool {
			for number := range strings.SplitSeq(text, ":") {
				if _, err := strconv.ParseInt(number, 10, 32); err != nil {
					return false
				}
			}
			return true
		},
		Want: "a user and a group in numbers up to 2147483647, neither root, such as \"1000:1000\"",
	}
}

package stackconfig

import (
	"fmt"

	"github.com/bookmark-manager/infrastructure/internal/settings"
	"github.com/bookmark-manager/infrastructure/observability"
)

// excluded reports lines that are left out of what is sent to Datadog, and are not sent at all.
func (c *Config) excluded() settings.Problems {
	var p settings.Problems
	if !c.Datadog.Enabled || !c.Datadog.Logs {
		return p // nothing is sent
	}
	for i, one := range c.Datadog.LogExclusions {
		at, source := fmt.Sprintf("datadog.logExclusions[%d].from", i), observability.DatadogLogSource(one.From)
		if source != observability.LogsOfDatabase && source != observability.LogsOfVPC {
			_, known := c.Services[one.From]
			p.WantBeside("services", known, at, one.From, "database, vpc or a service, one of %v", c.Services.Names())
			source = observability.LogsOfServices
		}
		p.WantBeside("datadog.logSources", c.Datadog.Sends(source), at, one.From,
			"a source that is sent: %s is not among datadog.logSources", source)
	}
	return p
}

package lifecycle

import (
	"fmt"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// moved takes a stack to another Sentry and another site of Datadog. What Pulumi protects must be
// unprotected first; nothing stays at the old addresses, and all that is in the state is at the new
// ones.
func moved(own harness.Sections) Variant {
	const there = "https://sentry.example.com/api/"
	return Variant{Name: "another Sentry and Datadog", Stages: []Stage{
		{
			Name: "another Sentry while the projects are protected", Refused: []string{"sentry-api", "protection"},
			Edit: func(s harness.Sections) { s.Set("sentry.baseUrl", there) },
		},
		{
			Name: "unprotected, with another Datadog", Unprotect: sentryProjects, Gone: sentryProjects,
			Edit: func(s harness.Sections) { s.Set("datadog.site", "datadoghq.eu") },
		},
		{Name: "all is there", Before: standsAt(there, "https://api.datadoghq.eu/"), Quiet: true},
		{Name: "and back", Unprotect: sentryProjects, Gone: sentryProjects, Edit: func(s harness.Sections) {
			s.Drop("sentry.baseUrl")
			s.Set("datadog.site", own.Get("datadog.site"))
		}},
	}}
}

// standsAt fails when Sentry or Datadog hold anything at another address, or nothing at one.
func standsAt(sentry, datadog string) func(*cloud.Tx, harness.Place) error {
	return func(tx *cloud.Tx, _ harness.Place) error {
		for typ, address := range map[string]string{
			catalog.SentryProject:  sentry,
			catalog.SentryKey:      sentry,
			catalog.DatadogMonitor: datadog,
			catalog.DatadogAPIKey:  datadog,
		} {
			all, err := tx.OfType(typ)
			if err != nil {
				return err
			}
			if len(all) == 0 {
				return fmt.Errorf("look for %s: there is none", typ)
			}
			for _, one := range all {
				if one.Region != address {
					return fmt.Errorf("look for what is left of the old addresses: %s", one.Key)
				}
			}
		}
		return nil
	}
}

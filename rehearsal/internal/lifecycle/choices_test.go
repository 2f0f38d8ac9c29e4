package lifecycle

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/stackfile"
)

func TestChoicesAreNoNamesAndEachEndpointIsOne(t *testing.T) {
	s := theSchema(t)
	for _, stack := range []string{"prod", "staging"} {
		config := stackConfig(t, stack)
		all := map[string]string{}
		for _, choice := range s.choices(project, config) {
			all[choice.Path+": "+choice.What] = choice.About
			changed, _ := stackfile.Clone(config).(map[string]any)
			require.NoError(t, choice.Apply(changed), choice.String())
			assert.NotEqual(t, config, changed, "%s changes nothing", choice)
			assert.True(t, s.admitted(s.config.Properties[choice.Section], changed[choice.Section]),
				"%s: the schema refuses it", choice)
		}
		assert.Less(t, len(all), len(s.changes(project, config)), "names are left out")
		for _, path := range []string{"edge.domain", "network.cidr", "aurora.engineVersion", "atlas.database",
			"observability.runbookBase"} {
			for choice := range all {
				assert.NotContains(t, choice, path+": ", stack)
			}
		}
	}
	all := map[string]string{}
	for _, choice := range s.choices(project, stackConfig(t, "prod")) {
		all[choice.Path+": "+choice.What] = choice.About
	}
	for choice, about := range map[string]string{
		"network.nat: perZone -> single":                "one NAT gateway for each zone survives the loss of a zone",
		"network.nat: perZone -> none":                  "one NAT gateway",
		"network.endpoints: without ssm":                "The AWS services that tasks reach inside the VPC",
		"network.endpoints: without ecr.api":            "The AWS services",
		"network.flowLogs.traffic: ALL -> REJECT":       "",
		"edge.distribution.extraMetrics: true -> false": "origin latency",
	} {
		assert.Contains(t, all[choice], about, choice)
	}
}

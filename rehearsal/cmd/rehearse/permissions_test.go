package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/permissions"
)

// unasked are the statements of resources' policies that nothing in a rehearsal asks, with the
// reason.
var unasked = map[string]string{
	"BucketsWrite":                  "S3 writes its access logs in its own time",
	"CloudFrontReads":               "CloudFront reads when a viewer asks",
	"CostAnomalies":                 "the stacks leave costAnomalies off",
	"LoadBalancersOfTheRegionWrite": "LoadBalancersWrite is the same for the regions that came later",
}

// holdPermissions decides the requests of a rehearsal again: each action that a role used, taken
// away alone, is refused by its name, and so is something for each statement of a trust or of a
// resource's policy. The role of deploys may do what the first role did, but for what limits it and
// for what holds data.
func holdPermissions(t *testing.T, file string) {
	t.Helper()
	record, err := permissions.Load(file)
	require.NoError(t, err)
	var first, deploy string
	for _, role := range record.Roles() {
		switch {
		case strings.HasSuffix(role, "-bootstrap"):
			first = role
		case strings.HasSuffix(role, "-deploy"):
			deploy = role
		}
		for action := range record.Used(role) {
			refusal, err := record.Without(role, action)
			require.NoError(t, err)
			if assert.NotNil(t, refusal, "%s needs no %s", role, action) {
				assert.Equal(t, action, refusal.Request.Action, role)
			}
		}
	}
	statements, err := record.ResourceStatements()
	require.NoError(t, err)
	assert.Greater(t, len(statements), 20)
	for _, s := range statements {
		refusal, err := record.WithoutStatement(s)
		require.NoError(t, err)
		assert.True(t, refusal != nil || unasked[s.Label] != "", "nothing is refused without statement %s of %s",
			s.Label, s.Document)
	}
	refused, err := record.As(first, deploy)
	require.NoError(t, err)
	require.NotEmpty(t, refused)
	for _, one := range refused {
		boundary := strings.HasSuffix(one.Request.Resource, "-boundary")
		assert.True(t, boundary ||
			slices.Contains([]string{`"NotTheDeliveryRoles"`, `"NotTheData"`, `"NotTheDatabases"`}, one.Statement),
			"%v", one)
	}
}

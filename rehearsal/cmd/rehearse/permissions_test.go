package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
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

// reliability is the document that has the numbers, and its table may be written for two stacks at
// once.
var reliability = struct {
	sync.Mutex
	path string
}{path: filepath.Join(projectDir, "docs", "reliability.md")}

// countRow is a row of the table: the role, what it is for, and for staging and prod the actions
// that it used and the patterns that it did not use.
var countRow = regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| ([^|]*) \\| (\\S+) \\| (\\S+) \\| (\\S+) \\| (\\S+) \\|$")

// autonamed is the end of a name that Pulumi has chosen.
var autonamed = regexp.MustCompile(`-[0-9a-f]{7}$`)

// holdCounts compares the table of permissions in docs/reliability.md with what a rehearsal of the
// stack's life used. -update writes the stack's columns.
func holdCounts(t *testing.T, file, stack string) {
	t.Helper()
	record, err := permissions.Load(file)
	require.NoError(t, err)
	counts, err := record.Counts()
	require.NoError(t, err)
	cells := map[string][2]string{} // by role
	for _, one := range counts {
		name := autonamed.ReplaceAllString(strings.TrimPrefix(one.Role, "bookmark-manager-"+environments[stack]+"-"),
			"")
		if name == "bootstrap" {
			assert.InDelta(t, 350, one.Used, 50, "the first role's, which a sentence has")
			continue
		}
		cells[name] = [2]string{strconv.Itoa(one.Used), strconv.Itoa(one.NotUsed)}
	}
	column := map[string]int{"staging": 0, "prod": 2}[stack]
	reliability.Lock()
	defer reliability.Unlock()
	raw, err := os.ReadFile(reliability.path)
	require.NoError(t, err)
	written := countRow.ReplaceAllStringFunc(string(raw), func(row string) string {
		parts := countRow.FindStringSubmatch(row)
		role, purpose, numbers := parts[1], parts[2], parts[3:]
		now, asked := cells[role]
		if !asked {
			now = [2]string{"-", "-"}
		}
		delete(cells, role)
		numbers[column], numbers[column+1] = now[0], now[1]
		return "| `" + role + "` | " + purpose + " | " + strings.Join(numbers, " | ") + " |"
	})
	assert.Empty(t, cells, "roles of %s that the table of permissions lacks", stack)
	if *update {
		require.NoError(t, os.WriteFile(reliability.path, []byte(written), 0o644))
		return
	}
	assert.Equal(t, written, string(raw), "run: go test ./cmd/rehearse -run TestEveryStackOfTheProject -update")
}

// environments are those that the stacks name.
var environments = map[string]string{"prod": "production", "staging": "staging"}

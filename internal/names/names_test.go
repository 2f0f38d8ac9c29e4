package names

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFixedNames(t *testing.T) {
	production := Environment("production")
	assert.Equal(t, "bookmark-manager-production-cluster", production.Name("cluster"))
	assert.Equal(t, "/bookmark-manager/production/web/SENTRY_DSN", production.Path("web", "SENTRY_DSN"))
}

func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		kind        Kind
		good, bad   string
		wantMessage string
	}{
		"a bucket of 64 characters": {Bucket, strings.Repeat("a", 63), strings.Repeat("a", 64),
			"has 64 characters, want 3 to 63"},
		"a bucket in upper case": {Bucket, "assets-1", "Assets", "lower-case letters"},
		"a repository that ends in a hyphen": {
			Repository, "bookmark-manager-production-web", "web-", "separated by single"},
		"a parameter without its slash": {Parameter, "/a/B_c", "a", "a slash, then"},
		"a database with two hyphens":   {Database, "a-b", "a--b", "single hyphens"},
		"a target group of 33 characters": {LoadBalancer, strings.Repeat("t", 32), strings.Repeat("t", 33),
			"want 1 to 32"},
		"a load balancer that ends in -": {LoadBalancer, "web", "web-", "no hyphen at either end"},
		"a role with a slash":            {Role, "deploy", "a/b", "letters, digits and"},
		"a log group with a blank":       {LogGroup, "/ecs/web", "a b", "letters, digits"},
		"a cluster with a dot":           {Cluster, "a_b-c", "a.b", "letters, digits, hyphens"},
		"an alarm with a line break":     {Alarm, "CPU > 80 %", "a\nb", "printable"},
		"a service in upper case":        {Service, "web", "Web", "lower-case letter"},
		"an Atlas cluster of 24 characters": {AtlasCluster, strings.Repeat("a", 23), strings.Repeat("a", 24),
			"want 1 to 23"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.NoError(t, Check(c.kind, c.good))
			assert.ErrorContains(t, Check(c.kind, c.bad), c.wantMessage)
		})
	}
}

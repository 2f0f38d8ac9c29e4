package scripts_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// later is a version that comes after commit.
const later = "9be1f2c3d4e5f60718293a4b5c6d7e8f90a1b2c3"

// promote runs a job of the promotion of a version.
func (s *stage) promote(job, version, digest string) (string, error) {
	for name, value := range map[string]string{
		"inputs.version":        version,
		"inputs.staging-images": "api=" + digest + " web=" + digest,
		"inputs.prod-images":    "api=" + digest + " web=" + digest,
	} {
		s.values[name] = value
	}
	return s.job(readWorkflow(s.t, "promote"), job)
}

// deploy runs a job of the deploy workflow, for the commit of the stage's event.
func (s *stage) deploy(job string) (string, error) { return s.job(readWorkflow(s.t, "deploy"), job) }

func digest(letter string) string { return "sha256:" + strings.Repeat(letter, 64) }

// runs is what a stack has deployed.
func (s *stage) runs(stack string) string { return s.shell("cat ../cloud/" + stack + ".yaml") }

// documentedOrders are the first column of the table of orders in docs/operations.md.
func documentedOrders(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "docs", "operations.md"))
	require.NoError(t, err)
	_, table, found := strings.Cut(string(raw), "\n| order | outcome |\n| --- | --- |\n")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n\n")
	var orders []string
	for _, row := range strings.Split(table, "\n") {
		orders = append(orders, strings.Split(row, " | ")[0][len("| "):])
	}
	return orders
}

// The orders in which workflows meet. docs/operations.md has them as a table.
func TestOrdersThatHurt(t *testing.T) {
	t.Parallel()
	plays := map[string]func(t *testing.T, s *stage){
		"a hotfix at night, while staging sleeps": func(t *testing.T, s *stage) {
			s.write("staging.asleep", "") // 23:00 in Tokyo
			for _, job := range []string{"staging", "production"} {
				out, err := s.promote(job, commit, digest("a"))
				require.NoError(t, err, out)
			}
			assert.NoFileExists(t, filepath.Join(s.cloud, "staging.asleep"))
			assert.Contains(t, s.runs("prod"), digest("a"))
		},
		"a push is queued behind a promotion": func(t *testing.T, s *stage) {
			s.event = s.push("echo x >README.md", "Infrastructure")
			s.plan()
			out, err := s.promote("production", commit, digest("a"))
			require.NoError(t, err, out)
			out, err = s.deploy("production")
			require.NoError(t, err, out)
			assert.Contains(t, s.runs("prod"), digest("a"), "the deploy has the promotion's images")
		},
		"an old run is started again": func(t *testing.T, s *stage) {
			s.plan()
			_, err := s.promote("production", commit, digest("a"))
			require.NoError(t, err)
			s.push("echo x >main.go", "Infrastructure that nobody approved")
			before := s.runs("prod")
			out, err := s.deploy("production")
			require.Error(t, err)
			assert.Contains(t, out,
				"main.go changed, and not by releases; that needs a plan and an approval of its own")
			assert.Equal(t, before, s.runs("prod"))
			out, err = s.deploy("staging")
			require.NoError(t, err, out)
			assert.Equal(t, s.shell("git rev-parse origin/main"), s.shell("git rev-parse HEAD"), "staging gets the tip")
		},
		"two promotions are approved in reverse": func(t *testing.T, s *stage) {
			for _, one := range []struct{ job, version, digest string }{
				{"staging", commit, digest("a")}, {"staging", later, digest("c")}, {"production", later, digest("c")},
			} {
				out, err := s.promote(one.job, one.version, one.digest)
				require.NoError(t, err, out)
			}
			out, err := s.promote("production", commit, digest("a"))
			require.Error(t, err)
			assert.Contains(t, out, "prod has "+later+", which came to staging after it")
			assert.Contains(t, s.runs("prod"), digest("c"))
			assert.NotContains(t, s.history(), "Release "+commit+" to prod")
		},
		"a promotion comes between plan and approval": func(t *testing.T, s *stage) {
			s.event = s.push("echo x >README.md", "Infrastructure")
			s.plan()
			_, err := s.promote("production", commit, digest("a"))
			require.NoError(t, err)
			out, err := s.deploy("production")
			require.NoError(t, err, out)
			assert.Contains(t, s.runs("prod"), digest("a"))
		},
		"another plan than the approved one": func(t *testing.T, s *stage) {
			s.plan()
			s.forget()
			s.preview("no-change") // somebody has deployed by hand since
			out, err := s.deploy("production")
			require.Error(t, err)
			assert.Contains(t, out, "the plan is not the one that was approved")
			assert.NotContains(t, strings.Join(s.called(), "\n"), "pulumi up")
		},
		"infrastructure is pushed before a promotion": func(t *testing.T, s *stage) {
			s.push("echo x >main.go", "Infrastructure that nobody approved")
			s.forget()
			out, err := s.promote("production", commit, digest("a"))
			require.NoError(t, err, out)
			for _, call := range s.called() {
				if strings.HasPrefix(call, "pulumi up") {
					assert.Contains(t, call, "--target", "the promotion deploys a release and nothing else")
				}
			}
		},
		"infrastructure of the same tasks is pushed before a promotion": func(t *testing.T, s *stage) {
			var preview map[string]any
			require.NoError(t, json.Unmarshal([]byte(s.shell("cat ../cloud/release.json")), &preview))
			replacement := preview["steps"].([]any)[2].(map[string]any)
			replacement["newState"].(map[string]any)["inputs"].(map[string]any)["cpu"] = "512"
			raw, err := json.Marshal(preview)
			require.NoError(t, err)
			s.write("release.json", string(raw))
			out, err := s.promote("production", commit, digest("a"))
			require.Error(t, err)
			assert.Contains(t, out, "changes in cpu")
			assert.Contains(t, out, "nobody has approved that: let the workflow Deploy bring it out first")
			assert.Equal(t, []string{"Start"}, s.history(), "nothing is committed")
		},
		"a promotion is killed before it has tagged its images": func(t *testing.T, s *stage) {
			out, err := s.promote("production", commit, digest("a"))
			require.NoError(t, err, out)
			s.preview("no-change")
			assert.Equal(t, "false", s.plan()["changes"])
			release := filepath.Join(s.cloud, "tags", "prod-web release-"+commit)
			require.NoError(t, os.Remove(release))
			assert.Equal(t, "true", s.plan()["changes"], "which asks for approval")
			out, err = s.deploy("production")
			require.NoError(t, err, out)
			assert.FileExists(t, release)
			assert.Equal(t, "false", s.plan()["changes"])
		},
		"a guard's finding, with and without the flag": func(t *testing.T, s *stage) {
			s.plan()
			s.preview("replaced")
			for allow, fails := range map[string]bool{"": true, "--allow": false} {
				s.values["inputs.allow && '--allow' || ''"] = allow
				_, err := s.deploy("staging")
				assert.Equal(t, fails, err != nil)
			}
		},
	}
	assert.ElementsMatch(t, documentedOrders(t), slices.Collect(maps.Keys(plays)),
		"docs/operations.md has a row for each")
	for sentence, play := range plays {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s := newPromotion(t)
			s.repository()
			s.values["inputs.allow && '--allow' || ''"] = ""
			play(t, s)
		})
	}
}

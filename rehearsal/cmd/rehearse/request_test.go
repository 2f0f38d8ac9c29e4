package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A deployed plan hides what holds the origin's secret; the way of a request is read from it all
// the same.
func TestARequestIsFollowedThroughADeployedPlan(t *testing.T) {
	t.Parallel()
	program := infra(t)
	path := deployedPlan(t, "prod")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"a page": {
			[]string{"GET", "https://www.example.com/bookmarks"},
			"listener     rule web-rule (priority 200) to web, port 3000: web-tg 100 %\n",
		},
		"the API": {
			[]string{"GET", "https://www.example.com/api/bookmarks"},
			"listener     rule api-rule (priority 100) to api, port 3001: api-tg 100 %\n",
		},
		"an asset": {
			[]string{"GET", "https://www.example.com/assets/a.svg"},
			"origin       bucket: GET /assets/a.svg, " +
				"Host bookmark-manager-production-assets-111122223333.s3.ap-northeast-1.amazonaws.com\n",
		},
		"a blocked place": {
			[]string{"GET", "https://www.example.com/", "--country", "KP"},
			"web ACL      block by countries",
		},
		"the capacity of the web ACL": {
			[]string{"GET", "https://www.example.com/"},
			" of its 1500 capacity units are used\n",
		},
		"the apex": {
			[]string{"GET", "https://example.com/a"},
			"answer       301 by the viewer function, to https://www.example.com/a\n",
		},
	} {
		out, err := exec.Command(program, append(append([]string{"request"}, c.args...), "--plan", path)...).
			CombinedOutput()
		require.NoError(t, err, "%s: %s", name, out)
		assert.Contains(t, string(out), c.want, name)
	}
	out, err := exec.Command(filepath.Clean(program), "request", "GET", "/bookmarks", "--plan", path).CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(out),
		`this is no request: URL: found "/bookmarks", want an absolute one such as https://www.example.com/path`)
}

package stackfile

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	digestA = "sha256:" + strings.Repeat("a", 64)
	digestB = "sha256:" + strings.Repeat("b", 64)
)

const stackFile = `# what production chooses
config:
  bookmark-manager:environment: production

  bookmark-manager:services:
    web: # Next.js
      image: "sha256:old" # what runs
      version: old
      port: 3000

    api:
      port: 3001   # NestJS
      migration: {cpu: 256, memory: 512}
`

func TestSetReleaseChangesItsOwnLinesOnly(t *testing.T) {
	got, err := SetRelease(stackFile, map[string]string{"web": digestA, "api": digestB}, "4be1f2c")
	require.NoError(t, err)
	assert.Equal(t, `# what production chooses
config:
  bookmark-manager:environment: production

  bookmark-manager:services:
    web: # Next.js
      image: "`+digestA+`" # what runs
      version: "4be1f2c"
      port: 3000

    api:
      image: "`+digestB+`"
      version: "4be1f2c"
      port: 3001   # NestJS
      migration: {cpu: 256, memory: 512}
`, got)
	again, err := SetRelease(got, map[string]string{"web": digestA}, "4be1f2c")
	require.NoError(t, err)
	assert.Equal(t, got, again, "the same release again changes nothing")
}

// A commit of digits is a number in YAML unless it is quoted.
func TestSetReleaseQuotesTheVersion(t *testing.T) {
	got, err := SetRelease(stackFile, map[string]string{"web": digestA}, "1234567")
	require.NoError(t, err)
	assert.Contains(t, got, `version: "1234567"`)
}

func TestSetReleaseTakesTheProjectsOwnStackFiles(t *testing.T) {
	for _, stack := range []string{"prod", "staging"} {
		raw, err := os.ReadFile("../../Pulumi." + stack + ".yaml")
		require.NoError(t, err)
		got, err := SetRelease(string(raw), map[string]string{"web": digestA, "api": digestB}, "4be1f2c")
		require.NoError(t, err)
		before, after := strings.Split(string(raw), "\n"), strings.Split(got, "\n")
		var kept []string
		for _, line := range after {
			if key := strings.TrimSpace(line); !strings.HasPrefix(key, "image: \"sha256:") &&
				!strings.HasPrefix(key, `version: "4be1f2c"`) {
				kept = append(kept, line)
			}
		}
		assert.Subset(t, before, kept, "every other line is as it was")
		assert.Equal(t, 4, len(after)-len(kept))
		migrating, err := Migrates(got)
		require.NoError(t, err)
		assert.True(t, migrating, "the api's image migrates the database")
	}
}

func TestSetReleaseRefuses(t *testing.T) {
	for sentence, one := range map[string]struct{ text, want string }{
		"a service that the stack does not have": {strings.ReplaceAll(stackFile, "web:", "site:"),
			`find service "web": it is not in bookmark-manager:services`},
		"a service in braces": {"config:\n  bookmark-manager:services:\n    web: {port: 3000}\n",
			"its settings are not one on each line"},
		"a value on a line of its own": {strings.Replace(stackFile, `"sha256:old" # what runs`,
			"|\n        sha256:old", 1), "the value there is not on one line"},
		"a value with a quote in it": {strings.Replace(stackFile, `"sha256:old"`, `"sha256\"old"`, 1),
			"read the stack file"},
		"a stack without services": {"config: {}\n", "it has no config with bookmark-manager:services"},
		"what is not YAML":         {"\t", "read the stack file"},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, err := SetRelease(one.text, map[string]string{"web": digestA}, "4be1f2c")
			require.ErrorContains(t, err, one.want)
		})
	}
}

func TestMigrates(t *testing.T) {
	released, err := SetRelease(stackFile, map[string]string{"api": digestA}, "4be1f2c")
	require.NoError(t, err)
	for sentence, one := range map[string]struct {
		text string
		want bool
	}{
		"a service with a migration and an image": {released, true},
		"a service with a migration alone":        {stackFile, false},
		"an image alone":                          {strings.ReplaceAll(released, "migration:", "other:"), false},
	} {
		got, err := Migrates(one.text)
		require.NoError(t, err)
		assert.Equal(t, one.want, got, sentence)
	}
}

func TestImages(t *testing.T) {
	released, err := SetRelease(stackFile, map[string]string{"api": digestA}, "4be1f2c")
	require.NoError(t, err)
	got, err := Images(strings.Replace(released, "      port: 3001",
		"      canary:\n        image: "+digestB+"\n        version: \"5cf\"\n      port: 3001", 1))
	require.NoError(t, err)
	assert.Equal(t, []Image{
		{"web", "sha256:old", "old", false},
		{"api", digestA, "4be1f2c", false},
		{"api", digestB, "5cf", true},
	}, got)
	_, err = Images("config:\n  bookmark-manager:services:\n    web:\n      image: " + digestA + "\n")
	require.ErrorContains(t, err, `service "web" has an image without a version`)
}

func TestWithoutRelease(t *testing.T) {
	bare, err := WithoutRelease(stackFile)
	require.NoError(t, err)
	released, err := SetRelease(stackFile, map[string]string{"web": digestA, "api": digestB}, "4be1f2c")
	require.NoError(t, err)
	for sentence, one := range map[string]struct {
		text string
		same bool
	}{
		"a release":    {released, true},
		"another port": {strings.Replace(released, "3001", "3002", 1), false},
		"another image of a service's canary": {strings.Replace(released, "      port: 3001",
			"      canary:\n        image: x\n      port: 3001", 1), false},
		"an image of no service": {strings.Replace(released, "  bookmark-manager:services:",
			"  bookmark-manager:agent:\n    image: x\n  bookmark-manager:services:", 1), false},
		"a service more": {released + "    more:\n      image: x\n", false},
	} {
		got, err := WithoutRelease(one.text)
		require.NoError(t, err)
		assert.Equal(t, one.same, got == bare, sentence)
	}
	_, err = WithoutRelease("config: {}")
	require.ErrorContains(t, err, "it has no config with bookmark-manager:services")
}

func TestRestoreRelease(t *testing.T) {
	released, err := SetRelease(stackFile, map[string]string{"web": digestA, "api": digestB}, "4be1f2c")
	require.NoError(t, err)
	restored, err := RestoreRelease(strings.Replace(released, "3001", "3002", 1), stackFile, []string{"api", "web"})
	require.NoError(t, err)
	assert.Equal(t, strings.Replace(stackFile, "3001", "3002", 1), restored, "what others have changed stays")
	again, err := RestoreRelease(restored, stackFile, []string{"api", "web"})
	require.NoError(t, err)
	assert.Equal(t, restored, again)
	_, err = RestoreRelease(strings.ReplaceAll(stackFile, "      image: \"sha256:old\" # what runs\n", ""), stackFile,
		[]string{"web"})
	require.ErrorContains(t, err, `restore image of service "web"`)
	_, err = RestoreRelease(stackFile, stackFile, []string{"more"})
	require.ErrorContains(t, err, `find service "more"`)
}

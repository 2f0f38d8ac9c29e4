package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

var stacks = []string{"prod", "staging"}

// TestGoldenResources pins what each stack is made of: a resource that is taken out, renamed, moved
// to another component or loses its protection shows up as a line of a diff.
func TestGoldenResources(t *testing.T) {
	for _, stack := range stacks {
		t.Run(stack, func(t *testing.T) {
			r, err := run(t, stacktest.Read(t, stack).Released(t))
			require.NoError(t, err)
			var lines strings.Builder
			for _, one := range r.All() {
				lines.WriteString(describe(one) + "\n")
			}
			golden(t, stack+".resources.golden", lines.String())
			assert.Empty(t, r.Orphans(), "resources outside a component")
		})
	}
}

// TestOutputsAreAContract pins the names that pipelines and people read.
func TestOutputsAreAContract(t *testing.T) {
	golden(t, "outputs.golden", strings.Join(exported(t, stacktest.Read(t, "prod").Released(t)), "\n")+"\n")
}

func TestWithoutADelegatedZoneThereIsTheZoneAlone(t *testing.T) {
	f := stacktest.Read(t, "prod")
	f.Set(t, "edge", "zone.delegated", false)
	r, err := run(t, f)
	require.NoError(t, err)
	for _, one := range r.All() {
		parent := resource.URN(one.Parent).Name()
		assert.True(t, slices.Contains([]string{"zone", "boundary"}, one.Name) || parent == "zone", one.Key())
	}
	assert.Equal(t, []string{"nameServers"}, exported(t, f))
}

func TestTheStackWithEveryKeyIsGood(t *testing.T) {
	f := stacktest.ReadEveryKey(t)
	r := zonesAre(atlasAnswers(recorder.New()), "ap-northeast-1a apne1-az4", "ap-northeast-1c apne1-az1")
	require.NoError(t, r.Run(deploy, f, f.SecretKeys()...))
}

func TestABadConfigurationRegistersNothing(t *testing.T) {
	f := stacktest.Read(t, "prod")
	f.Set(t, "network", "cidr", 10)
	r, err := run(t, f)
	require.ErrorContains(t, err, "bookmark-manager:network.cidr: found 10")
	assert.Empty(t, r.All())
	_, provider := r.Get("pulumi:providers:aws", "aws")
	assert.False(t, provider, "a provider was registered")
}

func describe(one recorder.Resource) string {
	parent := resource.URN(one.Parent)
	line := fmt.Sprintf("%s  in %s", one.Key(), parent.Name())
	if provider := one.Provider; provider != "" {
		line += "  by " + resource.URN(provider[:strings.LastIndex(provider, "::")]).Name()
	}
	if one.Protect {
		line += "  protected"
	}
	if one.RetainOnDelete {
		line += "  retained"
	}
	if len(one.IgnoreChanges) > 0 {
		line += "  ignoring " + strings.Join(one.IgnoreChanges, ",")
	}
	return line
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run go test . -update")
	assert.Equal(t, string(want), got, "run go test . -update if the change is meant")
}

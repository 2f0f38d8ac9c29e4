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
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

var stacks = []string{"prod", "staging"}

// TestGoldenResources pins what each stack is made of: a resource that is taken out, renamed, moved to another component or
// loses its protection shows up as a line of a diff.
func TestGoldenResources(t *testing.T) {
	for _, stack := range stacks {
		t.Run(stack, func(t *testing.T) {
			r, err := readStack(t, stack).released(t).run(t)
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
	golden(t, "outputs.golden", strings.Join(readStack(t, "prod").released(t).exported(t), "\n")+"\n")
}

func TestWithoutADelegatedZoneThereIsTheZoneAlone(t *testing.T) {
	f := readStack(t, "prod")
	f.set(t, "edge", "zone.delegated", false)
	r, err := f.run(t)
	require.NoError(t, err)
	for _, one := range r.All() {
		parent := resource.URN(one.Parent).Name()
		assert.True(t, slices.Contains([]string{"zone", "boundary"}, one.Name) || parent == "zone", one.Key())
	}
	assert.Equal(t, []string{"nameServers"}, f.exported(t))
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

package settings

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzDecode holds of every text: what was decoded, encoded again, decodes to itself without a
// problem; and each problem names a path that `pulumi config set --path` takes and that leads to
// the value found.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"cidr":"10.0.0.0/16","size":0.5,"enabled":true,"zones":[{"name":"a","index":1}],"named":{"b":{"index":2}},` +
			`"tags":{"k":"v"},"nested":{"name":"n"}}`,
		`{"cidr":12,"size":"1","enabled":"true","zones":{},"named":[],"tags":{"k":1},"nested":null}`,
		`{"named":{"a.b":{"index":"x"},"c]":{"d\"e":1}},"zones":[null,7,{"nmae":1}]}`,
		`{"size":1e999,"zones":[{"index":1.5},{"index":99999999999999999999}]}`, `null`, `{} {}`, `[`, `{"":{"":0}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		var first section
		tree, problems := decode(raw, &first)
		encoded, err := json.Marshal(first)
		require.NoError(t, err)
		var second section
		assert.Empty(t, Decode(string(encoded), &second))
		assert.Equal(t, withoutEmpty(first), withoutEmpty(second))

		for _, problem := range problems {
			assert.NotEmpty(t, problem.Allowed)
			if strings.Contains(problem.Path, `\`) {
				continue // Pulumi's paths cannot say every key with a quote or a backslash in it
			}
			steps, err := resource.ParsePropertyPath(problem.Path)
			if !assert.NoError(t, err, problem.Path) || len(steps) == 0 {
				continue
			}
			if problem.Found == "" {
				assert.False(t, isGiven(tree, problem.Path), problem.Path)
			} else {
				assert.True(t, isGiven(tree, problem.Path), problem.Path)
			}
			assert.True(t, strings.HasPrefix(problem.String(), problem.Path+": "))
		}
	})
}

func isGiven(tree any, path string) bool {
	_, given := find(tree, path)
	return given
}

// withoutEmpty makes no difference between a list or map that is empty and one that is not there:
// JSON writes null for the latter.
func withoutEmpty(s section) section {
	if len(s.Zones) == 0 {
		s.Zones = nil
	}
	if len(s.Named) == 0 {
		s.Named = nil
	}
	if len(s.Tags) == 0 {
		s.Tags = nil
	}
	return s
}

package providertest

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

var update = flag.Bool("update", false, "rewrite the provider's part of docs/model-providers.md")

// page is where the verdicts of the providers beside AWS's stand.
const page = "../../../docs/model-providers.md"

// Page holds a provider's part of the page to what its model refuses: the rules, and the values
// that the schema closes.
func Page(t *testing.T, definition provider.Definition, pairs map[string]Pair, verdicts map[string]Verdict) {
	t.Helper()
	var rows []string
	row := func(what, types, when, words, source string) {
		cell := strings.NewReplacer("|", `\|`, "\n", " ")
		rows = append(rows, fmt.Sprintf("| %s | %s | %s | `%s` | %s |\n", what, types, when, cell.Replace(words),
			cell.Replace(source)))
	}
	for _, rule := range definition.Rules {
		var types []string
		for _, one := range rule.Types {
			types = append(types, short(one))
		}
		when := "up"
		if rule.When&provider.OnCheck != 0 {
			when = "preview"
		}
		row(rule.Name, strings.Join(types, ", "), when, pairs[rule.Name].Want, rule.Why)
	}
	for _, name := range slices.Sorted(maps.Keys(verdicts)) {
		row(name, short(verdicts[name].Type), "preview", verdicts[name].Want, "the provider's documentation and source")
	}
	slices.Sort(rows)
	text := "| what | resource | refused in | in these words | from |\n| --- | --- | --- | --- | --- |\n" +
		strings.Join(rows, "")
	raw, err := os.ReadFile(page)
	require.NoError(t, err)
	region := regexp.MustCompile(`(?s)(<!-- ` + definition.Name + ` -->\n\n).*?(\n<!-- end -->)`)
	require.Regexp(t, region, string(raw))
	want := region.ReplaceAllStringFunc(string(raw), func(string) string {
		return "<!-- " + definition.Name + " -->\n\n" + text + "\n<!-- end -->"
	})
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o644))
	}
	assert.Equal(t, want, string(raw), "go test -update writes docs/model-providers.md")
}

// short is the last part of a type's token.
func short(token string) string { return token[strings.LastIndex(token, ":")+1:] }

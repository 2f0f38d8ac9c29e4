package providertest

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/bookmark-manager/infrastructure/internal/stacktest"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

var update = flag.Bool("update", false, "rewrite the provider's part of docs/model-providers.md")

// Page checks a provider's part of the page against what its model refuses: the rules, and the
// values that the schema closes.
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
	stacktest.Document(t, "docs/model-providers.md", definition.Name, text, *update)
}

// short is the last part of a type's token.
func short(token string) string { return token[strings.LastIndex(token, ":")+1:] }

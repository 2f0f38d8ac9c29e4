package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

// TestGoldenInputs pins every input and option of every resource and provider of each stack: a change of the program that is to change nothing on a
// deployed stack must leave the files as they are.
func TestGoldenInputs(t *testing.T) {
	for _, stack := range stacks {
		t.Run(stack, func(t *testing.T) {
			r, err := run(t, stacktest.Read(t, stack).Released(t))
			require.NoError(t, err)
			var out bytes.Buffer
			for _, one := range append(providersOf(r), r.All()...) {
				fmt.Fprintf(&out, "%s\n", describe(one))
				if one.DeleteFirst || one.Aliases > 0 || one.ID != "" {
					fmt.Fprintf(&out, "  delete first: %t, aliases: %d, read by id: %q\n", one.DeleteFirst, one.Aliases, one.ID)
				}
				for _, urn := range slices.Sorted(slices.Values(one.DependsOn)) {
					fmt.Fprintf(&out, "  after %s %s\n", resource.URN(urn).Type(), resource.URN(urn).Name())
				}
				encoder := json.NewEncoder(&out)
				encoder.SetEscapeHTML(false)
				encoder.SetIndent("  ", "  ")
				out.WriteString("  ")
				require.NoError(t, encoder.Encode(readable(resource.NewObjectProperty(one.Inputs))))
			}
			golden(t, stack+".inputs.golden", out.String())
		})
	}
}

// providersOf are the providers that the resources name.
func providersOf(r *recorder.Recorder) []recorder.Resource {
	var all []recorder.Resource
	seen := map[string]bool{}
	for _, one := range r.All() {
		if one.Provider == "" || seen[one.Provider] {
			continue
		}
		seen[one.Provider] = true
		urn := resource.URN(one.Provider[:strings.LastIndex(one.Provider, "::")])
		if provider, ok := r.Get(string(urn.Type()), urn.Name()); ok {
			all = append(all, provider)
		}
	}
	slices.SortFunc(all, func(a, b recorder.Resource) int { return strings.Compare(a.Key(), b.Key()) })
	return all
}

// readable is a value as it is written to the file: a secret says that it is one, and a text that is JSON is written out beside its hash.
func readable(value resource.PropertyValue) any {
	switch {
	case value.IsSecret():
		return map[string]any{"secret": readable(value.SecretValue().Element)}
	case value.IsOutput():
		return readable(value.OutputValue().Element)
	case value.IsArray():
		all := make([]any, len(value.ArrayValue()))
		for i, element := range value.ArrayValue() {
			all[i] = readable(element)
		}
		return all
	case value.IsObject():
		all := map[string]any{}
		for key, element := range value.ObjectValue() {
			all[string(key)] = readable(element)
		}
		return all
	case value.IsString():
		var document any
		text := value.StringValue()
		if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") || json.Unmarshal([]byte(text), &document) != nil {
			return text
		}
		return map[string]any{fmt.Sprintf("JSON %x", sha256.Sum256([]byte(text)))[:13]: document}
	default:
		return value.V
	}
}

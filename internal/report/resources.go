package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/inventory"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// Component is a group of the program with the resources in it. Its type goes without the project's
// name.
type Component struct {
	Name, Type string
	Resources  []Resource
}

// Resource is one resource with what the program chose for it.
type Resource struct {
	URN, Name, Type string
	Marks           []string // such as "protected"
	Settings        []Setting
}

// Setting is one input.
type Setting struct {
	Name   string
	Text   string
	Long   bool // lines of JSON or of a script
	Secret bool // Text is empty
}

// componentsOf lists every resource of the plan once, providers included: in its component, or in
// one named after the stack.
func componentsOf(inv *inventory.Inventory) ([]Component, error) {
	var components []Component
	for _, one := range inv.Components() {
		resources, err := resourcesOf(inv, inv.In(one))
		if err != nil {
			return nil, err
		}
		components = append(components,
			Component{one.Name(), strings.TrimPrefix(one.Type, "bookmark-manager:"), resources})
	}
	var loose []plan.State
	for _, one := range slices.Concat(inv.Resources(), inv.Providers()) {
		if _, ok := inv.Component(one); !ok {
			loose = append(loose, one)
		}
	}
	resources, err := resourcesOf(inv, loose)
	if err != nil {
		return nil, err
	}
	if len(resources) > 0 {
		components = append(components,
			Component{"The stack itself", "providers, and what is in no component", resources})
	}
	return components, nil
}

func resourcesOf(inv *inventory.Inventory, states []plan.State) ([]Resource, error) {
	var resources []Resource
	for _, one := range states {
		resource := Resource{URN: one.URN, Name: inv.Name(one), Type: one.Type}
		if one.Protect {
			resource.Marks = append(resource.Marks, "protected")
		}
		if one.RetainOnDelete {
			resource.Marks = append(resource.Marks, "kept when deleted")
		}
		for _, name := range slices.Sorted(maps.Keys(one.Inputs)) {
			if strings.HasPrefix(name, "__") { // the engine's own
				continue
			}
			setting, err := settingOf(name, one.Inputs[name])
			if err != nil {
				return nil, fmt.Errorf("show input %q of %q: %w", name, one.Name(), err)
			}
			resource.Settings = append(resource.Settings, setting)
		}
		resources = append(resources, resource)
	}
	return resources, nil
}

// settingOf shows an input as text. A document in a string, such as a policy, is shown as the
// document.
func settingOf(name string, value any) (Setting, error) {
	if value == plan.Secret {
		return Setting{Name: name, Secret: true}, nil
	}
	if text, ok := value.(string); ok {
		var document any
		structured := strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")
		if !structured || !json.Valid([]byte(text)) {
			return Setting{Name: name, Text: known(text), Long: strings.Contains(text, "\n")}, nil
		}
		if err := json.Unmarshal([]byte(text), &document); err != nil {
			return Setting{}, err
		}
		value = document
	}
	switch value.(type) {
	case map[string]any, []any:
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false) // the template escapes
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(value); err != nil {
			return Setting{}, err
		}
		return Setting{Name: name, Text: known(strings.TrimSpace(text.String())), Long: true}, nil
	default:
		return Setting{Name: name, Text: plan.ValueOf(name, value).String()}, nil
	}
}

// known puts words in the place of what is computed when the stack is deployed.
func known(text string) string { return plan.ReplaceUnknown(text, "known when deployed") }

package stackfile

import "fmt"

// Edit gives one setting of a configuration another value.
type Edit struct {
	// Section is the key of the configuration, with the project's prefix.
	Section string `json:"section"`
	// Steps are the keys and indexes that lead to the setting in the section; none for the section
	// itself. An index is an int, or the float64 that encoding/json makes of one.
	Steps []any `json:"steps"`
	// Value is the setting's new value.
	Value any `json:"value,omitempty"`
	// Remove takes the setting out instead.
	Remove bool `json:"remove,omitempty"`
}

// Apply makes the edit in a decoded configuration. It fails when the steps lead nowhere.
func (e Edit) Apply(config map[string]any) error {
	if len(e.Steps) == 0 {
		config[e.Section] = Clone(e.Value)
		return nil
	}
	at := config[e.Section]
	for _, step := range e.Steps[:len(e.Steps)-1] {
		next, err := e.enter(at, step)
		if err != nil {
			return err
		}
		at = next
	}
	last := e.Steps[len(e.Steps)-1]
	switch holder := at.(type) {
	case map[string]any:
		key, ok := last.(string)
		if !ok {
			return e.wrong(at, last)
		}
		if e.Remove {
			delete(holder, key)
		} else {
			holder[key] = Clone(e.Value)
		}
	case []any:
		i, ok := index(last)
		if !ok || i >= len(holder) || e.Remove {
			return e.wrong(at, last)
		}
		holder[i] = Clone(e.Value)
	default:
		return e.wrong(at, last)
	}
	return nil
}

func (e Edit) enter(at, step any) (any, error) {
	switch holder := at.(type) {
	case map[string]any:
		if key, ok := step.(string); ok {
			return holder[key], nil
		}
	case []any:
		if i, ok := index(step); ok && i < len(holder) {
			return holder[i], nil
		}
	}
	return nil, e.wrong(at, step)
}

func (e Edit) wrong(at, step any) error {
	return fmt.Errorf("edit %s %v: a %T has no %v", e.Section, e.Steps, at, step)
}

func index(step any) (int, bool) {
	switch i := step.(type) {
	case int:
		return i, i >= 0
	case float64:
		return int(i), i >= 0
	}
	return 0, false
}

// Clone copies a decoded value, so that edits of one copy leave the others alone.
func Clone(value any) any {
	switch v := value.(type) {
	case map[string]any:
		copied := make(map[string]any, len(v))
		for key, one := range v {
			copied[key] = Clone(one)
		}
		return copied
	case []any:
		copied := make([]any, len(v))
		for i, one := range v {
			copied[i] = Clone(one)
		}
		return copied
	}
	return value
}

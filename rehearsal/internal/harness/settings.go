package harness

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bookmark-manager/infrastructure/internal/stackfile"
)

// Sections are those of a stack's configuration, by their names without the project's prefix. A
// path of a setting begins with the section and has dots between its keys.
type Sections map[string]any

// ReadSections reads those of a stack file.
func ReadSections(path, project string) (Sections, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the stack file: %w", err)
	}
	_, found, err := decode(raw, project+":")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return found, nil
}

// decode is a stack file, and the sections of the project in it.
func decode(raw []byte, prefix string) (file map[string]any, found Sections, err error) {
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return nil, nil, fmt.Errorf("read the stack file: %w", err)
	}
	config, _ := file["config"].(map[string]any)
	found = Sections{}
	for key, value := range config {
		if name, ours := strings.CutPrefix(key, prefix); ours {
			found[name] = value
		}
	}
	return file, found, nil
}

// Set gives a setting a value.
func (s Sections) Set(path string, value any) {
	holder, last := s.holder(path)
	holder[last] = stackfile.Clone(value)
}

// Drop takes a setting out.
func (s Sections) Drop(path string) {
	holder, last := s.holder(path)
	delete(holder, last)
}

// Get is the value of a setting; nil for one that is not there.
func (s Sections) Get(path string) any {
	holder, last := s.holder(path)
	return holder[last]
}

func (s Sections) holder(path string) (map[string]any, string) {
	keys := strings.Split(path, ".")
	holder := map[string]any(s)
	for _, key := range keys[:len(keys)-1] {
		next, ok := holder[key].(map[string]any)
		if !ok {
			next = map[string]any{}
			holder[key] = next
		}
		holder = next
	}
	return holder, keys[len(keys)-1]
}

// Edit gives settings of the stack file other values, by their paths; nil takes one out.
func (f *Fixture) Edit(values map[string]any) error {
	return f.EditSections(func(found Sections) {
		for _, path := range slices.Sorted(maps.Keys(values)) {
			if values[path] == nil {
				found.Drop(path)
				continue
			}
			found.Set(path, values[path])
		}
	})
}

// EditSections changes the stack file.
func (f *Fixture) EditSections(change func(Sections)) error {
	raw, err := f.StackYAML()
	if err != nil {
		return err
	}
	prefix := f.Work.Files.Project + ":"
	file, found, err := decode(raw, prefix)
	if err != nil {
		return err
	}
	change(found)
	config, _ := file["config"].(map[string]any)
	maps.DeleteFunc(config, func(key string, _ any) bool { return strings.HasPrefix(key, prefix) })
	for name, value := range found {
		config[prefix+name] = value
	}
	if raw, err = yaml.Marshal(file); err != nil {
		return fmt.Errorf("write the stack file: %w", err)
	}
	return f.WriteStackYAML(raw)
}

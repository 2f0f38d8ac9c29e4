package lifecycle

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/stackfile"
)

// Change gives one setting another value.
type Change struct {
	// Path is the setting as the program's errors name it, such as "network.zones[0].index".
	Path string
	// What says what becomes of it, such as "perZone -> single".
	What string
	// About is what the schema says of the setting, or of the nearest one around it that has a
	// description.
	About string

	stackfile.Edit
}

// String is the change on one line.
func (c Change) String() string { return c.Path + ": " + c.What }

// changes are those of a stack's configuration: another value that the schema admits for each
// setting that it has, a value for each optional setting that it lacks, none for each optional one
// that it has, and one entry more and one fewer for lists and maps. Of entries that are alike, the
// first that has a setting stands for all.
func (s *schema) changes(project string, config map[string]any) []Change {
	g := &generator{schema: s, seen: map[string]bool{}}
	g.sections(project, config)
	return g.all
}

type generator struct {
	schema  *schema
	section string
	seen    map[string]bool // settings, with a star for the entries of maps and lists
	all     []Change
	about   string
	// choices leaves out the texts that the schema leaves free, and takes every element out of a
	// list from an enumeration.
	choices bool
}

func (g *generator) sections(project string, config map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(g.schema.config.Properties)) {
		section, ours := strings.CutPrefix(key, project+":")
		property := g.schema.config.Properties[key]
		if !ours || !property.is("object") {
			continue // plain keys are the stack's identity, references are secrets
		}
		g.section = key
		g.walk(section, section, nil, property, config[key])
	}
}

// describe keeps what the schema says of a setting for the changes of it and of what is in it. It
// returns the way back.
func (g *generator) describe(n *node) (back func()) {
	before := g.about
	if resolved := g.schema.resolve(n); n != nil && n.Description != "" {
		g.about = n.Description
	} else if resolved != nil && resolved.Description != "" {
		g.about = resolved.Description
	}
	return func() { g.about = before }
}

// free says whether a setting is a text that the schema leaves free.
func (g *generator) free(n *node) bool {
	n = g.schema.resolve(n)
	return n != nil && n.is("string") && len(n.Enum) == 0 && n.Const == nil
}

var entries = regexp.MustCompile(`\[[^\]]*\]`)

// anyEntry is a setting's path in any entry of the lists that it lies in.
func anyEntry(setting string) string { return entries.ReplaceAllString(setting, "[*]") }

// again says whether a setting has been changed in another entry of the same map or list.
func (g *generator) again(setting, what string) bool {
	key := anyEntry(setting) + " " + what
	if g.seen[key] {
		return true
	}
	g.seen[key] = true
	return false
}

// account is whose a stack is, as the plain keys are: its credentials say that, and the provider
// refuses every other.
const account = "aws.accountId"

func (g *generator) add(path string, steps []any, value any, what string) {
	g.all = append(g.all, Change{
		Path:  path,
		What:  what,
		About: g.about,
		Edit:  stackfile.Edit{Section: g.section, Steps: slices.Clone(steps), Value: value},
	})
}

func (g *generator) drop(path string, steps []any) {
	g.all = append(g.all, Change{
		Path:  path,
		What:  "taken out",
		About: g.about,
		Edit:  stackfile.Edit{Section: g.section, Steps: slices.Clone(steps), Remove: true},
	})
}

// walk visits a value that the stack has. setting is its path with a star for each key of a map.
func (g *generator) walk(path, setting string, steps []any, n *node, value any) {
	defer g.describe(n)()
	if g.choices && g.free(n) {
		return
	}
	n = g.schema.resolve(n)
	switch v := value.(type) {
	case map[string]any:
		g.object(path, setting, steps, n, v)
	case []any:
		g.list(path, setting, steps, n, v)
	default:
		if g.again(setting, "value") {
			return
		}
		for _, other := range g.schema.others(n, value) {
			g.add(path, steps, other, fmt.Sprintf("%v -> %v", value, other))
		}
	}
}

func (g *generator) object(path, setting string, steps []any, n *node, v map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(v)) {
		child, name := n.Properties[key], key
		if child == nil {
			child, name = n.Additional, "*"
		}
		if child == nil {
			continue
		}
		at, to := join(path, key), append(slices.Clone(steps), key)
		if at == account {
			continue
		}
		g.walk(at, join(setting, name), to, child, v[key])
		if !slices.Contains(n.Required, key) && !g.again(join(setting, name), "drop") {
			back := g.describe(child)
			g.drop(at, to)
			back()
		}
	}
	for _, key := range slices.Sorted(maps.Keys(n.Properties)) {
		if _, has := v[key]; !has && !g.again(join(setting, key), "add") {
			if value, ok := g.schema.sample(n.Properties[key]); ok && !(g.choices && g.free(n.Properties[key])) {
				back := g.describe(n.Properties[key])
				g.add(join(path, key), append(slices.Clone(steps), key), value, fmt.Sprintf("none -> %v", value))
				back()
			}
		}
	}
	if n.Additional == nil || g.again(setting, "another") {
		return
	}
	if keys := slices.Sorted(maps.Keys(v)); len(keys) > 0 {
		key := "another"
		if n.PropertyNames != nil {
			if name, ok := neighbour(n.PropertyNames, keys[0]); ok {
				key = name
			}
		}
		g.add(join(path, key), append(slices.Clone(steps), key), stackfile.Clone(v[keys[0]]), "none -> like "+keys[0])
	}
}

func (g *generator) list(path, setting string, steps []any, n *node, v []any) {
	for i, element := range v {
		if i > 0 && scalar(element) {
			continue // one of a kind is enough
		}
		at := "[" + strconv.Itoa(i) + "]"
		g.walk(path+at, setting+at, append(slices.Clone(steps), i), n.Items, element)
	}
	if g.again(setting, "length") {
		return
	}
	enumerated := n.Items != nil && len(g.schema.resolve(n.Items).Enum) > 0
	switch {
	case len(v) <= n.MinItems:
	case g.choices && enumerated:
		for i, element := range v {
			g.add(path, steps, slices.Delete(stackfile.Clone(v).([]any), i, i+1), fmt.Sprintf("without %v", element))
		}
	default:
		g.add(path, steps, stackfile.Clone(v[:len(v)-1]), "without the last")
	}
	if n.MaxItems != nil && len(v) >= *n.MaxItems {
		return
	}
	if another, ok := g.schema.another(n.Items, v); ok && !(g.choices && g.free(n.Items)) {
		g.add(path, steps, append(stackfile.Clone(v).([]any), another), fmt.Sprintf("with %v too", another))
	}
}

// another is an element that a list does not have.
func (s *schema) another(n *node, v []any) (any, bool) {
	n = s.resolve(n)
	if len(v) == 0 {
		return s.sample(n)
	}
	last := v[len(v)-1]
	if !scalar(last) {
		return stackfile.Clone(last), true
	}
	for _, other := range s.others(n, last) {
		if !slices.Contains(v, other) {
			return other, true
		}
	}
	return nil, false
}

func scalar(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// join names a key below a path, as the program's errors do.
func join(path, key string) string {
	if !plainKey.MatchString(key) {
		return path + "[" + strconv.Quote(key) + "]"
	}
	return path + "." + key
}

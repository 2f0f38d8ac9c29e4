package adopt

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"gopkg.in/yaml.v3"

	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/stackfile"
)

// titles are of the parts of the table.
var titles = map[Fate]string{
	Adopted:         "Adopted: the same object becomes a resource of this program",
	LeftToTerraform: "Left to Terraform: stays next to what replaces it, until terraform destroy deletes it",
	Unmanaged:       "Unmanaged: taken out of Terraform's state and not destroyed",
	Created:         "Created: Terraform has none",
}

// Write writes what becomes of each object and, when nothing is refused, what is to be done. No
// secret is in it.
func (a *Adoption) Write(w io.Writer) error {
	var text bytes.Buffer
	for _, fate := range []Fate{Adopted, LeftToTerraform, Unmanaged, Created} {
		rows := a.of(fate)
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintf(&text, "%s (%d)\n", titles[fate], len(rows))
		table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
		for _, row := range rows {
			var cells []string
			switch fate {
			case Adopted:
				cells = []string{row.Address, row.Resource, row.ID, kept(row)}
			case Created:
				cells = []string{row.Resource, row.Note}
			default:
				cells = []string{row.Address, row.ID, row.Note}
			}
			if _, err := fmt.Fprintf(table, "  %s\n", strings.TrimRight(strings.Join(cells, "\t"), "\t")); err != nil {
				return err
			}
		}
		if err := table.Flush(); err != nil {
			return err
		}
		fmt.Fprintln(&text)
	}
	if len(a.Refusals) > 0 {
		fmt.Fprintf(&text, "Refused (%d)\n", len(a.Refusals))
		for _, one := range a.Refusals {
			fmt.Fprintf(&text, "  %s: %s\n", one.What, one.Why)
		}
	} else {
		a.next(&text)
	}
	_, err := w.Write(text.Bytes())
	return err
}

// kept is the note of an object that becomes a resource.
func kept(row Row) string {
	if row.Note == "" || row.ID == "" {
		return row.Note
	}
	return "keeps " + row.Note
}

func (a *Adoption) next(text *bytes.Buffer) {
	if len(a.Settings) > 0 {
		fmt.Fprintf(text, "Settings of the stack file that must be so (%d)\n", len(a.Settings))
		for _, one := range a.Settings {
			fmt.Fprintf(text, "  %s: %s\n", strings.TrimPrefix(one.Key(), "bookmark-manager:"), one.Reason)
		}
		fmt.Fprintln(text)
	}
	if len(a.Secrets) > 0 {
		fmt.Fprintf(text, "Secrets that --secrets sets, by standard input (%d)\n", len(a.Secrets))
		for _, one := range a.Secrets {
			fmt.Fprintf(text, "  bookmark-manager:%s, from %s\n", one.Key, one.Address)
		}
	}
}

func (a *Adoption) of(fate Fate) []Row {
	var rows []Row
	for _, row := range a.Rows {
		if row.Fate == fate {
			rows = append(rows, row)
		}
	}
	return rows
}

// Patch is what the stack file must say, as YAML that is laid over it: each setting with its
// reason, and section "adopted".
func (a *Adoption) Patch() ([]byte, error) {
	config := &yaml.Node{Kind: yaml.MappingNode}
	for _, one := range a.Settings {
		at := config
		for _, key := range one.Path[:len(one.Path)-1] {
			at = child(at, key)
		}
		value := &yaml.Node{}
		if err := value.Encode(one.Value); err != nil {
			return nil, fmt.Errorf("write setting %s: %w", one.Key(), err)
		}
		flow(value)
		key := scalar(one.Path[len(one.Path)-1])
		key.HeadComment = one.Reason
		at.Content = append(at.Content, key, value)
	}
	config.Content = append(config.Content, scalar("bookmark-manager:adopted"), a.section())
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{scalar("config"),
		config}}); err != nil {
		return nil, fmt.Errorf("write the patch: %w", err)
	}
	return text.Bytes(), encoder.Close()
}

// section is section "adopted", an object on each line.
func (a *Adoption) section() *yaml.Node {
	resources := &yaml.Node{Kind: yaml.MappingNode}
	for _, key := range a.Config.Keys() {
		one := a.Config.Resources[key]
		entry := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle, Content: []*yaml.Node{scalar("id"),
			quoted(one.ID)}}
		if len(one.IgnoreChanges) > 0 {
			ignored := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
			for _, property := range sortedKeys(one.IgnoreChanges) {
				ignored.Content = append(ignored.Content, scalar(property), quoted(one.IgnoreChanges[property]))
			}
			entry.Content = append(entry.Content, scalar("ignoreChanges"), ignored)
		}
		if one.FrozenUntil != "" {
			entry.Content = append(entry.Content, scalar("frozenUntil"), scalar(string(one.FrozenUntil)))
		}
		if len(one.FrozenInMove) > 0 {
			frozen := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
			for _, property := range one.FrozenInMove {
				frozen.Content = append(frozen.Content, scalar(property))
			}
			entry.Content = append(entry.Content, scalar("frozenInMove"), frozen)
		}
		resources.Content = append(resources.Content, quoted(key), entry)
	}
	return &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
		scalar("stage"), scalar(string(adopted.Take)), scalar("resources"), resources,
	}}
}

func child(mapping *yaml.Node, key string) *yaml.Node {
	if found, ok := stackfile.Entry(mapping, key); ok {
		return found
	}
	value := &yaml.Node{Kind: yaml.MappingNode}
	mapping.Content = append(mapping.Content, scalar(key), value)
	return value
}

func scalar(text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: text} }

func quoted(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: text, Style: yaml.DoubleQuotedStyle}
}

// flow writes entries on one line each.
func flow(node *yaml.Node) {
	if node.Kind == yaml.MappingNode {
		node.Style = yaml.FlowStyle
	}
	for _, one := range node.Content {
		flow(one)
	}
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

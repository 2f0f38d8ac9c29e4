package workspace

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
)

// Secret is a configuration value to set with `pulumi config set --secret --path`.
type Secret struct {
	Path  string // `project:key`, `project:key["a"][0]`
	Value string
}

// Files are the contents of the copies: nothing in them needs a key of the original's.
type Files struct {
	ProjectYAML []byte
	StackYAML   []byte
	Secrets     []Secret // what replaces each encrypted value, and each secret that Pulumi.yaml asks for
	Project     string   // the name in Pulumi.yaml
	Environment string   // <project>:environment of the stack file; empty if it has none
	Account     string   // <project>:aws.accountId of the stack file; empty if it has none
}

// Plugin is a plugin that the copy of Pulumi.yaml names, with the folder of its binary. Pulumi
// prefers it to every other, and does not warn of it as it does of a plugin that it meets on PATH.
type Plugin struct {
	Name string
	Dir  string
}

// placeholder stands where an encrypted value was, until `pulumi config set` writes the generated
// one.
const placeholder = "replaced by the rehearsal"

// Rewrite makes the copies from the original Pulumi.yaml and stack file. program is the path of the
// built program. languages may be empty: then Pulumi finds the language host itself.
func Rewrite(projectYAML, stackYAML []byte, program string, providers, languages []Plugin) (*Files, error) {
	project, err := parse(projectYAML)
	if err != nil {
		return nil, fmt.Errorf("read Pulumi.yaml: %w", err)
	}
	stack, err := parse(stackYAML)
	if err != nil {
		return nil, fmt.Errorf("read the stack file: %w", err)
	}
	f := &Files{}
	if err := f.name(project, stack); err != nil {
		return nil, err
	}

	// A stack that Pulumi creates with a passphrase gets a salt of its own; with the original's
	// entries it would ask the original's key service.
	for _, key := range []string{"secretsprovider", "encryptedkey", "encryptionsalt"} {
		remove(stack, key)
	}
	config := child(stack, "config")
	if config.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("read the stack file: config is not a mapping of keys to values (line %d)", config.Line)
	}
	for i := 0; i+1 < len(config.Content); i += 2 {
		if err := f.replaceEncrypted(config.Content[i].Value, config.Content[i+1]); err != nil {
			return nil, err
		}
	}
	if err := f.addDeclared(lookup(project, "config"), config); err != nil {
		return nil, err
	}

	// A backend in Pulumi.yaml is where the real state lives.
	remove(project, "backend")
	runtime := map[string]any{"name": "go", "options": map[string]any{"binary": program}}
	plugins := map[string]any{"providers": pluginOptions(providers)}
	if len(languages) > 0 {
		plugins["languages"] = pluginOptions(languages)
	}
	for key, value := range map[string]any{"runtime": runtime, "plugins": plugins} {
		if err := child(project, key).Encode(value); err != nil {
			return nil, fmt.Errorf("write %s of Pulumi.yaml: %w", key, err)
		}
	}
	if f.ProjectYAML, err = yaml.Marshal(project); err != nil {
		return nil, fmt.Errorf("write Pulumi.yaml: %w", err)
	}
	if f.StackYAML, err = yaml.Marshal(stack); err != nil {
		return nil, fmt.Errorf("write the stack file: %w", err)
	}
	return f, nil
}

// name finds what the project, its environment and its account are called.
func (f *Files) name(project, stack *yaml.Node) error {
	name := lookup(project, "name")
	if name == nil || name.Value == "" {
		return fmt.Errorf("read Pulumi.yaml: it has no name")
	}
	f.Project = name.Value
	f.Environment = scalar(lookup(lookup(stack, "config"), f.Project+":environment"))
	f.Account = scalar(lookup(lookup(lookup(stack, "config"), f.Project+":aws"), "accountId"))
	return nil
}

// firstRole is who asks AWS unless a command says otherwise: the role that `make bootstrap` makes,
// or the account's root user for a project whose stacks name no environment.
func (f *Files) firstRole() string {
	if f.Environment == "" {
		return aws.Root
	}
	return f.Project + "-" + f.Environment + "-" + aws.BootstrapRole
}

func pluginOptions(plugins []Plugin) []map[string]string {
	options := make([]map[string]string, len(plugins))
	for i, p := range plugins {
		options[i] = map[string]string{"name": p.Name, "path": p.Dir}
	}
	return options
}

// replaceEncrypted walks the value at path and takes every `secure:` out of it.
func (f *Files) replaceEncrypted(path string, node *yaml.Node) error {
	switch node.Kind { //nolint:exhaustive // the other kinds hold no values: aliases are expanded
	case yaml.MappingNode:
		if len(node.Content) == 2 && node.Content[0].Value == "secure" && node.Content[1].Kind == yaml.ScalarNode {
			if err := node.Encode(placeholder); err != nil {
				return fmt.Errorf("replace the encrypted value of %s: %w", path, err)
			}
			return f.generate(path)
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			if err := f.replaceEncrypted(path+"["+strconv.Quote(node.Content[i].Value)+"]",
				node.Content[i+1]); err != nil {
				return err
			}
		}
	case yaml.SequenceNode:
		for i, element := range node.Content {
			if err := f.replaceEncrypted(fmt.Sprintf("%s[%d]", path, i), element); err != nil {
				return err
			}
		}
	}
	return nil
}

// addDeclared generates the secrets that Pulumi.yaml declares and the stack file lacks.
func (f *Files) addDeclared(declared, config *yaml.Node) error {
	if declared == nil {
		return nil
	}
	for i := 0; i+1 < len(declared.Content); i += 2 {
		key := declared.Content[i].Value
		if !strings.Contains(key, ":") {
			key = f.Project + ":" + key
		}
		if scalar(lookup(declared.Content[i+1], "secret")) != "true" || lookup(config, key) != nil {
			continue
		}
		if err := f.generate(key); err != nil {
			return err
		}
	}
	return nil
}

// generate adds a random value of 32 hexadecimal digits, the form of most API keys. A key that ends
// in Url gets an address that ends so.
func (f *Files) generate(path string) error {
	raw := make([]byte, 16)
	if _, err := rand.Read(raw); err != nil {
		return fmt.Errorf("generate a value for %s: %w", path, err)
	}
	value := hex.EncodeToString(raw)
	if strings.HasSuffix(path, "Url") {
		value = "https://example.com/" + value
	}
	f.Secrets = append(f.Secrets, Secret{Path: path, Value: value})
	return nil
}

// parse returns the mapping of a YAML document. An empty document is an empty mapping.
func parse(raw []byte) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return nil, err
	}
	if doc.Kind == 0 {
		return &yaml.Node{Kind: yaml.MappingNode}, nil
	}
	if doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: it is not a mapping of keys to values", doc.Content[0].Line)
	}
	expand(doc.Content[0])
	return doc.Content[0], nil
}

// expand puts a copy in the place of each alias, so that a value can be replaced without its
// namesakes.
func expand(node *yaml.Node) {
	if node.Kind == yaml.AliasNode {
		*node = *duplicate(node.Alias)
	}
	node.Anchor = ""
	for _, part := range node.Content {
		expand(part)
	}
}

func duplicate(node *yaml.Node) *yaml.Node {
	copied := *node
	copied.Content = make([]*yaml.Node, len(node.Content))
	for i, part := range node.Content {
		copied.Content[i] = duplicate(part)
	}
	return &copied
}

// lookup returns the value of a key, or nil where there is none.
func lookup(mapping *yaml.Node, key string) *yaml.Node {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

// child returns the value of a key, which it makes an empty mapping where there is none.
func child(mapping *yaml.Node, key string) *yaml.Node {
	if found := lookup(mapping, key); found != nil {
		if found.Tag == "!!null" {
			*found = yaml.Node{Kind: yaml.MappingNode}
		}
		return found
	}
	added := &yaml.Node{Kind: yaml.MappingNode}
	mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, added)
	return added
}

func remove(mapping *yaml.Node, key string) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			mapping.Content = slices.Delete(mapping.Content, i, i+2)
			return
		}
	}
}

func scalar(node *yaml.Node) string {
	if node == nil || node.Kind != yaml.ScalarNode {
		return ""
	}
	return node.Value
}
